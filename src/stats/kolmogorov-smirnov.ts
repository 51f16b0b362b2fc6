/** The tests of Kolmogorov and Smirnov. */
import { UserError } from '../array/errors.ts';
import { lgamma } from './gamma-function.ts';

export interface KolmogorovSmirnov {
  /** Largest distance between the two distribution functions. */
  readonly distance: number;
  /** Two-sided probability of such a distance or a larger one where both are the same. */
  readonly p: number;
}

/**
 * Whether a sample comes from a continuous distribution that is known beforehand (not fitted to the sample, for which p
 * would be too large).
 *
 * The p-value is exact up to 500 values (Marsaglia, Tsang and Wang, "Evaluating Kolmogorov's distribution", J. Stat.
 * Softw. 8, 2003, doi:10.18637/jss.v008.i18) and below 1e-3 (twice the one-sided probability of Smirnov, whose relative
 * error there is under 1e-9). Elsewhere it is Kolmogorov's limit with the correction of Vrbik ("Small-sample
 * corrections to Kolmogorov-Smirnov test statistic", Pioneer J. Theor. Appl. Stat. 15, 2018), off by less than 3e-5.
 *
 * @param values at least one, of any order
 * @param cdf the distribution function
 * @throws UserError when there are no values, or `cdf` leaves [0, 1]
 */
export function kolmogorovSmirnov(values: ArrayLike<number>, cdf: (x: number) => number): KolmogorovSmirnov {
  const sorted = sortedSample('kolmogorovSmirnov', values);
  const n = sorted.length;
  let distance = 0;
  sorted.forEach((x, i) => {
    const probability = cdf(x);
    if (!(probability >= 0 && probability <= 1)) {
      throw new UserError(
        `kolmogorovSmirnov: expected a distribution function, found the value ${probability} at ${x}.`,
      );
    }
    distance = Math.max(distance, probability - i / n, (i + 1) / n - probability);
  });
  return { distance, p: oneSampleTail(n, distance) };
}

/**
 * Whether two samples come from one distribution. The p-value is the share of all ways of dealing the pooled values
 * into two samples of these sizes that give such a distance or a larger one, ties included: Hodges, "The significance
 * probability of the Smirnov two-sample test", Arkiv foer Matematik 3, 1958, doi:10.1007/BF02589501. Beyond sizes whose
 * product is 10^7 it is that of a single sample of `n m / (n + m)` values.
 *
 * @throws UserError when a sample is empty or holds NaN
 */
export function kolmogorovSmirnov2(x: ArrayLike<number>, y: ArrayLike<number>): KolmogorovSmirnov {
  const a = sortedSample('kolmogorovSmirnov2', x);
  const b = sortedSample('kolmogorovSmirnov2', y);
  const pooled = Float64Array.from([...a, ...b]).sort();
  const [n, m] = [a.length, b.length];
  // Differences of the distribution functions in units of 1 / (n m), so that they are whole numbers.
  let largest = 0;
  let [i, j] = [0, 0];
  for (let at = 0; at < pooled.length; ) {
    const value = pooled[at];
    while (i < n && a[i] === value) i++;
    while (j < m && b[j] === value) j++;
    at = i + j;
    largest = Math.max(largest, Math.abs(i * m - j * n));
  }
  const distance = largest / (n * m);
  if (n * m > 1e7) return { distance, p: oneSampleTail((n * m) / (n + m), distance) };
  return { distance, p: twoSampleTail(n, m, largest, pooled) };
}

function sortedSample(name: string, values: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0 || Number.isNaN(sorted[sorted.length - 1])) {
    throw new UserError(`${name}: expected at least one number and no NaN, found ${sorted.length} values.`);
  }
  return sorted;
}

/**
 * Probability that a random order of n and m values reaches a difference of `largest` somewhere. With i and j of them
 * dealt, the last was one of the first sample with probability i / (i + j); within a run of ties no difference is seen.
 */
function twoSampleTail(n: number, m: number, largest: number, pooled: Float64Array): number {
  const reached = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    for (let j = i === 0 ? 1 : 0; j <= m; j++) {
      const total = i + j;
      const seen = total === pooled.length || pooled[total - 1] !== pooled[total];
      if (seen && Math.abs(i * m - j * n) >= largest) reached[j] = 1;
      else reached[j] = (i / total) * reached[j] + (j > 0 ? (j / total) * reached[j - 1] : 0);
    }
  }
  return largest === 0 ? 1 : reached[m];
}

/** P(D_n >= d). A size that is no whole number gets the limit. */
function oneSampleTail(n: number, d: number): number {
  if (d * n <= 0.5) return 1;
  if (d >= 1) return 0;
  const whole = Number.isInteger(n);
  // The event that both one-sided distances reach d has about the fourth power of this probability.
  const doubled = whole ? 2 * oneSidedTail(n, d) : Infinity;
  if (doubled < 1e-3) return doubled;
  if (whole && n <= 500) return 1 - marsagliaTsangWang(n, d);
  const s = Math.sqrt(n) * d;
  return kolmogorovTail(s + 1 / (6 * Math.sqrt(n)) + (s - 1) / (4 * n));
}

/**
 * P(D_n^+ >= d) for the one-sided distance: Smirnov, "Approximate laws of distribution of random variables from
 * empirical data", 1944; Birnbaum and Tingey, Ann. Math. Statist. 22, 1951, doi:10.1214/aoms/1177729550.
 */
function oneSidedTail(n: number, d: number): number {
  let sum = 0;
  for (let j = 0; j <= n * (1 - d); j++) {
    const rest = 1 - d - j / n;
    // At the last j the power (n - j) of a rest of zero is what the loop ends on.
    if (rest <= 0) break;
    const logarithm =
      lgamma(n + 1) - lgamma(j + 1) - lgamma(n - j + 1) + (n - j) * Math.log(rest) + (j - 1) * Math.log(d + j / n);
    sum += Math.exp(logarithm);
  }
  return Math.min(d * sum, 1);
}

/** P(D_n < d): the middle entry of `n! / n^n H^n` for a matrix H of size 2 ceil(n d) - 1. */
function marsagliaTsangWang(n: number, d: number): number {
  const k = Math.floor(n * d) + 1;
  const size = 2 * k - 1;
  const h = k - n * d;
  let matrix: Float64Array = Float64Array.from({ length: size * size }, (_, at) =>
    Math.floor(at / size) - (at % size) < -1 ? 0 : 1,
  );
  for (let i = 0; i < size; i++) {
    matrix[i * size] -= h ** (i + 1);
    matrix[(size - 1) * size + i] -= h ** (size - i);
  }
  matrix[(size - 1) * size] += 2 * h - 1 > 0 ? (2 * h - 1) ** size : 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) for (let g = 1; g <= i - j + 1; g++) matrix[i * size + j] /= g;
  }
  // Powers of H by squaring; n! / n^n is spread over the factors, which keeps all numbers within range.
  let power: Float64Array | undefined;
  let logarithm = lgamma(n + 1) - n * Math.log(n);
  let exponent = 0;
  for (let rest = n, scale = 0; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      power = power === undefined ? matrix : squareProduct(power, matrix, size);
      exponent += scale;
      const largest = power.reduce((most, x) => Math.max(most, x), 0);
      power = power.map((x) => x / largest);
      logarithm += Math.log(largest);
    }
    matrix = squareProduct(matrix, matrix, size);
    scale *= 2;
    const largest = matrix.reduce((most, x) => Math.max(most, x), 0);
    matrix = matrix.map((x) => x / largest);
    scale += Math.log(largest);
  }
  return power![(k - 1) * size + k - 1] * Math.exp(logarithm + exponent);
}

function squareProduct(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const x = a[i * n + k];
      if (x !== 0) for (let j = 0; j < n; j++) result[i * n + j] += x * b[k * n + j];
    }
  }
  return result;
}

/** P(K >= x) for Kolmogorov's limit K, by the one of its two series that converges fast. */
function kolmogorovTail(x: number): number {
  let sum = 0;
  if (x < 1) {
    for (let k = 1; k <= 9; k += 2) sum += Math.exp(-((k * Math.PI) ** 2) / (8 * x * x));
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  for (let k = 1; k <= 5; k++) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * (k * x) ** 2);
  return Math.min(2 * sum, 1);
}
