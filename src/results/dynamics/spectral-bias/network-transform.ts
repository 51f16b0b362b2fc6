/**
 * The exact Fourier transform F(k) = integral f(x) exp(-i k.x) dx of a piecewise-linear network over an interval or a
 * polygon (arXiv 1806.08734, Lemma 1). On a region P with f = W.x + b the divergence theorem applied to
 * div(k f e^{-ik.x}) = (k.W) e^{-ik.x} - i |k|^2 f e^{-ik.x} gives, with no assumption on f,
 *
 *   integral_P f e^{-ik.x} = -i/|k|^2 (k.W) I_P(k) + i/|k|^2 sum_edges (k.N) integral_edge f e^{-ik.x} ds.
 *
 * Summed over all regions the second term cancels on inner edges and stays on the edge of the domain; where f vanishes
 * there ("compact support") the first term alone is F: Lemma 1, with the sign -i (the paper prints +i, which does not go
 * with its own transform; magnitudes are unaffected).
 */
import { UserError } from '../../../array/errors.ts';
import type { ComplexArray } from './complex.ts';
import { j0, j1 } from './edge-integral.ts';
import type { PiecewiseLinearNet } from './piecewise-linear-net.ts';
import { isSmallPhase, polygonIndicator, polygonMoments } from './polytope-transform.ts';
import { type LinearRegions1d, linearRegions1d } from './regions.ts';
import { type LinearRegion2d, linearRegions2d } from './regions2d.ts';

/** Where the transform is taken: an interval [a, b] for dim 1, a convex polygon [x0, y0, x1, y1, ..] for dim 2. */
export interface TransformDomain {
  readonly dim: 1 | 2;
  readonly domain: ArrayLike<number>;
  /** Give up beyond this many linear regions (default 2e6). */
  readonly maxRegions?: number;
}

/**
 * F(k) of a network over a bounded domain, exact up to round-off for every k (k = 0 included).
 *
 * @param net scalar piecewise-linear network R^dim -> R.
 * @param ks K x dim wave vectors, row-major, in rad per unit of x.
 * @returns K complex values. Where f does not vanish on the edge of the domain F decays as its jump there: 1/k, not 1/k^2.
 * @throws UserError for a bad network, domain or wave vector, or too many regions.
 */
export function networkFourierTransform(
  net: PiecewiseLinearNet,
  ks: Float64Array,
  { dim, domain, maxRegions }: TransformDomain,
): ComplexArray {
  if (ks.length % dim !== 0 || !ks.every(Number.isFinite))
    throw new UserError(
      `network transform: wave vectors must be finite points of R^${dim}; got ${ks.length} coordinates.`,
    );
  if (dim === 2) return transformRegions2d(linearRegions2d(net, domain, { maxRegions }), ks);
  if (domain.length !== 2)
    throw new UserError(`network transform: a 1-D domain is [a, b]; got ${domain.length} numbers.`);
  return transformRegions1d(linearRegions1d(net, domain[0], domain[1], { maxRegions }), ks);
}

/**
 * Bounded window in 1-D: with slopes s_j on [t_j, t_{j+1}],
 * F(k) = [f(b) e^{-ikb} - f(a) e^{-ika}] / (-ik) + 1/(ik) sum_j s_j [e^{-ik t_j} - e^{-ik t_{j+1}}] / (ik),
 * summed interval by interval as 2h e^{-ikc} [f_c j0(kh) - i s_j h j1(kh)], the same number without division by k.
 */
export function transformRegions1d(regions: LinearRegions1d, ks: ArrayLike<number>): ComplexArray {
  const { breakpoints, slopes, intercepts } = regions;
  const re = new Float64Array(ks.length);
  const im = new Float64Array(ks.length);
  for (let q = 0; q < ks.length; q++) {
    const k = ks[q];
    for (let j = 0; j < slopes.length; j++) {
      const c = (breakpoints[j] + breakpoints[j + 1]) / 2;
      const h = (breakpoints[j + 1] - breakpoints[j]) / 2;
      const even = 2 * h * (slopes[j] * c + intercepts[j]) * j0(k * h);
      const odd = 2 * h * slopes[j] * h * j1(k * h);
      const [cos, sin] = [Math.cos(k * c), Math.sin(k * c)];
      re[q] += even * cos - odd * sin;
      im[q] -= even * sin + odd * cos;
    }
  }
  return { re, im };
}

/**
 * Compact support in 1-D: F(k) = -(1/k^2) sum_j J_j exp(-i k t_j), J_j = slope right minus slope left of t_j, the ends of
 * the support included (slope 0 outside). This is Lemma 1 for d = 1.
 *
 * @param ks wave numbers, none 0.
 * @throws UserError if f does not vanish at both ends, or for k = 0.
 */
export function transformCompact1d(regions: LinearRegions1d, ks: ArrayLike<number>): ComplexArray {
  const { breakpoints, slopes, intercepts } = regions;
  const last = slopes.length - 1;
  const kinks = breakpoints.map((t, j) => slopes[Math.min(j, last)] * t + intercepts[Math.min(j, last)]);
  assertVanishes([kinks[0], kinks[last + 1]], kinks);
  const re = new Float64Array(ks.length);
  const im = new Float64Array(ks.length);
  for (let q = 0; q < ks.length; q++) {
    const k = ks[q];
    assertNotZero(k * k);
    for (let j = 0; j <= slopes.length; j++) {
      const jump = (j <= last ? slopes[j] : 0) - (j > 0 ? slopes[j - 1] : 0);
      re[q] -= (jump * Math.cos(k * breakpoints[j])) / (k * k);
      im[q] += (jump * Math.sin(k * breakpoints[j])) / (k * k);
    }
  }
  return { re, im };
}

/** Bounded polygon in 2-D: the divergence theorem on each region (module comment), edge integrals by j0 and j1. */
export function transformRegions2d(regions: readonly LinearRegion2d[], ks: Float64Array): ComplexArray {
  const re = new Float64Array(ks.length / 2);
  const im = new Float64Array(ks.length / 2);
  for (let q = 0; q < re.length; q++) {
    const [kx, ky] = [ks[2 * q], ks[2 * q + 1]];
    for (const region of regions) {
      const [a, b] = affineOnPolygon(region, kx, ky);
      re[q] += a;
      im[q] += b;
    }
  }
  return { re, im };
}

function affineOnPolygon(region: LinearRegion2d, kx: number, ky: number): readonly [number, number] {
  const { vertices, gradient, offset } = region;
  const [wx, wy] = gradient;
  if (wx === 0 && wy === 0 && offset === 0) return [0, 0];
  if (isSmallPhase(vertices, kx, ky)) return polygonMoments(vertices, kx, ky, (x, y) => wx * x + wy * y + offset);
  const k2 = kx * kx + ky * ky;
  const slope = (wx * kx + wy * ky) / k2;
  let [re, im] = [0, 0];
  for (let a = 0; a < vertices.length; a += 2) {
    const b = (a + 2) % vertices.length;
    const dx = vertices[b] - vertices[a];
    const dy = vertices[b + 1] - vertices[a + 1];
    const mx = (vertices[a] + vertices[b]) / 2;
    const my = (vertices[a + 1] + vertices[b + 1]) / 2;
    const kappaH = (kx * dx + ky * dy) / 2;
    const even = j0(kappaH);
    // i/|k|^2 l (k.N) e^{-ik.c} [ f_c j0 - i (slope j0 + g h j1) ]: first and second term of the divergence theorem at once.
    const weight = (kx * dy - ky * dx) / k2;
    const u = weight * (wx * mx + wy * my + offset) * even;
    const v = weight * (slope * even + ((wx * dx + wy * dy) / 2) * j1(kappaH));
    const phase = kx * mx + ky * my;
    const [cos, sin] = [Math.cos(phase), Math.sin(phase)];
    // i (cos - i sin)(u - i v)
    re += u * sin + v * cos;
    im += u * cos - v * sin;
  }
  return [re, im];
}

/**
 * Compact support in 2-D, Lemma 1 with Lemma 2: F(k) = -i sum_e (W_e . k) / |k|^2 I_{P_e}(k).
 *
 * @param domain the polygon that the regions tile, [x0, y0, x1, y1, ..].
 * @param ks K x 2 wave vectors, none 0.
 * @throws UserError if f does not vanish on the edge of the domain, or for k = 0.
 */
export function transformCompact2d(
  regions: readonly LinearRegion2d[],
  domain: ArrayLike<number>,
  ks: Float64Array,
): ComplexArray {
  const corners = regions.flatMap(cornerValues);
  // f is affine between the corners on the edge: it vanishes on the edge if and only if it does at those corners.
  assertVanishes(
    corners.filter(({ x, y }) => isOnEdge(domain, x, y)).map(({ f }) => f),
    corners.map(({ f }) => f),
  );
  const re = new Float64Array(ks.length / 2);
  const im = new Float64Array(ks.length / 2);
  for (let q = 0; q < re.length; q++) {
    const [kx, ky] = [ks[2 * q], ks[2 * q + 1]];
    const k2 = kx * kx + ky * ky;
    assertNotZero(k2);
    for (const { vertices, gradient } of regions) {
      const slope = (gradient[0] * kx + gradient[1] * ky) / k2;
      if (slope === 0) continue;
      const [a, b] = polygonIndicator(vertices, kx, ky);
      re[q] += slope * b;
      im[q] -= slope * a;
    }
  }
  return { re, im };
}

function assertNotZero(k2: number): void {
  if (k2 === 0)
    throw new UserError(
      'compact-support transform: k = 0 has no direction; use networkFourierTransform, which covers it.',
    );
}

function cornerValues({ vertices, gradient, offset }: LinearRegion2d): { x: number; y: number; f: number }[] {
  return Array.from({ length: vertices.length / 2 }, (_, v) => {
    const [x, y] = [vertices[2 * v], vertices[2 * v + 1]];
    return { x, y, f: gradient[0] * x + gradient[1] * y + offset };
  });
}

function isOnEdge(polygon: ArrayLike<number>, x: number, y: number): boolean {
  for (let a = 0; a < polygon.length; a += 2) {
    const b = (a + 2) % polygon.length;
    const [dx, dy] = [polygon[b] - polygon[a], polygon[b + 1] - polygon[a + 1]];
    if (Math.abs(dx * (y - polygon[a + 1]) - dy * (x - polygon[a])) <= 1e-9 * (dx * dx + dy * dy)) return true;
  }
  return false;
}

function assertVanishes(edgeValues: ArrayLike<number>, allValues: ArrayLike<number>): void {
  const [worst, largest] = [largestMagnitude(edgeValues), largestMagnitude(allValues)];
  if (worst > 1e-9 * largest)
    throw new UserError(
      `compact-support transform: |f| reaches ${worst} on the edge of the domain (${largest} inside), and must vanish there; ` +
        'use networkFourierTransform, which keeps the boundary term.',
    );
}

function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}
