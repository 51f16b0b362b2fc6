/**
 * Data on a curve x = gamma(z), z in [0, 1] (arXiv 1806.08734, Section 5, Exp. 5): which frequencies along the curve can a
 * function reach that has frequencies up to |k| in the input space?
 *
 * FT(f o gamma)(l) = (2 pi)^-d integral F(k) P_gamma(l, k) dk with P_gamma(l, k) = integral_0^1 exp(i (k.gamma(z) - l z)) dz,
 * and by stationary phase P is large only where l = k . gamma'(z) has a solution: |l| <= |k| max_z |gamma'(z)|.
 */
import { UserError } from '../../../array/errors.ts';

export interface Curve {
  /** Dimension d of the space it lies in. */
  readonly dimension: number;
  /** gamma(z), z in [0, 1]. */
  point(z: number): readonly number[];
  /** gamma'(z). */
  tangent(z: number): readonly number[];
}

const TWO_PI = 2 * Math.PI;

/** gamma_L(z) = R_L(z) (cos 2 pi z, sin 2 pi z), R_L = 1 + 0.5 sin(2 pi L z): a flower of L petals, L = 0 the unit circle. */
export function curveEmbedding(L: number): Curve {
  if (!Number.isInteger(L) || L < 0)
    throw new UserError(`curve embedding: L = ${L} must be a whole number >= 0 (else the curve does not close).`);
  return {
    dimension: 2,
    point: (z) => {
      const radius = 1 + 0.5 * Math.sin(TWO_PI * L * z);
      return [radius * Math.cos(TWO_PI * z), radius * Math.sin(TWO_PI * z)];
    },
    tangent: (z) => {
      const radius = 1 + 0.5 * Math.sin(TWO_PI * L * z);
      const growth = 0.5 * TWO_PI * L * Math.cos(TWO_PI * L * z);
      const [cos, sin] = [Math.cos(TWO_PI * z), Math.sin(TWO_PI * z)];
      return [growth * cos - TWO_PI * radius * sin, growth * sin + TWO_PI * radius * cos];
    },
  };
}

/** The circle of a radius about the origin (the control of equal arc length: radius = arcLength / 2 pi). */
export function circle(radius: number): Curve {
  return {
    dimension: 2,
    point: (z) => [radius * Math.cos(TWO_PI * z), radius * Math.sin(TWO_PI * z)],
    tangent: (z) => [-TWO_PI * radius * Math.sin(TWO_PI * z), TWO_PI * radius * Math.cos(TWO_PI * z)],
  };
}

/** The points gamma(z_j), N x d row-major. */
export function embed(curve: Curve, z: ArrayLike<number>): Float64Array {
  return Float64Array.from(Array.from(z).flatMap((zj) => curve.point(zj)));
}

/** max_z |gamma'(z)|: the largest value on a grid of `samples` (default 4096) steps, refined between its neighbours. */
export function jacobianBand(curve: Curve, options: { readonly samples?: number } = {}): number {
  const { samples = 4096 } = options;
  const speed = (z: number) => Math.hypot(...curve.tangent(z));
  let best = 0;
  for (let j = 1; j <= samples; j++) if (speed(j / samples) > speed(best / samples)) best = j;
  // Ternary search: the speed has one maximum between the two neighbours of the best grid point.
  let lo = Math.max(0, (best - 1) / samples);
  let hi = Math.min(1, (best + 1) / samples);
  for (let step = 0; step < 60; step++) {
    const third = (hi - lo) / 3;
    if (speed(lo + third) < speed(hi - third)) lo += third;
    else hi -= third;
  }
  return Math.max(speed((lo + hi) / 2), speed(best / samples));
}

/** integral_0^1 |gamma'(z)| dz by the trapezoid rule of 4096 steps (spectrally accurate on a smooth closed curve). */
export function arcLength(curve: Curve): number {
  const samples = 4096;
  let sum = (Math.hypot(...curve.tangent(0)) + Math.hypot(...curve.tangent(1))) / 2;
  for (let j = 1; j < samples; j++) sum += Math.hypot(...curve.tangent(j / samples));
  return sum / samples;
}

/**
 * The prediction of stationary phase: highest frequency along the curve that input frequencies up to |k| can reach.
 *
 * @param inputFrequency |k|, rad per unit of x.
 * @returns |k| max_z |gamma'(z)| in rad per unit of z; divide by 2 pi for cycles over the curve.
 */
export function reachableBand(curve: Curve, inputFrequency: number): number {
  return inputFrequency * jacobianBand(curve);
}

/**
 * P_gamma(l, k) measured by the trapezoid rule.
 *
 * @param l rad per unit of z. @param k d wave numbers, rad per unit of x. @param samples steps (default 4096).
 * @returns [real, imaginary].
 */
export function curveTransfer(
  curve: Curve,
  l: number,
  k: readonly number[],
  options: { readonly samples?: number } = {},
): readonly [number, number] {
  const { samples = 4096 } = options;
  if (k.length !== curve.dimension)
    throw new UserError(`curve transfer: the curve lies in R^${curve.dimension}, but k has ${k.length} components.`);
  let [re, im] = [0, 0];
  for (let j = 0; j <= samples; j++) {
    const z = j / samples;
    const weight = j === 0 || j === samples ? 0.5 : 1;
    const phase = curve.point(z).reduce((sum, x, i) => sum + k[i] * x, 0) - l * z;
    re += weight * Math.cos(phase);
    im += weight * Math.sin(phase);
  }
  return [re / samples, im / samples];
}

/**
 * P_gamma(l, k) predicted for the unit circle, l = 2 pi n and k = |k| (cos t, sin t): i^n exp(-i n t) J_n(|k|). It is
 * negligible for n > |k|, the reachable band of the circle.
 *
 * @returns [real, imaginary].
 */
export function circleTransfer(n: number, kLength: number, t: number): readonly [number, number] {
  const J = besselJ(n, kLength);
  // i^n exp(-i n t) = exp(i n (pi / 2 - t))
  return [J * Math.cos(n * (Math.PI / 2 - t)), J * Math.sin(n * (Math.PI / 2 - t))];
}

/**
 * Bessel function J_n(x), n whole, from its integral J_n(x) = (1 / 2 pi) integral_0^{2 pi} cos(n u - x sin u) du. The
 * trapezoid rule of N steps errs by J_{n+N}(x) + J_{n-N}(x) + .., below round-off for N > |n| + 2 |x| + 40; absolute
 * accuracy about 1e-15.
 */
export function besselJ(n: number, x: number): number {
  if (!Number.isInteger(n) || !Number.isFinite(x))
    throw new UserError(`Bessel J_n(x): n = ${n} must be a whole number and x = ${x} finite.`);
  const N = Math.ceil(Math.abs(n) + 2 * Math.abs(x) + 40);
  let sum = 0;
  for (let j = 0; j < N; j++) {
    const u = (TWO_PI * j) / N;
    sum += Math.cos(n * u - x * Math.sin(u));
  }
  return sum / N;
}
