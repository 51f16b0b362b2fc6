/** Symmetric positive definite matrices: the triangular factor, and triangular systems. */
import { UserError } from '../array/errors.ts';
import { checkMatrix, subtractRows } from './dense.ts';

/** Rows worked on together: they stay in the second-level cache while the rows above stream by. */
const BLOCK = 32;

/**
 * The lower triangle L with positive diagonal of `A = L L^T`, in double precision: Golub and Van Loan, "Matrix
 * computations", 4th ed., section 4.2. About n^3 / 3 operations.
 *
 * @param matrix n x n, row-major, finite; only the lower triangle is read; left alone
 * @param n number of rows, at least 1
 * @returns row-major n x n, zero above the diagonal; log det A is `2 sum log L_ii`
 * @throws UserError when the matrix is not positive definite, naming the pivot
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  checkMatrix('cholesky', matrix, n, n);
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) l.set(matrix.subarray(i * n, i * n + i + 1), i * n);
  for (let start = 0; start < n; start += BLOCK) {
    const end = Math.min(start + BLOCK, n);
    for (let j = 0; j < end; j++) {
      const row = j * n;
      let i = Math.max(start, j);
      if (i === j) {
        let pivot = l[row + j];
        for (let k = 0; k < j; k++) pivot -= l[row + k] ** 2;
        if (!(pivot > 0)) {
          throw new UserError(
            `cholesky: expected a positive definite matrix, found the pivot ${pivot} in row ${j} of ${n}; add a multiple of the identity, or use solve or lstsq.`,
          );
        }
        l[row + j] = Math.sqrt(pivot);
        i++;
      }
      const diagonal = l[row + j];
      for (; i + 3 < end; i += 4) {
        const r0 = i * n;
        const r1 = r0 + n;
        const r2 = r1 + n;
        const r3 = r2 + n;
        let s0 = l[r0 + j];
        let s1 = l[r1 + j];
        let s2 = l[r2 + j];
        let s3 = l[r3 + j];
        for (let k = 0; k < j; k++) {
          const x = l[row + k];
          s0 -= l[r0 + k] * x;
          s1 -= l[r1 + k] * x;
          s2 -= l[r2 + k] * x;
          s3 -= l[r3 + k] * x;
        }
        l[r0 + j] = s0 / diagonal;
        l[r1 + j] = s1 / diagonal;
        l[r2 + j] = s2 / diagonal;
        l[r3 + j] = s3 / diagonal;
      }
      for (; i < end; i++) {
        let sum = l[i * n + j];
        for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[row + k];
        l[i * n + j] = sum / diagonal;
      }
    }
  }
  return l;
}

/**
 * `A X = B` from the factor of `cholesky`, 2 n^2 operations for each right side.
 *
 * @param factor L, row-major n x n
 * @param right B, row-major n x k
 * @returns X, row-major n x k
 */
export function choleskySolve(factor: Float64Array, n: number, right: Float64Array): Float64Array {
  return triangularSolve(factor, n, triangularSolve(factor, n, right), { transpose: true });
}

/**
 * `T X = B` or `T^T X = B` for a triangular T, by substitution.
 *
 * @param matrix T, row-major n x n; the other triangle is not read
 * @param right B, row-major n x k; left alone
 * @param options.lower whether T is the lower triangle; default true
 * @param options.transpose whether to solve with `T^T`; default false
 * @returns X, row-major n x k
 * @throws UserError when sizes do not fit or the diagonal has a zero, naming it
 */
export function triangularSolve(
  matrix: Float64Array,
  n: number,
  right: Float64Array,
  { lower = true, transpose = false }: { readonly lower?: boolean; readonly transpose?: boolean } = {},
): Float64Array {
  checkMatrix('triangularSolve', matrix, n, n);
  const k = columnsOf('triangularSolve', right, n);
  const x = right.slice();
  const downward = lower !== transpose;
  for (let done = 0; done < n; done++) {
    const i = downward ? done : n - 1 - done;
    const pivot = matrix[i * n + i];
    if (pivot === 0)
      throw new UserError(`triangularSolve: the matrix is singular, its diagonal is 0 in row ${i} of ${n}.`);
    // The rows of X that are known lie above row i, or below.
    const first = downward ? 0 : i + 1;
    const [from, step] = transpose ? [first * n + i, n] : [i * n + first, 1];
    subtractRows(x, i * k, k, matrix, from, step, x, first * k, k, done);
    for (let c = 0; c < k; c++) x[i * k + c] /= pivot;
  }
  return x;
}

/** Number of right sides. */
export function columnsOf(name: string, right: Float64Array, n: number): number {
  if (right.length === 0 || right.length % n !== 0) {
    throw new UserError(`${name}: expected right sides of ${n} rows, found ${right.length} entries.`);
  }
  checkMatrix(name, right, n, right.length / n);
  return right.length / n;
}
