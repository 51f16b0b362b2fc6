import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { generator } from '../array/testing.fixture.ts';
import { permutationTest } from './permutation-test.ts';
import { spearman } from './rank.ts';

/** Share of all orders whose statistic is as large. */
function enumerated(values: number[], large: (permuted: Float64Array) => boolean): number {
  const orders = (rest: number[]): number[][] =>
    rest.length === 0 ? [[]] : rest.flatMap((x, i) => orders(rest.filter((_, j) => j !== i)).map((o) => [x, ...o]));
  const all = orders(values);
  return all.filter((order) => large(Float64Array.from(order))).length / all.length;
}

describe('permutationTest', () => {
  test('estimates the share of all permutations, ties included', () => {
    const x = [1, 2, 3, 4, 5, 6, 7];
    const y = [2, 1, 4, 4, 3, 7, 5];
    const statistic = (permuted: Float64Array) => spearman(x, permuted);
    const observed = spearman(x, y);
    for (const [alternative, large] of [
      ['greater', (v: number) => v >= observed - 1e-9],
      ['less', (v: number) => v <= observed + 1e-9],
      ['two-sided', (v: number) => Math.abs(v) >= observed - 1e-9],
    ] as const) {
      const exact = enumerated(y, (permuted) => large(statistic(permuted)));
      const result = permutationTest(y, statistic, { alternative });
      expect(result.statistic).toBe(observed);
      expect(Math.abs(result.p - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / 9999) + 1e-4);
    }
  });

  test('p of two equal populations is uniform: at most a share of q lies below q', () => {
    const random = generator(2);
    const difference = (v: Float64Array) =>
      v.slice(0, 6).reduce((a, b) => a + b) / 6 - v.slice(6).reduce((a, b) => a + b) / 9;
    const p = Array.from(
      { length: 200 },
      (_, trial) =>
        permutationTest(Float64Array.from({ length: 15 }, random), difference, { permutations: 199, seed: trial }).p,
    );
    for (const q of [0.1, 0.25, 0.5, 0.75]) {
      const share = p.filter((value) => value <= q).length / 200;
      expect(Math.abs(share - q)).toBeLessThan(4 * Math.sqrt((q * (1 - q)) / 200));
    }
  });

  test('is never 0, repeats with its seed and leaves its values alone', () => {
    const values = Float64Array.from({ length: 30 }, (_, i) => i);
    const before = values.slice();
    const run = (seed: number) => permutationTest(values, (v) => spearman(before, v), { permutations: 99, seed });
    expect(run(1).p).toBe(0.01);
    expect(values).toEqual(before);
    const noisy = (seed: number) =>
      permutationTest(values, (v) => v[0], { permutations: 99, seed, alternative: 'greater' }).p;
    expect(permutationTest([1, 1, 1], (v) => v[0]).p).toBe(1);
    expect(noisy(3)).toBe(noisy(3));
  });

  test('refuses bad options and a statistic without a value', () => {
    expect(() => permutationTest([1, 2], (v) => v[0], { permutations: 0 })).toThrow(/at least 1, found 0/);
    expect(() => permutationTest([1, 2], (v) => v[0], { seed: 0.5 })).toThrow(UserError);
    expect(() => permutationTest([1, 1], () => NaN)).toThrow(/statistic is NaN/);
  });
});
