/** Pearson's correlation, ranks, and the rank correlations. */
import { UserError } from '../array/errors.ts';
import { powerNear } from '../linalg/dense.ts';

/**
 * Ranks from 1, ties sharing the mean of the ranks they take up. Infinite values are allowed: give a censored
 * observation Infinity to rank it last.
 *
 * @throws UserError when a value is NaN
 */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = ascending(values);
  const result = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let k = start; k < end; k++) result[order[k]] = (start + 1 + end) / 2;
    start = end;
  }
  return result;
}

/**
 * Pearson's correlation. NaN where a side is constant, has fewer than two values or one that is not finite.
 *
 * @throws UserError when the lengths differ
 */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  checkPairs('pearson', x, y);
  const [a, b] = [centred(x), centred(y)];
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] ** 2;
    bb += b[i] ** 2;
  }
  return Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb)));
}

/**
 * Values less their mean, in a unit whose squares do not overflow. Taking the first value away before makes those of a
 * constant side exactly 0.
 */
function centred(values: ArrayLike<number>): Float64Array {
  const result = Float64Array.from(values);
  const unit = powerNear(result.reduce((most, x) => Math.max(most, Math.abs(x)), 0));
  const shifted = result.map((x) => x / unit - result[0] / unit);
  const mean = shifted.reduce((sum, x) => sum + x, 0) / shifted.length;
  return shifted.map((x) => x - mean);
}

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks. NaN where a side is constant or has fewer than two
 * values.
 *
 * @throws UserError when the lengths differ or a value is NaN
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  checkPairs('spearman', x, y);
  return pearson(ranks(x), ranks(y));
}

/**
 * Kendall's tau-b: concordant minus discordant pairs, over the geometric mean of the numbers of pairs not tied in x and
 * not tied in y. NaN where a side is constant or has fewer than two values. O(n log n) by Knight, "A computer method
 * for calculating Kendall's tau with ungrouped data", JASA 61, 1966, doi:10.1080/01621459.1966.10480879.
 *
 * @throws UserError when the lengths differ or a value is NaN
 */
export function kendall(x: ArrayLike<number>, y: ArrayLike<number>): number {
  checkPairs('kendall', x, y);
  const a = ranks(x);
  const b = ranks(y);
  const order = Uint32Array.from(a.keys()).sort((i, j) => a[i] - a[j] || b[i] - b[j]);
  const pairs = (a.length * (a.length - 1)) / 2;
  const tiedX = tiedPairs(a);
  const tiedY = tiedPairs(b);
  let tiedBoth = 0;
  let run = 0;
  for (let k = 1; k < order.length; k++) {
    run = a[order[k]] === a[order[k - 1]] && b[order[k]] === b[order[k - 1]] ? run + 1 : 0;
    tiedBoth += run;
  }
  const discordant = inversions(Float64Array.from(order, (i) => b[i]));
  const excess = pairs - tiedX - tiedY + tiedBoth - 2 * discordant;
  return excess / Math.sqrt((pairs - tiedX) * (pairs - tiedY));
}

/**
 * Kendall's tau with more weight on the top: a pair at places r and s from the top (0 the largest value) counts `1 / (r
 * + 1) + 1 / (s + 1)`; mean of the correlations with the places in x and in y, ties in one ordered by the other. Vigna,
 * "A weighted correlation index for rankings with ties", WWW 2015, arXiv:1404.3325. NaN where a side is constant or has
 * fewer than two values. O(n^2).
 *
 * @throws UserError when the lengths differ or a value is NaN
 */
export function weightedKendall(x: ArrayLike<number>, y: ArrayLike<number>): number {
  checkPairs('weightedKendall', x, y);
  const [a, b] = [ranks(x), ranks(y)];
  return (weightedBy(a, b) + weightedBy(b, a)) / 2;
}

/** The weighted tau with the places of `a`, descending. */
function weightedBy(a: Float64Array, b: Float64Array): number {
  const order = Uint32Array.from(a.keys()).sort((i, j) => a[j] - a[i] || b[j] - b[i]);
  let excess = 0;
  let untiedA = 0;
  let untiedB = 0;
  order.forEach((i, r) => {
    for (let s = 0; s < r; s++) {
      const weight = 1 / (r + 1) + 1 / (s + 1);
      const [signA, signB] = [Math.sign(a[i] - a[order[s]]), Math.sign(b[i] - b[order[s]])];
      excess += weight * signA * signB;
      untiedA += weight * Math.abs(signA);
      untiedB += weight * Math.abs(signB);
    }
  });
  return excess / Math.sqrt(untiedA * untiedB);
}

function checkPairs(name: string, x: ArrayLike<number>, y: ArrayLike<number>): void {
  if (x.length !== y.length) {
    throw new UserError(`${name}: expected two samples of one length, found ${x.length} and ${y.length} values.`);
  }
}

/** Indices that sort the values. */
function ascending(values: ArrayLike<number>): Uint32Array {
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) {
      throw new UserError(
        `ranks: expected numbers, found NaN at index ${i}; leave it out, or rank it last as Infinity.`,
      );
    }
  }
  // Infinity - Infinity is NaN, hence the comparisons.
  return Uint32Array.from({ length: values.length }, (_, i) => i).sort((i, j) =>
    values[i] < values[j] ? -1 : values[i] > values[j] ? 1 : 0,
  );
}

/** Number of pairs of equal ranks. */
function tiedPairs(ranked: Float64Array): number {
  const sorted = ranked.slice().sort();
  let count = 0;
  let run = 0;
  for (let k = 1; k < sorted.length; k++) {
    run = sorted[k] === sorted[k - 1] ? run + 1 : 0;
    count += run;
  }
  return count;
}

/** Number of pairs i < j with values[i] > values[j], by merge sort; `values` is destroyed. */
function inversions(values: Float64Array): number {
  let from = values;
  let to: Float64Array = new Float64Array(values.length);
  let count = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      const end = Math.min(start + 2 * width, values.length);
      let left = start;
      let right = middle;
      for (let k = start; k < end; k++) {
        if (right >= end || (left < middle && from[left] <= from[right])) to[k] = from[left++];
        else {
          to[k] = from[right++];
          count += middle - left;
        }
      }
    }
    const spare = from;
    from = to;
    to = spare;
  }
  return count;
}
