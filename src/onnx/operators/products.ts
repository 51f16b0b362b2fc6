/** @file Products of matrices. */
import { ShapeError } from '../../array/errors.ts';
import { shapeText } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import type { Operator } from '../call.ts';

/** alpha A B + beta C with A and B transposed as asked. */
const gemm: Operator = (call) => {
  const [a, b, c] = [call.input(0), call.input(1), call.optional(2)];
  if (a.ndim !== 2 || b.ndim !== 2)
    throw new ShapeError('Gemm', `needs two matrices, got shapes ${shapeText(a.shape)} and ${shapeText(b.shape)}`);
  const { attributes } = call;
  const letters = `${attributes.int('transA', 0) ? 'kn' : 'nk'},${attributes.int('transB', 0) ? 'mk' : 'km'}->nm`;
  const product = np.multiply(attributes.float('alpha', 1), np.einsum(letters, a, b));
  if (c === undefined) return product;
  return np.add(product, np.multiply(attributes.float('beta', 1), c));
};

export const products: Readonly<Record<string, Operator>> = {
  Gemm: gemm,
  MatMul: (call) => np.matmul(call.input(0), call.input(1)),
  Einsum: (call) => np.einsum(call.attributes.string('equation'), ...call.inputs),
};
