/** What the dense decompositions share: checks, scaling, and the loops over rows in which they spend their time. */
import { UserError } from '../array/errors.ts';

/** Throws unless `matrix` holds rows x columns finite numbers; returns the largest of their magnitudes. */
export function checkMatrix(name: string, matrix: Float64Array, rows: number, columns: number): number {
  for (const [what, count] of [
    ['rows', rows],
    ['columns', columns],
  ] as const) {
    if (!Number.isInteger(count) || count < 1) {
      throw new UserError(`${name}: expected a number of ${what} of at least 1, found ${count}.`);
    }
  }
  if (matrix.length !== rows * columns) {
    throw new UserError(`${name}: expected ${rows} x ${columns} = ${rows * columns} entries, found ${matrix.length}.`);
  }
  let largest = 0;
  for (let at = 0; at < matrix.length; at++) {
    if (!Number.isFinite(matrix[at])) {
      throw new UserError(
        `${name}: expected finite entries, found ${matrix[at]} at row ${Math.floor(at / columns)}, column ${at % columns}.`,
      );
    }
    largest = Math.max(largest, Math.abs(matrix[at]));
  }
  return largest;
}

/**
 * The power of two nearest a magnitude: dividing by it is exact, and no square of the quotient overflows or vanishes.
 */
export function powerNear(largest: number): number {
  return largest === 0 ? 1 : 2 ** Math.min(1022, Math.max(-1022, Math.round(Math.log2(largest))));
}

/** columns x rows. */
export function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(rows * columns);
  const tile = 32;
  for (let i0 = 0; i0 < rows; i0 += tile) {
    for (let j0 = 0; j0 < columns; j0 += tile) {
      for (let i = i0; i < Math.min(i0 + tile, rows); i++) {
        for (let j = j0; j < Math.min(j0 + tile, columns); j++) result[j * rows + i] = matrix[i * columns + j];
      }
    }
  }
  return result;
}

/**
 * `target[at + c] -= sum_p weights[from + p step] source[row + p stride + c]` for c < length, p < count: a row less a
 * combination of other rows, four at a time.
 */
export function subtractRows(
  target: Float64Array,
  at: number,
  length: number,
  weights: Float64Array,
  from: number,
  step: number,
  source: Float64Array,
  row: number,
  stride: number,
  count: number,
): void {
  let p = 0;
  for (; p + 3 < count; p += 4) {
    const w0 = weights[from + p * step];
    const w1 = weights[from + (p + 1) * step];
    const w2 = weights[from + (p + 2) * step];
    const w3 = weights[from + (p + 3) * step];
    const r0 = row + p * stride;
    const r1 = r0 + stride;
    const r2 = r1 + stride;
    const r3 = r2 + stride;
    for (let c = 0; c < length; c++) {
      target[at + c] -= w0 * source[r0 + c] + w1 * source[r1 + c] + (w2 * source[r2 + c] + w3 * source[r3 + c]);
    }
  }
  for (; p < count; p++) {
    const w = weights[from + p * step];
    const r = row + p * stride;
    for (let c = 0; c < length; c++) target[at + c] -= w * source[r + c];
  }
}
