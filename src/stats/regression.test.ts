import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { leastSquares, powerLaw, theilSen } from './regression.ts';

fc.configureGlobal({ seed: 1 });

// Anscombe's first set, "Graphs in statistical analysis", The American Statistician 27, 1973.
const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];

const finite = fc.integer({ min: -50, max: 50 });

describe('leastSquares', () => {
  test("gives the published line of Anscombe's first set", () => {
    const line = leastSquares(x, y);
    expect(line.slope).toBeCloseTo(0.5000909090909091, 14);
    expect(line.intercept).toBeCloseTo(3.0000909090909103, 13);
    expect(line.slopeError).toBeCloseTo(0.11790550059563408, 14);
    expect(line.interceptError).toBeCloseTo(1.1247467908086437, 13);
    expect(line.rSquared).toBeCloseTo(0.666542459508775, 14);
    // t(0.975, 9) = 2.262157162798205.
    expect(line.slopeInterval[0]).toBeCloseTo(0.5000909090909091 - 2.262157162798205 * 0.11790550059563408, 13);
    expect(line.slopeInterval[1]).toBeCloseTo(0.5000909090909091 + 2.262157162798205 * 0.11790550059563408, 13);
  });

  test('residuals are orthogonal to 1 and x (the normal equations)', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(finite, finite), { minLength: 2, maxLength: 20 }), (points) => {
        fc.pre(points.some((p) => p[0] !== points[0][0]));
        const u = points.map((p) => p[0]);
        const v = points.map((p) => p[1]);
        const { slope, intercept } = leastSquares(u, v);
        const residuals = u.map((ui, i) => v[i] - intercept - slope * ui);
        expect(residuals.reduce((sum, r) => sum + r, 0)).toBeCloseTo(0, 8);
        expect(residuals.reduce((sum, r, i) => sum + r * u[i], 0)).toBeCloseTo(0, 7);
      }),
    );
  });

  test('two points fix the line and leave no residual to judge its errors by', () => {
    const line = leastSquares([1, 3], [2, 8]);
    expect([line.slope, line.intercept, line.slopeError, line.slopeInterval[0]]).toEqual([3, -1, NaN, NaN]);
    expect(leastSquares([1, 2, 3], [4, 4, 4]).rSquared).toBe(NaN);
  });

  test('refuses points that no line can be drawn through', () => {
    expect(() => leastSquares([1, 2], [1])).toThrow(/as many x as y, found 2 and 1/);
    expect(() => leastSquares([2, 2], [1, 3])).toThrow(/2 points at one x/);
    expect(() => leastSquares([], [])).toThrow(UserError);
    expect(() => leastSquares([1, NaN], [1, 3])).toThrow(/\(NaN, 3\) at index 1/);
    expect(() => leastSquares(x, y, 95)).toThrow(/level between 0 and 1, found 95/);
  });
});

describe('theilSen', () => {
  test("agrees with SciPy 1.17 on Anscombe's first set", () => {
    expect(theilSen(x, y).slope).toBeCloseTo(0.5016666666666668, 14);
  });

  test('ignores a quarter of wild points', () => {
    const u = Array.from({ length: 21 }, (_, i) => i);
    const v = u.map((ui) => (ui % 4 === 3 ? 1e6 * (ui - 10) : 2 * ui - 1));
    const { slope, intercept } = theilSen(u, v);
    expect(slope).toBeCloseTo(2, 12);
    expect(intercept).toBeCloseTo(-1, 12);
  });

  test('follows y -> y + c x + d exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(finite, finite), { minLength: 2, maxLength: 12 }),
        finite,
        finite,
        (points, c, d) => {
          fc.pre(points.some((p) => p[0] !== points[0][0]));
          const u = points.map((p) => p[0]);
          const line = theilSen(
            u,
            points.map((p) => p[1]),
          );
          const moved = theilSen(
            u,
            points.map((p) => p[1] + c * p[0] + d),
          );
          expect(moved.slope).toBeCloseTo(line.slope + c, 9);
          expect(moved.intercept).toBeCloseTo(line.intercept + d, 8);
        },
      ),
    );
  });

  test('refuses points at one x', () => {
    expect(() => theilSen([1, 1], [1, 2])).toThrow(UserError);
  });
});

describe('powerLaw', () => {
  test('recovers an exact law, and has the uncertainty of the line in logarithms', () => {
    const x = [1, 2, 4, 8, 16];
    const exact = powerLaw(
      x,
      x.map((v) => 3 * v ** -0.5),
    );
    expect(exact.exponent).toBeCloseTo(-0.5, 13);
    expect(exact.factor).toBeCloseTo(3, 12);
    expect(exact.rSquared).toBeCloseTo(1, 13);
    const y = [1.1, 1.9, 4.3, 7.5, 17];
    const line = leastSquares(x.map(Math.log), y.map(Math.log), 0.9);
    expect(powerLaw(x, y, 0.9)).toEqual({
      exponent: line.slope,
      factor: Math.exp(line.intercept),
      exponentError: line.slopeError,
      exponentInterval: line.slopeInterval,
      rSquared: line.rSquared,
    });
  });

  test('refuses numbers without a logarithm and says where', () => {
    expect(() => powerLaw([1, 0], [1, 2])).toThrow(/positive numbers, found x = 0 at index 1/);
    expect(() => powerLaw([1, 2], [NaN, 2])).toThrow(/found y = NaN at index 0/);
  });
});
