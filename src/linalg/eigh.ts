/** Eigenvalues and eigenvectors of a dense real symmetric matrix. */
import { UserError } from '../array/errors.ts';
import { checkMatrix, powerNear } from './dense.ts';
import { tridiagonalQl } from './tridiagonal-ql.ts';
import { tridiagonalize } from './tridiagonalize.ts';

/**
 * How far two mirrored entries may lie apart, relative to the largest entry: the rounding of a float32 matrix product.
 * Anything beyond is a matrix that is not symmetric, for which the answer would be meaningless.
 */
const ASYMMETRY = 1e-6;

/**
 * All eigenpairs of a symmetric matrix, in double precision.
 *
 * Householder tridiagonalization and implicit QL; about 9 n^3 operations and 16 n^2 bytes beside the input. Residuals
 * `|A v - lambda v|` and the deviation of `V^T V` from the identity are of order n * 2.2e-16 (times the norm of A).
 * Mirrored entries that differ by rounding (up to 1e-6 of the largest entry) are averaged.
 *
 * @param matrix n x n, row-major, symmetric and finite; left alone
 * @param n number of rows, at least 1
 * @returns `values` ascending (n); `vectors` row-major n x n, column k the unit eigenvector of `values[k]`
 * @throws UserError when the size, the symmetry or an entry is wrong, naming the entry
 */
export function eigh(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const { lower, scale } = scaledLowerTriangle(matrix, n);
  const { diagonal, offDiagonal, q } = tridiagonalize(lower, n);
  tridiagonalQl(diagonal, offDiagonal, q);
  const order = Uint32Array.from(diagonal.keys()).sort((a, b) => diagonal[a] - diagonal[b]);
  const values = Float64Array.from(order, (k) => diagonal[k] * scale);
  const held = new Float64Array(n);
  for (let row = 0; row < n * n; row += n) {
    for (let k = 0; k < n; k++) held[k] = q[row + order[k]];
    q.set(held, row);
  }
  return { values, vectors: q };
}

/**
 * A checked copy of the lower triangle, divided by the power of two nearest the largest entry: exact, and no square in
 * the reduction can overflow or vanish.
 */
function scaledLowerTriangle(matrix: Float64Array, n: number): { lower: Float64Array; scale: number } {
  const largest = checkMatrix('eigh', matrix, n, n);
  const scale = powerNear(largest);
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const below = matrix[i * n + j];
      const above = matrix[j * n + i];
      if (Math.abs(below - above) > ASYMMETRY * largest) {
        throw new UserError(
          `eigh: expected a symmetric matrix, found ${below} at row ${i}, column ${j} but ${above} at row ${j}, column ${i}; average the matrix with its transpose if it should be symmetric.`,
        );
      }
      lower[i * n + j] = below / scale / 2 + above / scale / 2;
    }
  }
  return { lower, scale };
}
