import { describe, expect, test } from 'vitest';
import * as random from '../random/index.ts';
import { haar } from './haar.ts';

describe('haar', () => {
  test.each([
    [6, 6],
    [9, 4],
    [3, 8],
  ])('%i x %i has orthonormal columns or rows', async (rows, columns) => {
    const q = await haar(random.key(1), rows, columns);
    const k = Math.min(rows, columns);
    const at = (i: number, j: number) => (rows >= columns ? q[j * columns + i] : q[i * columns + j]);
    for (let a = 0; a < k; a++)
      for (let b = 0; b < k; b++) {
        let product = 0;
        for (let j = 0; j < Math.max(rows, columns); j++) product += at(a, j) * at(b, j);
        expect(product).toBeCloseTo(a === b ? 1 : 0, 12);
      }
  });

  test('is uniform: the moments of the trace are those of the orthogonal group', async () => {
    // E tr Q = 0, E (tr Q)^2 = 1, and each entry has variance 1/n.
    const draws = await Promise.all(keysOf(400).map((key) => haar(key, 4, 4)));
    const traces = draws.map((q) => q[0] + q[5] + q[10] + q[15]);
    const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(Math.abs(mean(traces))).toBeLessThan(4 / Math.sqrt(400));
    expect(Math.abs(mean(traces.map((t) => t * t)) - 1)).toBeLessThan((4 * Math.SQRT2) / Math.sqrt(400));
    // The sign of the diagonal is free: it would not be without the correction of R's signs.
    expect(Math.abs(mean(draws.map((q) => Math.sign(q[0]))))).toBeLessThan(4 / Math.sqrt(400));
    expect(Math.abs(mean(draws.map((q) => 4 * q[0] ** 2)) - 1)).toBeLessThan(0.2);
  });
});

const keysOf = (n: number) => Array.from({ length: n }, (_, i) => random.key(i));
