import { describe, expect, test } from 'vitest';
import { eigenvalues } from './eigenvalues.ts';

describe('eigenvalues', () => {
  test('of a companion matrix are the roots of its polynomial, complex pairs together', () => {
    // (x - 3) (x^2 - 2 x + 5) = x^3 - 5 x^2 + 11 x - 15, with roots 3 and 1 -+ 2 i.
    const { real, imaginary } = eigenvalues(Float64Array.of(5, -11, 15, 1, 0, 0, 0, 1, 0), 3);
    [3, 1, 1].forEach((x, i) => {
      expect(real[i]).toBeCloseTo(x, 12);
    });
    [0, 2, -2].forEach((x, i) => {
      expect(imaginary[i]).toBeCloseTo(x, 12);
    });
  });

  test('of a rotation by an angle are e^(-+ i angle); a cyclic shift has the roots of unity', () => {
    const rotation = eigenvalues(Float64Array.of(Math.cos(0.3), -Math.sin(0.3), Math.sin(0.3), Math.cos(0.3)), 2);
    expect(rotation.imaginary[0]).toBeCloseTo(Math.sin(0.3), 14);
    const n = 12;
    const shift = Float64Array.from({ length: n * n }, (_, at) => Number((Math.floor(at / n) + 1) % n === at % n));
    const { real, imaginary } = eigenvalues(shift, n);
    const angles = [...real].map((x, i) => (((Math.atan2(imaginary[i], x) * n) / (2 * Math.PI) + n + 0.5) % n) - 0.5);
    angles
      .sort((a, b) => a - b)
      .forEach((angle, i) => {
        expect(angle).toBeCloseTo(i, 10);
      });
    expect(() => eigenvalues(shift, 11)).toThrow(/11 x 11 = 121 entries, found 144/);
  });
});
