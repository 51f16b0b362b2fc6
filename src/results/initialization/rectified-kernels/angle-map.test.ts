import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  angleCollapse,
  angleOfGap,
  depthForCollapse,
  nextGap,
  pairwiseCosines,
  preservingVariance,
  slopeForDepth,
} from './angle-map.ts';
import { shrinkage } from './rectifier-kernel.ts';

/** The normalised kernel as printed. */
const g = (rho: number, a: number) =>
  (((1 - a) ** 2 / Math.PI) * (Math.sqrt(1 - rho * rho) + (Math.PI - Math.acos(rho)) * rho) + 2 * a * rho) /
  (1 + a * a);

describe('angleCollapse', () => {
  test.each([
    [0, [0.31831, 0.493731, 0.680954, 0.834416, 0.929456, 0.992066, 0.999385]],
    [0.2, [0.195883, 0.335265, 0.519086, 0.709873, 0.85814, 0.980927, 0.998419]],
  ])('from a right angle, slope %f', (slope, expected) => {
    const { rho, theta, gap } = angleCollapse({ rho0: 0, slope, depth: 256 });
    [1, 2, 4, 8, 16, 64, 256].forEach((layer, i) => {
      expect(rho[layer]).toBeCloseTo(expected[i], 6);
      expect(Math.cos(theta[layer])).toBeCloseTo(rho[layer], 12);
      expect(1 - gap[layer]).toBe(rho[layer]);
    });
  });

  test('one layer is the printed formula, and angles never grow', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (rho, a) => {
          const next = 1 - nextGap(1 - rho, shrinkage(a));
          expect(next).toBeCloseTo(g(rho, a), 10);
          expect(next).toBeGreaterThanOrEqual(rho - 1e-15);
        },
      ),
    );
  });

  test('keeps its digits where rho is almost 1: theta falls by gamma theta^2 / (3 pi)', () => {
    for (const theta of [1e-3, 1e-5, 1e-7]) {
      const next = angleOfGap(nextGap(2 * Math.sin(theta / 2) ** 2, 1));
      expect((theta - next) / ((theta * theta) / (3 * Math.PI))).toBeCloseTo(1, 2);
    }
  });

  test('of many pairs is the mean of theirs', () => {
    const cosines = [-0.4, 0.1, 0.8];
    const all = angleCollapse({ rho0: cosines, slope: 0.1, depth: 5 });
    const each = cosines.map((rho0) => angleCollapse({ rho0, slope: 0.1, depth: 5 }));
    for (const layer of [0, 3, 5]) {
      expect(all.rho[layer]).toBeCloseTo(each.reduce((sum, one) => sum + one.rho[layer], 0) / 3, 12);
      expect(all.theta[layer]).toBeCloseTo(each.reduce((sum, one) => sum + one.theta[layer], 0) / 3, 12);
    }
  });

  test('slope 1 changes nothing', () => {
    expect(Array.from(angleCollapse({ rho0: 0.25, slope: 1, depth: 3 }).rho)).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  test.each([
    [{ rho0: 1.1, depth: 1 }, 'expected cosines in [-1, 1], found 1.1 at 0'],
    [{ rho0: [], depth: 1 }, 'expected at least one cosine'],
    [{ rho0: 0, depth: 1.5 }, 'expected a whole number of layers, found 1.5'],
    [{ rho0: 0, slope: Number.POSITIVE_INFINITY, depth: 1 }, 'slope: expected a finite number'],
  ])('refuses %j', (options, message) => {
    expect(() => angleCollapse(options)).toThrow(message);
  });
});

describe('depthForCollapse', () => {
  test('is the first depth at the level', () => {
    for (const [rho0, slope, level] of [
      [0, 0, 0.9],
      [0.4, 0.2, 0.99],
      [0.95, 0, 0.9],
    ] as const) {
      const depth = depthForCollapse(rho0, slope, level);
      const { rho } = angleCollapse({ rho0, slope, depth });
      expect(rho[depth]).toBeGreaterThanOrEqual(level);
      if (depth > 0) expect(rho[depth - 1]).toBeLessThan(level);
    }
  });

  test('refuses what never happens', () => {
    expect(() => depthForCollapse(0, 1, 0.9)).toThrow('with slope 1 the cosine 0.9 takes about Infinity layers');
    expect(() => depthForCollapse(0, 0, 1)).toThrow('expected a cosine below 1');
    expect(depthForCollapse(0.95, 1, 0.9)).toBe(0);
  });
});

describe('slopeForDepth', () => {
  test('puts the mean cosine at the level', () => {
    const rho0 = [0.1, 0.4, 0.6];
    const slope = slopeForDepth({ rho0, depth: 40, level: 0.8 });
    expect(angleCollapse({ rho0, slope, depth: 40 }).rho[40]).toBeCloseTo(0.8, 8);
    expect(slopeForDepth({ rho0, depth: 1, level: 0.95 })).toBe(0);
    expect(() => slopeForDepth({ rho0: 0.95, depth: 5 })).toThrow('already above the level 0.9');
  });
});

test('pairwiseCosines goes over the pairs in order and names an input without direction', async () => {
  const cosines = await pairwiseCosines([
    [1, 0],
    [0, 2],
    [-3, 3],
  ]);
  expect(Array.from(cosines)).toEqual([0, expect.closeTo(-Math.SQRT1_2, 12), expect.closeTo(Math.SQRT1_2, 12)]);
  await expect(
    pairwiseCosines([
      [1, 0],
      [0, 0],
    ]),
  ).rejects.toThrow('inputs: row 1 is zero, so its angle');
});

test('preservingVariance is 2/((1+a^2) fanIn)', () => {
  expect(preservingVariance(50)).toBe(0.04);
  expect(preservingVariance(10, 0.5)).toBeCloseTo(0.16, 15);
  expect(() => preservingVariance(0)).toThrow('fanIn: expected a whole number');
});
