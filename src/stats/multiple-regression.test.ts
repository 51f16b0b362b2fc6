import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generator } from '../array/testing.fixture.ts';
import { linearRegression } from './multiple-regression.ts';
import { leastSquares } from './regression.ts';

const predictors = Float64Array.of(1, 2, 2, 1.5, 3, 4.2, 4, 3.1, 5, 7.7, 6, 5, 7, 9.3);
const y = [3.1, 3.9, 7.2, 6.9, 12.8, 10.1, 15.9];

describe('linearRegression', () => {
  // NumPy's lstsq and the textbook covariance sigma^2 (X^T X)^-1.
  test('agrees with NumPy and the normal equations', () => {
    const model = linearRegression(predictors, y);
    const close = (found: ArrayLike<number>, expected: number[]) =>
      expected.forEach((x, i) => {
        expect(found[i]).toBeCloseTo(x, 12);
      });
    close([model.intercept, ...model.coefficients], [0.4359822986786321, 0.7179272625280482, 1.1203097731239084]);
    close(model.errors, [0.103943550339813, 0.07733041744462461]);
    close([model.intervals[0][0], model.intervals[1][0]], [0.4293337009701939, 0.9056061141268784]);
    close([model.residualDeviation, model.rSquared], [0.2798585868946831, 0.9975967307370485]);
  });

  test('with one predictor it is the least-squares line', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 30 }), fc.nat(1000), (n, seed) => {
        const random = generator(seed);
        const x = Float64Array.from({ length: n }, () => random() * 4 + 100);
        const values = Float64Array.from(x, (v) => 2 - v + random());
        const line = leastSquares(x, values, 0.8);
        const model = linearRegression(x, values, 0.8);
        expect(model.coefficients[0]).toBeCloseTo(line.slope, 9);
        expect(model.intercept).toBeCloseTo(line.intercept, 7);
        expect(model.errors[0]).toBeCloseTo(line.slopeError, 9);
        expect(model.intervals[0][1]).toBeCloseTo(line.slopeInterval[1], 8);
        expect(model.rSquared).toBeCloseTo(line.rSquared, 9);
      }),
    );
  });

  test('covers the true coefficients at its level', () => {
    const random = generator(5);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const trials = 1000;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const x = Float64Array.from({ length: 24 }, normal);
      const values = Float64Array.from({ length: 8 }, (_, i) => 1 + x[3 * i] - 2 * x[3 * i + 2] + normal());
      const [low, high] = linearRegression(x, values, 0.9).intervals[2];
      if (low <= -2 && high >= -2) covered++;
    }
    expect(Math.abs(covered / trials - 0.9)).toBeLessThan(4 * Math.sqrt((0.9 * 0.1) / trials));
  });

  test('knows no errors without a point to spare, and refuses what has no unique answer', () => {
    const exact = linearRegression(Float64Array.of(1, 0, 0, 1, 1, 1), [1, 2, 4]);
    expect([...exact.errors, exact.residualDeviation]).toEqual([NaN, NaN, NaN]);
    expect(exact.coefficients[0]).toBeCloseTo(2, 13);
    expect(() => linearRegression(Float64Array.of(1, 2, 2, 4, 3, 6, 5, 10), [1, 2, 3, 5])).toThrow(
      /predictor 1 of 2 is constant or depends/,
    );
    expect(() => linearRegression(Float64Array.of(7, 7, 7), [1, 2, 3])).toThrow(/predictor 0 of 1/);
    expect(() => linearRegression(predictors, [1, 2])).toThrow(/rows and fewer columns than rows, found 14/);
    expect(() => linearRegression(predictors, [1, 2, 3, 4, NaN, 6, 7])).toThrow(/found NaN at index 4/);
  });
});
