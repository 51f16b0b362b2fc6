/** Classes that are each several clusters of points: a task that is easy or hard as one likes, without images. */
import { UserError } from '../../array/errors.ts';
import type { LabelledPoints } from '../dataset.ts';
import { draws } from '../draws.ts';

export interface ClusteredClasses {
  /** Number of points. */
  readonly n: number;
  /** Default 40. */
  readonly dimension?: number;
  /** Default 10. */
  readonly classes?: number;
  /** Clusters of each class; default 3. */
  readonly clusters?: number;
  /** Length of the cluster centres, in units of 2.2; about 1.2 to 2.2 is of use. */
  readonly separation: number;
  /** Standard deviation of each coordinate about its centre; default 0.7. */
  readonly deviation?: number;
  /** Safe integer: draws the centres and the points. */
  readonly seed: number;
  /** Draws other points about the same centres, e.g. to test with; default 0. */
  readonly sample?: number;
}

/** Streams of one seed: the centres, and from here on the points. */
const CENTRES = 0;
const FIRST_POINT = 1;
/** Points of one sample, at most. */
const LARGEST = 2 ** 24;

/**
 * Points `x = c + deviation N(0, I)` about centres `c = 2.2 separation / sqrt(dimension) N(0, I)`, class and cluster
 * drawn uniformly. Point i depends only on the seed, the sample and i, so that a larger set begins with the smaller one.
 *
 * @throws UserError when a number is out of range
 */
export function clusteredClasses(options: ClusteredClasses): LabelledPoints {
  const { n, dimension = 40, classes = 10, clusters = 3, separation, deviation = 0.7, seed, sample = 0 } = options;
  for (const [name, value] of Object.entries({ n, dimension, classes, clusters })) {
    if (!Number.isInteger(value) || value < 1 || value > LARGEST) {
      throw new UserError(`clusteredClasses: expected a whole ${name} from 1 to 2^24, found ${value}.`);
    }
  }
  if (!(separation >= 0) || !(deviation >= 0)) {
    throw new UserError(
      `clusteredClasses: expected separation and deviation of at least 0, found ${separation}, ${deviation}.`,
    );
  }
  if (!Number.isInteger(sample) || sample < 0 || sample > 254) {
    throw new UserError(`clusteredClasses: expected a sample from 0 to 254, found ${sample}.`);
  }
  const { normal } = draws(seed, CENTRES);
  const scale = (2.2 * separation) / Math.sqrt(dimension);
  const centres = Float64Array.from({ length: classes * clusters * dimension }, () => scale * normal());
  const inputs = new Float32Array(n * dimension);
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const point = draws(seed, FIRST_POINT + sample * LARGEST + i);
    const cluster = point.below(classes * clusters);
    labels[i] = Math.floor(cluster / clusters);
    for (let k = 0; k < dimension; k++) {
      inputs[i * dimension + k] = centres[cluster * dimension + k] + deviation * point.normal();
    }
  }
  return { inputs, labels, n, dimension };
}
