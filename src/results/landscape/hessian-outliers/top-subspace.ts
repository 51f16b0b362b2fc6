/** @file The principal subspace of the Hessian from averages of gradients, and how good it is. */
import { UserError } from '../../../array/errors.ts';
import { eigh, type Operator } from '../../../linalg/index.ts';
import type { NDArray, Tree } from '../../../numpy/index.ts';
import * as np from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';
import { type ClassCentres, classCentres, type MeansOptions } from './class-means.ts';
import { innerProducts } from './gram.ts';
import type { Classifier, LabelledBatch, SampleCounts } from './samples.ts';

/** Approximations of the leading eigenpairs of the Hessian. */
export interface TopSubspace extends SampleCounts {
  /** Eigenvalues of G1, descending; fewer than C where classes are missing or centres depend on each other. */
  readonly values: Float64Array;
  /** [k, P], orthonormal rows in `np.ravelTree` order, row i to `values[i]`; they span the class centres. */
  readonly vectors: NDArray;
}

/** Eigenvalues of the centres' Gram matrix, relative to the largest, that are rounding of float32 gradients. */
const dependent = 1e-10;

/**
 * The top eigenspace of the Hessian of a trained classifier from C averages of gradients: the eigenvectors of
 * `G1 = (C-1) sum_c pi_c delta_c delta_c^T`. No product with the Hessian is made; one backward pass a sample.
 *
 * `Rayleigh-Ritz` on these vectors (`subspaceIteration` of one round with them as the start) gives better eigenvalues.
 *
 * @throws UserError as `countSamples`
 */
export async function approximateTopSubspace<P extends Tree, X extends Tree>(
  model: Classifier<P, X>,
  params: P,
  batches: readonly LabelledBatch<X>[],
  options: MeansOptions = {},
): Promise<TopSubspace> {
  return principalDirections(await classCentres(model, params, batches, options));
}

const combine = jit((weights: NDArray, rows: NDArray) => np.matmul(weights, rows));

/** Eigenpairs of G1: `sum_c sqrt((C-1) pi_c) a_c delta_c / sqrt(lambda)`, a those of the C x C Gram matrix. */
export async function principalDirections({ centres, ...found }: ClassCentres): Promise<TopSubspace> {
  const { classes, samples, counts } = found;
  const products = await innerProducts(centres, centres);
  const weight = (c: number) => Math.sqrt(((classes - 1) * counts[c]) / samples);
  const gram = products.map((x, i) => x * weight(Math.floor(i / classes)) * weight(i % classes));
  const { values, vectors } = eigh(gram, classes);
  const largest = values[classes - 1];
  if (!(largest > 0)) {
    throw new UserError(
      'approximateTopSubspace: every class centre is zero: no logit has a gradient by the parameters.',
    );
  }
  const kept = Array.from(values.keys())
    .reverse()
    .filter((j) => values[j] > dependent * largest);
  const rows = kept.flatMap((j) => counts.map((_, c) => (weight(c) * vectors[c * classes + j]) / Math.sqrt(values[j])));
  const weights = np.array(Float64Array.from(rows), { shape: [kept.length, classes], dtype: centres.dtype });
  return { ...found, values: Float64Array.from(kept, (j) => values[j]), vectors: combine(weights, centres) };
}

/**
 * `|Q U^T|_F^2 / k` of two subspaces, the mean squared cosine of their principal angles: 1 when the smaller one lies in
 * the other, about k / P for random ones.
 *
 * @param q [m, P], orthonormal rows
 * @param u [k, P], orthonormal rows
 * @returns in [0, 1]; the sum is over min(m, k)
 */
export async function subspaceOverlap(q: NDArray, u: NDArray): Promise<number> {
  if (q.ndim !== 2 || u.ndim !== 2 || q.shape[1] !== u.shape[1]) {
    throw new UserError(`subspaceOverlap: expected rows of one length, [m, P] and [k, P], found ${q} and ${u}.`);
  }
  const squares = (await innerProducts(q, u)).reduce((sum, x) => sum + x * x, 0);
  return squares / Math.min(q.shape[0], u.shape[0]);
}

const outside = jit((v: NDArray, q: NDArray) => np.subtract(v, np.matmul(np.matmul(q, v), q)));

/**
 * `(I - Q^T Q) A (I - Q^T Q)`: the operator without a subspace. If the rows of Q span its outliers, the largest eigenvalue
 * of what is left is that of the bulk.
 *
 * @param A symmetric
 * @param q [k, P], orthonormal rows, dtype of A's vectors
 */
export const knockout =
  (A: Operator, q: NDArray): Operator =>
  async (v) =>
    outside(await A(outside(v, q)), q);

/**
 * How many outliers a spectrum has: the place of the largest ratio of neighbours among the first 3 C eigenvalues.
 *
 * @param eigenvalues descending, at least 2; those from the first that is not positive on are left out
 * @param classes C
 */
export function outlierCount(eigenvalues: ArrayLike<number>, classes: number): number {
  const list = Array.from(eigenvalues).slice(0, 3 * classes);
  const end = list.findIndex((x) => !(x > 0));
  const positive = end < 0 ? list : list.slice(0, end);
  if (positive.length < 2) {
    throw new UserError(`outlierCount: expected at least 2 positive eigenvalues, descending, found [${list}].`);
  }
  const ratios = positive.slice(1).map((x, i) => positive[i] / x);
  return 1 + ratios.indexOf(Math.max(...ratios));
}
