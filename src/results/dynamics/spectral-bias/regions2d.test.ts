import { describe, expect, it } from 'vitest';
import { heNet, pyramidNet } from './compact-nets.ts';
import { twiceSignedArea, vertexMean } from './convex-polygon.ts';
import { normals } from './normals.fixture.ts';
import { evaluate } from './piecewise-linear-net.ts';
import { linearRegions1d, linearRegionsOnSegment } from './regions.ts';
import { linearRegions2d } from './regions2d.ts';

const SQUARE = [-1, -1, 1, -1, 1, 1, -1, 1];

describe('linearRegions2d', () => {
  it.each(['relu', 'leaky-relu', 'abs'])('tiles the polygon and equals the forward pass with %s', (activation) => {
    const net = heNet([2, 10, 10, 1], normals(1), { activation });
    const pentagon = [-2, -1, 0, -2, 2, 0, 1, 2, -1, 1];
    const regions = linearRegions2d(net, pentagon);
    const area = regions.reduce((sum, { vertices }) => sum + twiceSignedArea(vertices), 0);
    expect(area).toBeCloseTo(twiceSignedArea(pentagon), 10);
    for (const { vertices, gradient, offset } of regions) {
      expect(twiceSignedArea(vertices)).toBeGreaterThan(0);
      // At the centre, and halfway from it to every corner.
      const [cx, cy] = vertexMean(vertices);
      const probes = Array.from(vertices, (v, i) => (v + (i % 2 ? cy : cx)) / 2);
      const y = evaluate(net, Float64Array.of(cx, cy, ...probes));
      [cx, cy, ...probes].forEach((x, i, all) => {
        if (i % 2 === 0) expect(gradient[0] * x + gradient[1] * all[i + 1] + offset).toBeCloseTo(y[i / 2], 9);
      });
    }
  });

  it('counts the cells of a line arrangement: 1 + lines + crossings (one hidden layer, Zaslavsky)', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const net = heNet([2, 9, 1], normals(seed));
      const { weight, bias } = net.layers[0];
      const inSquare = (x: number, y: number) => Math.abs(x) < 1 && Math.abs(y) < 1;
      const lines = Array.from({ length: 9 }, (_, o) => [weight[o], weight[9 + o], bias[o]]);
      const crossing = lines.filter(([a, b, c]) => Math.abs(c) < Math.abs(a) + Math.abs(b)).length;
      let crossings = 0;
      for (let i = 0; i < 9; i++)
        for (let j = 0; j < i; j++) {
          const [[a, b, c], [p, q, r]] = [lines[i], lines[j]];
          const det = a * q - b * p;
          if (inSquare((b * r - c * q) / det, (c * p - a * r) / det)) crossings++;
        }
      expect(linearRegions2d(net, SQUARE).length).toBe(1 + crossing + crossings);
    }
  });

  it('agrees with the regions along a line through it', () => {
    const net = heNet([2, 8, 8, 1], normals(4));
    const along = linearRegionsOnSegment(net, [-1, -0.3], [1, 0.4]);
    const regions = linearRegions2d(net, SQUARE);
    for (let j = 0; j < along.slopes.length; j++) {
      const t = (along.breakpoints[j] + along.breakpoints[j + 1]) / 2;
      const [x, y] = [-1 + 2 * t, -0.3 + 0.7 * t];
      const here = regions.find(({ vertices }) => contains(vertices, x, y));
      expect(here && 2 * here.gradient[0] + 0.7 * here.gradient[1]).toBeCloseTo(along.slopes[j], 10);
    }
  });

  it('takes clockwise polygons, and gives the pyramid', () => {
    const clockwise = [-1, 1, 1, 1, 1, -1, -1, -1];
    for (const { vertices, gradient, offset } of linearRegions2d(pyramidNet(2), clockwise)) {
      const [x, y] = vertexMean(vertices);
      expect(gradient[0] * x + gradient[1] * y + offset).toBeCloseTo(1 - Math.max(Math.abs(x), Math.abs(y)), 12);
    }
  });

  it('refuses smooth layers, bad polygons, wrong inputs and too many regions', () => {
    const net = heNet([2, 8, 1], normals(1));
    const smooth = heNet([2, 8, 1], normals(1), { activation: 'sigmoid' });
    expect(() => linearRegions2d(smooth, SQUARE)).toThrow("layer 0 has activation 'sigmoid'");
    expect(() => linearRegions2d(net, [0, 0, 1, 1])).toThrow('at least 3 vertices');
    expect(() => linearRegions2d(net, [0, 0, 1, 1, 2, 2])).toThrow('do not lie on one line');
    expect(() => linearRegions2d(net, [0, 0, 2, 0, 0.5, 0.5, 0, 2])).toThrow('corner (0.5, 0.5) is reflex');
    expect(() => linearRegions2d(heNet([1, 3, 1], normals(1)), SQUARE)).toThrow('takes 1 inputs');
    expect(() => linearRegions2d(net, SQUARE, { maxRegions: 3 })).toThrow('more than maxRegions = 3');
    expect(() => linearRegions1d(net, 0, 1)).toThrow('takes 2 inputs');
  });
});

function contains(vertices: Float64Array, x: number, y: number): boolean {
  for (let a = 0; a < vertices.length; a += 2) {
    const b = (a + 2) % vertices.length;
    const [dx, dy] = [vertices[b] - vertices[a], vertices[b + 1] - vertices[a + 1]];
    if (dx * (y - vertices[a + 1]) - dy * (x - vertices[a]) < 0) return false;
  }
  return true;
}
