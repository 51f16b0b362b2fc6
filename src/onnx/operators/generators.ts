/** @file Arrays that a file describes instead of computing them. */
import { UserError } from '../../array/errors.ts';
import { constant, type NDArray } from '../../array/ndarray.ts';
import { checkSizes, sizeOf } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import type { Call, Operator } from '../call.ts';
import { dtypeOfFile } from '../tensor.ts';

/** Most elements of an array that is written out element by element. */
const longest = 2 ** 26;

function checkLength(count: number): void {
  if (!(count <= longest)) throw new UserError(`makes ${count} elements, more than ${longest}`);
}

const literal: Operator = ({ attributes }) => {
  if (attributes.has('value')) return attributes.tensor('value');
  if (attributes.has('value_float')) return np.array(attributes.float('value_float'));
  if (attributes.has('value_floats')) return np.array(Float32Array.from(attributes.floats('value_floats')));
  if (attributes.has('value_int')) return np.array(attributes.int('value_int'), { dtype: 'int32' });
  if (attributes.has('value_ints')) return np.array(Int32Array.from(attributes.ints('value_ints')));
  throw new UserError('needs a value that is a tensor of numbers; texts and sparse tensors are not supported');
};

const constantOfShape: Operator = (call) => {
  const shape = call.numbers(0);
  checkSizes('ConstantOfShape', shape);
  const value = call.attributes.has('value') ? call.attributes.tensor('value') : np.array(0);
  return np.broadcastTo(np.reshape(value, []), shape);
};

const range: Operator = (call) => {
  const [start, limit, step] = [0, 1, 2].map((i) => call.numbers(i)[0]);
  const count = Math.max(0, Math.ceil((limit - start) / step));
  checkLength(count);
  return np.arange(start, limit, step, call.input(0).dtype);
};

const eyeLike: Operator = (call) => {
  const x = call.input(0);
  if (x.ndim !== 2) throw new UserError(`needs a matrix, got ${x}`);
  const dtype = call.attributes.has('dtype') ? dtypeOfFile(call.attributes.int('dtype'), 'the result') : x.dtype;
  return np.astype(diagonal(x.shape[0], x.shape[1], call.attributes.int('k', 0)), dtype);
};

/** Ones on diagonal k. */
function diagonal(n: number, m: number, k: number): NDArray {
  checkLength(n * m);
  const data = new Int32Array(n * m);
  for (let i = 0; i < n; i++) if (i + k >= 0 && i + k < m) data[i * m + i + k] = 1;
  return constant(data, [n, m]);
}

const trilu: Operator = (call: Call) => {
  const x = call.input(0);
  if (x.ndim < 2) throw new UserError(`needs a matrix or a stack of them, got ${x}`);
  checkLength(sizeOf(x.shape.slice(-2)));
  const k = call.optional(1) === undefined ? 0 : call.numbers(1)[0];
  return call.attributes.int('upper', 1) ? np.triu(x, k) : np.tril(x, k);
};

export const generators: Readonly<Record<string, Operator>> = {
  Constant: literal,
  ConstantOfShape: constantOfShape,
  Range: range,
  EyeLike: eyeLike,
  Trilu: trilu,
};
