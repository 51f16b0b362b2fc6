/** @file Inner products of long vectors, in float64 whatever their dtype. */

import type { NDArray } from '../../../numpy/index.ts';
import * as np from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';

/** Columns worked on at a time, so that a copy in float64 never holds all of the vectors. */
const columns = 1 << 16;

const products = jit((a: NDArray, b: NDArray) =>
  np.matmul(np.astype(a, 'float64'), np.transpose(np.astype(b, 'float64'))),
);

/**
 * `A B^T`, row-major m x n, of rows of one length.
 *
 * @param a [m, P]
 * @param b [n, P]
 */
export async function innerProducts(a: NDArray, b: NDArray): Promise<Float64Array> {
  const size = a.shape[1];
  const total = new Float64Array(a.shape[0] * b.shape[0]);
  for (let start = 0; start < size; start += columns) {
    const end = Math.min(start + columns, size);
    const part = (x: NDArray) => (end - start === size ? x : np.slice(x, [], [start, end]));
    const block = await products(part(a), part(b)).data();
    for (let i = 0; i < total.length; i++) total[i] += block[i];
  }
  return total;
}

/** Inner products of linear combinations: `L K R^T` for rows L (l x n) and R (r x n) and the Gram matrix K (n x n). */
export function combinedProducts(k: Float64Array, n: number, left: Float64Array, right: Float64Array): Float64Array {
  // The combinations are sparse and K is not, hence they always stand on the left.
  const half = transposed(times(left, k, n), n);
  return transposed(times(right, half, n), left.length / n);
}

/** Row-major product of a (rows x inner) with b (inner x columns). */
function times(a: Float64Array, b: Float64Array, inner: number): Float64Array {
  const [rows, width] = [a.length / inner, b.length / inner];
  const result = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++) {
    for (let m = 0; m < inner; m++) {
      const factor = a[i * inner + m];
      if (factor === 0) continue;
      for (let j = 0; j < width; j++) result[i * width + j] += factor * b[m * width + j];
    }
  }
  return result;
}

function transposed(a: Float64Array, width: number): Float64Array {
  const rows = a.length / width;
  const result = new Float64Array(a.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) result[j * rows + i] = a[i * width + j];
  return result;
}
