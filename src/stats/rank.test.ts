import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { kendall, pearson, ranks, spearman, weightedKendall } from './rank.ts';

fc.configureGlobal({ seed: 1 });

/** Pairs of small integers: ties on either side and on both are common. */
const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })), {
  minLength: 2,
  maxLength: 40,
});

/** Tau-b by its definition, over all pairs. */
function naiveKendall(x: number[], y: number[]): number {
  let excess = 0;
  let untiedX = 0;
  let untiedY = 0;
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) {
      const a = Math.sign(x[i] - x[j]);
      const b = Math.sign(y[i] - y[j]);
      excess += a * b;
      untiedX += a * a;
      untiedY += b * b;
    }
  }
  return excess / Math.sqrt(untiedX * untiedY);
}

describe('ranks', () => {
  test('shares ranks among ties and puts infinite values at the ends', () => {
    expect([...ranks([10, 30, 20])]).toEqual([1, 3, 2]);
    expect([...ranks([5, Infinity, 5, -Infinity, Infinity, 5])]).toEqual([3, 5.5, 3, 1, 5.5, 3]);
    expect([...ranks([])]).toEqual([]);
  });

  test('each rank is one plus the number below plus half the other ties', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 }), (values) => {
        const expected = values.map(
          (v) => values.filter((u) => u < v).length + (values.filter((u) => u === v).length + 1) / 2,
        );
        expect([...ranks(values)]).toEqual(expected);
      }),
    );
  });

  test('refuses NaN and says where', () => {
    expect(() => ranks([1, NaN])).toThrow(/NaN at index 1/);
  });
});

describe('rank correlations', () => {
  test('agree with SciPy 1.17 on tied data', () => {
    const x = [1, 2, 2, 3, 4, 5, 5, 5];
    const y = [3, 1, 2, 2, 5, 4, 4, 6];
    expect(spearman(x, y)).toBeCloseTo(0.7144097497387378, 14);
    expect(kendall(x, y)).toBeCloseTo(0.5204164998665333, 14);
  });

  test('Spearman without ties is 1 - 6 sum d^2 / (n (n^2 - 1))', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { minLength: 2, maxLength: 30 }), (x) => {
        const a = ranks(x);
        const squares = a.reduce((sum, rank, i) => sum + (rank - (i + 1)) ** 2, 0);
        const n = x.length;
        expect(
          spearman(
            x,
            x.map((_, i) => i),
          ),
        ).toBeCloseTo(1 - (6 * squares) / (n * (n * n - 1)), 12);
      }),
    );
  });

  test('Kendall equals its definition; both are odd, symmetric and invariant under increasing maps', () => {
    fc.assert(
      fc.property(pairs, (points) => {
        const x = points.map((p) => p[0]);
        const y = points.map((p) => p[1]);
        const expected = naiveKendall(x, y);
        if (Number.isNaN(expected)) {
          expect(kendall(x, y)).toBe(NaN);
          expect(spearman(x, y)).toBe(NaN);
          return;
        }
        expect(kendall(x, y)).toBeCloseTo(expected, 12);
        for (const correlation of [kendall, spearman]) {
          const value = correlation(x, y);
          expect(correlation(y, x)).toBeCloseTo(value, 12);
          expect(
            correlation(
              x,
              y.map((v) => -v),
            ),
          ).toBeCloseTo(-value, 12);
          expect(correlation(x.map(Math.exp), y)).toBeCloseTo(value, 12);
        }
      }),
    );
  });

  test('are exactly 1 on increasing data and NaN where undefined', () => {
    for (const correlation of [kendall, spearman]) {
      expect(correlation([1, 2, 3, 4], [2, 3, 5, Infinity])).toBe(1);
      expect(correlation([1, 2, 3], [3, 2, 1])).toBe(-1);
      expect(correlation([1, 1], [1, 2])).toBe(NaN);
      expect(correlation([1], [1])).toBe(NaN);
      expect(() => correlation([1, 2], [1])).toThrow(UserError);
    }
  });
});

describe('pearson', () => {
  test('agrees with SciPy 1.17, and is the cosine of the centred values', () => {
    const x = [1, 2, 2, 3, 4, 5, 5, 5];
    const y = [3, 1, 2, 2, 5, 4, 4, 6];
    expect(pearson(x, y)).toBeCloseTo(0.7361331878090792, 14);
    for (const scale of [1e200, 1e-200]) {
      expect(
        pearson(
          x.map((v) => v * scale),
          y.map((v) => 3 - v),
        ),
      ).toBeCloseTo(-0.7361331878090792, 13);
    }
  });

  test('is exactly 1 on a line and NaN where undefined', () => {
    expect(pearson([1, 2, 3], [10, 30, 50])).toBe(1);
    for (let n = 2; n < 40; n++) {
      const x = Array.from({ length: n }, (_, i) => i);
      for (const value of [0.1, 1 / 3, 1e300]) expect(pearson(x, Array(n).fill(value))).toBe(NaN);
      expect(spearman(x, Array(n).fill(5))).toBe(NaN);
    }
    expect(pearson([1, 2, Infinity], [2, 1, 2])).toBe(NaN);
    expect(pearson([], [])).toBe(NaN);
    expect(() => pearson([1], [1, 2])).toThrow(/one length, found 1 and 2/);
  });
});

describe('weightedKendall', () => {
  test('agrees with SciPy 1.17, with ties and without', () => {
    const x = [1, 2, 2, 3, 4, 5, 5, 5];
    const y = [3, 1, 2, 2, 5, 4, 4, 6];
    expect(weightedKendall(x, y)).toBeCloseTo(0.6115351913909348, 13);
    expect(weightedKendall([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])).toBeCloseTo(-0.5669496815368272, 13);
    expect(weightedKendall([3.5, 1, 9, 2, 7, 4], [2, 1, 8, 3, 9, 5])).toBeCloseTo(0.6816326530612244, 13);
  });

  test('a swap at the top costs more than one at the bottom; its ends and its errors are those of the others', () => {
    const x = [1, 2, 3, 4, 5, 6];
    expect(weightedKendall(x, [1, 2, 3, 4, 6, 5])).toBeLessThan(weightedKendall(x, [2, 1, 3, 4, 5, 6]));
    expect(weightedKendall(x, x)).toBeCloseTo(1, 14);
    expect(weightedKendall(x, [...x].reverse())).toBeCloseTo(-1, 14);
    expect(weightedKendall([1, 1], [1, 2])).toBe(NaN);
    expect(() => weightedKendall([1, 2], [1])).toThrow(UserError);
  });
});
