/** @file Optimizers as pure functions on trees: `init(params)`, then `update(gradients, state, params)`. */
import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { flatten, type Tree, type TreeStructure, treeMap, unflatten } from '../array/tree.ts';
import * as np from '../numpy/index.ts';

/** A constant, or a function of the number of updates made so far (float32 scalar). */
export type LearningRate = number | ((step: NDArray) => NDArray);

export interface Optimizer<S extends Tree> {
  readonly init: (params: Tree) => S;
  readonly update: <P extends Tree>(gradients: P, state: S, params: P) => [P, S];
}

/** A number for each parameter, in a tree of the parameters' structure; one number stands for all that lie below it. */
export type Rates = number | null | readonly Rates[] | { readonly [key: string]: Rates };

export interface OptimizerOptions {
  /** Multiplies the learning rate of each parameter; default 1. The models' `rates` fit here. */
  readonly rates?: Rates;
}

function leafRates(rates: Rates, structure: TreeStructure): number[] {
  if (structure === null) return [];
  if (typeof rates === 'number') {
    if (structure === 'leaf') return [rates];
    const below = 'list' in structure ? structure.list : structure.values;
    return below.flatMap((s) => leafRates(rates, s));
  }
  if (rates !== null && structure !== 'leaf') {
    if ('list' in structure && Array.isArray(rates) && rates.length === structure.list.length) {
      return structure.list.flatMap((s, i) => leafRates(rates[i], s));
    }
    const keys = Object.keys(rates).sort();
    if ('keys' in structure && keys.join() === structure.keys.join()) {
      const named = rates as { readonly [key: string]: Rates };
      return structure.keys.flatMap((k, i) => leafRates(named[k], structure.values[i]));
    }
  }
  throw new UserError(
    `rates must have the structure of the parameters, or a number for a part of it: found ${JSON.stringify(rates)} for ${JSON.stringify(structure)}`,
  );
}

/** params - learning rate * direction, with each parameter's own multiple of the rate. */
function descend<P extends Tree>(params: P, eta: NDArray | number, direction: Tree, rates: Rates = 1): P {
  const { leaves, structure } = flatten(params);
  const own = leafRates(rates, structure);
  const directions = flatten(treeMap((_, d) => d, params, direction)).leaves;
  const next = leaves.map((p, i) => {
    const step = typeof eta === 'number' ? own[i] * eta : own[i] === 1 ? eta : np.multiply(own[i], eta);
    return np.subtract(p, np.multiply(step, directions[i]));
  });
  return unflatten(structure, next) as P;
}

const rate = (learningRate: LearningRate, step: NDArray): NDArray | number =>
  typeof learningRate === 'number' ? learningRate : learningRate(step);

/** params - learningRate * gradient. */
export function sgd(learningRate: LearningRate, { rates }: OptimizerOptions = {}): Optimizer<{ step: NDArray }> {
  return {
    init: () => ({ step: np.array(0) }),
    update(gradients, { step }, params) {
      return [descend(params, rate(learningRate, step), gradients, rates), { step: np.add(step, 1) }];
    },
  };
}

/** Heavy ball (PyTorch's form): velocity = momentum * velocity + gradient; params - learningRate * velocity. */
export function momentum(
  learningRate: LearningRate,
  { momentum: mu = 0.9, nesterov = false, rates }: OptimizerOptions & { momentum?: number; nesterov?: boolean } = {},
): Optimizer<{ step: NDArray; velocity: Tree }> {
  return {
    init: (params) => ({ step: np.array(0), velocity: treeMap(np.zerosLike, params) }),
    update(gradients, { step, velocity }, params) {
      const next = treeMap((v, g) => np.add(np.multiply(mu, v), g), velocity, gradients);
      const direction = nesterov ? treeMap((v, g) => np.add(g, np.multiply(mu, v)), next, gradients) : next;
      return [descend(params, rate(learningRate, step), direction, rates), { step: np.add(step, 1), velocity: next }];
    },
  };
}

/** Adam with bias correction (Kingma and Ba 2015, algorithm 1). */
export function adam(
  learningRate: LearningRate,
  {
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    rates,
  }: OptimizerOptions & { beta1?: number; beta2?: number; epsilon?: number } = {},
): Optimizer<{ step: NDArray; first: Tree; second: Tree }> {
  return {
    init: (params) => ({
      step: np.array(0),
      first: treeMap(np.zerosLike, params),
      second: treeMap(np.zerosLike, params),
    }),
    update(gradients, { step, first, second }, params) {
      const t = np.add(step, 1);
      const m = treeMap((m0, g) => np.add(np.multiply(beta1, m0), np.multiply(1 - beta1, g)), first, gradients);
      const v = treeMap(
        (v0, g) => np.add(np.multiply(beta2, v0), np.multiply(1 - beta2, np.square(g))),
        second,
        gradients,
      );
      // The corrections 1 - beta^t are scalars: gather them in the step size and in epsilon (section 2 of the paper).
      const correction = (beta: number) => np.negative(np.expm1(np.multiply(Math.log(beta), t)));
      const correction2 = np.sqrt(correction(beta2));
      const eta = np.divide(np.multiply(rate(learningRate, step), correction2), correction(beta1));
      const floor = np.multiply(epsilon, correction2);
      const next = descend(
        params,
        eta,
        treeMap((mt, vt) => np.divide(mt, np.add(np.sqrt(vt), floor)), m, v),
        rates,
      );
      return [next, { step: t, first: m, second: v }];
    },
  };
}

/** From `start` to 0 along half a cosine over `steps` updates (Loshchilov and Hutter 2017). */
export const cosineDecay =
  (start: number, steps: number): LearningRate =>
  (step) =>
    np.multiply(start / 2, np.add(1, np.cos(np.multiply(Math.PI / steps, np.minimum(step, steps)))));
