/** Convex polygons in the plane as flat vertex lists [x0, y0, x1, y1, ..], counterclockwise; and cutting them by a line. */
import { UserError } from '../../../array/errors.ts';

/** Twice the signed area (shoelace); positive when the vertices run counterclockwise. */
export function twiceSignedArea(vertices: ArrayLike<number>): number {
  const n = vertices.length;
  let sum = 0;
  // Relative to the first vertex: no cancellation for a small polygon far from the origin.
  for (let i = 2; i + 3 < n; i += 2)
    sum +=
      (vertices[i] - vertices[0]) * (vertices[i + 3] - vertices[1]) -
      (vertices[i + 2] - vertices[0]) * (vertices[i + 1] - vertices[1]);
  return sum;
}

/** Mean of the vertices (inside, for a convex polygon). */
export function vertexMean(vertices: ArrayLike<number>): readonly [number, number] {
  let x = 0;
  let y = 0;
  for (let i = 0; i < vertices.length; i += 2) {
    x += vertices[i];
    y += vertices[i + 1];
  }
  return [(2 * x) / vertices.length, (2 * y) / vertices.length];
}

/**
 * The polygon with vertices counterclockwise.
 *
 * @throws UserError for fewer than three vertices, coordinates that are not finite, zero area, or a reflex corner.
 */
export function counterclockwiseConvex(polygon: ArrayLike<number>): Float64Array {
  const n = polygon.length / 2;
  if (!Number.isInteger(n) || n < 3)
    throw new UserError(
      `polygon: got ${polygon.length} coordinates; give at least 3 vertices as [x0, y0, x1, y1, ..].`,
    );
  const area = twiceSignedArea(polygon);
  if (!Number.isFinite(area) || area === 0)
    throw new UserError(`polygon: its area is ${area / 2}; give finite vertices that do not lie on one line.`);
  const order = Array.from({ length: n }, (_, i) => (area > 0 ? i : n - 1 - i));
  const vertices = Float64Array.from(order.flatMap((i) => [polygon[2 * i], polygon[2 * i + 1]]));
  for (let i = 0; i < n; i++) {
    const [p, q, r] = [i, (i + 1) % n, (i + 2) % n].map((j) => [vertices[2 * j], vertices[2 * j + 1]]);
    const turn = (q[0] - p[0]) * (r[1] - q[1]) - (q[1] - p[1]) * (r[0] - q[0]);
    if (turn < -1e-12 * Math.abs(area))
      throw new UserError(
        `polygon: corner (${q[0]}, ${q[1]}) is reflex; give a convex polygon (cut it into convex parts).`,
      );
  }
  return vertices;
}

/**
 * The parts of a convex polygon on both sides of the line wx x + wy y + c = 0: [where negative, where positive].
 * A side is null when the polygon does not reach beyond `tolerance` (in the unit of the form) on that side.
 */
export function cutPolygon(
  vertices: Float64Array,
  wx: number,
  wy: number,
  c: number,
  tolerance: number,
): readonly [Float64Array | null, Float64Array | null] {
  const n = vertices.length / 2;
  let below = false;
  let above = false;
  for (let i = 0; i < n; i++) {
    const value = wx * vertices[2 * i] + wy * vertices[2 * i + 1] + c;
    below ||= value < -tolerance;
    above ||= value > tolerance;
  }
  if (!above) return [vertices, null];
  if (!below) return [null, vertices];
  const negative: number[] = [];
  const positive: number[] = [];
  for (let i = 0; i < n; i++) {
    const [px, py] = [vertices[2 * i], vertices[2 * i + 1]];
    const j = (i + 1) % n;
    const [qx, qy] = [vertices[2 * j], vertices[2 * j + 1]];
    const u = wx * px + wy * py + c;
    const v = wx * qx + wy * qy + c;
    if (u <= tolerance) negative.push(px, py);
    if (u >= -tolerance) positive.push(px, py);
    if ((u < -tolerance && v > tolerance) || (u > tolerance && v < -tolerance)) {
      const t = u / (u - v);
      const [x, y] = [px + t * (qx - px), py + t * (qy - py)];
      negative.push(x, y);
      positive.push(x, y);
    }
  }
  return [Float64Array.from(negative), Float64Array.from(positive)];
}
