/** @file Elementwise primitives of one operand. */
import type { DType } from '../array/dtype.ts';
import { bind, type NDArray, scalar } from '../array/ndarray.ts';
import type { LoweredNode, Lowering, Primitive } from '../array/primitive.ts';
import { add, divide, less, multiply, subtract } from './binary.ts';
import { checkDtype, floats, numbers } from './operand-dtypes.ts';
import { elementwise, formula } from './rules.ts';
import { select } from './select.ts';
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

export const negativePrimitive: Primitive<None> = {
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
export const reluPrimitive: Primitive<None> = {
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
export const logicalNot = unary('logicalNot', { f: (x) => 1 - x, derivative: null, lower: 'Not', dtypes: ['bool'] });
