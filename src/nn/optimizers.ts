/** @file Optimizers as pure functions on trees: `init(params)`, then `update(gradients, state, params)`. */
import type { NDArray } from '../array/ndarray.ts';
import { type Tree, treeMap } from '../array/tree.ts';
import * as np from '../numpy/index.ts';

/** A constant, or a function of the number of updates made so far (float32 scalar). */
export type LearningRate = number | ((step: NDArray) => NDArray);

export interface Optimizer<S extends Tree> {
  readonly init: (params: Tree) => S;
  readonly update: <P extends Tree>(gradients: P, state: S, params: P) => [P, S];
}

const rate = (learningRate: LearningRate, step: NDArray): NDArray | number =>
  typeof learningRate === 'number' ? learningRate : learningRate(step);

/** params - learningRate * gradient. */
export function sgd(learningRate: LearningRate): Optimizer<{ step: NDArray }> {
  return {
    init: () => ({ step: np.array(0) }),
    update(gradients, { step }, params) {
      const eta = rate(learningRate, step);
      return [treeMap((p, g) => np.subtract(p, np.multiply(eta, g)), params, gradients), { step: np.add(step, 1) }];
    },
  };
}

/** Heavy ball (PyTorch's form): velocity = momentum * velocity + gradient; params - learningRate * velocity. */
export function momentum(
  learningRate: LearningRate,
  { momentum: mu = 0.9, nesterov = false }: { momentum?: number; nesterov?: boolean } = {},
): Optimizer<{ step: NDArray; velocity: Tree }> {
  return {
    init: (params) => ({ step: np.array(0), velocity: treeMap(np.zerosLike, params) }),
    update(gradients, { step, velocity }, params) {
      const eta = rate(learningRate, step);
      const next = treeMap((v, g) => np.add(np.multiply(mu, v), g), velocity, gradients);
      const direction = nesterov ? treeMap((v, g) => np.add(g, np.multiply(mu, v)), next, gradients) : next;
      return [
        treeMap((p, d) => np.subtract(p, np.multiply(eta, d)), params, direction),
        { step: np.add(step, 1), velocity: next },
      ];
    },
  };
}

/** Adam with bias correction (Kingma and Ba 2015, algorithm 1). */
export function adam(
  learningRate: LearningRate,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: { beta1?: number; beta2?: number; epsilon?: number } = {},
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
      const next = treeMap(
        (p, mt, vt) => np.subtract(p, np.divide(np.multiply(eta, mt), np.add(np.sqrt(vt), floor))),
        params,
        m,
        v,
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
