/** @file Minima: networks trained from different initial weights with different mini-batches. */
import type { NDArray } from '../../../../array/ndarray.ts';
import type { Tree } from '../../../../array/tree.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { valueAndGrad, vmap } from '../../../../transforms/index.ts';
import type { FollowedLoop } from '../../../contract.ts';
import type { NetworkPoint } from '../batch-norm.ts';
import type { System } from './system.ts';

export interface Training {
  readonly steps: number;
  /** Updates between two records of the training loss. */
  readonly every: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Shares of the steps after which the learning rate falls to a tenth. */
  readonly decayAt: readonly number[];
  /** Networks trained in one graph. */
  readonly atOnce: number;
}

export interface Minima {
  readonly points: readonly NetworkPoint[];
  readonly at: readonly number[];
  /** Training loss on the whole set, evaluation mode: [minimum][record]. */
  readonly curves: readonly (readonly number[])[];
}

type State = { point: NetworkPoint; optimizer: { step: NDArray; velocity: Tree }; key: NDArray };

/** @param key of which minimum i takes part i */
export async function trainMinima(
  { network, landscape, trainingBatch, evaluate }: System,
  training: Training,
  count: number,
  key: NDArray,
  follow: (part: string) => FollowedLoop,
): Promise<Minima> {
  const { steps, every, learningRate, momentum, weightDecay, decayAt, atOnce } = training;
  const rate = (step: NDArray) =>
    decayAt.reduce<NDArray>(
      (eta, share) => np.multiply(eta, np.where(np.less(step, Math.round(share * steps)), 1, 0.1)),
      np.array(learningRate),
    );
  const optimizer = nn.momentum(rate, { momentum });
  const step = vmap(({ point, optimizer: moving, key: k }: State): State => {
    const keys = random.split(k);
    const batch = trainingBatch(np.slice(keys, 1));
    const loss = (params: Tree) => {
      const [value, next] = landscape.loss({ params, state: point.state }, batch) as readonly [NDArray, NetworkPoint];
      return [value, next.state] as const;
    };
    const [[, state], gradient] = valueAndGrad(loss)(point.params);
    const g = np.treeMap((d, x) => np.add(d, np.multiply(weightDecay, x)), gradient as Tree, point.params);
    const [params, next] = optimizer.update(g, moving, point.params);
    return { point: { params, state }, optimizer: next, key: np.slice(keys, 0) };
  });
  const probe = vmap(({ point }: State) => ({ loss: evaluate.interpolate(point).trainLoss }));
  const start = vmap((k: NDArray): State => {
    const keys = random.split(k);
    const point = network.init(np.slice(keys, 0));
    return { point, optimizer: optimizer.init(point.params), key: np.slice(keys, 1) };
  });
  const keys = random.split(key, count);
  const points: NetworkPoint[] = [];
  const curves: number[][] = [];
  let at: readonly number[] = [];
  for (let from = 0; from < count; from += atOnce) {
    const size = Math.min(atOnce, count - from);
    const part = count > atOnce ? `, ${from + 1} to ${from + size} of ${count}` : '';
    const run = await nn.train({ step, probe }, start(np.slice(keys, [from, from + size])), null, {
      steps,
      every,
      ...follow(part),
    });
    at = run.steps;
    const loss = await run.records.loss.data();
    for (let i = 0; i < size; i++) {
      curves.push(at.map((_, t) => loss[t * size + i]));
      const own = np.treeMap((x) => np.slice(x, i), run.state.point);
      const values = await Promise.all(np.treeLeaves(own).map((x) => x.data()));
      let next = 0;
      points.push(np.treeMap((x) => np.array(values[next++].slice(), { shape: x.shape, dtype: x.dtype }), own));
    }
  }
  return { points, at, curves };
}
