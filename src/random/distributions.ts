/** @file Random arrays. Every function takes a key first; the same key and shape give the same numbers everywhere. */
import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { type Shape, shapeText } from '../array/shape.ts';
import * as np from '../numpy/index.ts';
import { shiftRight } from './bits.ts';
import { bits, split } from './keys.ts';

export interface RandomOptions {
  /** Default float32. */
  readonly dtype?: 'float32' | 'float64';
}

/**
 * Uniform on [low, high). float32 has 23 random bits, float64 52. Where the limits are large beside their distance,
 * rounding may give `high` itself.
 */
export function uniform(
  key: NDArray,
  shape: Shape = [],
  { low = 0, high = 1, dtype = 'float32' }: RandomOptions & { low?: number; high?: number } = {},
): NDArray {
  let u: NDArray;
  if (dtype === 'float32') {
    u = np.multiply(np.astype(shiftRight(bits(key, shape), 9), 'float32'), 2 ** -23);
  } else {
    const keys = split(key);
    const upper = np.astype(shiftRight(bits(np.slice(keys, 0), shape), 6), 'float64');
    const lower = np.astype(shiftRight(bits(np.slice(keys, 1), shape), 6), 'float64');
    u = np.multiply(np.add(np.multiply(upper, 2 ** 26), lower), 2 ** -52);
  }
  return np.add(np.multiply(u, high - low), low);
}

/** Uniform on (0, 1): never 0, so that it can go into a logarithm. */
const open = (key: NDArray, shape: Shape, { dtype = 'float32' }: RandomOptions = {}): NDArray => {
  const smallest = dtype === 'float32' ? 2 ** -24 : 2 ** -53;
  return np.add(uniform(key, shape, { dtype }), smallest);
};

/** Standard normal: sqrt(2) erfinv(2 u - 1). */
export function normal(key: NDArray, shape: Shape = [], options: RandomOptions = {}): NDArray {
  return np.multiply(Math.SQRT2, np.erfinv(np.subtract(np.multiply(2, open(key, shape, options)), 1)));
}

/** Standard exponential: -log u. */
export const exponential = (key: NDArray, shape: Shape = [], options: RandomOptions = {}): NDArray =>
  np.negative(np.log(open(key, shape, options)));

/** Standard Gumbel: -log(-log u). */
export const gumbel = (key: NDArray, shape: Shape = [], options: RandomOptions = {}): NDArray =>
  np.negative(np.log(exponential(key, shape, options)));

/** True with probability p. */
export function bernoulli(key: NDArray, p = 0.5, shape: Shape = []): NDArray {
  if (!(p >= 0 && p <= 1)) throw new UserError(`bernoulli: p must lie in [0, 1], got ${p}`);
  return np.less(uniform(key, shape), p);
}

/** -1 or 1 with equal probability. */
export const rademacher = (key: NDArray, shape: Shape = [], { dtype = 'float32' }: RandomOptions = {}): NDArray =>
  np.subtract(np.multiply(2, np.astype(bernoulli(key, 0.5, shape), dtype)), 1);

/** Integers in [low, high), int32; the bias of the multiplication is below (high - low) / 2^23. */
export function randint(key: NDArray, shape: Shape, low: number, high: number): NDArray {
  if (!(Number.isInteger(low) && Number.isInteger(high) && low < high && high - low < 2 ** 23)) {
    throw new UserError(`randint: needs integers low < high less than 2^23 apart, got ${low} and ${high}`);
  }
  return np.add(np.astype(np.floor(np.multiply(uniform(key, shape), high - low)), 'int32'), low);
}

/** Indices drawn with probability softmax(logits) along the last axis (Gumbel maximum). */
export function categorical(key: NDArray, logits: NDArray, shape: Shape = []): NDArray {
  const noise = gumbel(key, [...shape, ...logits.shape]);
  return np.argmax(np.add(logits, noise), -1);
}

/** Points distributed uniformly on the unit sphere of the last axis. */
export function sphere(key: NDArray, shape: Shape, options: RandomOptions = {}): NDArray {
  if (shape.length === 0 || shape[shape.length - 1] < 1) {
    throw new UserError(`sphere: needs a last axis of at least one coordinate, got shape ${shapeText(shape)}`);
  }
  const x = normal(key, shape, options);
  return np.divide(x, np.norm(x, -1, true));
}

/** Proposals per number: each is taken with probability > 0.95, so all fail less often than once in 10^10 numbers. */
const gammaProposals = 8;

/**
 * Gamma distribution with shape `a` and scale 1 (mean and variance a), for any a > 0. Marsaglia and Tsang, "A simple
 * method for generating gamma variables", ACM TOMS 26, 2000, with a fixed number of proposals instead of a loop.
 */
export function gamma(key: NDArray, a: number, shape: Shape = [], options: RandomOptions = {}): NDArray {
  if (!(a > 0 && Number.isFinite(a))) throw new UserError(`gamma: the shape a must be positive, got ${a}`);
  const keys = split(key, 3);
  if (a < 1) {
    // Section 6: gamma(a) = gamma(a + 1) u^(1/a).
    const boost = np.power(open(np.slice(keys, 2), shape, options), 1 / a);
    return np.multiply(gamma(np.slice(keys, 0), a + 1, shape, options), boost);
  }
  const d = a - 1 / 3;
  const proposals = [gammaProposals, ...shape];
  const x = normal(np.slice(keys, 0), proposals, options);
  const root = np.add(1, np.divide(x, Math.sqrt(9 * d)));
  const v = np.power(np.maximum(root, 0), 3);
  const bound = np.multiply(d, np.add(np.subtract(1, v), np.log(v)));
  const taken = np.less(
    np.log(open(np.slice(keys, 1), proposals, options)),
    np.add(np.multiply(0.5, np.square(x)), bound),
  );
  const first = np.expandDims(np.argmax(np.astype(taken, 'int32'), 0), 0);
  return np.multiply(d, np.squeeze(np.takeAlongAxis(v, first, 0), 0));
}
