import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { generator } from '../array/testing.fixture.ts';
import { normalCdf } from './distributions.ts';
import { kolmogorovSmirnov, kolmogorovSmirnov2 } from './kolmogorov-smirnov.ts';

/** A sample of n whose distance from the uniform distribution is d. */
const apart = (n: number, d: number) => Float64Array.from({ length: n }, (_, i) => Math.max(0, (i + 1) / n - d));
const uniform = (x: number) => x;

describe('kolmogorovSmirnov', () => {
  // SciPy 1.17, kstwo.sf; at n = 500, where that is an expansion, its Durbin matrix and its recursion of Pomeranz.
  test.each([
    [1, 0.6, 0.8],
    [2, 0.5, 0.5],
    [5, 0.3, 0.664],
    [10, 0.274, 0.3715203845434957],
    [10, 0.5, 0.00777741],
    [10, 0.9, 2e-10],
    [100, 0.05, 0.9532159710635725],
    [100, 0.1, 0.2526927570063874],
    [100, 0.16, 0.010543506724453174],
    [101, 0.1, 0.2477060250143171],
    [500, 0.04, 0.39025101632640896],
    [500, 0.08, 0.0031305058091556973],
    [1000, 0.2, 1.5528629204250538e-35],
  ])('n = %d, D = %d has the exact p', (n, d, p) => {
    const result = kolmogorovSmirnov(apart(n, d), uniform);
    expect(result.distance).toBeCloseTo(d, 14);
    expect(Math.abs(result.p / p - 1)).toBeLessThan(1e-9);
  });

  test.each([
    [501, 0.03, 0.7462364405412036],
    [501, 0.06, 0.05205817968949911],
    [2000, 0.01, 0.9871373661366796],
    [2000, 0.03, 0.05354694793932557],
    [100000, 0.003, 0.3284563327726956],
  ])('n = %d, D = %d has the corrected limit', (n, d, p) => {
    expect(Math.abs(kolmogorovSmirnov(apart(n, d), uniform).p - p)).toBeLessThan(3e-5);
  });

  test('agrees with SciPy on a normal sample of either order', () => {
    const sample = [
      0.61, 0.29, 0.06, 0.59, -1.73, -0.74, 0.51, -0.56, 0.39, 1.64, 0.05, -0.06, 0.64, -0.82, 0.37, 1.77,
    ];
    sample.push(1.09, -1.28, 2.36, 1.31, 1.05, -0.32, -0.4, 1.06, -2.47);
    for (const values of [sample, [...sample].reverse()]) {
      const { distance, p } = kolmogorovSmirnov(values, normalCdf);
      expect(distance).toBeCloseTo(0.17409188119887736, 14);
      expect(p).toBeCloseTo(0.38974117186791835, 12);
    }
  });

  test('p falls as the distance grows, without a jump where the method changes', () => {
    for (const n of [7, 100, 500, 501]) {
      let before = 1;
      for (let d = 0.5 / n; d < 0.6; d += 0.002) {
        const { p } = kolmogorovSmirnov(apart(n, d), uniform);
        expect(p).toBeLessThanOrEqual(before + 1e-12);
        expect(p).toBeGreaterThanOrEqual(0);
        before = p;
      }
    }
    expect(kolmogorovSmirnov([0.5], uniform).p).toBe(1);
    expect(kolmogorovSmirnov([2], (x) => Math.min(x, 1)).p).toBe(0);
  });

  test('p is uniform under the hypothesis', () => {
    const random = generator(3);
    const trials = 500;
    let rejected = 0;
    for (let t = 0; t < trials; t++) {
      if (kolmogorovSmirnov(Float64Array.from({ length: 12 }, random), uniform).p <= 0.2) rejected++;
    }
    expect(Math.abs(rejected / trials - 0.2)).toBeLessThan(4 * Math.sqrt(0.16 / trials));
  });

  test('refuses samples without numbers and functions that are no distribution', () => {
    expect(() => kolmogorovSmirnov([], uniform)).toThrow(UserError);
    expect(() => kolmogorovSmirnov([NaN], uniform)).toThrow(/no NaN/);
    expect(() => kolmogorovSmirnov([3], uniform)).toThrow(/found the value 3 at 3/);
  });
});

describe('kolmogorovSmirnov2', () => {
  /** Distance by its definition. */
  const naive = (x: number[], y: number[]) =>
    Math.max(
      ...[...x, ...y].map((t) =>
        Math.abs(x.filter((v) => v <= t).length / x.length - y.filter((v) => v <= t).length / y.length),
      ),
    );
  /** All choices of n of the pooled values. */
  const choices = (values: number[], n: number): [number[], number[]][] =>
    n === 0
      ? [[[], values]]
      : values.length < n
        ? []
        : [
            ...choices(values.slice(1), n - 1).map(([a, b]): [number[], number[]] => [[values[0], ...a], b]),
            ...choices(values.slice(1), n).map(([a, b]): [number[], number[]] => [a, [values[0], ...b]]),
          ];

  test('p is the share of all ways of dealing the pooled values, ties or not', () => {
    const sample = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sample, sample, (x, y) => {
        const { distance, p } = kolmogorovSmirnov2(x, y);
        expect(distance).toBeCloseTo(naive(x, y), 12);
        const all = choices([...x, ...y], x.length);
        const extreme = all.filter(([a, b]) => naive(a, b) >= distance - 1e-9).length;
        expect(p).toBeCloseTo(extreme / all.length, 12);
        expect(kolmogorovSmirnov2(y, x).p).toBeCloseTo(p, 12);
      }),
      { numRuns: 40 },
    );
  });

  test('agrees with SciPy 1.17 without ties, and deep in the tail', () => {
    const { distance, p } = kolmogorovSmirnov2(
      [1, 2, 2.5, 3, 8.5, 8, 9, 10, 12],
      [4, 5, 6, 7, 11, 13, 14, 15, 16, 17, 18],
    );
    expect(distance).toBeCloseTo(0.5454545454545454, 14);
    expect(p).toBeCloseTo(0.06961181233627053, 12);
    // Separated samples: 2 of C(60, 30) orders.
    const low = Array.from({ length: 30 }, (_, i) => i);
    const separated = kolmogorovSmirnov2(
      low,
      low.map((v) => v + 100),
    );
    expect(separated.distance).toBe(1);
    expect(separated.p / (2 / 118264581564861424)).toBeCloseTo(1, 10);
    expect(kolmogorovSmirnov2([1, 2], [2, 1]).p).toBe(1);
  });

  test('the limit for large samples continues the exact value', () => {
    const x = Float64Array.from({ length: 3000 }, (_, i) => i);
    const y = Float64Array.from({ length: 3300 }, (_, i) => i * 0.94 - 20);
    const exact = kolmogorovSmirnov2(x, y);
    const limit = kolmogorovSmirnov2(
      x,
      Float64Array.from({ length: 3400 }, (_, i) => (i * 0.94 * 3300) / 3400 - 20),
    );
    expect(limit.distance).toBeCloseTo(exact.distance, 2);
    expect(Math.abs(Math.log(limit.p / exact.p))).toBeLessThan(0.3);
    expect(() => kolmogorovSmirnov2([], [1])).toThrow(UserError);
  });
});
