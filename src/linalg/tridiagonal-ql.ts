/**
 * Eigenvalues and eigenvectors of a symmetric tridiagonal matrix by the QL algorithm, following EISPACK's tql2
 * (Bowdler, Martin, Reinsch and Wilkinson, "The QR and QL algorithms for symmetric matrices", Numerische Mathematik 11,
 * 1968, doi:10.1007/BF02166687).
 *
 * The plane rotations of many sweeps are kept and then applied together, four rows of the vectors at a time: a row then
 * stays in cache over all of them, and each rotation reads and writes one number per row. This is the arrangement of
 * Van Zee, van de Geijn and Quintana-Orti, "Restructuring the tridiagonal and bidiagonal QR algorithms for performance",
 * ACM TOMS 40, 2014, doi:10.1145/2535371.
 */

/** Rotations kept before they are applied: 512 kB of cosines and sines, about what a second-level cache holds. */
const KEPT_ROTATIONS = 1 << 15;

/** Sweeps allowed per eigenvalue. EISPACK's limit is 30; two to three are usual. */
const MAX_SWEEPS = 60;

/**
 * Overwrites `diagonal` with the eigenvalues (in no particular order) and `vectors` (n x n, row-major) with
 * `vectors W`, the columns of W being the eigenvectors of the tridiagonal matrix. `offDiagonal[i]` couples i - 1 and i;
 * it is destroyed.
 */
export function tridiagonalQl(diagonal: Float64Array, offDiagonal: Float64Array, vectors: Float64Array): void {
  const n = diagonal.length;
  const d = diagonal;
  const e = offDiagonal;
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  const capacity = Math.max(KEPT_ROTATIONS, n);
  const rotations: Rotations = {
    cosines: new Float64Array(capacity),
    sines: new Float64Array(capacity),
    sweeps: [],
    count: 0,
  };

  let shift = 0;
  let scale = 0;
  for (let l = 0; l < n; l++) {
    scale = Math.max(scale, Math.abs(d[l]) + Math.abs(e[l]));
    let m = l;
    while (Math.abs(e[m]) > Number.EPSILON * scale) m++;
    for (let sweep = 0; m > l && Math.abs(e[l]) > Number.EPSILON * scale; sweep++) {
      if (sweep === MAX_SWEEPS) throw new Error(`eigenvalue ${l} of ${n} did not converge in ${MAX_SWEEPS} QL sweeps`);
      // Wilkinson's shift, moved into the matrix so that the eigenvalue sought tends to zero.
      const before = d[l];
      let p = (d[l + 1] - before) / (2 * e[l]);
      const root = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1);
      d[l] = e[l] / (p + root);
      d[l + 1] = e[l] * (p + root);
      const nextDiagonal = d[l + 1];
      const moved = before - d[l];
      for (let i = l + 2; i < n; i++) d[i] -= moved;
      shift += moved;

      if (rotations.count + (m - l) > capacity) applyRotations(rotations, vectors, n);
      rotations.sweeps.push({ from: m, count: m - l });
      p = d[m];
      const nextOffDiagonal = e[l + 1];
      let c = 1;
      let c2 = 1;
      let c3 = 1;
      let s = 0;
      let s2 = 0;
      for (let i = m - 1; i >= l; i--) {
        c3 = c2;
        c2 = c;
        s2 = s;
        const g = c * e[i];
        const h = c * p;
        const r = Math.hypot(p, e[i]);
        e[i + 1] = s * r;
        s = e[i] / r;
        c = p / r;
        p = c * d[i] - s * g;
        d[i + 1] = h + s * (c * g + s * d[i]);
        rotations.cosines[rotations.count] = c;
        rotations.sines[rotations.count] = s;
        rotations.count++;
      }
      p = (-s * s2 * c3 * nextOffDiagonal * e[l]) / nextDiagonal;
      e[l] = s * p;
      d[l] = c * p;
    }
    d[l] += shift;
    e[l] = 0;
  }
  applyRotations(rotations, vectors, n);
}

/** Rotations in the order they arose; a sweep's first one turns columns (from - 1, from), the next one column lower. */
interface Rotations {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
  sweeps: { readonly from: number; readonly count: number }[];
  count: number;
}

/** Turns the columns of `vectors` by all kept rotations and forgets these. */
function applyRotations(rotations: Rotations, vectors: Float64Array, n: number): void {
  const { cosines, sines, sweeps } = rotations;
  let row = 0;
  for (; row + 3 < n; row += 4) {
    let at = 0;
    for (const { from, count } of sweeps) {
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
        const x0 = vectors[i0 - 1];
        const x1 = vectors[i1 - 1];
        const x2 = vectors[i2 - 1];
        const x3 = vectors[i3 - 1];
        vectors[i0--] = s * x0 + c * h0;
        vectors[i1--] = s * x1 + c * h1;
        vectors[i2--] = s * x2 + c * h2;
        vectors[i3--] = s * x3 + c * h3;
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
  for (; row < n; row++) {
    let at = 0;
    for (const { from, count } of sweeps) {
      let i = row * n + from;
      let h = vectors[i];
      for (const end = at + count; at < end; at++) {
        const x = vectors[i - 1];
        vectors[i--] = sines[at] * x + cosines[at] * h;
        h = cosines[at] * x - sines[at] * h;
      }
      vectors[i] = h;
    }
  }
  rotations.sweeps = [];
  rotations.count = 0;
}
