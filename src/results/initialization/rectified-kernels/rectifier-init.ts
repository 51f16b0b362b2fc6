/** Initial weights of rectified layers: every law with the variance that keeps the mean square of the activations. */
import { UserError } from '../../../array/errors.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { lgamma } from '../../../stats/index.ts';
import { preservingVariance } from './angle-map.ts';

/**
 * A law of the weights, with independent entries but for the last two, which are rotation invariant with rows that share
 * a scale: rows uniform on a sphere, and the multivariate t law with `multivariateT` degrees of freedom.
 * `generalizedNormal` is the exponent beta of the density exp(-|w/alpha|^beta): 1 is Laplace, 2 normal, infinity uniform.
 */
export type WeightLaw =
  | 'normal'
  | 'uniform'
  | 'rademacher'
  | 'laplace'
  | { readonly generalizedNormal: number }
  | { readonly studentT: number }
  | 'sphere'
  | { readonly multivariateT: number };

/**
 * Independent rows of weights with mean 0 and E[w_i^2] = 1.
 *
 * @param shape [neurons, inputs]
 * @throws UserError for an exponent that is not positive, and for a law of infinite variance (nu <= 2)
 */
export function unitWeights(key: np.NDArray, law: WeightLaw, shape: readonly [number, number]): np.NDArray {
  if (law === 'normal') return random.normal(key, shape);
  if (law === 'rademacher') return random.rademacher(key, shape);
  if (law === 'uniform') return random.uniform(key, shape, { low: -Math.sqrt(3), high: Math.sqrt(3) });
  if (law === 'laplace') return laplace(key, shape);
  if (law === 'sphere') return np.multiply(Math.sqrt(shape[1]), random.sphere(key, shape));
  if ('generalizedNormal' in law) return generalizedNormal(key, law.generalizedNormal, shape);
  if ('studentT' in law) {
    return np.multiply(Math.sqrt(1 / finiteVariance(law.studentT)), studentT(key, law.studentT, shape));
  }
  return np.multiply(Math.sqrt(1 / finiteVariance(law.multivariateT)), multivariateT(key, law.multivariateT, shape));
}

/** nu / (nu - 2). */
function finiteVariance(nu: number): number {
  if (!(nu > 2)) {
    throw new UserError(
      `t law: the variance is infinite for nu <= 2, so no scale gives it the wanted one; found nu = ${nu}.`,
    );
  }
  return nu / (nu - 2);
}

/** Density exp(-sqrt(2) |w|) / sqrt(2): the inverse of its distribution function. */
function laplace(key: np.NDArray, shape: readonly number[]): np.NDArray {
  const u = np.subtract(random.uniform(key, shape), 0.5 - 2 ** -24);
  return np.multiply(-Math.SQRT1_2, np.multiply(np.sign(u), np.log1p(np.multiply(-2, np.abs(u)))));
}

/** alpha sign G^(1/beta) with G of the law Gamma(1/beta), and variance alpha^2 Gamma(3/beta) / Gamma(1/beta). */
function generalizedNormal(key: np.NDArray, beta: number, shape: readonly number[]): np.NDArray {
  if (!(beta > 0 && Number.isFinite(beta))) {
    throw new UserError(`generalizedNormal: expected an exponent > 0, found ${beta} (infinity: take 'uniform').`);
  }
  const keys = random.split(key);
  const alpha = Math.exp((lgamma(1 / beta) - lgamma(3 / beta)) / 2);
  const size = np.power(random.gamma(np.slice(keys, 0), 1 / beta, shape), 1 / beta);
  return np.multiply(alpha, np.multiply(random.rademacher(np.slice(keys, 1), shape), size));
}

/**
 * Independent entries of Student's t law with any nu > 0 (1 is Cauchy), not scaled: variance nu / (nu - 2) where it
 * exists. Polar form: `sqrt(nu (u^(-2/nu) - 1)) cos(2 pi v)` (Bailey, Math. Comp. 62, 1994).
 */
export function studentT(key: np.NDArray, nu: number, shape: readonly number[]): np.NDArray {
  const keys = random.split(key);
  const logs = random.exponential(np.slice(keys, 0), shape);
  const radius = np.sqrt(np.multiply(nu, np.expm1(np.multiply(2 / nu, logs))));
  return np.multiply(radius, np.cos(random.uniform(np.slice(keys, 1), shape, { high: 2 * Math.PI })));
}

/** Rows g / sqrt(c / nu) with g standard normal and one c of the law chi^2_nu for each row. */
function multivariateT(key: np.NDArray, nu: number, shape: readonly [number, number]): np.NDArray {
  const keys = random.split(key);
  const chiSquared = np.multiply(2, random.gamma(np.slice(keys, 0), nu / 2, [shape[0], 1]));
  return np.divide(random.normal(np.slice(keys, 1), shape), np.sqrt(np.divide(chiSquared, nu)));
}

/**
 * Weights of a rectified layer with E[w_i^2] = 2 / ((1 + a^2) fanIn): norms are kept in the mean for every law.
 *
 * @param options.fanOut number of neurons
 * @param options.slope default 0
 * @param options.law default `normal` (He et al. 2015)
 * @returns float32 [fanOut, fanIn], one row per neuron; `nn.dense` keeps the transpose
 * @throws UserError for a law of infinite variance, or a size or slope out of range
 */
export function rectifierInit({
  fanIn,
  fanOut,
  key,
  slope = 0,
  law = 'normal',
}: {
  fanIn: number;
  fanOut: number;
  key: np.NDArray;
  slope?: number;
  law?: WeightLaw;
}): np.NDArray {
  if (!Number.isInteger(fanOut) || fanOut < 1) {
    throw new UserError(`fanOut: expected a whole number of at least 1, found ${fanOut}.`);
  }
  return np.multiply(Math.sqrt(preservingVariance(fanIn, slope)), unitWeights(key, law, [fanOut, fanIn]));
}
