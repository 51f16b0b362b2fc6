/** @file Networks with running statistics on a path: points are parameters and statistics together. */
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import type { StatefulModel } from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { scan } from '../../../transforms/index.ts';
import type { Landscape } from './nudged-elastic-band.ts';

/** A network with what it has learned beside its weights. */
export type NetworkPoint<P extends Tree = Tree, S extends Tree = Tree> = { readonly params: P; readonly state: S };

export type LabelledBatch = { readonly x: NDArray; readonly y: NDArray };

/**
 * The landscape of a model with running statistics: these are coordinates of the path, interpolated like the weights,
 * have no gradient, and are refreshed by the forward pass of every step at the inner pivots.
 *
 * @param model e.g. `nn.cifarResNet(20, …)`
 * @param like any point, for the shapes
 * @param batch a mini-batch drawn with a key
 * @param lossOf mean loss of outputs and labels, e.g. `nn.crossEntropy`
 */
export function batchNormLandscape<P extends Tree, S extends Tree>(
  model: StatefulModel<P, S>,
  like: NetworkPoint<P, S>,
  batch: (key: NDArray) => LabelledBatch,
  lossOf: (outputs: NDArray, labels: NDArray) => NDArray,
): Landscape<NetworkPoint<P, S>, LabelledBatch> {
  return {
    batch,
    loss: ({ params, state }, { x, y }) => {
      const [outputs, next] = model.apply(params, state, x, { training: true });
      return [lossOf(outputs, y), { params, state: next }];
    },
    inferenceLoss: ({ params, state }, { x, y }) => lossOf(model.apply(params, state, x)[0], y),
    ...(np.treeLeaves(like.state).length > 0 && {
      trainable: { params: np.treeMap(np.onesLike, like.params), state: np.treeMap(np.zerosLike, like.state) },
    }),
  };
}

/**
 * The point with statistics of its own weights, in place of interpolated ones, which can inflate the loss between two
 * pivots: so many forward passes in training mode (with PyTorch's momentum of 0.1, 60 leave 0.2 % of the old ones).
 *
 * @param key draws the batches
 * @param passes default 60
 */
export function reestimateStatistics<P extends Tree, S extends Tree>(
  model: StatefulModel<P, S>,
  { params, state }: NetworkPoint<P, S>,
  batch: (key: NDArray) => LabelledBatch,
  key: NDArray,
  passes = 60,
): NetworkPoint<P, S> {
  const [next] = scan(
    (s: S, k: NDArray) => [model.apply(params, s, batch(k).x, { training: true })[1], null] as const,
    state,
    random.split(key, passes),
  );
  return { params, state: next };
}
