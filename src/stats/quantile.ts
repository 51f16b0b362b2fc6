/** Sample quantiles. */
import { UserError } from '../array/errors.ts';

/**
 * Sample quantile of type 7 (linear interpolation of order statistics; the default of R and NumPy). Hyndman and Fan,
 * "Sample quantiles in statistical packages", The American Statistician 50, 1996, doi:10.2307/2684934.
 *
 * @param values sample of any order, left alone; NaN when it is empty or holds a NaN
 * @param p probability in [0, 1]
 * @throws UserError when p lies outside
 */
export function quantile(values: ArrayLike<number>, p: number): number {
  return sortedQuantile(Float64Array.from(values).sort(), p);
}

/** Middle of the sample, the mean of the two middle values where their number is even. NaN as for `quantile`. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** `quantile` of a sample already in ascending order, NaN last as typed arrays sort it. */
export function sortedQuantile(sorted: Float64Array, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new UserError(`quantile: expected a probability between 0 and 1, found ${p}.`);
  const last = sorted.length - 1;
  if (last < 0 || Number.isNaN(sorted[last])) return Number.NaN;
  const position = last * p;
  const at = Math.floor(position);
  const low = sorted[at];
  const high = sorted[Math.min(at + 1, last)];
  // Equal neighbours may be infinite, and infinity minus infinity is no number.
  return low === high ? low : low + (position - at) * (high - low);
}
