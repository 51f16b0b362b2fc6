/**
 * In which order did training learn the frequencies (arXiv 1806.08734, Exp. 1, Fig. 1)? From a trace of captured fractions
 * to the first step of each frequency and the rank correlation of frequency and step.
 */
import { UserError } from '../../../array/errors.ts';
import { spearman } from '../../../stats/index.ts';

export interface LearningOrder {
  /** First training step at which frequency c was learned and stayed so; null = never within the trace (censored). */
  readonly step: readonly (number | null)[];
  /** Spearman correlation of frequency and step; censored frequencies rank last, ties averaged. NaN if all tie. */
  readonly spearman: number;
  /** Largest over smallest step of the *learned* frequencies; NaN when fewer than two are learned. */
  readonly ratioLastFirst: number;
}

/**
 * Learning order from a trace.
 *
 * @param trace T x K captured fractions, row-major with the record as row.
 * @param steps T training steps of the records, increasing.
 * @param frequencies K frequencies.
 * @param options.threshold captured fraction that counts as learned (default 0.8).
 * @param options.consecutive records in a row that must reach it (default 3): a single record can be fooled by the
 *   overshoot of a neighbouring frequency. The step is that of the first of them.
 * @throws UserError when the sizes disagree, the steps do not increase, or the trace holds NaN.
 */
export function learningOrder(
  trace: ArrayLike<number>,
  steps: ArrayLike<number>,
  frequencies: ArrayLike<number>,
  options: { readonly threshold?: number; readonly consecutive?: number } = {},
): LearningOrder {
  const { threshold = 0.8, consecutive = 3 } = options;
  const T = steps.length;
  const K = frequencies.length;
  assertTrace(trace, steps, K);
  if (!Number.isInteger(consecutive) || consecutive < 1)
    throw new UserError(`learning order: consecutive = ${consecutive} must be a whole number >= 1.`);

  const step = Array.from({ length: K }, (_, c) => {
    let run = 0;
    for (let t = 0; t < T; t++) {
      run = trace[t * K + c] >= threshold ? run + 1 : 0;
      if (run === consecutive) return steps[t - consecutive + 1];
    }
    return null;
  });

  // Any number beyond the last step makes the censored tie behind all learned ones.
  const afterTheEnd = steps[T - 1] + 1;
  const learned = step.filter((s) => s !== null);
  return {
    step,
    spearman: spearman(
      Float64Array.from(frequencies),
      Float64Array.from(step, (s) => s ?? afterTheEnd),
    ),
    ratioLastFirst: learned.length < 2 ? Number.NaN : Math.max(...learned) / Math.min(...learned),
  };
}

function assertTrace(trace: ArrayLike<number>, steps: ArrayLike<number>, K: number): void {
  const T = steps.length;
  if (T === 0 || K === 0 || trace.length !== T * K)
    throw new UserError(
      `learning order: a trace of ${trace.length} numbers is not ${T} records x ${K} frequencies (and neither may be 0).`,
    );
  for (let t = 1; t < T; t++)
    if (!(steps[t] > steps[t - 1]))
      throw new UserError(`learning order: steps must increase; record ${t} has ${steps[t]} after ${steps[t - 1]}.`);
  for (let i = 0; i < trace.length; i++)
    if (Number.isNaN(trace[i]))
      throw new UserError(`learning order: record ${Math.floor(i / K)}, frequency ${i % K} of the trace is NaN.`);
}
