/** @file How much variance importance sampling saves: what the scores predict, and what it is exactly. */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import * as np from '../../../numpy/index.ts';
import { samplingProbabilities } from './sampling.ts';

/**
 * The paper's estimate of the gain from scores alone (equations 21 to 26). With g = scores / sum:
 *
 * - `tau` = sqrt(B sum g^2), which is 1/tau = sqrt(1 - |g - u|^2 / sum g^2) simplified; from 1 to sqrt(B). The published
 *   "equivalent increase of the batch size", in truth a ratio of standard deviations and so a cautious one.
 * - `varianceRatio` = tau^2 = B sum g^2, the ratio of second moments: this is what compares with a ratio of variances.
 * - `gSquaredSum` = sum g^2.
 *
 * @param scores [B]
 * @returns scalars; they may stay on the device
 */
export function varianceReduction(scores: NDArray): {
  readonly tau: NDArray;
  readonly varianceRatio: NDArray;
  readonly gSquaredSum: NDArray;
} {
  const gSquaredSum = np.sum(np.square(samplingProbabilities(scores)));
  const varianceRatio = np.multiply(scores.shape[0], gSquaredSum);
  return { tau: np.sqrt(varianceRatio), varianceRatio, gSquaredSum };
}

/**
 * What a step costs, in forward passes of one example.
 *
 * @param batchSize b
 * @param presample B, examples that are scored; 0 for a uniform step
 * @param backwardCost c, a backward over a forward pass; default 2
 */
export const stepCost = (batchSize: number, presample: number, backwardCost = 2): number =>
  presample + (1 + backwardCost) * batchSize;

/**
 * tau_th = (B + (1 + c) b) / ((1 + c) b): above it, an importance step beats the uniform steps of the same cost
 * (equation 29).
 *
 * @throws UserError for B <= b
 */
export function tauThreshold(batchSize: number, presample: number, backwardCost = 2): number {
  if (!(Number.isInteger(batchSize) && batchSize >= 1 && Number.isInteger(presample) && presample > batchSize)) {
    throw new UserError(
      `importance sampling: the pre-sample must be larger than the batch, found B = ${presample} and b = ${batchSize}; B = 3 b is usual`,
    );
  }
  return stepCost(batchSize, presample, backwardCost) / stepCost(batchSize, 0, backwardCost);
}

/**
 * The variance (trace of the covariance) of (1/b) sum w_i G_i for b draws with probabilities p, exactly:
 * V(p) = (1/b) [ (1/B^2) sum |G_i|^2 / p_i - |Gbar|^2 ]. Infinite where an example with a gradient has probability 0.
 *
 * @param probabilities p [B]
 * @param gradientNorms |G_i| [B]
 * @param meanGradientNorm |Gbar|, the norm of the mean of the B gradients
 */
export function gradientVariance({
  probabilities,
  gradientNorms,
  meanGradientNorm,
  batchSize,
}: {
  readonly probabilities: ArrayLike<number>;
  readonly gradientNorms: ArrayLike<number>;
  readonly meanGradientNorm: number;
  readonly batchSize: number;
}): number {
  const size = gradientNorms.length;
  if (probabilities.length !== size) {
    throw new UserError(`gradientVariance: ${probabilities.length} probabilities for ${size} gradients`);
  }
  let second = 0;
  for (let i = 0; i < size; i++) {
    if (gradientNorms[i] > 0) second += gradientNorms[i] ** 2 / probabilities[i];
  }
  return (second / size ** 2 - meanGradientNorm ** 2) / batchSize;
}

/**
 * How much noise there is in a uniform step: its variance V1/b over |Gbar|^2. Above 1 the noise limits progress and less
 * variance means faster training; far below, the number of updates does, and importance sampling, whose steps are dearer,
 * loses.
 */
export const noiseToSignal = (uniformVariance: number, meanGradientNorm: number): number =>
  uniformVariance / meanGradientNorm ** 2;
