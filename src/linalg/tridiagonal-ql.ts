/**
 * Eigenvalues and eigenvectors of a symmetric tridiagonal matrix by the QL algorithm, following EISPACK's tql2
 * (Bowdler, Martin, Reinsch and Wilkinson, "The QR and QL algorithms for symmetric matrices", Numerische Mathematik 11,
 * 1968, doi:10.1007/BF02166687).
 */
import { noRotations, rotateColumns } from './rotations.ts';

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
  const rotations = noRotations(n);

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

      if (rotations.count + (m - l) > rotations.cosines.length) rotateColumns(rotations, vectors, n);
      rotations.sweeps.push({ from: m, step: -1, count: m - l });
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
  rotateColumns(rotations, vectors, n);
}
