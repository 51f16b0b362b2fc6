/** @file Would a better sampler help here at all? All scores of one large batch against the truth (Figs. 1 and 2). */
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import * as np from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';
import { pearson, spearman } from '../../../stats/index.ts';
import { grad } from '../../../transforms/index.ts';
import type { ExampleModel, Examples } from './example-loss.ts';
import { checkScores, samplingProbabilities } from './sampling.ts';
import { type ScoreKind, scoreKinds, scoreOf } from './scores.ts';
import { gradientVariance, noiseToSignal, varianceReduction } from './variance.ts';

export interface ComparedScore {
  /** [B] */
  readonly scores: Float64Array;
  /** With the floor, [B]. */
  readonly probabilities: Float64Array;
  /** Correlations with the true gradient norms; NaN for uniform scores. */
  readonly pearson: number;
  readonly spearman: number;
  /** Sum over examples of (p - p of the true norms)^2. */
  readonly squaredError: number;
  /** V(p) of a batch of b, exactly. */
  readonly variance: number;
  /** What the scores alone predict of the gain. */
  readonly tau: number;
  readonly varianceRatio: number;
}

export type ScoreComparison = { readonly [kind in ScoreKind]: ComparedScore } & {
  /** Norm of the mean gradient of the batch. */
  readonly meanGradientNorm: number;
  /** Of a uniform batch of b: above 1 noise limits the training, far below the number of updates. */
  readonly noiseToSignal: number;
};

/** |(1/n) sum G_i|. */
export const meanGradientNorm = <P extends Tree>(
  { apply, loss }: ExampleModel<P>,
  params: P,
  { x, y }: Examples,
): NDArray => np.norm(np.ravelTree(grad((p: P) => np.mean(loss(apply(p, x), y)))(params))[0]);

/**
 * Uniform, loss, upper-bound and true-norm scores of one batch, how well they rank, and the exact variance that sampling by
 * them would have. If `uniform.variance / upperBound.variance` is below (B + 3 b) / 3 b, or `noiseToSignal` far below 1,
 * importance sampling will not pay.
 *
 * @param model apply and per-sample loss
 * @param data one large batch, e.g. 1024 examples
 * @param batchSize b; default an eighth of the batch
 * @throws UserError when a score is negative or not finite
 */
export async function scoreComparison<P extends Tree>(
  model: ExampleModel<P>,
  params: P,
  data: Examples,
  batchSize = Math.max(1, Math.floor(data.x.shape[0] / 8)),
): Promise<ScoreComparison> {
  return scoreComparisons(model, batchSize)(params, data);
}

/** The same for many parameters and batches, compiled once. */
export function scoreComparisons<P extends Tree>(
  model: ExampleModel<P>,
  batchSize: number,
): (params: P, data: Examples) => Promise<ScoreComparison> {
  const compute = jit((params: P, data: Examples) => ({
    mean: meanGradientNorm(model, params, data),
    kinds: scoreKinds.map((kind) => {
      const scores = scoreOf(kind, { ...model, params, ...data });
      const { tau, varianceRatio } = varianceReduction(scores);
      return { scores, probabilities: samplingProbabilities(scores), tau, varianceRatio };
    }),
  }));
  return async (params, data) => {
    const { mean, kinds } = compute(params, data);
    const meanNorm = await mean.item();
    const read = await Promise.all(
      kinds.map(async ({ scores, probabilities, tau, varianceRatio }) => ({
        scores: Float64Array.from(await scores.data()),
        probabilities: Float64Array.from(await probabilities.data()),
        tau: await tau.item(),
        varianceRatio: await varianceRatio.item(),
      })),
    );
    for (const { scores } of read) checkScores(scores);
    const truth = read[scoreKinds.indexOf('gradientNorm')];
    const compared = read.map(
      (one): ComparedScore => ({
        ...one,
        pearson: pearson(one.scores, truth.scores),
        spearman: spearman(one.scores, truth.scores),
        squaredError: one.probabilities.reduce((sum, p, i) => sum + (p - truth.probabilities[i]) ** 2, 0),
        variance: gradientVariance({
          probabilities: one.probabilities,
          gradientNorms: truth.scores,
          meanGradientNorm: meanNorm,
          batchSize,
        }),
      }),
    );
    const byKind = Object.fromEntries(scoreKinds.map((kind, k) => [kind, compared[k]]));
    return {
      ...(byKind as { readonly [kind in ScoreKind]: ComparedScore }),
      meanGradientNorm: meanNorm,
      noiseToSignal: noiseToSignal(byKind['uniform'].variance, meanNorm),
    };
  };
}
