/** Square linear systems. */
import { UserError } from '../array/errors.ts';
import { columnsOf, triangularSolve } from './cholesky.ts';
import { checkMatrix, subtractRows } from './dense.ts';

/** Columns eliminated together: their rows stay in the second-level cache while the rest of the matrix streams by. */
const PANEL = 32;

/**
 * `A X = B` by Gaussian elimination with partial pivoting, in double precision: Golub and Van Loan, "Matrix
 * computations", 4th ed., sections 3.2.11 (by blocks) and 3.4. About 2/3 n^3 operations and 2 n^2 for each right side.
 * For a symmetric positive definite A `cholesky` and `choleskySolve` take half of that.
 *
 * @param matrix A, row-major n x n, finite; left alone
 * @param n number of rows, at least 1
 * @param right B, row-major n x k; left alone
 * @returns X, row-major n x k
 * @throws UserError when a size is wrong or A is singular, naming the column
 */
export function solve(matrix: Float64Array, n: number, right: Float64Array): Float64Array {
  checkMatrix('solve', matrix, n, n);
  const k = columnsOf('solve', right, n);
  const lu = matrix.slice();
  const order = factorize(lu, n);
  const permuted = new Float64Array(n * k);
  order.forEach((from, i) => {
    permuted.set(right.subarray(from * k, from * k + k), i * k);
  });
  // L has ones on its diagonal, which U occupies in the packed factors.
  for (let i = 1; i < n; i++) subtractRows(permuted, i * k, k, lu, i * n, 1, permuted, 0, k, i);
  return triangularSolve(lu, n, permuted, { lower: false });
}

/** Overwrites A with L (below the diagonal) and U; returns the order of A's rows in their product. */
function factorize(a: Float64Array, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let start = 0; start < n; start += PANEL) {
    const end = Math.min(start + PANEL, n);
    for (let j = start; j < end; j++) {
      let pivot = j;
      for (let i = j + 1; i < n; i++) if (Math.abs(a[i * n + j]) > Math.abs(a[pivot * n + j])) pivot = i;
      if (a[pivot * n + j] === 0) {
        throw new UserError(
          `solve: the matrix is singular, column ${j} of ${n} depends on those before it; use lstsq.`,
        );
      }
      if (pivot !== j) swapRows(a, order, n, j, pivot);
      for (let i = j + 1; i < n; i++) {
        a[i * n + j] /= a[j * n + j];
        subtractRows(a, i * n + j + 1, end - j - 1, a, i * n + j, 1, a, j * n + j + 1, n, 1);
      }
    }
    for (let i = start + 1; i < n; i++) {
      subtractRows(a, i * n + end, n - end, a, i * n + start, 1, a, start * n + end, n, Math.min(i, end) - start);
    }
  }
  return order;
}

function swapRows(a: Float64Array, order: Uint32Array, n: number, i: number, j: number): void {
  const held = a.slice(i * n, i * n + n);
  a.copyWithin(i * n, j * n, j * n + n);
  a.set(held, j * n);
  [order[i], order[j]] = [order[j], order[i]];
}
