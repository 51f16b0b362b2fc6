import { describe, expect, test } from 'vitest';
import { kappa } from './gaussian-kernel.ts';
import { enumeratedRademacherKernel, rademacherCorrection, rademacherKernel } from './rademacher-kernel.ts';

describe('rademacherKernel', () => {
  test.each([
    [20, 10, 0, 0.1514053345],
    [20, 10, 0.2, 0.0968994141],
    [20, 15, 0, 0.296913147],
    [20, 15, 0.2, 0.2900244141],
    [40, 30, 0, 0.3011218336],
    [40, 30, 0.2, 0.2927179735],
  ])('m = %i, %i agree, slope %f', (m, agreeing, slope, expected) => {
    expect(rademacherKernel(m, agreeing, slope)).toBeCloseTo(expected, 9);
  });

  test('is the sum over all signs', () => {
    const m = 11;
    const x = new Array<number>(m).fill(1 / Math.sqrt(m));
    for (const agreeing of [0, 4, 11]) {
      const y = x.map((v, i) => (i < agreeing ? v : -v));
      for (const slope of [0, 0.3, -1])
        expect(rademacherKernel(m, agreeing, slope)).toBeCloseTo(enumeratedRademacherKernel(x, y, slope), 11);
    }
  });

  test('misses the limit by the predicted correction over m', () => {
    for (const slope of [0, 0.2])
      for (const share of [0.5, 0.75, 0.9]) {
        const theta = Math.acos(2 * share - 1);
        const error = 2000 * (rademacherKernel(2000, 2000 * share, slope) - kappa(theta, slope));
        expect(error / rademacherCorrection(theta, slope)).toBeCloseTo(1, 2);
      }
  });

  test('refuses what is no number of coordinates', () => {
    expect(() => rademacherKernel(4, 5)).toThrow('found 5 and 4');
    expect(() => rademacherKernel(4, 2.5)).toThrow('whole numbers');
  });
});

test('sparse inputs never come near the limit', () => {
  for (const m of [2, 40, 1280]) {
    const unit = (at: number) => Float64Array.from({ length: m }, (_, i) => (i === at ? 1 : 0));
    expect(enumeratedRademacherKernel(unit(0), unit(1))).toBe(0.25);
  }
  const long = new Float64Array(21).fill(1);
  expect(() => enumeratedRademacherKernel(long, long)).toThrow('at most 20 coordinates that are not zero, found 21');
});
