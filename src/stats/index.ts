/** Estimators, intervals, ranks and special functions, on plain arrays of numbers. */
export { normalCdf, normalQuantile, studentTCdf, studentTQuantile } from './distributions.ts';
export { erf, erfc, erfcinv, erfinv } from './error-function.ts';
export { betainc, lgamma } from './gamma-function.ts';
export { type BootstrapOptions, bootstrapInterval, meanInterval } from './interval.ts';
export { median, quantile } from './quantile.ts';
export { kendall, ranks, spearman } from './rank.ts';
export { type Line, leastSquares, theilSen } from './regression.ts';
