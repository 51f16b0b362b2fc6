import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { threefry2x32 } from '../random/threefry.ts';
import { normalQuantile } from './distributions.ts';
import { bootstrapInterval, meanInterval, proportionInterval } from './interval.ts';
import { spearman } from './rank.ts';

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

describe('proportionInterval', () => {
  test('agrees with SciPy 1.17', () => {
    for (const [successes, n, level, low, high] of [
      [8, 10, 0.95, 0.4901624715366418, 0.9433178485456248],
      [0, 20, 0.95, 0, 0.16112515805281935],
      [950, 1000, 0.99, 0.9290930273094663, 0.9649749242774676],
    ]) {
      const interval = proportionInterval(successes, n, level);
      expect(interval[0]).toBeCloseTo(low, 13);
      expect(interval[1]).toBeCloseTo(high, 13);
    }
  });

  test('its ends are where the score test of the share just rejects; mirrored for failures', () => {
    const z = normalQuantile(0.975);
    for (const [successes, n] of [
      [3, 17],
      [1, 4],
      [99, 100],
    ]) {
      const [low, high] = proportionInterval(successes, n);
      for (const p of [low, high]) {
        expect(Math.abs(successes / n - p) / Math.sqrt((p * (1 - p)) / n)).toBeCloseTo(z, 12);
      }
      const mirrored = proportionInterval(n - successes, n);
      expect(mirrored[0]).toBeCloseTo(1 - high, 13);
    }
    expect(proportionInterval(5, 5)[1]).toBe(1);
    expect(proportionInterval(0, 0)).toEqual([NaN, NaN]);
    expect(() => proportionInterval(3, 2)).toThrow(/found 3 of 2/);
    expect(() => proportionInterval(0.5, 2)).toThrow(UserError);
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

  test('resamples pairs by their indices: the interval of a rank correlation covers it in most samples', () => {
    // Normal pairs of correlation r have Spearman's correlation 6 / pi asin(r / 2).
    const n = 40;
    const exact = (6 / Math.PI) * Math.asin(0.3);
    const rows = Array.from({ length: n }, (_, i) => i);
    const draws = normals(2 * n * 60, 4);
    let covered = 0;
    for (let trial = 0; trial < 60; trial++) {
      const x = draws.subarray(2 * n * trial, 2 * n * trial + n);
      const y = draws.subarray(2 * n * trial + n, 2 * n * (trial + 1)).map((e, i) => 0.6 * x[i] + 0.8 * e);
      const statistic = (sample: Float64Array) =>
        spearman(
          sample.map((i) => x[i]),
          sample.map((i) => y[i]),
        );
      const [low, high] = bootstrapInterval(rows, statistic, { resamples: 300, method: 'percentile' });
      if (low <= exact && exact <= high) covered++;
    }
    // Nominal 95 % less what ties in resamples cost; four binomial standard deviations.
    expect(covered / 60).toBeGreaterThan(0.93 - 4 * Math.sqrt((0.93 * 0.07) / 60));
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
