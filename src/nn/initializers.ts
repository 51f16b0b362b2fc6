/** @file Initial weights. A dense weight has shape [fanIn, fanOut]: y = x W + b. */
import type { NDArray } from '../array/ndarray.ts';
import type { Shape } from '../array/shape.ts';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';

/** Draws an array of a shape for a layer whose outputs read `fanIn` numbers and whose inputs reach `fanOut` outputs. */
export type Initializer = (key: NDArray, shape: Shape, fanIn: number, fanOut: number) => NDArray;

/** U(-1/sqrt(fanIn), 1/sqrt(fanIn)): PyTorch's default for weights and biases of dense layers. */
export const uniformFanIn: Initializer = (key, shape, fanIn) => {
  const limit = 1 / Math.sqrt(fanIn);
  return random.uniform(key, shape, { low: -limit, high: limit });
};

/** N(0, variance / fanIn). He et al. 2015 take variance 2 for ReLU, LeCun 1998 takes 1. */
export const normalFanIn =
  (variance: number): Initializer =>
  (key, shape, fanIn) =>
    np.multiply(Math.sqrt(variance / fanIn), random.normal(key, shape));

/** N(0, 2 / fanIn): keeps the second moment of ReLU activations (He et al. 2015). */
export const heNormal: Initializer = normalFanIn(2);

/** N(0, 1 / fanIn). */
export const lecunNormal: Initializer = normalFanIn(1);

/** N(0, deviation^2), whatever the layer. */
export const normal =
  (deviation: number): Initializer =>
  (key, shape) =>
    np.multiply(deviation, random.normal(key, shape));

/** U(-limit, limit) with limit = sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010). */
export const glorotUniform: Initializer = (key, shape, fanIn, fanOut) => {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return random.uniform(key, shape, { low: -limit, high: limit });
};

export const zeros: Initializer = (_, shape) => np.zeros(shape);
