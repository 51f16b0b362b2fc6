import { describe, expect, it } from 'vitest';
import { heNet, pyramidNet } from './compact-nets.ts';
import { normals, uniforms } from './normals.fixture.ts';
import { evaluate, type PiecewiseLinearNet } from './piecewise-linear-net.ts';
import { type LinearRegions1d, linearRegions1d, linearRegionsOnSegment } from './regions.ts';

function valueAt({ breakpoints, slopes, intercepts }: LinearRegions1d, t: number): number {
  let j = 0;
  while (j < slopes.length - 1 && t > breakpoints[j + 1]) j++;
  return slopes[j] * t + intercepts[j];
}

/** Number of kinks the slow way: second differences of the forward pass on a fine grid, runs of non-zero counted once. */
function countKinks(net: PiecewiseLinearNet, a: number, b: number, points: number): number {
  const h = (b - a) / points;
  const y = evaluate(
    net,
    Float64Array.from({ length: points + 1 }, (_, j) => a + j * h),
  );
  let count = 0;
  let inside = false;
  for (let j = 1; j < points; j++) {
    const kink = Math.abs(y[j - 1] - 2 * y[j] + y[j + 1]) > 1e-11;
    if (kink && !inside) count++;
    inside = kink;
  }
  return count;
}

describe('linearRegions1d', () => {
  it.each(['relu', 'leaky-relu', 'abs'])(
    'equals the forward pass of a %s network at 1000 random points',
    (activation) => {
      for (let seed = 1; seed <= 5; seed++) {
        const net = heNet([1, 12, 12, 12, 1], normals(seed), { activation });
        const regions = linearRegions1d(net, -3, 2);
        const uniform = uniforms(seed);
        const t = Float64Array.from({ length: 1000 }, () => -3 + 5 * uniform());
        const y = evaluate(net, t);
        const scale = y.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
        for (let p = 0; p < 1000; p++) expect(Math.abs(valueAt(regions, t[p]) - y[p])).toBeLessThan(1e-9 * scale);
      }
    },
  );

  it('finds exactly the kinks that a fine grid sees', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const net = heNet([1, 6, 6, 1], normals(seed));
      expect(linearRegions1d(net, -2, 2).slopes.length - 1).toBe(countKinks(net, -2, 2, 200_000));
    }
  });

  it('is ordered, continuous, and has no equal neighbours', () => {
    const { breakpoints, slopes, intercepts } = linearRegions1d(heNet([1, 32, 32, 1], normals(3)), -1, 1);
    expect([breakpoints[0], breakpoints[slopes.length]]).toEqual([-1, 1]);
    for (let j = 1; j < slopes.length; j++) {
      expect(breakpoints[j]).toBeGreaterThan(breakpoints[j - 1]);
      expect(slopes[j]).not.toBe(slopes[j - 1]);
      const [left, right] = [j - 1, j].map((i) => slopes[i] * breakpoints[j] + intercepts[i]);
      expect(right).toBeCloseTo(left, 10);
    }
  });

  it('gives the tent', () => {
    const { breakpoints, slopes, intercepts } = linearRegions1d(pyramidNet(1), -2, 2);
    expect(Array.from(breakpoints, (t) => t + 0)).toEqual([-2, -1, 0, 1, 2]);
    expect(Array.from(slopes)).toEqual([0, 1, -1, 0]);
    expect(Array.from(intercepts)).toEqual([0, 1, 1, 0]);
  });

  it('refuses smooth layers, empty intervals, wrong inputs and too many regions', () => {
    const net = heNet([1, 8, 1], normals(1));
    const smooth = { layers: [net.layers[0], { ...net.layers[1], activation: 'tanh' }] };
    expect(() => linearRegions1d(smooth, 0, 1)).toThrow("layer 1 has activation 'tanh'");
    expect(() => linearRegions1d(net, 1, 1)).toThrow('must be finite with a < b');
    expect(() => linearRegions1d(heNet([2, 3, 1], normals(1)), 0, 1)).toThrow('takes 2 inputs');
    expect(() => linearRegions1d(net, -9, 9, { maxRegions: 2 })).toThrow('more than maxRegions = 2');
  });
});

describe('linearRegionsOnSegment', () => {
  it('equals the forward pass along a segment of R^5', () => {
    const net = heNet([5, 10, 10, 1], normals(7), { activation: 'leaky-relu' });
    const normal = normals(8);
    const [x0, x1] = [0, 1].map(() => Float64Array.from({ length: 5 }, normal));
    const regions = linearRegionsOnSegment(net, x0, x1);
    const uniform = uniforms(9);
    for (let p = 0; p < 200; p++) {
      const t = uniform();
      const [y] = evaluate(
        net,
        x0.map((v, i) => v + t * (x1[i] - v)),
      );
      expect(valueAt(regions, t)).toBeCloseTo(y, 10);
    }
  });

  it('refuses a segment without length or of unequal dimension', () => {
    const net = heNet([2, 3, 1], normals(1));
    expect(() => linearRegionsOnSegment(net, [0, 1], [0, 1])).toThrow('two different finite end points');
    expect(() => linearRegionsOnSegment(net, [0, 1], [0])).toThrow('two different finite end points');
  });
});
