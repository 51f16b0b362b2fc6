/**
 * Reduction of a matrix to an upper bidiagonal one, `A = U B V^T`: Golub and Kahan, "Calculating the singular values
 * and pseudo-inverse of a matrix", SIAM J. Numer. Anal. 2, 1965, doi:10.1137/0702016.
 */
import { noReflections, type Reflections, reflect, updateThenLeft, updateThenRight } from './householder.ts';

export interface Bidiagonal {
  /** n and n - 1. */
  readonly diagonal: Float64Array;
  readonly offDiagonal: Float64Array;
  /** U is the first n columns of the product of `left`, V the product of `right`. */
  readonly left: Reflections;
  readonly right: Reflections;
}

/** @param a rows x columns with rows >= columns, row-major; destroyed */
export function bidiagonalize(a: Float64Array, rows: number, columns: number): Bidiagonal {
  const left = noReflections(columns, rows, 0);
  const right = noReflections(Math.max(columns - 1, 0), columns, 1);
  const diagonal = new Float64Array(columns);
  const offDiagonal = new Float64Array(Math.max(columns - 1, 0));
  // A -= x v^T is the right reflection of the step before, A -= u y^T the left one of this step.
  const x = new Float64Array(rows);
  let v: Float64Array = new Float64Array(columns);
  const y = new Float64Array(columns);
  for (let k = 0; k < columns; k++) {
    const u = left.vectors.subarray(k * rows, (k + 1) * rows);
    for (let i = k; i < rows; i++) u[i] = a[i * columns + k] - x[i] * v[k];
    diagonal[k] = reflect(left, k, k);
    if (k + 1 === columns) break;
    updateThenLeft(a, columns, [k, rows, k + 1, columns], x, v, u, y);
    for (let c = k + 1; c < columns; c++) y[c] *= left.taus[k];

    v = right.vectors.subarray(k * columns, (k + 1) * columns);
    for (let c = k + 1; c < columns; c++) v[c] = a[k * columns + c] - y[c];
    offDiagonal[k] = reflect(right, k, k + 1);
    updateThenRight(a, columns, [k + 1, rows, k + 1, columns], u, y, v, x);
    for (let i = k + 1; i < rows; i++) x[i] *= right.taus[k];
  }
  return { diagonal, offDiagonal, left, right };
}
