/** @file Elementwise primitives of one and two operands. Operands broadcast; none is ever repeated in memory. */
import type { DType } from '../array/dtype.ts';
import { isFloat } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { bind, type NDArray, scalar, scalarValue } from '../array/ndarray.ts';
import type { Aval, LoweredNode, Lowering, Primitive, Tangent } from '../array/primitive.ts';
import { broadcastShapes, sameShape } from '../array/shape.ts';
import { addTangents, alignBatch, elementwise, unbroadcast } from './rules.ts';
import { select } from './select.ts';
import { broadcastPrimitive, broadcastTo, filled } from './shape.ts';
import { erf64, erfInv, lowerArctan64, lowerErf64, lowerErfInv } from './special.ts';

const none = {};
type None = typeof none;

/** A number as a scalar of the dtype of `like`. */
const like = (value: number, x: NDArray): NDArray => scalar(value, x.dtype);

interface Unary {
  readonly f: (x: number) => number;
  /** Derivative as a function of operand and result; `null`: zero almost everywhere. */
  readonly derivative: ((x: NDArray, y: NDArray) => NDArray) | null;
  /** ONNX operator, or a rule where there is none (for some dtype). */
  readonly lower: string | ((context: Lowering, x: string, node: LoweredNode) => string);
  readonly dtypes?: readonly DType[];
  readonly simplify?: (x: NDArray) => NDArray | undefined;
}

const floats: readonly DType[] = ['float32', 'float64'];
const numbers: readonly DType[] = ['float32', 'float64', 'int32'];

function checkDtype(name: string, dtype: DType, allowed: readonly DType[]): void {
  if (!allowed.includes(dtype)) {
    throw new ShapeError(name, `needs ${allowed.join(' or ')} elements, got ${dtype}: convert with astype`);
  }
}

function unary(name: string, { f, derivative, lower, dtypes = floats, simplify }: Unary): (x: NDArray) => NDArray {
  const primitive: Primitive<None> = {
    name,
    infer([x]) {
      checkDtype(name, x.dtype, dtypes);
      return [x];
    },
    evaluate: ([x], _, [output]) => [elementwise([x], output, f)],
    jvp: ([x], [t], _, [y]) => [derivative === null ? null : multiply(t!, derivative(x, y))],
    transpose: null,
    batch: ([x]) => [bind(primitive, [x], none)],
    lower: (context, [x], _, node) => [typeof lower === 'string' ? context.op(lower, [x]) : lower(context, x, node)],
    simplify: simplify && (([x]) => simplify(x)),
  };
  return (x) => bind(primitive, [x], none);
}

const negativePrimitive: Primitive<None> = {
  name: 'negative',
  infer([x]) {
    checkDtype('negative', x.dtype, numbers);
    return [x];
  },
  evaluate: ([x], _, [output]) => [elementwise([x], output, (a) => -a)],
  jvp: (_, [t]) => [negative(t!)],
  transpose: ([ct]) => [negative(ct!)],
  batch: ([x]) => [negative(x)],
  lower: (context, [x]) => [context.op('Neg', [x])],
  simplify: ([x]) => (x.node.primitive === (negativePrimitive as Primitive) ? x.node.operands[0] : undefined),
};
export const negative = (x: NDArray): NDArray => bind(negativePrimitive, [x], none);

/** sign(x) as 0 at 0, NaN at NaN. */
const hostSign = (x: number): number => (x === 0 ? 0 : Math.sign(x));

/** ONNX rounds half to even, and so does NumPy. */
const hostRound = (x: number): number => {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
};

const double = (node: LoweredNode): boolean => node.outputs[0].dtype === 'float64';

/** x and constants of its dtype as names, to write formulas in lowering rules. */
function formula(context: Lowering, node: LoweredNode) {
  const { dtype } = node.outputs[0];
  return {
    number: (value: number) => context.constant([value], [], dtype),
    op: (type: string, ...inputs: string[]) => context.op(type, inputs),
  };
}

export const exp = unary('exp', { f: Math.exp, derivative: (_, y) => y, lower: 'Exp' });
export const log = unary('log', { f: Math.log, derivative: (x) => reciprocal(x), lower: 'Log' });
export const sin = unary('sin', { f: Math.sin, derivative: (x) => cos(x), lower: 'Sin' });
export const cos = unary('cos', { f: Math.cos, derivative: (x) => negative(sin(x)), lower: 'Cos' });
export const tan = unary('tan', {
  f: Math.tan,
  derivative: (_, y) => add(like(1, y), multiply(y, y)),
  lower: (context, x, node) => {
    const { op } = formula(context, node);
    return double(node) ? op('Div', op('Sin', x), op('Cos', x)) : op('Tan', x);
  },
});
export const arctan = unary('arctan', {
  f: Math.atan,
  derivative: (x) => reciprocal(add(like(1, x), multiply(x, x))),
  lower: (context, x, node) => (double(node) ? lowerArctan64(context, x) : context.op('Atan', [x])),
});
export const sinh = unary('sinh', {
  f: Math.sinh,
  derivative: (x) => cosh(x),
  lower(context, x, node) {
    if (!double(node)) return context.op('Sinh', [x]);
    // Near 0, with u = e^x - 1: sinh x = (u + u/(u+1))/2, where the plain form would cancel.
    const { op, number } = formula(context, node);
    const u = lowerExpm1(context, x, node);
    const near = op('Add', u, op('Div', u, op('Add', u, number(1))));
    const far = op('Sub', op('Exp', x), op('Exp', op('Neg', x)));
    return op('Mul', op('Where', op('Greater', op('Abs', x), number(0.5)), far, near), number(0.5));
  },
});
export const cosh = unary('cosh', {
  f: Math.cosh,
  derivative: (x) => sinh(x),
  lower(context, x, node) {
    if (!double(node)) return context.op('Cosh', [x]);
    const { op, number } = formula(context, node);
    return op('Mul', op('Add', op('Exp', x), op('Exp', op('Neg', x))), number(0.5));
  },
});
export const tanh = unary('tanh', {
  f: Math.tanh,
  derivative: (_, y) => subtract(like(1, y), multiply(y, y)),
  lower: 'Tanh',
});
export const sigmoid = unary('sigmoid', {
  f: (x) => 1 / (1 + Math.exp(-x)),
  derivative: (_, y) => multiply(y, subtract(like(1, y), y)),
  lower(context, x, node) {
    if (!double(node)) return context.op('Sigmoid', [x]);
    // The runtime's Sigmoid is exact to 1e-16 absolutely; this form is so relative to small results, too.
    const { op, number } = formula(context, node);
    return op('Reciprocal', op('Add', op('Exp', op('Neg', x)), number(1)));
  },
});

// Kahan: with u = fl(e^x), (u - 1) x / log u is e^x - 1 to rounding; likewise log(1 + x) with u = fl(1 + x).
function lowerExpm1(context: Lowering, x: string, node: LoweredNode): string {
  const { op, number } = formula(context, node);
  const u = op('Exp', x);
  const u1 = op('Sub', u, number(1));
  const kahan = op('Div', op('Mul', u1, x), op('Log', u));
  const large = op('Greater', op('Abs', x), number(0.5));
  return op('Where', large, u1, op('Where', op('Equal', u, number(1)), x, kahan));
}
export const expm1 = unary('expm1', { f: Math.expm1, derivative: (_, y) => add(y, like(1, y)), lower: lowerExpm1 });
export const log1p = unary('log1p', {
  f: Math.log1p,
  derivative: (x) => reciprocal(add(like(1, x), x)),
  lower(context, x, node) {
    const { op, number } = formula(context, node);
    const u = op('Add', x, number(1));
    const logU = op('Log', u);
    const kahan = op('Div', op('Mul', logU, x), op('Sub', u, number(1)));
    const large = op('Greater', op('Abs', x), number(0.5));
    return op('Where', large, logU, op('Where', op('Equal', u, number(1)), x, kahan));
  },
});
export const sqrt = unary('sqrt', {
  f: Math.sqrt,
  derivative: (_, y) => divide(like(0.5, y), y),
  lower: 'Sqrt',
});
export const reciprocal = unary('reciprocal', {
  f: (x) => 1 / x,
  derivative: (_, y) => negative(multiply(y, y)),
  lower: 'Reciprocal',
});
export const abs = unary('abs', { f: Math.abs, derivative: (x) => sign(x), lower: 'Abs', dtypes: numbers });
export const sign = unary('sign', { f: hostSign, derivative: null, lower: 'Sign', dtypes: numbers });
export const floor = unary('floor', { f: Math.floor, derivative: null, lower: 'Floor' });
export const ceil = unary('ceil', { f: Math.ceil, derivative: null, lower: 'Ceil' });
export const round = unary('round', { f: hostRound, derivative: null, lower: 'Round' });
/** max(x, 0), with derivative 0 at 0 as PyTorch has it. Its own primitive: ONNX fuses Relu into the product before it. */
const reluPrimitive: Primitive<None> = {
  name: 'relu',
  infer([x]) {
    checkDtype('relu', x.dtype, floats);
    return [x];
  },
  evaluate: ([x], _, [output]) => [elementwise([x], output, (a) => (a > 0 || Number.isNaN(a) ? a : 0))],
  // Comparing and selecting takes a third of the time of a product with the sign.
  jvp: (_, [t], __, [y]) => [select(less(like(0, y), y), t!, like(0, y))],
  transpose: null,
  batch: ([x]) => [relu(x)],
  lower: (context, [x]) => [context.op('Relu', [x])],
};
export const relu = (x: NDArray): NDArray => bind(reluPrimitive, [x], none);
export const erf = unary('erf', {
  f: erf64,
  // d erf / dx = 2 / sqrt(pi) exp(-x^2)
  derivative: (x) => multiply(like(2 / Math.sqrt(Math.PI), x), exp(negative(multiply(x, x)))),
  lower: (context, x, node) => (double(node) ? lowerErf64(context, x) : context.op('Erf', [x])),
});
/** Inverse error function on (-1, 1). */
export const erfinv = unary('erfinv', {
  f: erfInv,
  // From erf(y) = x: dy/dx = sqrt(pi)/2 exp(y^2).
  derivative: (_, y) => multiply(like(Math.sqrt(Math.PI) / 2, y), exp(multiply(y, y))),
  lower: (context, x, node) => lowerErfInv(context, x, node.outputs[0].dtype),
});

interface Binary {
  readonly f: (a: number, b: number) => number;
  /** On int32, where `f` in float64 would lose the low bits of what overflows. */
  readonly integers?: (a: number, b: number) => number;
  readonly lower: string | ((context: Lowering, a: string, b: string, node: LoweredNode) => string);
  readonly dtypes?: readonly DType[];
  readonly output?: DType;
  readonly jvp: (operands: readonly NDArray[], tangents: readonly Tangent[], y: NDArray) => Tangent;
  readonly transpose?: Primitive<None>['transpose'];
  readonly simplify?: (a: NDArray, b: NDArray) => NDArray | undefined;
}

/** If the result keeps its shape without the repetition of an operand, the operation repeats it by itself. */
function withoutRepetition(a: NDArray, b: NDArray): readonly [NDArray, NDArray] | undefined {
  const strip = (x: NDArray) => (x.node.primitive === (broadcastPrimitive as Primitive) ? x.node.operands[0] : x);
  const shape = broadcastShapes('', [a.shape, b.shape]);
  const candidates = [
    [strip(a), strip(b)],
    [strip(a), b],
    [a, strip(b)],
  ] as const;
  return candidates.find(([x, y]) => (x !== a || y !== b) && sameShape(broadcastShapes('', [x.shape, y.shape]), shape));
}

function binary(name: string, rule: Binary): (a: NDArray, b: NDArray) => NDArray {
  const { f, lower, dtypes = numbers, output } = rule;
  const primitive: Primitive<None> = {
    name,
    infer([a, b]: readonly Aval[]) {
      if (a.dtype !== b.dtype) throw new ShapeError(name, `dtypes differ: ${a.dtype} and ${b.dtype}`);
      checkDtype(name, a.dtype, dtypes);
      return [{ shape: broadcastShapes(name, [a.shape, b.shape]), dtype: output ?? a.dtype }];
    },
    evaluate: ([a, b], _, [aval]) => [elementwise([a, b], aval, aval.dtype === 'int32' ? (rule.integers ?? f) : f)],
    jvp: (operands, tangents, _, [y]) => {
      const t = rule.jvp(operands, tangents, y);
      return [t === null ? null : broadcastTo(t, y.shape)];
    },
    transpose: rule.transpose ?? null,
    batch(operands, batched) {
      const [a, b] = alignBatch(operands, batched);
      return [bind(primitive, [a, b], none)];
    },
    lower: (context, [a, b], _, node) => [
      typeof lower === 'string' ? context.op(lower, [a, b]) : lower(context, a, b, node),
    ],
    simplify([a, b]) {
      const stripped = withoutRepetition(a, b);
      if (stripped !== undefined) return bind(primitive, stripped, none);
      return rule.simplify?.(a, b);
    },
  };
  return (a, b) => bind(primitive, [a, b], none);
}

/** `x` in the broadcast shape of `x` and `y`, for identities such as x + 0 = x. */
const inShapeOf = (x: NDArray, y: NDArray): NDArray => broadcastTo(x, broadcastShapes('', [x.shape, y.shape]));

const isScalar = (x: NDArray, value: number): boolean => scalarValue(x) === value;

export const add = binary('add', {
  f: (a, b) => a + b,
  lower: 'Add',
  jvp: (_, [ta, tb]) => addTangents(ta, tb, add),
  transpose: ([ct], operands, linear) => operands.map((x, i) => (linear[i] ? unbroadcast(ct!, x.shape) : null)),
  simplify(a, b) {
    if (isScalar(a, 0)) return inShapeOf(b, a);
    if (isScalar(b, 0)) return inShapeOf(a, b);
    if (a === b) return multiply(like(2, a), a);
    if (b.node.primitive === (negativePrimitive as Primitive)) return subtract(a, b.node.operands[0]);
    return undefined;
  },
});

export const subtract = binary('subtract', {
  f: (a, b) => a - b,
  lower: 'Sub',
  jvp: (_, [ta, tb]) => (tb === null ? ta : ta === null ? negative(tb) : subtract(ta, tb)),
  transpose: ([ct], [a, b], linear) => [
    linear[0] ? unbroadcast(ct!, a.shape) : null,
    linear[1] ? unbroadcast(negative(ct!), b.shape) : null,
  ],
  simplify(a, b) {
    if (isScalar(b, 0)) return inShapeOf(a, b);
    if (isScalar(a, 0)) return inShapeOf(negative(b), a);
    if (b.node.primitive === (negativePrimitive as Primitive)) return add(a, b.node.operands[0]);
    return undefined;
  },
});

export const multiply = binary('multiply', {
  f: (a, b) => a * b,
  integers: Math.imul,
  lower: 'Mul',
  jvp([a, b], [ta, tb]) {
    if (a === b && ta !== null) return multiply(multiply(like(2, a), a), ta);
    return addTangents(ta && multiply(ta, b), tb && multiply(a, tb), add);
  },
  transpose: ([ct], [a, b], linear) => [
    linear[0] ? unbroadcast(multiply(ct!, b), a.shape) : null,
    linear[1] ? unbroadcast(multiply(a, ct!), b.shape) : null,
  ],
  simplify(a, b) {
    if (isScalar(a, 1)) return inShapeOf(b, a);
    if (isScalar(b, 1)) return inShapeOf(a, b);
    if (isScalar(a, -1)) return inShapeOf(negative(b), a);
    if (isScalar(b, -1)) return inShapeOf(negative(a), b);
    // Scalars gather at the left, where two of them fold into one.
    if (scalarValue(b) !== undefined && scalarValue(a) === undefined && b.ndim <= a.ndim) return multiply(b, a);
    if (scalarValue(a) !== undefined && a.ndim === 0 && b.node.primitive.name === 'multiply') {
      const [c, x] = b.node.operands;
      if (scalarValue(c) !== undefined && c.ndim === 0) return multiply(multiply(a, c), x);
    }
    return undefined;
  },
});

export const divide = binary('divide', {
  f: (a, b) => a / b,
  dtypes: floats,
  lower: 'Div',
  jvp: ([, b], [ta, tb], y) => addTangents(ta && divide(ta, b), tb && negative(multiply(divide(y, b), tb)), add),
  transpose: ([ct], [a, b]) => [unbroadcast(divide(ct!, b), a.shape), null],
  simplify: (a, b) => (isScalar(b, 1) ? inShapeOf(a, b) : undefined),
});

/** ONNX Runtime throws at an integer divided by 0 and dies at -2^31 divided by -1: both are answered without it. */
function safeDivisor(context: Lowering, b: string) {
  const number = (value: number) => context.constant([value], [], 'int32');
  const zero = context.op('Equal', [b, number(0)]);
  const minusOne = context.op('Equal', [b, number(-1)]);
  return { zero, minusOne, divisor: context.op('Where', [context.op('Or', [zero, minusOne]), number(1), b]) };
}

/** Integer division that rounds toward minus infinity, as NumPy's `//` on integers; 0 for a divisor of 0. */
export const floorDivideIntegers = binary('floorDivide', {
  f: (a, b) => Math.floor(a / b),
  dtypes: ['int32'],
  lower(context, a, b) {
    // ONNX divides toward zero: one less where the division leaves a remainder and the signs differ.
    const op = (type: string, ...inputs: string[]) => context.op(type, inputs);
    const number = (value: number) => context.constant([value], [], 'int32');
    const { zero, minusOne, divisor } = safeDivisor(context, b);
    const inexact = op('Not', op('Equal', op('Mod', a, divisor), number(0)));
    const below = op('And', inexact, op('Xor', op('Less', a, number(0)), op('Less', b, number(0))));
    const quotient = op('Sub', op('Div', a, divisor), context.cast(below, 'int32'));
    return op('Where', zero, number(0), op('Where', minusOne, op('Neg', a), quotient));
  },
  jvp: () => null,
});

/** Remainder with the sign of the divisor (Python's %); 0 for an integer divisor of 0. */
export const remainder = binary('remainder', {
  f(a, b) {
    const r = a % b;
    return r !== 0 && r < 0 !== b < 0 ? r + b : r;
  },
  lower(context, a, b, node) {
    if (node.outputs[0].dtype === 'int32') return context.op('Mod', [a, safeDivisor(context, b).divisor]);
    const { op, number } = formula(context, node);
    const r = context.op('Mod', [a, b], { fmod: 1 });
    const opposite = op('Xor', op('Less', r, number(0)), op('Less', b, number(0)));
    const moved = op('And', op('Not', op('Equal', r, number(0))), opposite);
    return op('Where', moved, op('Add', r, b), r);
  },
  jvp: ([a, b], [ta, tb]) => addTangents(ta, tb && negative(multiply(floor(divide(a, b)), tb)), add),
});

export const power = binary('power', {
  // IEEE 754 has 1^b = 1 for every b and (-1)^±inf = 1, where JavaScript has NaN.
  f: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b),
  lower: 'Pow',
  jvp([a, b], [ta, tb], y) {
    // d(a^b) = b a^(b-1) da + a^b log(a) db; the first term is 0 where b = 0, the second where a = 0 < b.
    const exponent = select(equal(b, like(0, b)), like(1, b), subtract(b, like(1, b)));
    const first = ta && multiply(ta, multiply(b, power(a, exponent)));
    if (tb === null) return first;
    const safe = select(equal(a, filled(0, a.shape, a.dtype)), filled(1, a.shape, a.dtype), a);
    return addTangents(first, multiply(tb, multiply(y, log(safe))), add);
  },
  simplify(a, b) {
    const exponent = scalarValue(b);
    if (exponent === 1) return inShapeOf(a, b);
    if (exponent === 2) return inShapeOf(multiply(a, a), b);
    if (exponent === 0.5 && isFloat(a.dtype)) return inShapeOf(sqrt(a), b);
    return undefined;
  },
});

/** Half of the tangent to each side where the operands are equal, so that the derivative is symmetric (as JAX). */
function extremum(name: string, lower: string, f: (a: number, b: number) => number) {
  const self: (a: NDArray, b: NDArray) => NDArray = binary(name, {
    f,
    lower,
    jvp([a, b], [ta, tb], y) {
      const share = (x: NDArray, other: NDArray) =>
        multiply(cast(equal(x, y), y.dtype), select(equal(x, other), like(0.5, y), like(1, y)));
      return addTangents(ta && multiply(ta, share(a, b)), tb && multiply(tb, share(b, a)), add);
    },
  });
  return self;
}
export const maximum = extremum('maximum', 'Max', (a, b) =>
  Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b),
);
export const minimum = extremum('minimum', 'Min', (a, b) =>
  Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.min(a, b),
);

function comparison(name: string, operator: string, f: (a: number, b: number) => boolean) {
  return binary(name, {
    f: (a, b) => Number(f(a, b)),
    lower: operator,
    dtypes: operator === 'Equal' ? [...numbers, 'bool'] : numbers,
    output: 'bool',
    jvp: () => null,
  });
}
export const equal = comparison('equal', 'Equal', (a, b) => a === b);
export const less = comparison('less', 'Less', (a, b) => a < b);
export const lessEqual = comparison('lessEqual', 'LessOrEqual', (a, b) => a <= b);

function logical(name: string, operator: string, f: (a: number, b: number) => number) {
  return binary(name, { f, lower: operator, dtypes: ['bool'], jvp: () => null });
}
export const logicalAnd = logical('logicalAnd', 'And', (a, b) => a & b);
export const logicalOr = logical('logicalOr', 'Or', (a, b) => a | b);
export const logicalXor = logical('logicalXor', 'Xor', (a, b) => a ^ b);
export const logicalNot = unary('logicalNot', { f: (x) => 1 - x, derivative: null, lower: 'Not', dtypes: ['bool'] });

const castPrimitive: Primitive<{ readonly dtype: DType }> = {
  name: 'cast',
  infer: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  evaluate: ([x], { dtype }, [output]) => [
    elementwise([x], output, dtype === 'bool' ? (a) => Number(a !== 0) : dtype === 'int32' ? Math.trunc : (a) => a),
  ],
  jvp: ([x], [t], { dtype }) => [isFloat(x.dtype) && isFloat(dtype) ? cast(t!, dtype) : null],
  transpose: ([ct], [x]) => [cast(ct!, x.dtype)],
  batch: ([x], _, { dtype }) => [cast(x, dtype)],
  lower: (context, [x], { dtype }) => [context.cast(x, dtype)],
  simplify: ([x], { dtype }) => (x.dtype === dtype ? x : undefined),
};
export const cast = (x: NDArray, dtype: DType): NDArray => bind(castPrimitive, [x], { dtype });

/** True where the elements have one shape and dtype with `x`. */
export const sameAval = (a: Aval, b: Aval): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);
