/**
 * The equivalent kernel of a layer of rectifiers (Theorem A and its normalised form), as differentiable functions of
 * arrays. The same for every rotation-invariant law of the weights, and for every law of independent entries with zero
 * mean and a finite third absolute moment in the limit of many inputs.
 *
 * The activation is s(z) = max(z, 0) + a min(z, 0) with slope a: 0 is ReLU, 1 linear, -1 the absolute value.
 */
import { UserError } from '../../../array/errors.ts';
import { floating } from '../../../numpy/create.ts';
import * as np from '../../../numpy/index.ts';
import { customJvp } from '../../../transforms/index.ts';

export interface RectifierOptions {
  /** Slope a for negative arguments; default 0. */
  readonly slope?: number;
  /** E[w_i^2]; default 1. */
  readonly variance?: number;
  /** Lengths of the two inputs; default 1. */
  readonly normX?: np.ArrayLike;
  readonly normY?: np.ArrayLike;
}

/** @throws UserError unless it is a finite number */
export function checkSlope(slope: number): void {
  if (!Number.isFinite(slope)) throw new UserError(`slope: expected a finite number, found ${slope}.`);
}

/** How fast angles shrink: gamma = (1 - a)^2 / (1 + a^2), from 0 (linear) over 1 (ReLU) to 2 (absolute value). */
export function shrinkage(slope: number): number {
  checkSlope(slope);
  return (1 - slope) ** 2 / (1 + slope ** 2);
}

/** Second moment of the rectified standard normal variable, (1 + a^2) / 2. */
export const rectifiedSquare = (slope: number): number => (1 + slope ** 2) / 2;

/** sin theta - theta cos theta, which vanishes like theta^3 / 3. */
const bend = (theta: np.NDArray): np.NDArray => np.subtract(np.sin(theta), np.multiply(theta, np.cos(theta)));

/**
 * k = E[w_i^2] |x| |y| kappa_a(theta) with
 * `kappa_a(theta) = (1-a)^2/(2 pi) (sin theta + (pi - theta) cos theta) + a cos theta` (Theorem A).
 *
 * @param theta angles between the inputs in [0, pi], of any shape (`angleOf` makes them from cosines)
 * @returns the kernel, of the shape of `theta` broadcast with the norms
 * @throws UserError when the slope or the variance is out of range
 */
export function rectifierKernel(
  theta: np.ArrayLike,
  { slope = 0, variance = 1, normX = 1, normY = 1 }: RectifierOptions = {},
): np.NDArray {
  checkSlope(slope);
  if (!(variance >= 0)) throw new UserError(`variance: expected a number of at least 0, found ${variance}.`);
  const angle = floating(theta);
  const kappa = np.add(
    np.multiply(rectifiedSquare(slope), np.cos(angle)),
    np.multiply((1 - slope) ** 2 / (2 * Math.PI), bend(angle)),
  );
  return np.multiply(np.multiply(variance, np.multiply(normX, normY)), kappa);
}

/** The angle whose cosine is rho, in [0, pi], accurate at both ends. */
export const angleOf = (rho: np.ArrayLike): np.NDArray =>
  np.multiply(2, np.arctan(np.sqrt(np.divide(np.subtract(1, rho), np.add(1, rho)))));

/**
 * Cosine of the angle between the outputs of a wide layer, `g_a(rho) = rho + gamma/pi (sin theta - theta cos theta)`
 * where rho = cos theta is that of its inputs. Its derivative is finite everywhere, also at rho = 1.
 *
 * @param rho cosines in [-1, 1], of any shape
 */
export function normalizedRectifierKernel(rho: np.ArrayLike, slope = 0): np.NDArray {
  const gamma = shrinkage(slope);
  const g = customJvp(
    (cosine: np.NDArray) => np.add(cosine, np.multiply(gamma / Math.PI, bend(angleOf(cosine)))),
    ([cosine], [tangent]) => [
      normalizedRectifierKernel(cosine, slope),
      np.multiply(normalizedRectifierKernelDerivative(cosine, slope), tangent),
    ],
  );
  return g(floating(rho));
}

/** g_a'(rho) = 1 - gamma theta / pi: 1 where the inputs coincide. */
export const normalizedRectifierKernelDerivative = (rho: np.ArrayLike, slope = 0): np.NDArray =>
  np.subtract(1, np.multiply(shrinkage(slope) / Math.PI, angleOf(rho)));
