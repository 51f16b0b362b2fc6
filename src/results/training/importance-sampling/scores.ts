/** @file How important an example is: the paper's upper bound of its gradient norm, and what it is compared with. */
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import * as np from '../../../numpy/index.ts';
import { grad, perExampleGradientNorms, vmap } from '../../../transforms/index.ts';
import { type ExampleModel, type Examples, inChunks, lossesAndCotangents, normPerExample } from './example-loss.ts';

export interface ScoreArguments<P extends Tree> extends ExampleModel<P>, Examples {
  readonly params: P;
  /** Examples computed at a time; default all of them. */
  readonly chunk?: number;
}

/**
 * Ghat_i = |d l_i / d z_i|, the norm of the loss gradient with respect to the last pre-activations (equation 20): one
 * forward pass. Up to the factor `gradientBoundConstant` it bounds the norm of the example's whole gradient. For softmax
 * cross-entropy it is |softmax(z) - onehot(y)|, for sequences the norm over all positions.
 *
 * @returns scores [n]
 * @throws UserError when the loss is not one number for each example
 */
export const gradientNormUpperBound = <P extends Tree>({
  apply,
  loss,
  params,
  chunk,
  ...data
}: ScoreArguments<P>): NDArray =>
  inChunks((x, y) => normPerExample(lossesAndCotangents(loss, apply(params, x), y).cotangents), data, chunk);

/** The losses themselves as scores [n]: what "sampling by loss" takes. */
export const perSampleLoss = <P extends Tree>({ apply, loss, params, chunk, ...data }: ScoreArguments<P>): NDArray =>
  inChunks((x, y) => lossesAndCotangents(loss, apply(params, x), y).losses, data, chunk);

/**
 * |grad_theta l_i|, the norm of the whole gradient of each example: the optimal score, and too dear to train with.
 *
 * @param method `layers` (default): from layer inputs and cotangents, without the gradients where that is possible;
 *   `vmap`: the gradients themselves
 * @returns norms [n]
 */
export function perSampleGradientNorm<P extends Tree>({
  apply,
  loss,
  params,
  chunk,
  method = 'layers',
  ...data
}: ScoreArguments<P> & { readonly method?: 'vmap' | 'layers' }): NDArray {
  const ofOne = lossOfOne({ apply, loss });
  const norms =
    method === 'layers'
      ? perExampleGradientNorms(ofOne)
      : (p: P, xs: NDArray, ys: NDArray) =>
          vmap((x: NDArray, y: NDArray) => np.norm(np.ravelTree(grad(ofOne)(p, x, y))[0]))(xs, ys);
  return inChunks((x, y) => norms(params, x, y), data, chunk);
}

/** The loss of one example (without the batch axis) as a scalar. */
export const lossOfOne =
  <P extends Tree>({ apply, loss }: ExampleModel<P>) =>
  (params: P, x: NDArray, y: NDArray): NDArray =>
    np.squeeze(loss(apply(params, np.expandDims(x, 0)), np.expandDims(y, 0)), 0);

/** By what examples are drawn. `uniform`: all alike. */
export type ScoreKind = 'uniform' | 'loss' | 'upperBound' | 'gradientNorm';
export const scoreKinds: readonly ScoreKind[] = ['uniform', 'loss', 'upperBound', 'gradientNorm'];

/** Scores [n] of a kind. */
export function scoreOf<P extends Tree>(kind: ScoreKind, given: ScoreArguments<P>): NDArray {
  if (kind === 'uniform') return np.ones([given.x.shape[0]]);
  if (kind === 'loss') return perSampleLoss(given);
  return kind === 'upperBound' ? gradientNormUpperBound(given) : perSampleGradientNorm(given);
}
