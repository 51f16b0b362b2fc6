/** Least squares with coefficients that are not negative. */
import { columnsOf } from './cholesky.ts';
import { checkMatrix } from './dense.ts';
import { lstsq } from './svd.ts';

/**
 * The x >= 0 that minimises `|A x - b|`: the active set method of Lawson and Hanson, "Solving least squares problems",
 * 1974, chapter 23. It ends after finitely many steps, usually about as many as there are positive coefficients.
 *
 * @param matrix A, row-major rows x columns, finite; left alone
 * @param right b, one column
 * @returns `solution`, and the length of the `residual`
 * @throws UserError when a size or an entry is wrong
 */
export function nnls(
  matrix: Float64Array,
  rows: number,
  columns: number,
  right: Float64Array,
): { solution: Float64Array; residual: number } {
  const largest = checkMatrix('nnls', matrix, rows, columns);
  columnsOf('nnls', right, rows);
  let x = new Float64Array(columns);
  const positive = new Set<number>();
  const residualOf = () => right.map((b, i) => x.reduce((rest, value, j) => rest - matrix[i * columns + j] * value, b));
  const rounding = 1e-13 * largest * right.reduce((sum, b) => sum + Math.abs(b), 0);
  for (let step = 0; step < 3 * columns; step++) {
    const residual = residualOf();
    // The coefficient whose growth lowers the error fastest: largest entry of A^T (b - A x).
    let best = -1;
    let slope = rounding;
    for (let j = 0; j < columns; j++) {
      let overlap = 0;
      for (let i = 0; i < rows; i++) overlap += matrix[i * columns + j] * residual[i];
      if (!positive.has(j) && overlap > slope) [best, slope] = [j, overlap];
    }
    if (best < 0) break;
    positive.add(best);
    for (;;) {
      const free = [...positive];
      const part = Float64Array.from({ length: rows * free.length }, (_, at) => {
        return matrix[Math.floor(at / free.length) * columns + free[at % free.length]];
      });
      const { solution } = lstsq(part, rows, free.length, right);
      const target = new Float64Array(columns);
      free.forEach((j, k) => {
        target[j] = solution[k];
      });
      if (solution.every((value) => value > 0)) {
        x = target;
        break;
      }
      // As far towards the target as no coefficient turns negative; those at zero leave.
      const blocked = free.filter((j) => target[j] <= 0);
      const reach = Math.min(...blocked.map((j) => (x[j] === 0 ? 0 : x[j] / (x[j] - target[j]))));
      x = x.map((value, j) => value + reach * (target[j] - value));
      for (const j of blocked) if (x[j] <= Number.EPSILON * Math.abs(target[j])) positive.delete(j);
      x = x.map((value, j) => (positive.has(j) ? value : 0));
      if (positive.size === 0) break;
    }
  }
  return { solution: x, residual: Math.hypot(...residualOf()) };
}
