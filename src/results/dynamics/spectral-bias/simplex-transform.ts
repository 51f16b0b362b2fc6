/**
 * Fourier transform of a simplex in any dimension by the recursion over faces of arXiv 1806.08734, Lemma 2 (the formula
 * is in `polytope-transform.ts`), down to the vertices. m! terms for an m-simplex.
 */
import { phaseSeries, rotate, SERIES_LIMIT } from './phase-series.ts';

/** I_P(k) of the simplex with the given vertices. */
export function simplexIndicator(vertices: readonly Float64Array[], k: Float64Array): readonly [number, number] {
  const centre = k.map((_, i) => vertices.reduce((sum, v) => sum + v[i], 0) / vertices.length);
  const phases = vertices.map((v) => dot(k, v) - dot(k, centre));
  if (phases.every((y) => Math.abs(y) <= SERIES_LIMIT)) {
    const [re, im] = phaseSeries(phases);
    return rotate(re, im, dot(k, centre), volumeTimesFactorial(vertices));
  }
  const p = projection(k, orthonormalBasis(vertices));
  let [re, im] = [0, 0];
  for (let j = 0; j < vertices.length; j++) {
    const facet = vertices.filter((_, v) => v !== j);
    const normal = outwardNormal(facet, vertices[j]);
    if (normal === null) return [0, 0];
    const [a, b] = simplexIndicator(facet, k);
    const weight = dot(p, normal) / dot(p, p);
    re -= weight * b;
    im += weight * a;
  }
  return [re, im];
}

/** m! vol_m = product of the heights in the Gram-Schmidt order. */
function volumeTimesFactorial(vertices: readonly Float64Array[]): number {
  let product = 1;
  const basis: Float64Array[] = [];
  for (const v of vertices.slice(1)) {
    const height = rejection(
      v.map((x, i) => x - vertices[0][i]),
      basis,
    );
    const length = Math.hypot(...height);
    product *= length;
    if (length > 0) basis.push(height.map((x) => x / length));
  }
  return product;
}

/** Unit normal of the facet, in the hull of facet and apex, pointing away from the apex; null if the apex lies on it. */
function outwardNormal(facet: readonly Float64Array[], apex: Float64Array): Float64Array | null {
  const toFacet = apex.map((x, i) => facet[0][i] - x);
  const height = rejection(toFacet, orthonormalBasis(facet));
  const length = Math.hypot(...height);
  return length <= 1e-14 * Math.hypot(...toFacet) ? null : height.map((x) => x / length);
}

/** Orthonormal basis of the directions of an affine hull (modified Gram-Schmidt; edges that add nothing are left out). */
function orthonormalBasis(vertices: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const v of vertices.slice(1)) {
    const edge = v.map((x, i) => x - vertices[0][i]);
    const rest = rejection(edge, basis);
    const length = Math.hypot(...rest);
    if (length > 1e-14 * Math.hypot(...edge)) basis.push(rest.map((x) => x / length));
  }
  return basis;
}

function projection(v: Float64Array, basis: readonly Float64Array[]): Float64Array {
  const result = new Float64Array(v.length);
  for (const e of basis) {
    const along = dot(v, e);
    for (let i = 0; i < v.length; i++) result[i] += along * e[i];
  }
  return result;
}

/** v without its part in the span of the basis; twice, so that a nearly dependent v keeps its digits. */
function rejection(v: Float64Array, basis: readonly Float64Array[]): Float64Array {
  const result = v.slice();
  for (let pass = 0; pass < 2; pass++)
    for (const e of basis) {
      const along = dot(result, e);
      for (let i = 0; i < v.length; i++) result[i] -= along * e[i];
    }
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
