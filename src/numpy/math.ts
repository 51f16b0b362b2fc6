/** @file Elementwise functions, NumPy names and semantics; numbers take the dtype of the arrays beside them. */
import { type DType, isFloat } from '../array/dtype.ts';
import type { NDArray } from '../array/ndarray.ts';
import * as p from '../primitives/elementwise.ts';
import { select } from '../primitives/select.ts';
import { type ArrayLike, floating, promoted } from './create.ts';

type Unary = (x: ArrayLike) => NDArray;
type Binary = (a: ArrayLike, b: ArrayLike) => NDArray;

const onFloats =
  (f: (x: NDArray) => NDArray): Unary =>
  (x) =>
    f(floating(x));
const onNumbers =
  (f: (x: NDArray) => NDArray): Unary =>
  (x) => {
    const [y] = promoted(x);
    return f(y.dtype === 'bool' ? p.cast(y, 'int32') : y);
  };
const binary =
  (f: (a: NDArray, b: NDArray) => NDArray): Binary =>
  (a, b) => {
    const [x, y] = promoted(a, b);
    return x.dtype === 'bool' ? f(p.cast(x, 'int32'), p.cast(y, 'int32')) : f(x, y);
  };
const onFloatPairs =
  (f: (a: NDArray, b: NDArray) => NDArray): Binary =>
  (a, b) => {
    const [x, y] = promoted(a, b);
    return isFloat(x.dtype) ? f(x, y) : f(p.cast(x, 'float32'), p.cast(y, 'float32'));
  };

export const exp = onFloats(p.exp);
export const expm1 = onFloats(p.expm1);
export const log = onFloats(p.log);
export const log1p = onFloats(p.log1p);
export const log2: Unary = (x) => multiply(log(x), 1 / Math.LN2);
export const log10: Unary = (x) => multiply(log(x), 1 / Math.LN10);
export const sqrt = onFloats(p.sqrt);
export const square: Unary = (x) => multiply(x, x);
export const reciprocal = onFloats(p.reciprocal);
export const sin = onFloats(p.sin);
export const cos = onFloats(p.cos);
export const tan = onFloats(p.tan);
export const arctan = onFloats(p.arctan);
export const arcsin: Unary = (x) => arctan(divide(x, sqrt(multiply(subtract(1, x), add(1, x)))));
export const arccos: Unary = (x) => subtract(Math.PI / 2, arcsin(x));
export const sinh = onFloats(p.sinh);
export const cosh = onFloats(p.cosh);
export const tanh = onFloats(p.tanh);
export const arctanh: Unary = (x) => multiply(0.5, subtract(log1p(x), log1p(negative(x))));
/** 1 / (1 + exp(-x)) */
export const sigmoid = onFloats(p.sigmoid);
export const erf = onFloats(p.erf);
/** Inverse error function on (-1, 1). */
export const erfinv = onFloats(p.erfinv);
export const floor = onFloats(p.floor);
export const ceil = onFloats(p.ceil);
/** To the nearest integer, halves to the even one. */
export const round = onFloats(p.round);
export const negative = onNumbers(p.negative);
export const abs = onNumbers(p.abs);
/** -1, 0 or 1. */
export const sign = onNumbers(p.sign);
/** max(x, 0); derivative 0 at 0. */
export const relu = onFloats(p.relu);

export const add = binary(p.add);
export const subtract = binary(p.subtract);
export const multiply = binary(p.multiply);
/** Always a float, as NumPy's true division. */
export const divide = onFloatPairs(p.divide);
export const floorDivide: Binary = (a, b) => {
  const [x, y] = promoted(a, b);
  return isFloat(x.dtype) ? p.floor(p.divide(x, y)) : p.floorDivideIntegers(p.cast(x, 'int32'), p.cast(y, 'int32'));
};
/** Remainder with the sign of the divisor (Python's %). */
export const remainder = binary(p.remainder);
export const power = binary(p.power);
export const maximum = binary(p.maximum);
export const minimum = binary(p.minimum);
/** `x` limited to [low, high]; null leaves a side open. */
export const clip = (x: ArrayLike, low: ArrayLike | null, high: ArrayLike | null): NDArray => {
  const raised = low === null ? x : maximum(x, low);
  return high === null ? promoted(raised)[0] : minimum(raised, high);
};

const comparison =
  (f: (a: NDArray, b: NDArray) => NDArray): Binary =>
  (a, b) => {
    const [x, y] = promoted(a, b);
    return x.dtype === 'bool' ? f(p.cast(x, 'int32'), p.cast(y, 'int32')) : f(x, y);
  };
export const equal = comparison(p.equal);
export const notEqual: Binary = (a, b) => p.logicalNot(equal(a, b));
export const less = comparison(p.less);
export const lessEqual = comparison(p.lessEqual);
export const greater: Binary = (a, b) => less(b, a);
export const greaterEqual: Binary = (a, b) => lessEqual(b, a);

const truth = (x: ArrayLike): NDArray => p.cast(promoted(x)[0], 'bool');
export const logicalAnd: Binary = (a, b) => p.logicalAnd(truth(a), truth(b));
export const logicalOr: Binary = (a, b) => p.logicalOr(truth(a), truth(b));
export const logicalXor: Binary = (a, b) => p.logicalXor(truth(a), truth(b));
export const logicalNot: Unary = (x) => p.logicalNot(truth(x));
/** NaN is the one number that differs from itself. */
export const isnan: Unary = (x) => notEqual(x, x);
export const isinf: Unary = (x) => equal(abs(x), Number.POSITIVE_INFINITY);
export const isfinite: Unary = (x) => less(abs(x), Number.POSITIVE_INFINITY);

/** Elements of `a` where the condition holds, of `b` elsewhere. */
export const where = (condition: ArrayLike, a: ArrayLike, b: ArrayLike): NDArray => {
  const [x, y] = promoted(a, b);
  return select(truth(condition), x, y);
};

/** Conversion of the elements; float to int truncates, anything to bool compares with 0. */
export const astype = (x: ArrayLike, dtype: DType): NDArray => p.cast(promoted(x)[0], dtype);
