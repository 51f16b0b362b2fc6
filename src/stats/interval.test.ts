import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { threefry2x32 } from '../random/threefry.ts';
import { normalQuantile } from './distributions.ts';
import { bootstrapInterval, meanInterval } from './interval.ts';

const sample = [2.1, 3.4, 1.9, 5.6, 2.2, 8.9, 3.3, 2.8, 4.1, 3.0];
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

/** Independent standard normal values. */
function normals(n: number, seed: number): Float64Array {
  const bits = threefry2x32(
    [seed, 0],
    Uint32Array.from({ length: n }, (_, i) => i),
  );
  return Float64Array.from(bits, (word) => normalQuantile((word + 0.5) / 2 ** 32));
}

describe('meanInterval', () => {
  test('is the t interval: mean 3, s = sqrt(2.5), t(0.975, 4) = 2.7764451 for 1..5', () => {
    const [low, high] = meanInterval([1, 2, 3, 4, 5]);
    const half = 2.7764451051977934 * Math.sqrt(2.5 / 5);
    expect(low).toBeCloseTo(3 - half, 13);
    expect(high).toBeCloseTo(3 + half, 13);
    expect(meanInterval([1, 2, 3, 4, 5], 0.5)[1]).toBeLessThan(high);
  });

  test('contains the true mean in 95 % of normal samples of four', () => {
    const trials = 4000;
    const values = normals(4 * trials, 3);
    let covered = 0;
    for (let i = 0; i < trials; i++) {
      const [low, high] = meanInterval(values.subarray(4 * i, 4 * i + 4));
      if (low <= 0 && high >= 0) covered++;
    }
    // Four binomial standard deviations.
    expect(Math.abs(covered / trials - 0.95)).toBeLessThan(4 * Math.sqrt((0.95 * 0.05) / trials));
  });

  test('is unknown for a single value and where a value is unknown', () => {
    expect(meanInterval([3])).toEqual([NaN, NaN]);
    expect(meanInterval([])).toEqual([NaN, NaN]);
    expect(meanInterval([1, NaN, 2])).toEqual([NaN, NaN]);
    expect(meanInterval([2, 2, 2])).toEqual([2, 2]);
    expect(() => meanInterval([1, 2], 1)).toThrow(UserError);
  });
});

describe('bootstrapInterval', () => {
  // SciPy 1.17, 200 000 resamples: BCa 2.84 .. 5.615, percentile 2.675 .. 5.115; tolerance: sampling error of 20 000.
  test('agrees with SciPy', () => {
    const bca = bootstrapInterval(sample, mean, { resamples: 20_000 });
    expect(Math.abs(bca[0] - 2.84)).toBeLessThan(0.03);
    expect(Math.abs(bca[1] - 5.615)).toBeLessThan(0.12);
    const percentile = bootstrapInterval(sample, mean, { resamples: 20_000, method: 'percentile' });
    expect(Math.abs(percentile[0] - 2.675)).toBeLessThan(0.03);
    expect(Math.abs(percentile[1] - 5.115)).toBeLessThan(0.06);
  });

  test('repeats with its seed, differs with another, and widens with the level', () => {
    const interval = bootstrapInterval(sample, mean, { seed: 5 });
    expect(bootstrapInterval(sample, mean, { seed: 5 })).toEqual(interval);
    expect(bootstrapInterval(sample, mean, { seed: 6 })).not.toEqual(interval);
    const wide = bootstrapInterval(sample, mean, { seed: 5, level: 0.99 });
    expect(wide[0]).toBeLessThanOrEqual(interval[0]);
    expect(wide[1]).toBeGreaterThanOrEqual(interval[1]);
  });

  test('BCa follows monotone maps of the statistic, as the paper proves', () => {
    const exponential = (values: Float64Array) => Math.exp(mean(values));
    const plain = bootstrapInterval(normals(30, 8), mean, { seed: 1 });
    const mapped = bootstrapInterval(normals(30, 8), exponential, { seed: 1 });
    // Exact up to the acceleration, whose jackknife sees the map only to second order.
    expect(Math.log(mapped[0])).toBeCloseTo(plain[0], 1);
    expect(Math.log(mapped[1])).toBeCloseTo(plain[1], 1);
  });

  test('keeps to the sample for constant and extreme statistics', () => {
    expect(bootstrapInterval(sample, () => 4)).toEqual([4, 4]);
    const [low, high] = bootstrapInterval(sample, (values) => Math.max(...values), { level: 0.99999 });
    expect(low).toBeGreaterThanOrEqual(1.9);
    expect(high).toBe(8.9);
  });

  test('is unknown for fewer than two values or an undefined statistic; refuses bad options', () => {
    expect(bootstrapInterval([1], mean)).toEqual([NaN, NaN]);
    expect(bootstrapInterval(sample, () => NaN)).toEqual([NaN, NaN]);
    expect(() => bootstrapInterval(sample, mean, { level: 95 })).toThrow(UserError);
    expect(() => bootstrapInterval(sample, mean, { resamples: 0 })).toThrow(UserError);
    expect(() => bootstrapInterval(sample, mean, { seed: 0.5 })).toThrow(UserError);
  });
});
