import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normals } from './normals.fixture.ts';
import { polytopeFourierTransform } from './polytope-transform.ts';

type Pair = readonly [number, number];

function transform(vertices: readonly number[], k: readonly number[]): Pair {
  const { re, im } = polytopeFourierTransform(Float64Array.from(vertices), Float64Array.from(k), k.length);
  return [re[0], im[0]];
}

/** Nodes and weights of Gauss and Legendre on [0, 1] by Newton's iteration. */
function gauss(n: number): { x: number; w: number }[] {
  return Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let step = 0; step < 50; step++) {
      let [p, q] = [1, 0];
      for (let j = 1; j <= n; j++) [p, q] = [((2 * j - 1) * x * p - (j - 1) * q) / j, p];
      slope = (n * (x * p - q)) / (x * x - 1);
      x -= p / slope;
    }
    return { x: (1 + x) / 2, w: 1 / ((1 - x * x) * slope * slope) };
  });
}

/** integral over a simplex of exp(-i k.x) by collapsed Gauss quadrature: x = v0 + a (v1 - v0 + b (v2 - v1 + c (v3 - v2))). */
function simplexQuadrature(
  vertices: readonly (readonly number[])[],
  k: readonly number[],
  volumeTimesFactorial: number,
): Pair {
  const rule = gauss(24);
  const m = vertices.length - 1;
  let [re, im] = [0, 0];
  const visit = (depth: number, point: readonly number[], reach: number, weight: number): void => {
    if (depth === m) {
      const phase = point.reduce((sum, x, i) => sum + k[i] * x, 0);
      re += weight * Math.cos(phase);
      im -= weight * Math.sin(phase);
      return;
    }
    for (const { x, w } of rule) {
      const t = reach * x;
      const next = point.map((v, i) => v + t * (vertices[depth + 1][i] - vertices[depth][i]));
      visit(depth + 1, next, t, weight * w * reach);
    }
  };
  visit(0, vertices[0], 1, volumeTimesFactorial);
  return [re, im];
}

function expectClose(actual: Pair, expected: Pair, tolerance: number): void {
  expect(Math.hypot(actual[0] - expected[0], actual[1] - expected[1])).toBeLessThan(tolerance);
}

describe('polytopeFourierTransform in the plane', () => {
  const box = (a: number, b: number, k: number): Pair =>
    k === 0 ? [b - a, 0] : [(Math.sin(k * b) - Math.sin(k * a)) / k, (Math.cos(k * b) - Math.cos(k * a)) / k];

  it('is the product of two intervals for a rectangle, k = 0, axes and large k included, either orientation', () => {
    for (const k of [
      [0, 0],
      [3, 0],
      [0, -2],
      [1e-3, 2e-3],
      [0.4, 0.7],
      [17, -23],
      [400, 0.01],
    ] as const) {
      // biome-ignore format: vectors
      const [[a, b], [c, d]] = [box(-1, 0.5, k[0]), box(2, 3, k[1])];
      const expected: Pair = [a * c - b * d, a * d + b * c];
      expectClose(transform([-1, 2, 0.5, 2, 0.5, 3, -1, 3], k), expected, 1e-13);
      expectClose(transform([-1, 3, 0.5, 3, 0.5, 2, -1, 2], k), expected, 1e-13);
    }
  });

  it('equals quadrature on triangles, from far below to far above the wavelength', () => {
    const coordinate = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(
        fc.tuple(coordinate, coordinate, coordinate, coordinate, coordinate, coordinate),
        fc.tuple(coordinate, coordinate),
        fc.constantFrom(1e-4, 0.1, 1, 6),
        (v, direction, scale) => {
          const k = direction.map((x) => scale * x);
          const jacobian = (v[2] - v[0]) * (v[5] - v[1]) - (v[4] - v[0]) * (v[3] - v[1]);
          fc.pre(Math.abs(jacobian) > 1e-3);
          const corners = [v.slice(0, 2), v.slice(2, 4), v.slice(4)];
          expectClose(transform(v, k), simplexQuadrature(corners, k, Math.abs(jacobian)), 1e-11);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('adds: an L-shaped polygon is the sum of its convex parts', () => {
    const k = [2.5, -4];
    const whole = transform([0, 0, 2, 0, 2, 1, 1, 1, 1, 2, 0, 2], k);
    const [a, b] = [transform([0, 0, 2, 0, 2, 1, 0, 1], k), transform([0, 1, 1, 1, 1, 2, 0, 2], k)];
    expectClose(whole, [a[0] + b[0], a[1] + b[1]], 1e-14);
  });
});

describe('polytopeFourierTransform of simplices', () => {
  it('equals quadrature on tetrahedra and on triangles in space', () => {
    const normal = normals(5);
    for (const scale of [0, 1e-3, 0.3, 1, 4]) {
      const k = Array.from({ length: 3 }, () => scale * normal());
      const v = Array.from({ length: 4 }, () => Array.from({ length: 3 }, normal));
      const [a, b, c] = [1, 2, 3].map((j) => v[j].map((x, i) => x - v[0][i]));
      const cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
      const volume = Math.abs(cross.reduce((sum, x, i) => sum + x * c[i], 0));
      expectClose(transform(v.flat(), k), simplexQuadrature(v, k, volume), 1e-11);
      const triangle = v.slice(0, 3);
      expectClose(transform(triangle.flat(), k), simplexQuadrature(triangle, k, Math.hypot(...cross)), 1e-11);
    }
  });

  it('sums to the box over the six simplices of a cube, also where k is normal to faces', () => {
    const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]; // biome-ignore format: permutations
    const unit = (k: number): Pair => (k === 0 ? [1, 0] : [Math.sin(k) / k, (Math.cos(k) - 1) / k]);
    for (const k of [
      [0, 0, 5],
      [3, 3, 0],
      [1, 2, 3],
      [30, -7, 0.2],
    ]) {
      // biome-ignore format: vectors
      let [re, im] = [0, 0];
      for (const order of orders) {
        // From the origin, one axis after the other is switched to 1.
        const vertices = [0, 1, 2, 3].flatMap((n) => [0, 1, 2].map((axis) => (order.indexOf(axis) < n ? 1 : 0)));
        const [a, b] = transform(vertices, k);
        re += a;
        im += b;
      }
      const expected = k.map(unit).reduce(([a, b], [c, d]) => [a * c - b * d, a * d + b * c] as const);
      expectClose([re, im], expected, 1e-12);
    }
  });

  it('agrees with the polygon form, is exp(-ik.x) at a point, length at p = 0, and 0 for a flat simplex', () => {
    const k = [3, -1];
    expectClose(transform([0.5, 2], k), [Math.cos(0.5), Math.sin(0.5)], 1e-15);
    // k orthogonal to the segment: p = 0, volume times a constant phase.
    expectClose(transform([0, 0, 1, 3], k), [Math.hypot(1, 3), 0], 1e-14);
    expectClose(transform([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], [5, 6, 8]), [0, 0], 1e-15);
  });

  it('refuses what is neither polygon nor simplex, sizes that do not fit, and NaN', () => {
    expect(() => transform(new Array(15).fill(0), [1, 0, 0])).toThrow('5 vertices in R^3 are no simplex (at most 4)');
    expect(() => transform([0, 0, 1], [1, 0])).toThrow('not whole points of R^2');
    expect(() => transform([0, Number.NaN], [1, 0])).toThrow('NaN or infinite');
  });
});
