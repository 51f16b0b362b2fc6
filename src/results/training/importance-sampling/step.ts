/** @file One update of algorithm 1 as a graph: sampling, switch and step stay on the device. */
import type { NDArray } from '../../../array/ndarray.ts';
import { type Tree, treeMap } from '../../../array/tree.ts';
import type { Optimizer } from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import { cond, grad, vjp } from '../../../transforms/index.ts';
import { type ExampleModel, type Examples, lossesAndCotangents } from './example-loss.ts';
import type { SamplingPlan } from './plan.ts';
import { importanceWeights, inverseCumulative, samplingProbabilities } from './sampling.ts';
import { type ScoreKind, scoreOf } from './scores.ts';
import { varianceReduction } from './variance.ts';

export type TrainingState<P extends Tree, S extends Tree> = {
  readonly params: P;
  readonly optimizer: S;
  /** The running tau. */
  readonly tau: NDArray;
};

/** What one update looked like. */
export type StepRecord = {
  /** (1/b) sum w l before the update: an unbiased estimate of the mean loss. */
  readonly loss: NDArray;
  /** The running tau after it. */
  readonly tau: NDArray;
  /** Whether the batch was drawn by importance (bool). */
  readonly on: NDArray;
  /** [b] */
  readonly indices: NDArray;
  readonly weights: NDArray;
};

export interface StepOptions<P extends Tree, S extends Tree> extends ExampleModel<P> {
  readonly optimizer: Optimizer<S>;
  readonly plan: SamplingPlan;
  /** By what to draw; `uniform` never switches on unless the threshold is 0. */
  readonly score: ScoreKind;
  /** A regularisation term; its gradient is added, unweighted. */
  readonly penalty?: (params: P) => NDArray;
}

/**
 * One update.
 *
 * @param u uniform on [0, 1), [B + b]: everything random in it
 */
export function importanceStep<P extends Tree, S extends Tree>(
  { apply, loss, optimizer, plan, score, penalty }: StepOptions<P, S>,
  { params, optimizer: optimizerState, tau }: TrainingState<P, S>,
  data: Examples,
  u: NDArray,
): [TrainingState<P, S>, StepRecord] {
  const { batchSize, presample, smoothing, tauThreshold } = plan;
  const n = data.x.shape[0];
  const rows = (indices: NDArray): Examples => ({ x: np.take(data.x, indices, 0), y: np.take(data.y, indices, 0) });
  const uniformly = (from: number, to: number) =>
    np.minimum(np.astype(np.floor(np.multiply(n, np.slice(u, [from, to]))), 'int32'), n - 1);

  const on = tauThreshold === 0 ? np.array(true) : np.greater(tau, tauThreshold);
  const drawnByScore = () => {
    const candidates = uniformly(0, presample);
    const scores = scoreOf(score, { apply, loss, params, ...rows(candidates) });
    const local = inverseCumulative(samplingProbabilities(scores), np.slice(u, [presample, presample + batchSize]));
    return {
      indices: np.take(candidates, local, 0),
      weights: importanceWeights(scores, local),
      tau: varianceReduction(scores).tau,
    };
  };
  const drawnUniformly = () => ({
    indices: uniformly(0, batchSize),
    weights: np.ones([batchSize]),
    tau: np.array(0),
  });
  const choice = cond(on, drawnByScore, drawnUniformly);
  const batch = rows(choice.indices);

  // One forward and one backward pass: the loss is pulled back to the pre-activations first, which gives the scores of the
  // batch for nothing, and the weights enter there.
  const [logits, pullback] = vjp((p: P) => apply(p, batch.x), params);
  const { losses, cotangents } = lossesAndCotangents(loss, logits, batch.y);
  const share = np.multiply(choice.weights, 1 / batchSize);
  const perRow = np.reshape(share, [batchSize, ...new Array<number>(cotangents.ndim - 1).fill(1)]);
  const [ofLoss] = pullback(np.multiply(perRow, cotangents));
  const gradient = penalty === undefined ? ofLoss : treeMap(np.add, ofLoss, grad(penalty)(params));
  const [next, nextOptimizer] = optimizer.update(gradient, optimizerState, params);

  // All scores but the true gradient norm come from the forward pass of the update.
  const known = score === 'gradientNorm' ? apply : () => logits;
  const own = scoreOf(score, { apply: known, loss, params, ...batch });
  const latest = np.where(on, choice.tau, varianceReduction(own).tau);
  const nextTau = np.add(np.multiply(smoothing, tau), np.multiply(1 - smoothing, latest));
  return [
    { params: next, optimizer: nextOptimizer, tau: nextTau },
    {
      loss: np.sum(np.multiply(share, losses)),
      tau: nextTau,
      on,
      indices: choice.indices,
      weights: choice.weights,
    },
  ];
}
