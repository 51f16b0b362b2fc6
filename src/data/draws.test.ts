import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { draws } from './draws.ts';

const n = 20_000;
const sample = (draw: () => number) => Float64Array.from({ length: n }, draw);
const moment = (values: Float64Array, power: number) => values.reduce((sum, x) => sum + x ** power, 0) / n;

// Tolerances: four standard deviations of the sample moment.
describe('draws', () => {
  test('uniform: mean 1/2, mean square 1/3, in [0, 1)', () => {
    const values = sample(draws(1).uniform);
    expect(Math.abs(moment(values, 1) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(moment(values, 2) - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / n));
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true);
  });

  test('normal: moments 0, 1, 0, 3', () => {
    const values = sample(draws(2).normal);
    expect(Math.abs(moment(values, 1))).toBeLessThan(4 * Math.sqrt(1 / n));
    expect(Math.abs(moment(values, 2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moment(values, 3))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  });

  test('below: equal frequencies, also where n does not divide 2^32', () => {
    const { below } = draws(3);
    const counts = new Float64Array(7);
    for (let i = 0; i < n; i++) counts[below(7)]++;
    // Chi-squared with 6 degrees of freedom: 22.5 is exceeded with probability 0.001.
    expect(counts.reduce((sum, count) => sum + (count - n / 7) ** 2 / (n / 7), 0)).toBeLessThan(22.5);
    expect([below(1), below(1)]).toEqual([0, 0]);
  });

  test('differ between seeds, also beyond 32 bits and below zero, and between streams', () => {
    const first = (seed: number, stream?: number) => draws(seed, stream).uniform();
    const seen = [first(1), first(1 + 2 ** 32), first(-1), first(1, 1), first(2)];
    expect(new Set(seen).size).toBe(seen.length);
    expect(first(1)).toBe(seen[0]);
    expect(() => draws(0.5)).toThrow(UserError);
    expect(() => draws(1, -1)).toThrow(UserError);
  });
});
