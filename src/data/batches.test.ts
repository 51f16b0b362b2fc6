import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { batches, split, takeRows } from './batches.ts';

fc.configureGlobal({ seed: 1 });

const flat = (parts: Iterable<Int32Array>) => [...parts].flatMap((part) => [...part]);
const indices = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('batches', () => {
  test('hold each index once, all batches but the last of one size', () => {
    fc.assert(
      fc.property(
        fc.nat(60),
        fc.integer({ min: 1, max: 20 }),
        fc.maxSafeInteger(),
        fc.nat(9),
        (n, size, seed, epoch) => {
          const all = [...batches(n, size, seed, epoch)];
          expect(flat(all).sort((a, b) => a - b)).toEqual(indices(n));
          expect(all.slice(0, -1).every((batch) => batch.length === size)).toBe(true);
          const whole = [...batches(n, size, seed, epoch, { dropLast: true })];
          expect(whole).toEqual(all.filter((batch) => batch.length === size));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('repeat with seed and epoch, and differ between them', () => {
    const order = flat(batches(50, 7, 1, 0));
    expect(flat(batches(50, 7, 1, 0))).toEqual(order);
    expect(flat(batches(50, 10, 1, 0))).toEqual(order);
    expect(flat(batches(50, 7, 1, 1))).not.toEqual(order);
    expect(flat(batches(50, 7, 2, 0))).not.toEqual(order);
  });

  test('take each order of three with equal frequency', () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 6000; epoch++) {
      const order = flat(batches(3, 3, 4, epoch)).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Chi-squared with 5 degrees of freedom: 20.5 is exceeded with probability 0.001.
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(20.5);
  });

  test('refuse arguments out of range at once, not at the first batch', () => {
    expect(() => batches(10, 0, 1, 0)).toThrow(UserError);
    expect(() => batches(-1, 2, 1, 0)).toThrow(UserError);
    expect(() => batches(10, 2, 0.5, 0)).toThrow(UserError);
    expect(() => batches(10, 2, 1, -1)).toThrow(UserError);
  });
});

describe('split', () => {
  test('gives disjoint parts of the rounded sizes; fractions of sum 1 use every index', () => {
    expect(split(10, [0.8, 0.2], 3).map((part) => part.length)).toEqual([8, 2]);
    expect(split(10, [0.5, 0.2], 3).map((part) => part.length)).toEqual([5, 2]);
    fc.assert(
      fc.property(fc.nat(100), fc.array(fc.nat(10), { minLength: 1, maxLength: 6 }), fc.nat(), (n, shares, seed) => {
        const total = shares.reduce((sum, share) => sum + share, 0);
        fc.pre(total > 0);
        const parts = split(
          n,
          shares.map((share) => share / total),
          seed,
        );
        expect(flat(parts).sort((a, b) => a - b)).toEqual(indices(n));
        parts.forEach((part, i) => {
          expect(Math.abs(part.length - (n * shares[i]) / total)).toBeLessThanOrEqual(1);
        });
      }),
      { numRuns: 50 },
    );
  });

  test('refuses fractions that are negative or too many', () => {
    expect(() => split(10, [0.8, 0.3], 0)).toThrow(/sum of at most 1, found \[0.8, 0.3\]/);
    expect(() => split(10, [-0.1], 0)).toThrow(UserError);
    expect(() => split(10, [NaN], 0)).toThrow(UserError);
  });
});

describe('takeRows', () => {
  test('gives the rows of a batch, of every kind of array', () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => i);
    expect(takeRows(values, 3, [2, 0, 2])).toEqual(Float32Array.of(6, 7, 8, 0, 1, 2, 6, 7, 8));
    expect(takeRows(Int32Array.of(4, 5, 6), 1, Int32Array.of(1))).toEqual(Int32Array.of(5));
    expect(takeRows(values, 3, [])).toEqual(new Float32Array(0));
    const all = [...batches(4, 3, 1, 0)].flatMap((batch) => [...takeRows(values, 3, batch)]);
    expect(all.sort((a, b) => a - b)).toEqual([...values]);
  });

  test('refuses rows that there are not', () => {
    expect(() => takeRows(new Float32Array(6), 3, [2])).toThrow(/rows from 0 to 1, found 2 at 0/);
    expect(() => takeRows(new Float32Array(6), 3, [0.5])).toThrow(UserError);
    expect(() => takeRows(new Float32Array(7), 3, [0])).toThrow(/rows of 3 values, found 7 values/);
  });
});
