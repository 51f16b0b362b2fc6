/** @file The nudged elastic band: a chain of pivots relaxes to a path of least loss between its ends (Section 2.1). */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { jit } from '../../../runtime/index.ts';
import { scan, valueAndGrad, vmap } from '../../../transforms/index.ts';
import {
  checkChain,
  equalWeights,
  pathTangents,
  redistributePath,
  segmentLengths,
  straightPath,
  type TangentRule,
  targetFractions,
} from './chain.ts';
import { once } from './once.ts';
import { endPoints } from './points.ts';

/** The landscape that paths lie in: the user's network, loss and data. Compiled once, however many pairs are connected. */
export interface Landscape<P extends Tree, B extends Tree> {
  /**
   * Mean loss of a mini-batch in training mode. A network with running statistics has them in its tree and returns the
   * tree with these refreshed beside the loss (`batchNormLandscape` makes such a function).
   */
  readonly loss: (point: P, batch: B) => NDArray | readonly [NDArray, P];
  /** Loss in evaluation mode, for the two ends, which are not trained; default `loss`. */
  readonly inferenceLoss?: (point: P, batch: B) => NDArray;
  /** A mini-batch drawn with a key. Traced: `np.take(images, random.randint(key, [512], 0, n), 0)`. */
  readonly batch: (key: NDArray) => B;
  /** Ones where the loss is descended, zeros at running statistics; default ones everywhere. */
  readonly trainable?: P;
}

/** How a band moves. */
export interface BandDynamics {
  /** In [0, 1); default 0.9. */
  readonly momentum?: number;
  /** Times the parameters, added to the gradient before it is projected; default 0. */
  readonly weightDecay?: number;
  /** Default Infinity: no springs, the pivots are set to their distances before every step, as in the paper. */
  readonly springConstant?: number;
  readonly tangent?: TangentRule;
  /** Pivots whose gradients are computed at once; default all. Less memory for large networks with fewer. */
  readonly pivotsAtOnce?: number;
}

export interface BandOptions<P extends Tree, B extends Tree> extends Landscape<P, B>, BandDynamics {
  readonly start: P;
  readonly end: P;
  /** [P, p] with the ends, vectors as `np.ravelTree(start)` gives them; default: 3 inner pivots on the straight line. */
  readonly path?: NDArray;
  /** [P - 1] positive: the segments' lengths relative to each other; default equal. */
  readonly weights?: readonly number[];
  readonly steps: number;
  readonly learningRate: number;
  /** Draws the mini-batches; default `random.key(0)`. */
  readonly key?: NDArray;
  /** Called now and then with the steps made and the highest mini-batch loss of a pivot. */
  readonly onSteps?: (done: number, highest: number) => void;
  /** Names the band in messages, e.g. "cycle 3". */
  readonly name?: string;
}

export interface Band {
  /** [P, p] */
  readonly path: NDArray;
  /** [P - 1], sum 1. */
  readonly weights: readonly number[];
  /** Mini-batch losses of the pivots at the last step, [P]; empty after no step. */
  readonly losses: readonly number[];
}

/** Steps of one call of the compiled loop: many enough that calls cost nothing, few enough to show progress. */
const stepsPerCall = 64;

/** `f` on every row of two trees, so many rows at once. */
function byRows<A extends Tree, B extends Tree, R extends Tree>(
  f: (a: A, b: B) => R,
  a: A,
  b: B,
  rows: number,
  atOnce: number,
): R {
  if (atOnce >= rows) return vmap(f)(a, b);
  const part = <T extends Tree>(tree: T, range: readonly [number, number]): T =>
    np.treeMap((x) => np.slice(x, range), tree);
  const chunks = Math.floor(rows / atOnce);
  const whole = chunks * atOnce;
  const cut = <T extends Tree>(tree: T): T =>
    np.treeMap((x) => np.reshape(x, [chunks, atOnce, ...x.shape.slice(1)]), part(tree, [0, whole]));
  const [, stacked] = scan((none: null, [x, y]: readonly [A, B]) => [none, vmap(f)(x, y)] as const, null, [
    cut(a),
    cut(b),
  ] as const);
  const joined = np.treeMap((x) => np.reshape(x, [whole, ...x.shape.slice(2)]), stacked as R);
  if (whole === rows) return joined;
  const rest = vmap(f)(part(a, [whole, rows]), part(b, [whole, rows]));
  return np.treeMap((x, y) => np.concatenate([x, y]), joined, rest);
}

interface Moving extends Readonly<Record<string, NDArray>> {
  /** [P, p] */
  readonly path: NDArray;
  /** Of the inner pivots, [P - 2, p]. */
  readonly velocity: NDArray;
  readonly key: NDArray;
}

/** So many steps of a band as one compiled call: its new state, and the mini-batch losses of each step. */
function compiledSteps<P extends Tree, B extends Tree>(
  { loss, inferenceLoss, batch, trainable }: Landscape<P, B>,
  { springConstant, tangent, pivotsAtOnce }: Required<Omit<BandDynamics, 'momentum' | 'weightDecay'>>,
) {
  const training = (point: P, given: B): readonly [NDArray, P] => {
    const result = loss(point, given);
    return result instanceof np.NDArray ? [result, point] : result;
  };
  const atEnds = inferenceLoss ?? ((point: P, given: B) => training(point, given)[0]);
  const fixed = Number.isFinite(springConstant);
  const moved = (
    { path, velocity, key }: Moving,
    like: P,
    fractions: NDArray,
    lengths: NDArray,
    rates: { learningRate: NDArray; momentum: NDArray; weightDecay: NDArray },
  ): readonly [Moving, NDArray] => {
    const pivots = path.shape[0];
    const unravel = np.ravelTree(like)[1];
    const mask = trainable === undefined ? undefined : np.ravelTree(trainable)[0];
    const masked = (x: NDArray) => (mask === undefined ? x : np.multiply(x, mask));
    const x = fixed ? path : redistributePath(path, fractions);
    const inner = np.slice(x, [1, -1]);

    const keys = random.split(key, pivots + 1);
    const batches = vmap(batch)(np.slice(keys, [1, null]));
    const gradient = (vector: NDArray, given: B) => {
      const [[value, after], g] = valueAndGrad((v: NDArray) => training(unravel(v), given))(vector);
      return { value, g, after: np.ravelTree(after)[0] };
    };
    const at = byRows(
      gradient,
      inner,
      np.treeMap((b) => np.slice(b, [1, -1]), batches),
      pivots - 2,
      pivotsAtOnce,
    );
    const [first, last] = [0, pivots - 1].map((i) =>
      np.expandDims(
        atEnds(
          unravel(np.slice(x, i)),
          np.treeMap((b) => np.slice(b, i), batches),
        ),
        0,
      ),
    );
    const losses = np.concatenate([first, at.value, last]);

    const tau = pathTangents(x, losses, tangent);
    const g = np.add(at.g, np.multiply(rates.weightDecay, masked(inner)));
    let along = np.negative(np.sum(np.multiply(g, tau), 1, true));
    if (fixed) {
      const d = segmentLengths(x);
      const stretch = np.subtract(d, np.multiply(lengths, np.sum(d)));
      const pull = np.subtract(np.slice(stretch, [0, -1]), np.slice(stretch, [1, null]));
      along = np.add(along, np.multiply(springConstant, np.expandDims(pull, 1)));
    }
    const direction = masked(np.add(g, np.multiply(along, tau)));
    const v = np.add(np.multiply(rates.momentum, velocity), direction);
    const descended = np.subtract(inner, np.multiply(rates.learningRate, v));
    const next = mask === undefined ? descended : np.where(mask, descended, at.after);
    const chain = np.concatenate([np.slice(x, [0, 1]), next, np.slice(x, [-1, null])]);
    return [{ path: chain, velocity: v, key: np.slice(keys, 0) }, losses];
  };
  return jit(
    (
      state: Moving,
      like: P,
      fractions: NDArray,
      lengths: NDArray,
      rates: { learningRate: NDArray; momentum: NDArray; weightDecay: NDArray },
      length: number,
    ) => scan((s: Moving) => moved(s, like, fractions, lengths, rates), state, null, { length }),
    { static: [5] },
  );
}

/**
 * Relaxes a chain of pivots between two networks: every step moves each inner pivot down the part of its own mini-batch
 * gradient that is perpendicular to the path, with momentum, and keeps the pivots at their distances (by redistribution,
 * or by springs where `springConstant` is finite). The ends stay. The whole loop runs in the compiled graph.
 *
 * @returns the path, its weights, and the mini-batch losses of the last step
 * @throws UserError for end points of different shapes, fewer than 3 pivots, weights that are not positive, momentum
 *   outside [0, 1), neighbouring pivots that are the same point, and a loss that is not finite (naming pivot and step)
 */
export async function nudgedElasticBand<P extends Tree, B extends Tree>(options: BandOptions<P, B>): Promise<Band> {
  const { start, end, steps, learningRate, onSteps, name } = options;
  const { momentum = 0.9, weightDecay = 0, key = random.key(0) } = options;
  const { springConstant = Number.POSITIVE_INFINITY, tangent = 'improved', pivotsAtOnce } = options;
  const place = name === undefined ? 'nudgedElasticBand' : `nudgedElasticBand, ${name}`;
  const [a, b] = endPoints(start, end);
  const path = options.path ?? straightPath(a, b, 5);
  const pivots = path.shape[0];
  const weights = options.weights ?? equalWeights(pivots);
  checkChain(place, pivots, weights);
  if (path.ndim !== 2 || path.shape[1] !== a.size) {
    throw new UserError(`${place}: the path must be [pivots, ${a.size}], found ${path}`);
  }
  if (!(momentum >= 0 && momentum < 1)) throw new UserError(`${place}: momentum must lie in [0, 1), found ${momentum}`);
  if (!(springConstant > 0)) {
    throw new UserError(`${place}: the spring constant must be positive, or Infinity, found ${springConstant}`);
  }
  if (!Number.isInteger(steps) || steps < 0)
    throw new UserError(`${place}: expected a number of steps, found ${steps}`);
  if (pivotsAtOnce !== undefined && !(Number.isInteger(pivotsAtOnce) && pivotsAtOnce >= 1)) {
    throw new UserError(`${place}: pivotsAtOnce must be a positive integer, found ${pivotsAtOnce}`);
  }
  const total = weights.reduce((sum, w) => sum + w, 0);
  const shares = weights.map((w) => w / total);
  const same = (await segmentLengths(path).data()).indexOf(0);
  if (same >= 0) {
    throw new UserError(`${place}: pivots ${same} and ${same + 1} are the same point, a segment of length 0`);
  }

  const { loss, inferenceLoss, batch, trainable } = options;
  const stretch = once(loss, [inferenceLoss, batch, trainable, springConstant, tangent, pivotsAtOnce], () =>
    compiledSteps(options, { springConstant, tangent, pivotsAtOnce: pivotsAtOnce ?? Number.POSITIVE_INFINITY }),
  );
  const fractions = np.array(targetFractions(shares), { dtype: path.dtype });
  const lengths = np.array(shares, { dtype: path.dtype });
  const rates = {
    learningRate: np.array(learningRate, { dtype: path.dtype }),
    momentum: np.array(momentum, { dtype: path.dtype }),
    weightDecay: np.array(weightDecay, { dtype: path.dtype }),
  };
  let state: Moving = { path, velocity: np.zerosLike(np.slice(path, [1, -1])), key };
  let losses: readonly number[] = [];
  const perCall = Math.ceil(steps / Math.ceil(steps / stepsPerCall));
  for (let made = 0; made < steps; ) {
    const count = Math.min(perCall, steps - made);
    const [next, stacked] = stretch(state, start, fractions, lengths, rates, count);
    const values = await stacked.data();
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new UserError(
        `${place}: the loss is ${values[bad]} at pivot ${bad % pivots} in step ${made + Math.floor(bad / pivots) + 1}; try a smaller learning rate than ${learningRate}`,
      );
    }
    state = next;
    made += count;
    losses = Array.from(values.subarray(values.length - pivots));
    onSteps?.(made, Math.max(...losses));
  }
  return { path: state.path, weights: shares, losses };
}
