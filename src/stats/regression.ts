/**
 * Straight lines through points, plain and in logarithms: ordinary least squares, and the robust line of Theil and Sen.
 */
import { UserError } from '../array/errors.ts';
import { studentTQuantile } from './distributions.ts';
import { median } from './quantile.ts';

/** A least-squares line `intercept + slope x` with its uncertainty under independent errors of one variance. */
export interface Line {
  readonly slope: number;
  readonly intercept: number;
  /** Standard errors; NaN for two points, which leave no residual to judge by. */
  readonly slopeError: number;
  readonly interceptError: number;
  /** Confidence intervals from Student's t with n - 2 degrees of freedom. */
  readonly slopeInterval: readonly [number, number];
  readonly interceptInterval: readonly [number, number];
  /** Residual standard deviation, with n - 2 in the denominator. */
  readonly residualDeviation: number;
  /** Share of the variance of y that the line explains; NaN for constant y. */
  readonly rSquared: number;
}

/**
 * Ordinary least-squares line (Draper and Smith, "Applied regression analysis", 3rd ed., chapter 1).
 *
 * @param x abscissae, at least two of them different
 * @param y ordinates, as many
 * @param level confidence level of the intervals, in (0, 1); default 0.95
 * @throws UserError when the lengths differ, a number is not finite, all x are equal or the level is out of range
 */
export function leastSquares(x: ArrayLike<number>, y: ArrayLike<number>, level = 0.95): Line {
  checkPoints('leastSquares', x, y);
  if (!(level > 0 && level < 1)) {
    throw new UserError(`leastSquares: expected a confidence level between 0 and 1, found ${level}.`);
  }
  const n = x.length;
  const meanX = mean(x);
  const meanY = mean(y);
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    xx += (x[i] - meanX) ** 2;
    xy += (x[i] - meanX) * (y[i] - meanY);
    yy += (y[i] - meanY) ** 2;
  }
  const slope = xy / xx;
  const intercept = meanY - slope * meanX;
  let residual = 0;
  for (let i = 0; i < n; i++) residual += (y[i] - meanY - slope * (x[i] - meanX)) ** 2;
  const residualDeviation = n > 2 ? Math.sqrt(residual / (n - 2)) : Number.NaN;
  const slopeError = residualDeviation / Math.sqrt(xx);
  const interceptError = residualDeviation * Math.sqrt(1 / n + meanX ** 2 / xx);
  const t = n > 2 ? studentTQuantile((1 + level) / 2, n - 2) : Number.NaN;
  return {
    slope,
    intercept,
    slopeError,
    interceptError,
    slopeInterval: [slope - t * slopeError, slope + t * slopeError],
    interceptInterval: [intercept - t * interceptError, intercept + t * interceptError],
    residualDeviation,
    rSquared: yy === 0 ? Number.NaN : 1 - residual / yy,
  };
}

/** `y = factor x^exponent`, fitted as a line in logarithms. */
export interface PowerLaw {
  readonly exponent: number;
  readonly factor: number;
  /** Standard error and confidence interval of the exponent, as those of a `Line`'s slope. */
  readonly exponentError: number;
  readonly exponentInterval: readonly [number, number];
  /** Share of the variance of log y that the law explains. */
  readonly rSquared: number;
}

/**
 * The exponent of a power law: the least-squares slope of log y on log x, for errors of one relative size.
 *
 * @throws UserError as `leastSquares`, and when a number is not positive
 */
export function powerLaw(x: ArrayLike<number>, y: ArrayLike<number>, level = 0.95): PowerLaw {
  const logarithm = (values: ArrayLike<number>, name: string) =>
    Float64Array.from(values, (value, i) => {
      if (value > 0) return Math.log(value);
      throw new UserError(`powerLaw: expected positive numbers, found ${name} = ${value} at index ${i}.`);
    });
  const line = leastSquares(logarithm(x, 'x'), logarithm(y, 'y'), level);
  return {
    exponent: line.slope,
    factor: Math.exp(line.intercept),
    exponentError: line.slopeError,
    exponentInterval: line.slopeInterval,
    rSquared: line.rSquared,
  };
}

/**
 * The line of Theil (1950) and Sen (JASA 63, 1968, doi:10.1080/01621459.1968.10480934): the median of the slopes of all
 * pairs with different x, and the median of `y - slope x`. Up to 29 % of the points may be arbitrarily wrong. O(n^2)
 * memory: 4 n^2 bytes.
 *
 * @throws UserError as `leastSquares`
 */
export function theilSen(x: ArrayLike<number>, y: ArrayLike<number>): { slope: number; intercept: number } {
  checkPoints('theilSen', x, y);
  const n = x.length;
  const slopes = new Float64Array((n * (n - 1)) / 2);
  let count = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) if (x[i] !== x[j]) slopes[count++] = (y[i] - y[j]) / (x[i] - x[j]);
  }
  const slope = median(slopes.subarray(0, count));
  return { slope, intercept: median(Float64Array.from({ length: n }, (_, i) => y[i] - slope * x[i])) };
}

function checkPoints(name: string, x: ArrayLike<number>, y: ArrayLike<number>): void {
  if (x.length !== y.length) {
    throw new UserError(`${name}: expected as many x as y, found ${x.length} and ${y.length}.`);
  }
  let different = false;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) {
      throw new UserError(`${name}: expected finite points, found (${x[i]}, ${y[i]}) at index ${i}; leave it out.`);
    }
    different ||= x[i] !== x[0];
  }
  if (!different) throw new UserError(`${name}: expected at least two different x, found ${x.length} points at one x.`);
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
