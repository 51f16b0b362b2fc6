/** @file From scores to probabilities, indices and weights (Section 3.1). Arrays in, arrays out: on the device or off it. */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';

/**
 * g = scores / sum(scores) after a floor of 1e-8 of their mean. Without it an example whose score underflows to 0 while its
 * gradient does not would never be drawn, and the estimate would be biased; all scores 0 give the uniform distribution.
 *
 * @param scores [B], not negative
 * @returns [B], sum 1
 */
export function samplingProbabilities(scores: NDArray): NDArray {
  const floor = np.add(np.multiply(1e-8, np.mean(scores)), 1e-30);
  const floored = np.maximum(scores, floor);
  return np.divide(floored, np.sum(floored));
}

/**
 * The indices at which the cumulative sum of the probabilities passes u. An index of probability 0 is never taken.
 *
 * @param probabilities [B]
 * @param u [b], in [0, 1)
 * @returns int32 [b]
 */
export function inverseCumulative(probabilities: NDArray, u: NDArray): NDArray {
  const cumulative = np.cumsum(probabilities, 0);
  const last = probabilities.shape[0] - 1;
  // The total, not 1, so that rounding of the sum cannot lead past the end.
  const targets = np.multiply(u, np.slice(cumulative, last));
  const passed = np.lessEqual(np.expandDims(cumulative, 0), np.expandDims(targets, 1));
  return np.minimum(np.sum(np.astype(passed, 'int32'), 1), last);
}

/**
 * `count` independent draws, with replacement.
 *
 * @param probabilities [B], sum 1
 * @returns int32 [count]
 */
export const sampleWithReplacement = (probabilities: NDArray, count: number, key: NDArray): NDArray =>
  inverseCumulative(probabilities, random.uniform(key, [count]));

/**
 * w_i = 1 / (B g_i), which make (1/b) sum w_i G_i an unbiased estimate of the mean gradient of all B.
 *
 * @param scores [B]
 * @param indices int32 [b], drawn with `samplingProbabilities(scores)`
 * @returns [b]
 */
export function importanceWeights(scores: NDArray, indices: NDArray): NDArray {
  const probabilities = samplingProbabilities(scores);
  return np.reciprocal(np.multiply(scores.shape[0], np.take(probabilities, indices, 0)));
}

/**
 * Biased weights w^k, scaled so that the weighted sum of the drawn scores stays: k < 1 lets hard examples count more (Katharopoulos and
 * Fleuret, "Biased importance sampling for deep neural network training", arXiv 1706.00043; k = 0.5 there).
 *
 * @param weights [b], from `importanceWeights`
 * @param scores [b], of the drawn examples
 */
export function biasedWeights(weights: NDArray, scores: NDArray, k: number): NDArray {
  const raised = np.power(weights, k);
  const total = (w: NDArray) => np.sum(np.multiply(w, scores));
  return np.multiply(raised, np.divide(total(weights), total(raised)));
}

/** (sum w)^2 / sum w^2: how many equally weighted samples are worth as much; [b] -> scalar. */
export const effectiveSampleSize = (weights: NDArray): NDArray =>
  np.divide(np.square(np.sum(weights)), np.sum(np.square(weights)));

/**
 * Scores that one may draw by, as plain numbers.
 *
 * @throws UserError when one is negative or not finite
 */
export function checkScores(scores: ArrayLike<number>): void {
  for (let i = 0; i < scores.length; i++) {
    if (!(scores[i] >= 0 && scores[i] < Number.POSITIVE_INFINITY)) {
      throw new UserError(
        `scores must be finite and at least 0, found ${scores[i]} at ${i}: has the training diverged, or is a loss negative?`,
      );
    }
  }
}
