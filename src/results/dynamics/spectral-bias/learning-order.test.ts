import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningOrder } from './learning-order.ts';

/** Columns of captured fractions (one per frequency) to the row-major trace. */
function traceOf(columns: readonly (readonly number[])[]): number[] {
  return columns[0].flatMap((_, t) => columns.map((column) => column[t]));
}

describe('learningOrder', () => {
  const steps = [0, 10, 20, 30, 40];

  it('takes the first of three records in a row, not an overshoot; the unlearned rank last', () => {
    const order = learningOrder(
      traceOf([
        [0, 0.9, 0.9, 0.9, 1],
        [0.9, 0, 0.9, 0.8, 0.9],
        [0, 0, 0, 0.9, 0.9],
      ]),
      steps,
      [1, 2, 3],
    );
    expect(order.step).toEqual([10, 20, null]);
    expect(order.spearman).toBeCloseTo(1, 12);
    expect(order.ratioLastFirst).toBe(2);
  });

  it('averages the ranks of censored ties: 1 2 3 4 against 1 2 3.5 3.5', () => {
    const never = [0, 0, 0, 0, 0];
    const order = learningOrder(traceOf([[1, 1, 1, 1, 1], [0, 1, 1, 1, 1], never, never]), steps, [1, 2, 3, 4]);
    expect(order.step).toEqual([0, 10, null, null]);
    expect(order.spearman).toBeCloseTo(4.5 / Math.sqrt(5 * 4.5), 12);
  });

  it('says NaN where there is no order and no ratio', () => {
    const order = learningOrder(traceOf([[0, 0], [0, 0]]), [0, 1], [1, 2]); // biome-ignore format: columns
    expect(order.spearman).toBeNaN();
    expect(order.ratioLastFirst).toBeNaN();
  });

  it('equals the naive search for any trace', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        (column, consecutive) => {
          const times = column.map((_, t) => 7 * t);
          const first = times.find(
            (_, t) => t + consecutive <= 12 && column.slice(t, t + consecutive).every((captured) => captured >= 0.5),
          );
          const order = learningOrder(column, times, [3], { threshold: 0.5, consecutive });
          expect(order.step[0]).toBe(first ?? null);
        },
      ),
    );
  });

  it('refuses sizes that do not fit, steps that do not increase and NaN', () => {
    expect(() => learningOrder([0, 0, 0], [0, 1], [1, 2])).toThrow('3 numbers is not 2 records x 2 frequencies');
    expect(() => learningOrder([0, 0], [1, 1], [1])).toThrow('steps must increase');
    expect(() => learningOrder([0, Number.NaN], [0, 1], [1])).toThrow('record 1, frequency 0 of the trace is NaN');
    expect(() => learningOrder([0], [0], [1], { consecutive: 0 })).toThrow('consecutive = 0');
  });
});
