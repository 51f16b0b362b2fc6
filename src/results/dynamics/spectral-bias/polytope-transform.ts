/**
 * Fourier transform of the indicator of a polytope, I_P(k) = integral_P exp(-i k.x) dx, through the recursion over faces
 * of arXiv 1806.08734, Lemma 2 (after Diaz, Le & Robins 2016). For an m-dimensional P with facets G, outward unit normals
 * N_P(G) inside the affine hull of P, and p = k without its part orthogonal to P:
 *
 *   p = 0:  I_P(k) = vol_m(P) exp(-i k.x0)          p != 0:  I_P(k) = i sum_G (p . N_P(G)) / |p|^2  I_G(k)
 *
 * The second line divides a cancelling sum by |p|^2: where |p| times the size of P is below 1 we sum a Taylor series
 * instead, of which the first line is the first term.
 */
import { UserError } from '../../../array/errors.ts';
import type { ComplexArray } from './complex.ts';
import { twiceSignedArea, vertexMean } from './convex-polygon.ts';
import { j0 } from './edge-integral.ts';
import { phaseSeries, rotate, SERIES_LIMIT } from './phase-series.ts';
import { simplexIndicator } from './simplex-transform.ts';

/**
 * I_P(k) of a polygon in the plane (any simple polygon, vertices in order, either orientation), or of a simplex in any
 * dimension: d + 1 or fewer vertices in R^d (fewer: a face, whose transform is over its own m-dimensional volume).
 *
 * @param vertices V x d, row-major. In the plane three or more vertices are a polygon.
 * @param k K x d wave vectors, row-major, in rad per unit of x.
 * @param d dimension of the space.
 * @returns K complex values; unit: the volume's.
 * @throws UserError for sizes that do not fit, coordinates that are not finite, or a polytope that is neither a polygon
 *   nor a simplex.
 */
export function polytopeFourierTransform(vertices: Float64Array, k: Float64Array, d: number): ComplexArray {
  const V = vertices.length / d;
  if (!Number.isInteger(V) || V < 1 || k.length % d !== 0)
    throw new UserError(
      `polytope transform: ${vertices.length} vertex and ${k.length} wave-vector coordinates are not whole points of R^${d}.`,
    );
  if (!vertices.every(Number.isFinite) || !k.every(Number.isFinite))
    throw new UserError('polytope transform: a vertex or a wave vector is NaN or infinite.');
  const polygon = d === 2 && V >= 3;
  if (!polygon && V > d + 1)
    throw new UserError(
      `polytope transform: ${V} vertices in R^${d} are no simplex (at most ${d + 1}); cut the polytope into simplices and add.`,
    );
  const points = Array.from({ length: V }, (_, v) => vertices.subarray(v * d, (v + 1) * d));
  const re = new Float64Array(k.length / d);
  const im = new Float64Array(k.length / d);
  for (let q = 0; q < re.length; q++) {
    const wave = k.subarray(q * d, (q + 1) * d);
    [re[q], im[q]] = polygon ? polygonIndicator(vertices, wave[0], wave[1]) : simplexIndicator(points, wave);
  }
  return { re, im };
}

/**
 * The recursion worked out in the plane (edges p -> q of length l, midpoint c, tangent tau, outward normal N):
 * I_P(k) = i sum_edges (k.N) / |k|^2  l exp(-i k.c) sinc(k.tau l / 2).
 */
export function polygonIndicator(vertices: ArrayLike<number>, kx: number, ky: number): readonly [number, number] {
  const n = vertices.length;
  if (isSmallPhase(vertices, kx, ky)) return polygonMoments(vertices, kx, ky, () => 1);
  const orientation = Math.sign(twiceSignedArea(vertices));
  let re = 0;
  let im = 0;
  for (let a = 0; a < n; a += 2) {
    const b = (a + 2) % n;
    const dx = vertices[b] - vertices[a];
    const dy = vertices[b + 1] - vertices[a + 1];
    const midphase = (kx * (vertices[a] + vertices[b]) + ky * (vertices[a + 1] + vertices[b + 1])) / 2;
    // (dx, dy) = l tau and, counterclockwise, (dy, -dx) = l N.
    const face = (kx * dy - ky * dx) * j0((kx * dx + ky * dy) / 2);
    re += face * Math.sin(midphase);
    im += face * Math.cos(midphase);
  }
  const scale = orientation / (kx * kx + ky * ky);
  return [scale * re, scale * im];
}

/** Is |k . (v - centre)| below the series limit for all vertices v? */
export function isSmallPhase(vertices: ArrayLike<number>, kx: number, ky: number): boolean {
  const [cx, cy] = vertexMean(vertices);
  for (let v = 0; v < vertices.length; v += 2)
    if (Math.abs(kx * (vertices[v] - cx) + ky * (vertices[v + 1] - cy)) > SERIES_LIMIT) return false;
  return true;
}

/**
 * integral over the polygon of f(x) exp(-i k.x), f affine, for k small against 1 / size: a fan of triangles from the
 * first vertex, the Taylor series on each. Areas are taken positive in total, whatever the orientation.
 */
export function polygonMoments(
  vertices: ArrayLike<number>,
  kx: number,
  ky: number,
  f: (x: number, y: number) => number,
): readonly [number, number] {
  const [cx, cy] = vertexMean(vertices);
  const corner = (v: number) => ({
    value: f(vertices[v], vertices[v + 1]),
    phase: kx * (vertices[v] - cx) + ky * (vertices[v + 1] - cy),
  });
  const apex = corner(0);
  let [re, im] = [0, 0];
  for (let v = 2; v + 3 < vertices.length; v += 2) {
    const corners = [apex, corner(v), corner(v + 2)];
    const area =
      ((vertices[v] - vertices[0]) * (vertices[v + 3] - vertices[1]) -
        (vertices[v + 2] - vertices[0]) * (vertices[v + 1] - vertices[1])) /
      2;
    const phases = corners.map(({ phase }) => phase);
    for (const { value, phase } of corners) {
      // f = sum_j f_j lambda_j, and the barycentric weight lambda_j doubles the node y_j (see `phaseSeries`).
      const [a, b] = phaseSeries([...phases, phase]);
      re += 2 * area * value * a;
      im += 2 * area * value * b;
    }
  }
  return rotate(re, im, kx * cx + ky * cy, Math.sign(twiceSignedArea(vertices)));
}
