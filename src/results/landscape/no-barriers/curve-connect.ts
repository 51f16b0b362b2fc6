/**
 * @file Curves of one trained bend, the method of Garipov et al. ("Loss Surfaces, Mode Connectivity, and Fast Ensembling
 * of DNNs", NeurIPS 2018): the baseline published at the same time.
 */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { grad, vmap } from '../../../transforms/index.ts';
import { straightPath } from './chain.ts';
import { endPoints } from './points.ts';

export type CurveKind = 'bezier' | 'polygon';

/** Point of the curve at t in [0, 1]: quadratic Bezier, or the two segments by way of the bend. All vectors [p]. */
export function curvePoint(kind: CurveKind, start: NDArray, bend: NDArray, end: NDArray, t: NDArray): NDArray {
  const s = np.subtract(1, t);
  const mix = (a: NDArray, b: NDArray, c: NDArray) =>
    np.add(np.add(np.multiply(a, start), np.multiply(b, bend)), np.multiply(c, end));
  if (kind === 'bezier') return mix(np.square(s), np.multiply(2, np.multiply(s, t)), np.square(t));
  const first = np.maximum(np.subtract(1, np.multiply(2, t)), 0);
  const last = np.maximum(np.subtract(np.multiply(2, t), 1), 0);
  return mix(first, np.subtract(1, np.add(first, last)), last);
}

/**
 * Trains the bend of a curve between two networks by the expected loss at a uniformly drawn point of it (equation 2 of the
 * paper; SGD with momentum), each draw with its own mini-batch.
 *
 * @param options.loss mean loss of a mini-batch; networks without running statistics
 * @param options.steps updates; the learning rate falls linearly to 1 % over the last half
 * @param options.draws points, and so gradients, that an update averages; default 1
 * @returns points of the curve as a path [pivots, p], for `densePathProfile`
 * @throws UserError for end points of different shapes, or a loss that is not finite at the end
 */
export async function curveConnect<P extends Tree, B extends Tree>({
  loss,
  batch,
  start,
  end,
  kind = 'bezier',
  steps,
  draws = 1,
  learningRate = 0.03,
  momentum = 0.9,
  weightDecay = 0,
  pivots = 41,
  key = random.key(0),
}: {
  readonly loss: (point: P, batch: B) => NDArray;
  readonly batch: (key: NDArray) => B;
  readonly start: P;
  readonly end: P;
  readonly kind?: CurveKind;
  readonly steps: number;
  readonly draws?: number;
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
  readonly pivots?: number;
  readonly key?: NDArray;
}): Promise<{ readonly path: NDArray; readonly bend: P }> {
  const [a, b] = endPoints(start, end);
  const unravel = np.ravelTree(start)[1];
  const half = steps / 2;
  const optimizer = nn.momentum(
    (step) => np.multiply(learningRate, np.clip(np.subtract(1, np.divide(np.subtract(step, half), half)), 0.01, 1)),
    { momentum },
  );
  type State = { bend: NDArray; optimizer: ReturnType<typeof optimizer.init>; key: NDArray };
  const bend = np.slice(straightPath(a, b, 3), 1);
  const step = (state: State): State => {
    const keys = random.split(state.key, 2 * draws + 1);
    const ts = vmap((k: NDArray) => random.uniform(k))(np.slice(keys, [1, draws + 1]));
    const batches = vmap(batch)(np.slice(keys, [draws + 1, null]));
    const descent = grad((x: NDArray) => {
      const at = (t: NDArray, given: B) => loss(unravel(curvePoint(kind, a, x, b, t)), given);
      const value = np.mean(vmap(at)(ts, batches));
      return np.add(value, np.multiply(weightDecay / 2, np.sum(np.square(x))));
    })(state.bend);
    const [next, moving] = optimizer.update(descent, state.optimizer, state.bend);
    return { bend: next, optimizer: moving, key: np.slice(keys, 0) };
  };
  const probe = (state: State) => np.sum(state.bend);
  const every = Array.from({ length: 64 }, (_, i) => 64 - i).find((k) => steps % k === 0)!;
  const initial = { bend, optimizer: optimizer.init(bend), key };
  const { state } = await nn.train({ step, probe }, initial, null, { steps, every });
  if (!Number.isFinite(Number((await probe(state).data())[0]))) {
    throw new UserError(`curveConnect: the bend is not finite; try a smaller learning rate than ${learningRate}`);
  }
  const points = Array.from({ length: pivots }, (_, i) =>
    curvePoint(kind, a, state.bend, b, np.array(i / (pivots - 1))),
  );
  return { path: np.stack(points), bend: unravel(state.bend) };
}
