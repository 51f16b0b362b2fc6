import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { median, quantile } from './quantile.ts';

fc.configureGlobal({ seed: 1 });

describe('quantile', () => {
  test('gives the values R prints for quantile(c(7, 1, 3, 12, 5), type = 7)', () => {
    const sample = [7, 1, 3, 12, 5];
    expect([0, 0.1, 0.25, 0.5, 0.9, 1].map((p) => quantile(sample, p))).toEqual([1, 1.8, 3, 5, 10, 12]);
    expect(sample).toEqual([7, 1, 3, 12, 5]);
  });

  test('is monotone in p, stays within the sample and follows increasing affine maps', () => {
    const sample = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 30 });
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(sample, probability, probability, (values, p, q) => {
        const low = quantile(values, Math.min(p, q));
        const high = quantile(values, Math.max(p, q));
        expect(low).toBeLessThanOrEqual(high + 1e-9);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
        const mapped = values.map((x) => 2 * x + 8);
        expect(quantile(mapped, p)).toBeCloseTo(2 * quantile(values, p) + 8, 9);
      }),
    );
  });

  test('median of odd, even, infinite, empty and broken samples', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([Infinity, 1, Infinity, Infinity])).toBe(Infinity);
    expect(median([])).toBe(NaN);
    expect(median([1, NaN, 2])).toBe(NaN);
  });

  test('refuses a probability outside [0, 1]', () => {
    expect(() => quantile([1, 2], 1.01)).toThrow(UserError);
    expect(() => quantile([1, 2], NaN)).toThrow(UserError);
  });
});
