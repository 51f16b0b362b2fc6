/**
 * Plane rotations of the columns of a matrix, as the QL and QR algorithms make them. Those of many sweeps are kept and
 * then applied together, four rows at a time: a row then stays in cache over all of them, and each rotation reads and
 * writes one number per row. This is the arrangement of Van Zee, van de Geijn and Quintana-Orti, "Restructuring the
 * tridiagonal and bidiagonal QR algorithms for performance", ACM TOMS 40, 2014, doi:10.1145/2535371.
 */

/** Rotations kept before they are applied: 512 kB of cosines and sines, about what a second-level cache holds. */
const KEPT_ROTATIONS = 1 << 15;

/**
 * Rotations in the order they arose. A sweep's first one turns columns (from, from + step), the next one is one step
 * further: the column nearer the start becomes `c near + s far`, the other `c far - s near`.
 */
export interface Rotations {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
  sweeps: { readonly from: number; readonly step: 1 | -1; readonly count: number }[];
  count: number;
}

/** Room for many sweeps over n columns. */
export function noRotations(n: number): Rotations {
  const capacity = Math.max(KEPT_ROTATIONS, n);
  return { cosines: new Float64Array(capacity), sines: new Float64Array(capacity), sweeps: [], count: 0 };
}

/** Turns the columns of `vectors` (row-major, n wide) by all kept rotations and forgets these. */
export function rotateColumns(rotations: Rotations, vectors: Float64Array, n: number): void {
  const { cosines, sines, sweeps } = rotations;
  const rows = vectors.length / n;
  let row = 0;
  for (; row + 3 < rows; row += 4) {
    let at = 0;
    for (const { from, step, count } of sweeps) {
      let i0 = row * n + from;
      let i1 = i0 + n;
      let i2 = i1 + n;
      let i3 = i2 + n;
      let h0 = vectors[i0];
      let h1 = vectors[i1];
      let h2 = vectors[i2];
      let h3 = vectors[i3];
      for (const end = at + count; at < end; at++) {
        const c = cosines[at];
        const s = sines[at];
        const x0 = vectors[i0 + step];
        const x1 = vectors[i1 + step];
        const x2 = vectors[i2 + step];
        const x3 = vectors[i3 + step];
        vectors[i0] = s * x0 + c * h0;
        vectors[i1] = s * x1 + c * h1;
        vectors[i2] = s * x2 + c * h2;
        vectors[i3] = s * x3 + c * h3;
        i0 += step;
        i1 += step;
        i2 += step;
        i3 += step;
        h0 = c * x0 - s * h0;
        h1 = c * x1 - s * h1;
        h2 = c * x2 - s * h2;
        h3 = c * x3 - s * h3;
      }
      vectors[i0] = h0;
      vectors[i1] = h1;
      vectors[i2] = h2;
      vectors[i3] = h3;
    }
  }
  for (; row < rows; row++) {
    let at = 0;
    for (const { from, step, count } of sweeps) {
      let i = row * n + from;
      let h = vectors[i];
      for (const end = at + count; at < end; at++) {
        const x = vectors[i + step];
        vectors[i] = sines[at] * x + cosines[at] * h;
        i += step;
        h = cosines[at] * x - sines[at] * h;
      }
      vectors[i] = h;
    }
  }
  rotations.sweeps = [];
  rotations.count = 0;
}
