/** Estimators, intervals, ranks and special functions, on plain arrays of numbers. */
export {
  chiSquaredCdf,
  chiSquaredQuantile,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from './distributions.ts';
export { erf, erfc, erfcinv, erfinv } from './error-function.ts';
export { betainc, gammainc, lgamma } from './gamma-function.ts';
export { type GaussHermite, gaussHermite } from './gauss-hermite.ts';
export { type BootstrapOptions, bootstrapInterval, meanInterval, proportionInterval } from './interval.ts';
export { type KolmogorovSmirnov, kolmogorovSmirnov, kolmogorovSmirnov2 } from './kolmogorov-smirnov.ts';
export { type LinearModel, linearRegression } from './multiple-regression.ts';
export { type PermutationOptions, permutationTest } from './permutation-test.ts';
export { median, quantile } from './quantile.ts';
export { kendall, pearson, ranks, spearman, weightedKendall } from './rank.ts';
export { type Line, leastSquares, type PowerLaw, powerLaw, theilSen } from './regression.ts';
