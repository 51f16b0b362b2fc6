/** Linear regression on several predictors. */
import { UserError } from '../array/errors.ts';
import { qr, triangularSolve } from '../linalg/index.ts';
import { studentTQuantile } from './distributions.ts';

/** A least-squares fit `y = intercept + sum_j coefficients[j] x_j`, under independent errors of one variance. */
export interface LinearModel {
  readonly intercept: number;
  /** One per predictor. */
  readonly coefficients: Float64Array;
  /** Standard errors; NaN where the points are no more than the unknowns. */
  readonly errors: Float64Array;
  /** Confidence intervals from Student's t with n - p - 1 degrees of freedom. */
  readonly intervals: readonly (readonly [number, number])[];
  /** Residual standard deviation, with n - p - 1 in the denominator. */
  readonly residualDeviation: number;
  /** Share of the variance of y that the fit explains, the coefficient of determination; NaN for constant y. */
  readonly rSquared: number;
}

/**
 * A column whose part outside the others is smaller than this share of it depends on them as far as rounding can tell.
 */
const DEPENDENT = 1e-12;

/**
 * Ordinary least squares with an intercept by QR of the centred predictors, which loses no digits to the normal
 * equations (Golub and Van Loan, "Matrix computations", 4th ed., section 5.3; Draper and Smith, "Applied regression
 * analysis", 3rd ed., chapter 5).
 *
 * @param predictors n x p, row-major, one row per observation
 * @param y n observations, n > p
 * @param level confidence level of the intervals, in (0, 1); default 0.95
 * @throws UserError when sizes do not fit, a number is not finite, or a predictor is constant or depends on those
 *   before it
 */
export function linearRegression(predictors: Float64Array, y: ArrayLike<number>, level = 0.95): LinearModel {
  const n = y.length;
  const p = predictors.length / n;
  if (!Number.isInteger(p) || p < 1 || n <= p) {
    throw new UserError(
      `linearRegression: expected predictors of ${n} rows and fewer columns than rows, found ${predictors.length} entries.`,
    );
  }
  if (!(level > 0 && level < 1)) {
    throw new UserError(`linearRegression: expected a confidence level between 0 and 1, found ${level}.`);
  }
  const response = Float64Array.from(y);
  const wrong = response.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new UserError(`linearRegression: expected finite y, found ${response[wrong]} at index ${wrong}.`);

  const means = new Float64Array(p);
  for (let at = 0; at < predictors.length; at++) means[at % p] += predictors[at] / n;
  const meanY = response.reduce((sum, value) => sum + value, 0) / n;
  const centred = predictors.map((x, at) => x - means[at % p]);
  const { q, r } = qr(centred, n, p);
  checkIndependent(r, predictors, p);

  const projection = new Float64Array(p);
  for (let at = 0; at < q.length; at++) projection[at % p] += q[at] * (response[Math.floor(at / p)] - meanY);
  const coefficients = triangularSolve(r, p, projection, { lower: false });
  let residual = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    let rest = response[i] - meanY;
    total += rest ** 2;
    for (let j = 0; j < p; j++) rest -= coefficients[j] * centred[i * p + j];
    residual += rest ** 2;
  }
  const degrees = n - p - 1;
  const residualDeviation = degrees > 0 ? Math.sqrt(residual / degrees) : Number.NaN;
  // The covariance of the coefficients is sigma^2 R^-1 R^-T.
  const identity = Float64Array.from({ length: p * p }, (_, at) => Number(at % (p + 1) === 0));
  const inverse = triangularSolve(r, p, identity, { lower: false });
  const errors = coefficients.map((_, j) => {
    let squares = 0;
    for (let k = j; k < p; k++) squares += inverse[j * p + k] ** 2;
    return residualDeviation * Math.sqrt(squares);
  });
  const t = degrees > 0 ? studentTQuantile((1 + level) / 2, degrees) : Number.NaN;
  return {
    intercept: coefficients.reduce((sum, b, j) => sum - b * means[j], meanY),
    coefficients,
    errors,
    intervals: Array.from(coefficients, (b, j) => [b - t * errors[j], b + t * errors[j]] as const),
    residualDeviation,
    rSquared: total === 0 ? Number.NaN : 1 - residual / total,
  };
}

/** Each diagonal entry of R is what its column has beyond those before it. */
function checkIndependent(r: Float64Array, predictors: Float64Array, p: number): void {
  for (let j = 0; j < p; j++) {
    let squares = 0;
    for (let at = j; at < predictors.length; at += p) squares += predictors[at] ** 2;
    if (r[j * p + j] <= DEPENDENT * Math.sqrt(squares)) {
      throw new UserError(
        `linearRegression: predictor ${j} of ${p} is constant or depends on those before it; leave it out.`,
      );
    }
  }
}
