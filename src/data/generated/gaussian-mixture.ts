/** Points of a mixture of isotropic Gaussians. */
import { UserError } from '../../array/errors.ts';
import type { LabelledPoints } from '../dataset.ts';
import { draws } from '../draws.ts';

export interface GaussianMixture {
  /** Number of points. */
  readonly n: number;
  /** Centre of each component, all of one dimension d. */
  readonly means: readonly (readonly number[])[];
  /** Standard deviation of every coordinate about its centre; default 1. */
  readonly deviation?: number;
  /** Share of each component, up to a common factor; default equal. */
  readonly weights?: readonly number[];
  /** Safe integer. */
  readonly seed: number;
}

/**
 * Independent points of a Gaussian mixture. Point i depends only on the seed and i, so that a larger sample begins with
 * the smaller one.
 *
 * @returns `inputs` n x d; `labels` n, the component of each point
 * @throws UserError when the means have different dimensions or a number is out of range
 */
export function gaussianMixture({ n, means, deviation = 1, weights, seed }: GaussianMixture): LabelledPoints {
  if (!Number.isInteger(n) || n < 1) throw new UserError(`gaussianMixture: expected at least 1 point, found ${n}.`);
  const dimension = means[0]?.length ?? 0;
  if (dimension === 0 || means.some((mean) => mean.length !== dimension)) {
    throw new UserError(
      `gaussianMixture: expected means of one dimension, found lengths [${means.map((m) => m.length).join(', ')}].`,
    );
  }
  if (!(deviation >= 0)) {
    throw new UserError(`gaussianMixture: expected a deviation of at least 0, found ${deviation}.`);
  }
  const shares = weights ?? means.map(() => 1);
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (shares.length !== means.length || !shares.every((share) => share >= 0) || !(total > 0 && total < Infinity)) {
    throw new UserError(
      `gaussianMixture: expected ${means.length} weights of at least 0, not all 0, found [${shares.join(', ')}].`,
    );
  }
  const inputs = new Float32Array(n * dimension);
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const { uniform, normal } = draws(seed, i);
    let rest = uniform() * total;
    let label = 0;
    while (label < shares.length - 1 && rest >= shares[label]) rest -= shares[label++];
    labels[i] = label;
    for (let k = 0; k < dimension; k++) inputs[i * dimension + k] = means[label][k] + deviation * normal();
  }
  return { inputs, labels, n, dimension };
}
