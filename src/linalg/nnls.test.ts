import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generator } from '../array/testing.fixture.ts';
import { nnls } from './nnls.ts';
import { lstsq } from './svd.ts';

describe('nnls', () => {
  test('meets the conditions of Karush, Kuhn and Tucker, which are sufficient for this convex problem', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 8 }), fc.nat(1000), (m, n, seed) => {
        const random = generator(seed);
        const a = Float64Array.from({ length: m * n }, () => 2 * random() - 1);
        const b = Float64Array.from({ length: m }, () => 2 * random() - 1);
        const { solution, residual } = nnls(a, m, n, b);
        const rest = b.map((y, i) => solution.reduce((sum, x, j) => sum - a[i * n + j] * x, y));
        expect(residual).toBeCloseTo(Math.hypot(...rest), 12);
        solution.forEach((x, j) => {
          const overlap = rest.reduce((sum, r, i) => sum + r * a[i * n + j], 0);
          expect(x).toBeGreaterThanOrEqual(0);
          expect(overlap).toBeLessThan(1e-11);
          if (x > 1e-12) expect(Math.abs(overlap)).toBeLessThan(1e-11);
        });
      }),
      { numRuns: 100 },
    );
  });

  test('is plain least squares where that is positive, and zero where nothing positive helps', () => {
    const a = Float64Array.of(1, 1, 1, 2, 1, 3);
    const b = Float64Array.of(3, 5.1, 6.9);
    const { solution } = lstsq(a, 3, 2, b);
    nnls(a, 3, 2, b).solution.forEach((x, j) => {
      expect(x).toBeCloseTo(solution[j], 13);
    });
    expect([
      ...nnls(
        a,
        3,
        2,
        b.map((x) => -x),
      ).solution,
    ]).toEqual([0, 0]);
    expect([...nnls(Float64Array.of(1, 1), 1, 2, Float64Array.of(2)).solution].reduce((s, x) => s + x)).toBeCloseTo(
      2,
      13,
    );
    expect(() => nnls(a, 3, 2, Float64Array.of(1))).toThrow(/right sides of 3 rows, found 1/);
  });
});
