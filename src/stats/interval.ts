/** Confidence intervals of a mean, of a proportion and of any statistic. */
import { UserError } from '../array/errors.ts';
import { threefry2x32 } from '../random/threefry.ts';
import { normalCdf, normalQuantile, studentTQuantile } from './distributions.ts';
import { sortedQuantile } from './quantile.ts';

/**
 * Student's t interval of the mean: `mean -+ t s / sqrt(n)`, exact for independent normal values.
 *
 * @param values one per independent repetition; [NaN, NaN] for fewer than two (one value says nothing of its spread)
 *   or where a value is NaN
 * @param level confidence level in (0, 1); default 0.95
 * @throws UserError when the level is out of range
 */
export function meanInterval(values: ArrayLike<number>, level = 0.95): readonly [number, number] {
  checkLevel('meanInterval', level);
  const n = values.length;
  if (n < 2) return [Number.NaN, Number.NaN];
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i];
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i] - mean) ** 2;
  const half = studentTQuantile((1 + level) / 2, n - 1) * Math.sqrt(squares / (n - 1) / n);
  return [mean - half, mean + half];
}

/**
 * Interval of a probability from how often something happened: Wilson, "Probable inference, the law of succession, and
 * statistical inference", JASA 22, 1927, doi:10.1080/01621459.1927.10502953. It keeps inside [0, 1] and near its level
 * for small n and for none or all successes, where `mean -+ z s` fails (Brown, Cai and DasGupta, Statist. Sci. 16,
 * 2001).
 *
 * @param successes whole number from 0 to n
 * @param n number of independent trials; [NaN, NaN] for 0
 * @param level confidence level in (0, 1); default 0.95
 * @throws UserError when a number is out of range
 */
export function proportionInterval(successes: number, n: number, level = 0.95): readonly [number, number] {
  checkLevel('proportionInterval', level);
  if (!(Number.isInteger(n) && Number.isInteger(successes) && 0 <= successes && successes <= n)) {
    throw new UserError(`proportionInterval: expected 0 to n successes, found ${successes} of ${n}.`);
  }
  if (n === 0) return [Number.NaN, Number.NaN];
  const z = normalQuantile((1 + level) / 2);
  const share = successes / n;
  const half = z * Math.sqrt((share * (1 - share)) / n + (z / (2 * n)) ** 2);
  const centre = share + (z * z) / (2 * n);
  const stretch = 1 + (z * z) / n;
  return [successes === 0 ? 0 : (centre - half) / stretch, successes === n ? 1 : (centre + half) / stretch];
}

export interface BootstrapOptions {
  /** Confidence level in (0, 1); default 0.95. */
  readonly level?: number;
  /** Number of resamples; default 2000, of which the ends of a 95 % interval leave out about 50 each. */
  readonly resamples?: number;
  /** Safe integer; the same seed gives the same interval. Default 0. */
  readonly seed?: number;
  /**
   * `bca` (default): bias-corrected and accelerated, second-order accurate. `percentile`: the plain quantiles of the
   * resampled statistic, first-order accurate, without the n further evaluations of the jackknife.
   */
  readonly method?: 'bca' | 'percentile';
}

/**
 * Bootstrap confidence interval of a statistic of independent values: Efron, "Better bootstrap confidence intervals",
 * JASA 82, 1987, doi:10.1080/01621459.1987.10478410.
 *
 * The share of resamples below the observed statistic, which corrects the bias, counts ties as half and is kept half a
 * resample away from 0 and 1.
 *
 * For pairs, or rows of a table, resample their indices: with `rows = [0, 1, ..., n - 1]` the interval of `(sample) =>
 * kendall(pick(a, sample), pick(y, sample))` resamples pairs; a difference of two such statistics in one function makes
 * a paired comparison.
 *
 * @param values sample; [NaN, NaN] for fewer than two values
 * @param statistic function of a sample (which it must not change or keep); NaN for any resample makes the result NaN
 * @throws UserError when an option is out of range
 */
export function bootstrapInterval(
  values: ArrayLike<number>,
  statistic: (sample: Float64Array) => number,
  { level = 0.95, resamples = 2000, seed = 0, method = 'bca' }: BootstrapOptions = {},
): readonly [number, number] {
  checkLevel('bootstrapInterval', level);
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new UserError(`bootstrapInterval: expected a number of resamples of at least 1, found ${resamples}.`);
  }
  if (!Number.isSafeInteger(seed)) {
    throw new UserError(`bootstrapInterval: expected an integer as seed, found ${seed}.`);
  }
  if (values.length < 2) return [Number.NaN, Number.NaN];
  const sample = Float64Array.from(values);
  const replicates = resampled(sample, statistic, resamples, seed);
  const ends = [(1 - level) / 2, (1 + level) / 2];
  const [low, high] = method === 'percentile' ? ends : correctedEnds(sample, statistic, replicates, ends);
  if (Number.isNaN(low) || Number.isNaN(high)) return [Number.NaN, Number.NaN];
  return [sortedQuantile(replicates, low), sortedQuantile(replicates, high)];
}

function checkLevel(name: string, level: number): void {
  if (!(level > 0 && level < 1)) {
    throw new UserError(`${name}: expected a confidence level between 0 and 1, found ${level}.`);
  }
}

/** The statistic of each resample (drawn with replacement), ascending. */
function resampled(
  sample: Float64Array,
  statistic: (sample: Float64Array) => number,
  resamples: number,
  seed: number,
): Float64Array {
  const n = sample.length;
  const key = [Math.floor(seed / 2 ** 32), seed] as const;
  const words = n + (n % 2);
  const counts = new Uint32Array(words);
  const drawn = new Float64Array(n);
  const replicates = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    // Counter of a block: resample number and position in it.
    counts.fill(r, 0, words / 2);
    for (let i = 0; i < words / 2; i++) counts[words / 2 + i] = i;
    const bits = threefry2x32(key, counts);
    // An index by multiplication favours none by more than a relative n / 2^32.
    for (let i = 0; i < n; i++) drawn[i] = sample[Math.floor((bits[i] / 2 ** 32) * n)];
    replicates[r] = statistic(drawn);
  }
  return replicates.sort();
}

/** Probabilities at which BCa reads the resampled distribution: equations 2.3 and 6.6 of the paper. */
function correctedEnds(
  sample: Float64Array,
  statistic: (sample: Float64Array) => number,
  replicates: Float64Array,
  ends: readonly number[],
): number[] {
  const observed = statistic(sample.slice());
  if (Number.isNaN(observed)) return [Number.NaN, Number.NaN];
  const below = replicates.reduce((sum, x) => sum + (x < observed ? 1 : x === observed ? 0.5 : 0), 0);
  const share = Math.min(Math.max(below, 0.5), replicates.length - 0.5) / replicates.length;
  const bias = normalQuantile(share);
  const acceleration = jackknifeAcceleration(sample, statistic);
  return ends.map((p) => {
    const z = bias + normalQuantile(p);
    const stretch = 1 - acceleration * z;
    // At levels beyond the formula's reach the end of the distribution is all there is.
    if (stretch <= 0) return z > 0 ? 1 : 0;
    return normalCdf(bias + z / stretch);
  });
}

/** A sixth of the skewness of the influence of single values; 0 where leaving one out changes nothing. */
function jackknifeAcceleration(sample: Float64Array, statistic: (sample: Float64Array) => number): number {
  const n = sample.length;
  const without = Float64Array.from(sample, (_, left) => statistic(sample.filter((_, i) => i !== left)));
  const mean = without.reduce((sum, x) => sum + x, 0) / n;
  const squares = without.reduce((sum, x) => sum + (mean - x) ** 2, 0);
  const cubes = without.reduce((sum, x) => sum + (mean - x) ** 3, 0);
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}
