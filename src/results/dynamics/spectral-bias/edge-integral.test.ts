import { describe, expect, it } from 'vitest';
import { j0, j1 } from './edge-integral.ts';

/** sum_n (-1)^n t^(2n+l) / (2^n n! (2n+2l+1)!!): the power series of the spherical Bessel functions. */
function series(l: 0 | 1, t: number): number {
  let term = l === 0 ? 1 : t / 3;
  let sum = 0;
  for (let n = 1; n < 60; n++) {
    sum += term;
    term *= -(t * t) / (2 * n * (2 * n + 2 * l + 1));
  }
  return sum;
}

describe('j0 and j1', () => {
  it('equal their power series on both sides of every switch', () => {
    for (const t of [0, 1e-9, 0.99e-4, 1.01e-4, 0.01, 0.1, 0.499, 0.501, 1, 3, 8, -0.3, -2]) {
      expect(Math.abs(j0(t) - series(0, t))).toBeLessThan(1e-13);
      expect(Math.abs(j1(t) - series(1, t))).toBeLessThan(1e-13);
    }
    expect(j1(1e-8)).toBeCloseTo(1e-8 / 3, 22);
  });
});
