/** @file Elementwise primitives of two operands. Operands broadcast; none is ever repeated in memory. */
import { type DType, isFloat } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { bind, type NDArray, scalar, scalarValue } from '../array/ndarray.ts';
import type { Aval, LoweredNode, Lowering, Primitive, Tangent } from '../array/primitive.ts';
import { broadcastShapes, sameShape } from '../array/shape.ts';
import { cast } from './cast.ts';
import { disjointSum } from './disjoint.ts';
import { checkDtype, floats, numbers } from './operand-dtypes.ts';
import { addTangents, alignBatch, elementwise, formula, unbroadcast } from './rules.ts';
import { select } from './select.ts';
import { broadcastPrimitive, broadcastTo, filled } from './shape.ts';
import { floor, log, negative, negativePrimitive, sqrt } from './unary.ts';

const none = {};
type None = typeof none;

/** A number as a scalar of the dtype of `like`. */
const like = (value: number, x: NDArray): NDArray => scalar(value, x.dtype);

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
    return disjointSum(a, b);
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
