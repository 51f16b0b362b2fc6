/** Points on spheres about the origin. */
import { UserError } from '../../array/errors.ts';
import type { LabelledPoints } from '../dataset.ts';
import { draws } from '../draws.ts';

export interface Spheres {
  /** Number of points. */
  readonly n: number;
  /** Of the space; the spheres have one less. */
  readonly dimension: number;
  /** One per sphere; default one of radius 1. */
  readonly radii?: readonly number[];
  /** Safe integer. */
  readonly seed: number;
}

/**
 * Points uniform on concentric spheres: normal vectors brought to length (Muller, CACM 2, 1959). Point i lies on sphere
 * `i mod radii.length` and depends only on the seed and i, so that a larger sample begins with the smaller one.
 *
 * @returns `labels` the sphere of each point
 * @throws UserError when a number is out of range
 */
export function spheres({ n, dimension, radii = [1], seed }: Spheres): LabelledPoints {
  if (!Number.isInteger(n) || n < 1) throw new UserError(`spheres: expected at least 1 point, found ${n}.`);
  if (!Number.isInteger(dimension) || dimension < 1) {
    throw new UserError(`spheres: expected a dimension of at least 1, found ${dimension}.`);
  }
  if (radii.length === 0 || !radii.every((radius) => radius >= 0 && radius < Infinity)) {
    throw new UserError(`spheres: expected radii of at least 0, one or more, found [${radii.join(', ')}].`);
  }
  const inputs = new Float32Array(n * dimension);
  const labels = Int32Array.from({ length: n }, (_, i) => i % radii.length);
  for (let i = 0; i < n; i++) {
    const { normal } = draws(seed, i);
    const direction = Float64Array.from({ length: dimension }, normal);
    const scale = radii[labels[i]] / Math.hypot(...direction);
    for (let k = 0; k < dimension; k++) inputs[i * dimension + k] = scale * direction[k];
  }
  return { inputs, labels, n, dimension };
}
