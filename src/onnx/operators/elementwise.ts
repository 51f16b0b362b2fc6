/** @file Arithmetic, comparison and logic, element by element. */
import { type DType, isFloat } from '../../array/dtype.ts';
import { type NDArray, scalarValue } from '../../array/ndarray.ts';
import { broadcastShapes } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import type { Call, Operator } from '../call.ts';
import { dtypeOfFile } from '../tensor.ts';

export const unary =
  (f: (x: NDArray) => NDArray): Operator =>
  (call) =>
    f(call.input(0));

/** Before operator set 7 the second operand was broadcast only if asked to, along axes from `axis` on. */
function aligned(call: Call): [NDArray, NDArray] {
  const [a, b] = [call.input(0), call.input(1)];
  if (call.opset >= 7 || call.attributes.int('broadcast', 0) === 0 || !call.attributes.has('axis')) return [a, b];
  const trailing = a.ndim - call.axis(a) - b.ndim;
  return [a, trailing > 0 ? np.reshape(b, [...b.shape, ...new Array<number>(trailing).fill(1)]) : b];
}

const binary =
  (f: (a: NDArray, b: NDArray) => NDArray): Operator =>
  (call) =>
    f(...aligned(call));

const variadic =
  (f: (a: NDArray, b: NDArray) => NDArray): Operator =>
  ({ inputs }) =>
    inputs.reduce((a, b) => f(a, b));

/** Integers are divided toward zero. */
function divide(a: NDArray, b: NDArray): NDArray {
  if (isFloat(a.dtype) || isFloat(b.dtype)) return np.divide(a, b);
  const size = np.floorDivide(np.abs(a), np.abs(b));
  return np.multiply(np.multiply(np.sign(a), np.sign(b)), size);
}

/** Integers times 0 are known to be 0: what sets shapes may be made so. */
const multiply = (a: NDArray, b: NDArray): NDArray => {
  const isZero = (x: NDArray) => !isFloat(x.dtype) && scalarValue(x) === 0;
  if (isFloat(a.dtype) || isFloat(b.dtype) || !(isZero(a) || isZero(b))) return np.multiply(a, b);
  return np.zeros(broadcastShapes('Mul', [a.shape, b.shape]), 'int32');
};

/** fmod = 1: the sign of the dividend, as in C; 0: that of the divisor, as in Python. */
const mod: Operator = (call) => {
  const [a, b] = [call.input(0), call.input(1)];
  if (call.attributes.int('fmod', 0) === 0) return np.remainder(a, b);
  return np.multiply(np.sign(a), np.remainder(np.abs(a), np.abs(b)));
};

/** The base decides the type of the result. */
const power: Operator = (call) => {
  const [a, b] = aligned(call);
  return isFloat(a.dtype) ? np.power(a, b) : np.astype(np.power(a, b), a.dtype);
};

const clip: Operator = (call) => {
  const bound = (position: number, name: 'min' | 'max') =>
    call.optional(position) ?? (call.attributes.has(name) ? call.attributes.float(name) : null);
  return np.clip(call.input(0), bound(1, 'min'), bound(2, 'max'));
};

const isInfinite: Operator = (call) => {
  const x = call.input(0);
  const [positive, negative] = [call.attributes.int('detect_positive', 1), call.attributes.int('detect_negative', 1)];
  const found = np.isinf(x);
  if (positive && negative) return found;
  return np.logicalAnd(found, positive ? np.greater(x, 0) : negative ? np.less(x, 0) : false);
};

/** Floats of the file are all computed in one precision unless it has float64 of its own. */
const castTo = (x: NDArray, dtype: DType, call: Call): NDArray =>
  np.astype(x, dtype === 'float32' ? call.setting.float : dtype);

const cast: Operator = (call) => castTo(call.input(0), dtypeOfFile(call.attributes.int('to'), 'the result'), call);

const asinh = (x: NDArray): NDArray => {
  // By the sign of x, since x + sqrt(x^2 + 1) cancels for x < 0.
  const size = np.abs(x);
  const root = np.sqrt(np.add(np.square(size), 1));
  return np.multiply(np.sign(x), np.log1p(np.add(size, np.divide(np.square(size), np.add(1, root)))));
};

export const elementwise: Readonly<Record<string, Operator>> = {
  Identity: unary((x) => x),
  Add: binary(np.add),
  Sub: binary(np.subtract),
  Mul: binary(multiply),
  Div: binary(divide),
  Pow: power,
  Mod: mod,
  Neg: unary(np.negative),
  Abs: unary(np.abs),
  Sign: unary(np.sign),
  Exp: unary(np.exp),
  Log: unary(np.log),
  Sqrt: unary(np.sqrt),
  Reciprocal: unary(np.reciprocal),
  Floor: unary(np.floor),
  Ceil: unary(np.ceil),
  Round: unary(np.round),
  Sin: unary(np.sin),
  Cos: unary(np.cos),
  Tan: unary(np.tan),
  Asin: unary(np.arcsin),
  Acos: unary(np.arccos),
  Atan: unary(np.arctan),
  Sinh: unary(np.sinh),
  Cosh: unary(np.cosh),
  Asinh: unary(asinh),
  Acosh: unary((x) => np.log(np.add(x, np.sqrt(np.multiply(np.subtract(x, 1), np.add(x, 1)))))),
  Atanh: unary(np.arctanh),
  Erf: unary(np.erf),
  Max: variadic(np.maximum),
  Min: variadic(np.minimum),
  Sum: variadic(np.add),
  Mean: ({ inputs }) =>
    np.divide(
      inputs.reduce((a, b) => np.add(a, b)),
      inputs.length,
    ),
  Clip: clip,
  Cast: cast,
  CastLike: (call) => castTo(call.input(0), call.input(1).dtype, call),
  Equal: binary(np.equal),
  Less: binary(np.less),
  LessOrEqual: binary(np.lessEqual),
  Greater: binary(np.greater),
  GreaterOrEqual: binary(np.greaterEqual),
  And: binary(np.logicalAnd),
  Or: binary(np.logicalOr),
  Xor: binary(np.logicalXor),
  Not: unary(np.logicalNot),
  IsNaN: unary(np.isnan),
  IsInf: isInfinite,
  Where: (call) => np.where(call.input(0), call.input(1), call.input(2)),
};
