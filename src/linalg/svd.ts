/** Singular value decomposition, and what follows from it. */
import { bidiagonalQr } from './bidiagonal-qr.ts';
import { bidiagonalize } from './bidiagonalize.ts';
import { columnsOf } from './cholesky.ts';
import { checkMatrix, powerNear, subtractRows, transposed } from './dense.ts';
import { accumulate } from './householder.ts';

/** `A = U diag(values) V^T` with k = min(rows, columns). */
export interface SingularValueDecomposition {
  /** Row-major rows x k, orthonormal columns. */
  readonly u: Float64Array;
  /** k, descending, none negative. */
  readonly values: Float64Array;
  /** Row-major columns x k, orthonormal columns. */
  readonly v: Float64Array;
}

/**
 * The thin singular value decomposition in double precision: Householder bidiagonalization and implicit QR. Golub and
 * Van Loan, "Matrix computations", 4th ed., section 8.6. Values are exact to a few `2.2e-16` times the largest, so
 * small ones keep their digits where squaring the matrix would lose half of them.
 *
 * About `4 m n^2 + 8 n^3` operations and `4 m n + 3 n^2` numbers for m >= n.
 *
 * @param matrix row-major, finite; left alone
 * @throws UserError when the size or an entry is wrong
 */
export function svd(matrix: Float64Array, rows: number, columns: number): SingularValueDecomposition {
  const scale = powerNear(checkMatrix('svd', matrix, rows, columns));
  if (rows < columns) {
    const { u, values, v } = svd(transposed(matrix, rows, columns), columns, rows);
    return { u: v, values, v: u };
  }
  const { diagonal, offDiagonal, left, right } = bidiagonalize(
    matrix.map((x) => x / scale),
    rows,
    columns,
  );
  const u = accumulate(left, columns);
  const v = accumulate(right, columns);
  bidiagonalQr(diagonal, offDiagonal, u, v);
  const order = Uint32Array.from(diagonal.keys()).sort((i, j) => Math.abs(diagonal[j]) - Math.abs(diagonal[i]));
  return {
    u: columnsInOrder(u, columns, order, (k) => (diagonal[k] < 0 ? -1 : 1)),
    values: Float64Array.from(order, (k) => Math.abs(diagonal[k]) * scale),
    v: columnsInOrder(v, columns, order, () => 1),
  };
}

/** The singular values alone, descending; for m >= n about a third of the work of `svd`. */
export function singularValues(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const scale = powerNear(checkMatrix('singularValues', matrix, rows, columns));
  const [tall, m, n] =
    rows < columns ? [transposed(matrix, rows, columns), columns, rows] : [matrix.slice(), rows, columns];
  const { diagonal, offDiagonal } = bidiagonalize(
    tall.map((x) => x / scale),
    m,
    n,
  );
  bidiagonalQr(diagonal, offDiagonal);
  return diagonal.map((x) => Math.abs(x) * scale).sort((a, b) => b - a);
}

/**
 * The solution of least norm among those that minimise `|A X - B|`, for any shape and rank of A: singular values up to
 * `cut` times the largest count as zero.
 *
 * @param matrix A, row-major rows x columns; left alone
 * @param right B, row-major rows x k
 * @param cut default `2.2e-16 max(rows, columns)`, NumPy's
 * @returns `solution` row-major columns x k; the rank found; all singular values
 * @throws UserError when a size or an entry is wrong
 */
export function lstsq(
  matrix: Float64Array,
  rows: number,
  columns: number,
  right: Float64Array,
  cut = Number.EPSILON * Math.max(rows, columns),
): { solution: Float64Array; rank: number; values: Float64Array } {
  const { u, values, v } = svd(matrix, rows, columns);
  const k = columnsOf('lstsq', right, rows);
  const size = values.length;
  const rank = rankOf(values, cut);
  const solution = new Float64Array(columns * k);
  // Less the coordinates along U, because the rows of V are subtracted.
  const coordinates = new Float64Array(rank * k);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rank; j++) {
      const factor = u[i * size + j] / values[j];
      for (let c = 0; c < k; c++) coordinates[j * k + c] -= factor * right[i * k + c];
    }
  }
  for (let i = 0; i < columns; i++) subtractRows(solution, i * k, k, v, i * size, 1, coordinates, 0, k, rank);
  return { solution, rank, values };
}

/** The Moore-Penrose inverse, row-major columns x rows; `cut` as in `lstsq`. */
export function pinv(matrix: Float64Array, rows: number, columns: number, cut?: number): Float64Array {
  const identity = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) identity[i * rows + i] = 1;
  return lstsq(matrix, rows, columns, identity, cut).solution;
}

/** How many of the descending values exceed `cut` times the first. */
function rankOf(values: Float64Array, cut: number): number {
  return values.filter((x) => x > cut * values[0]).length;
}

function columnsInOrder(
  a: Float64Array,
  columns: number,
  order: Uint32Array,
  sign: (column: number) => number,
): Float64Array {
  const signs = Float64Array.from(order, sign);
  const result = new Float64Array(a.length);
  for (let row = 0; row < a.length; row += columns) {
    for (let k = 0; k < columns; k++) result[row + k] = signs[k] * a[row + order[k]];
  }
  return result;
}
