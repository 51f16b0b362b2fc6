/**
 * Singular values of an upper bidiagonal matrix by implicit QR steps: Golub and Reinsch, "Singular value decomposition
 * and least squares solutions", Numerische Mathematik 14, 1970, doi:10.1007/BF02163027, with the shift-free steps of
 * Demmel and Kahan, "Accurate singular values of bidiagonal matrices", SIAM J. Sci. Stat. Comput. 11, 1990,
 * doi:10.1137/0911052, where the shift would be lost in rounding or the diagonal has a zero.
 */
import { noRotations, type Rotations, rotateColumns } from './rotations.ts';

/** Steps allowed per singular value; two to three are usual. */
const MAX_STEPS = 60;

/**
 * Overwrites `d` with the singular values up to sign, in no particular order; `e` (n - 1 couplings, d_i to d_(i+1)) is
 * destroyed. The columns of `u` and `v` (row-major, n wide), where given, are turned so that `u diag(d) v^T` stays what
 * `u B v^T` was.
 */
export function bidiagonalQr(d: Float64Array, e: Float64Array, u?: Float64Array, v?: Float64Array): void {
  const n = d.length;
  const leftward = noRotations(n);
  const rightward = noRotations(n);
  const turn = (rotations: Rotations, vectors?: Float64Array) => {
    if (vectors !== undefined) rotateColumns(rotations, vectors, n);
    rotations.count = 0;
    rotations.sweeps = [];
  };
  let scale = 0;
  for (let i = 0; i < n; i++) scale = Math.max(scale, Math.abs(d[i]), i < n - 1 ? Math.abs(e[i]) : 0);
  const negligible = Number.EPSILON * scale;
  let budget = MAX_STEPS * n;
  for (let high = n - 1; high > 0; ) {
    if (Math.abs(e[high - 1]) <= negligible) {
      high--;
      continue;
    }
    let low = high - 1;
    while (low > 0 && Math.abs(e[low - 1]) > negligible) low--;
    if (budget-- === 0) throw new Error(`the singular values of ${n} did not converge in ${MAX_STEPS * n} QR steps`);
    if (leftward.count + (high - low) > leftward.cosines.length) {
      turn(leftward, u);
      turn(rightward, v);
    }
    for (const { sweeps } of [leftward, rightward]) sweeps.push({ from: low, step: 1, count: high - low });
    const shift = smallerSingularValue(d[high - 1], e[high - 1], d[high]);
    let singular = false;
    for (let i = low; i <= high; i++) singular ||= d[i] === 0;
    if (singular || (shift / d[low]) ** 2 < Number.EPSILON) shiftFreeStep(d, e, low, high, leftward, rightward);
    else shiftedStep(d, e, low, high, shift, leftward, rightward);
  }
  turn(leftward, u);
  turn(rightward, v);
}

/** Of the triangle [[f, g], [0, h]]; LAPACK's dlas2. */
function smallerSingularValue(f: number, g: number, h: number): number {
  const [small, large] = [Math.min(Math.abs(f), Math.abs(h)), Math.max(Math.abs(f), Math.abs(h))];
  if (small === 0) return 0;
  const ratio = Math.abs(g) / large;
  const root = (Math.hypot(1 + small / large, ratio) + Math.hypot((large - small) / large, ratio)) / 2;
  return small / root;
}

function keep(rotations: Rotations, c: number, s: number): void {
  rotations.cosines[rotations.count] = c;
  rotations.sines[rotations.count] = s;
  rotations.count++;
}

/** One QR step on `B^T B - shift^2`, the bulge chased from `low` to `high`. */
function shiftedStep(
  d: Float64Array,
  e: Float64Array,
  low: number,
  high: number,
  shift: number,
  left: Rotations,
  right: Rotations,
): void {
  let f = (Math.abs(d[low]) - shift) * (Math.sign(d[low]) + shift / d[low]);
  let g = e[low];
  for (let i = low; i < high; i++) {
    let r = Math.hypot(f, g);
    let c = r === 0 ? 1 : f / r;
    let s = r === 0 ? 0 : g / r;
    keep(right, c, s);
    if (i > low) e[i - 1] = r;
    f = c * d[i] + s * e[i];
    e[i] = c * e[i] - s * d[i];
    g = s * d[i + 1];
    d[i + 1] *= c;
    r = Math.hypot(f, g);
    c = r === 0 ? 1 : f / r;
    s = r === 0 ? 0 : g / r;
    keep(left, c, s);
    d[i] = r;
    f = c * e[i] + s * d[i + 1];
    d[i + 1] = c * d[i + 1] - s * e[i];
    if (i < high - 1) {
      g = s * e[i + 1];
      e[i + 1] *= c;
    }
  }
  e[high - 1] = f;
}

/** The same with shift 0, arranged so that no difference is formed; a zero on the diagonal moves to the end. */
function shiftFreeStep(
  d: Float64Array,
  e: Float64Array,
  low: number,
  high: number,
  left: Rotations,
  right: Rotations,
): void {
  let c = 1;
  let oldC = 1;
  let oldS = 0;
  for (let i = low; i < high; i++) {
    const f = c * d[i];
    const r = Math.hypot(f, e[i]);
    c = r === 0 ? 1 : f / r;
    const s = r === 0 ? 0 : e[i] / r;
    keep(right, c, s);
    if (i > low) e[i - 1] = oldS * r;
    const p = oldC * r;
    const q = s * d[i + 1];
    d[i] = Math.hypot(p, q);
    oldC = d[i] === 0 ? 1 : p / d[i];
    oldS = d[i] === 0 ? 0 : q / d[i];
    keep(left, oldC, oldS);
  }
  const last = c * d[high];
  e[high - 1] = oldS * last;
  d[high] = oldC * last;
}
