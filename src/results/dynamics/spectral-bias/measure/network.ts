/** @file The network of all experiments and its full-batch Adam training, for many runs at once. */
import type { NDArray } from '../../../../array/ndarray.ts';
import type { Tree } from '../../../../array/tree.ts';
import type { Dense } from '../../../../nn/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { valueAndGrad, vmap } from '../../../../transforms/index.ts';

export interface NetworkSettings {
  /** Affine maps; `width` units between them. */
  readonly layers: number;
  readonly width: number;
}

/** A ReLU network R^inputs -> R with PyTorch's initial weights; `outputs` drops the axis of size 1. */
export function network(inputs: number, { layers, width }: NetworkSettings) {
  const net = nn.mlp([inputs, ...new Array<number>(layers - 1).fill(width), 1]);
  return { init: net.init, outputs: (params: readonly Dense[], x: NDArray) => np.squeeze(net.apply(params, x), -1) };
}

type AdamState = { step: NDArray; first: Tree; second: Tree };
export type TrainingState = { readonly params: readonly Dense[]; readonly optimizer: AdamState };

/** What differs from run to run: at least the target; perhaps the inputs. */
export interface FullBatch<D extends Tree> {
  readonly outputs: (params: readonly Dense[], data: D) => NDArray;
  readonly target: (data: D) => NDArray;
  readonly learningRate: nn.LearningRate;
  /** Applied to the parameters after each update. */
  readonly project?: (params: readonly Dense[], data: D) => readonly Dense[];
}

/** Full-batch Adam on the mean squared error, vectorised over runs: `start(keys)`, then `step(state, data)`. */
export function fullBatchTraining<D extends Tree>(init: (key: NDArray) => readonly Dense[], problem: FullBatch<D>) {
  const { outputs, target, learningRate, project = (params) => params } = problem;
  const optimizer = nn.adam(learningRate);
  const loss = (params: readonly Dense[], data: D) => nn.meanSquaredError(outputs(params, data), target(data));
  const start = jit(
    vmap((key: NDArray): TrainingState => {
      const params = init(key);
      return { params, optimizer: optimizer.init(params) };
    }),
  );
  const step = vmap(({ params, optimizer: state }: TrainingState, data: D): TrainingState => {
    const [, gradient] = valueAndGrad(loss)(params, data);
    const [next, nextState] = optimizer.update(gradient, state, params);
    return { params: project(next, data), optimizer: nextState };
  });
  return { start, step, loss };
}
