/** Orthogonal times triangular. */
import { checkMatrix, powerNear } from './dense.ts';
import { accumulate, noReflections, reflect, updateThenLeft } from './householder.ts';

/**
 * `A = Q R` with orthonormal columns in Q and R upper triangular with a diagonal that is not negative, which makes the
 * factors unique where A has full rank, and Q of a Gaussian matrix uniform on the orthogonal group (Mezzadri, "How to
 * generate random matrices from the classical compact groups", Notices AMS 54, 2007, arXiv:math-ph/0609050).
 *
 * Householder reflections, Golub and Van Loan, "Matrix computations", 4th ed., section 5.2.2; about `4 m n^2 - 4/3 n^3`
 * operations and `3 m n` numbers of memory for `m >= n`.
 *
 * @param matrix A, row-major, finite; left alone
 * @param rows m
 * @param columns n
 * @returns with k = min(m, n): `q` row-major m x k, `r` row-major k x n
 * @throws UserError when the size or an entry is wrong
 */
export function qr(matrix: Float64Array, rows: number, columns: number): { q: Float64Array; r: Float64Array } {
  const scale = powerNear(checkMatrix('qr', matrix, rows, columns));
  const k = Math.min(rows, columns);
  const a = matrix.map((x) => x / scale);
  const reflections = noReflections(k, rows, 0);
  let v: Float64Array = new Float64Array(rows);
  let w = new Float64Array(columns);
  let product = new Float64Array(columns);
  const diagonal = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    const next = reflections.vectors.subarray(j * rows, (j + 1) * rows);
    for (let i = j; i < rows; i++) next[i] = a[i * columns + j] - v[i] * w[j];
    diagonal[j] = reflect(reflections, j, j);
    // Row j - 1 gets its last update too; the new reflection does not reach it.
    updateThenLeft(a, columns, [Math.max(j - 1, 0), rows, j, columns], v, w, next, product);
    for (let c = j; c < columns; c++) product[c] *= reflections.taus[j];
    [w, product] = [product, w];
    v = next;
  }
  const last = k - 1;
  for (let c = k; c < columns; c++) a[last * columns + c] -= v[last] * w[c];

  const q = accumulate(reflections, k);
  const r = new Float64Array(k * columns);
  for (let i = 0; i < k; i++) {
    const sign = diagonal[i] < 0 ? -1 : 1;
    const factor = sign * scale;
    r[i * columns + i] = factor * diagonal[i];
    for (let c = i + 1; c < columns; c++) r[i * columns + c] = factor * a[i * columns + c];
    if (sign < 0) for (let row = i; row < rows * k; row += k) q[row] = -q[row];
  }
  return { q, r };
}
