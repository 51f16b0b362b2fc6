/** Significance by permutations. */
import { UserError } from '../array/errors.ts';
import { threefry2x32 } from '../random/threefry.ts';

export interface PermutationOptions {
  /** Number of random permutations; default 9999, so that the smallest p is 1e-4. */
  readonly permutations?: number;
  /** Safe integer; the same seed gives the same p. Default 0. */
  readonly seed?: number;
  /** Which statistics count as extreme; `two-sided` (default) compares magnitudes, so 0 must mean no effect. */
  readonly alternative?: 'two-sided' | 'greater' | 'less';
}

/** What rounding may move a statistic between permutations that give the same value, relative to it. */
const ROUNDING = 1e-12;

/**
 * p-value of a statistic under random permutations of the values: exact for values that are exchangeable without the
 * effect. `(1 + extreme) / (1 + permutations)`, which counts the observed order and is never 0: Phipson and Smyth,
 * "Permutation p-values should never be zero", Stat. Appl. Genet. Mol. Biol. 9, 2010, doi:10.2202/1544-6115.1585.
 *
 * Of a correlation: `permutationTest(y, (permuted) => spearman(x, permuted))`. Of two samples: give both in one list
 * and a statistic that compares its first part with the rest.
 *
 * @param statistic function of the permuted values (which it must not change or keep)
 * @throws UserError when an option is out of range or the statistic is NaN
 */
export function permutationTest(
  values: ArrayLike<number>,
  statistic: (permuted: Float64Array) => number,
  { permutations = 9999, seed = 0, alternative = 'two-sided' }: PermutationOptions = {},
): { readonly statistic: number; readonly p: number } {
  if (!Number.isInteger(permutations) || permutations < 1) {
    throw new UserError(`permutationTest: expected a number of permutations of at least 1, found ${permutations}.`);
  }
  if (!Number.isSafeInteger(seed)) {
    throw new UserError(`permutationTest: expected an integer as seed, found ${seed}.`);
  }
  const observed = statistic(Float64Array.from(values));
  const sizeOf = { 'two-sided': Math.abs, greater: (x: number) => x, less: (x: number) => -x }[alternative];
  const least = sizeOf(observed) - ROUNDING * Math.abs(observed);
  const key = [Math.floor(seed / 2 ** 32), seed] as const;
  const n = values.length;
  const words = n + (n % 2);
  const counts = new Uint32Array(words);
  const permuted = Float64Array.from(values);
  let extreme = 0;
  for (let r = 0; r < permutations; r++) {
    // Counter of a block: permutation number and position in it.
    counts.fill(r, 0, words / 2);
    for (let i = 0; i < words / 2; i++) counts[words / 2 + i] = i;
    const bits = threefry2x32(key, counts);
    // Fisher and Yates; an index by multiplication favours none by more than a relative n / 2^32.
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor((bits[i] / 2 ** 32) * (i + 1));
      [permuted[i], permuted[j]] = [permuted[j], permuted[i]];
    }
    const value = statistic(permuted);
    if (Number.isNaN(value) || Number.isNaN(observed)) {
      throw new UserError('permutationTest: the statistic is NaN, which no value can be compared with.');
    }
    if (sizeOf(value) >= least) extreme++;
  }
  return { statistic: observed, p: (1 + extreme) / (1 + permutations) };
}
