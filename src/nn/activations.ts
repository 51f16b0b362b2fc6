/** @file Activation functions, elementwise. */
import type { NDArray } from '../array/ndarray.ts';
import * as np from '../numpy/index.ts';

export { relu, sigmoid, tanh } from '../numpy/index.ts';

export type Activation = (x: NDArray) => NDArray;

export const identity: Activation = (x) => x;

/** x where x > 0, slope * x elsewhere. */
export const leakyRelu = (x: NDArray, slope = 0.01): NDArray => np.where(np.greater(x, 0), x, np.multiply(slope, x));

/** log(1 + e^x), as max(x, 0) + log1p(e^-|x|), which does not overflow. */
export const softplus: Activation = (x) => {
  // Not abs, whose derivative is 0 at 0: there too this has the derivatives 1/2, 1/4, …
  const below = np.where(np.greater(x, 0), np.negative(x), x);
  return np.add(np.relu(x), np.log1p(np.exp(below)));
};

/** x where x > 0, alpha (e^x - 1) elsewhere (Clevert et al. 2016). */
export const elu = (x: NDArray, alpha = 1): NDArray =>
  np.where(np.greater(x, 0), x, np.multiply(alpha, np.expm1(np.where(np.greater(x, 0), 0, x))));

/** x Phi(x) with the normal distribution function (Hendrycks and Gimpel 2016). */
export const gelu: Activation = (x) =>
  np.multiply(np.multiply(0.5, x), np.add(1, np.erf(np.multiply(x, Math.SQRT1_2))));

/** x sigmoid(x). */
export const silu: Activation = (x) => np.multiply(x, np.sigmoid(x));
