/**
 * The facets of a network R^2 -> R: the edges across which its gradient jumps. Along their normals the spectrum decays as
 * k^-2 only, in all other directions as k^-3 (arXiv 1806.08734, Theorem 1: the sets H_1 and H_2), but a direction near a
 * strong normal shows k^-3 only for k >> 1 / (facet length x angle).
 */
import { evaluate, type PiecewiseLinearNet } from './piecewise-linear-net.ts';
import type { LinearRegion2d } from './regions2d.ts';

export interface Facet {
  /** Angle of its normal, in [0, pi). */
  readonly normalAngle: number;
  readonly length: number;
  /** |jump of the derivative along the normal|. */
  readonly jump: number;
}

/** Distance from the edge, relative to its length, at which the slopes on both sides are read. */
const PROBE = 1e-5;

/** Edges of the regions with their gradient jumps (an inner edge once from each side); those without a jump are left out. */
export function facets(net: PiecewiseLinearNet, regions: readonly LinearRegion2d[]): Facet[] {
  const edges = regions.flatMap(({ vertices }) =>
    Array.from({ length: vertices.length / 2 }, (_, v) => {
      const [a, b] = [2 * v, (2 * v + 2) % vertices.length];
      const [dx, dy] = [vertices[b] - vertices[a], vertices[b + 1] - vertices[a + 1]];
      return { x: (vertices[a] + vertices[b]) / 2, y: (vertices[a + 1] + vertices[b + 1]) / 2, dx, dy };
    }),
  );
  // (dy, -dx) is the edge turned to its normal, with the edge's length.
  const probes = edges.flatMap(({ x, y, dx, dy }) => [-PROBE, 0, PROBE].flatMap((t) => [x + t * dy, y - t * dx]));
  const f = evaluate(net, Float64Array.from(probes));
  const found = edges.map(({ dx, dy }, e): Facet => {
    const length = Math.hypot(dx, dy);
    const jump = Math.abs(f[3 * e] - 2 * f[3 * e + 1] + f[3 * e + 2]) / (PROBE * length);
    return { normalAngle: (Math.atan2(-dx, dy) + 2 * Math.PI) % Math.PI, length, jump };
  });
  const largest = found.reduce((max, { jump }) => Math.max(max, jump), 0);
  return found.filter(({ jump }) => jump > 1e-6 * largest);
}

/** The `count` normals with the largest sum of length x jump (the numerator of k^-2), strongest first. */
export function strongestNormals(found: readonly Facet[], count: number): number[] {
  const groups: { angle: number; strength: number }[] = [];
  for (const { normalAngle, length, jump } of found) {
    const group = groups.find(({ angle }) => angularDistance(angle, normalAngle) < 1e-6);
    if (group) group.strength += length * jump;
    else groups.push({ angle: normalAngle, strength: length * jump });
  }
  return groups
    .sort((a, b) => b.strength - a.strength)
    .slice(0, count)
    .map(({ angle }) => angle);
}

/**
 * The direction in which k^-3 sets in earliest: of 720 it has the smallest sum over facets of jump x min(length, 2 / (k delta)),
 * delta being the sine of the angle to the normal: the largest that |sinc| lets a facet contribute to k^2 |F(k)|.
 */
export function mostGenericDirection(found: readonly Facet[], k: number): number {
  let best = { angle: 0, sum: Number.POSITIVE_INFINITY };
  for (let step = 0; step < 720; step++) {
    const angle = ((step + 0.5) / 720) * Math.PI;
    const sum = found.reduce((total, { normalAngle, length, jump }) => {
      const delta = Math.sin(angularDistance(angle, normalAngle));
      return total + jump * Math.min(length, 2 / (k * delta));
    }, 0);
    if (sum < best.sum) best = { angle, sum };
  }
  return best.angle;
}

/** Distance of two undirected angles, in [0, pi / 2]. */
function angularDistance(a: number, b: number): number {
  const difference = Math.abs(a - b) % Math.PI;
  return Math.min(difference, Math.PI - difference);
}
