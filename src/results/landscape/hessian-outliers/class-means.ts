/** @file Means of weighted logit gradients over classes (Papyan 2019, section 3): the vectors of which the outliers are made. */
import * as np from '../../../numpy/index.ts';
import { type NDArray, type Tree, treeLeaves } from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';
import { perExampleGradientNorms, vjp, vmap } from '../../../transforms/index.ts';
import { curvatureFactor } from './curvature.ts';
import { type Classifier, classPasses, countSamples, type LabelledBatch, type SampleCounts } from './samples.ts';

/** Called after each pass over some samples: how many samples are done, of how many. */
export type OnSamples = (done: number, total: number) => void;

export interface MeansOptions {
  readonly onStep?: OnSamples;
}

/** `delta_{c,c'}`, the means over the samples of class c of `delta_{i,c'} = sqrt(p_{i,c'}) J_i^T (e_{c'} - p_i)`. */
export interface LogitGradientMeans extends SampleCounts {
  /** One array [C, P] for each class c, row c' is `delta_{c,c'}`; zeros for a class without samples. */
  readonly means: readonly NDArray[];
}

/** `delta_c`, the means of `delta_{c,c'}` over the wrong classes c' != c. */
export interface ClassCentres extends SampleCounts {
  /** [C, P]; zeros for a class without samples. */
  readonly centres: NDArray;
}

/**
 * Means of the weighted logit gradients for every true class c and every class c'. `delta_{i,c'}` is the negative loss
 * gradient that the sample would have if its label were c', times sqrt(p_{c'}).
 *
 * Each sample takes C backward passes. Memory C^2 P numbers; `classCentres` has C P, for large networks.
 *
 * @param model a classifier whose rows are independent: batch normalisation by running statistics
 * @param params tree of floats of one dtype; P numbers in all
 * @param batches the samples; the first batch is the largest that a backward pass sees
 * @throws UserError as `countSamples`
 */
export function classMeanLogitGradients<P extends Tree, X extends Tree>(
  model: Classifier<P, X>,
  params: P,
  batches: readonly LabelledBatch<X>[],
  options: MeansOptions = {},
): Promise<LogitGradientMeans> {
  return classSums(model, params, batches, (factor) => np.transpose(factor, [1, 0, 2]), options).then(
    ({ sums, ...counts }) => ({ ...counts, means: sums }),
  );
}

/**
 * The class centres alone. They are linear in the cotangents, so that ONE backward pass a sample gives them:
 * `delta_c = mean over i of J_i^T (1/(C-1)) sum_{c' != c} sqrt(p_{i,c'}) (e_{c'} - p_i)`. Memory C P numbers.
 *
 * @throws UserError as `countSamples`
 */
export async function classCentres<P extends Tree, X extends Tree>(
  model: Classifier<P, X>,
  params: P,
  batches: readonly LabelledBatch<X>[],
  options: MeansOptions = {},
): Promise<ClassCentres> {
  const wrong = (factor: NDArray, label: NDArray) => {
    const classes = factor.shape[1];
    const others = np.subtract(1, np.oneHot(label, classes, factor.dtype === 'float64' ? 'float64' : 'float32'));
    return np.expandDims(np.divide(np.matmul(others, factor), classes - 1), 0);
  };
  const { sums, ...counts } = await classSums(model, params, batches, wrong, options);
  return { ...counts, centres: np.concatenate(sums) };
}

/** For each class the mean over its samples of the pulled back cotangents [k, rows, C], as [k, P]. */
async function classSums<P extends Tree, X extends Tree>(
  model: Classifier<P, X>,
  params: P,
  batches: readonly LabelledBatch<X>[],
  cotangents: (factor: NDArray, label: NDArray) => NDArray,
  { onStep = () => {} }: MeansOptions,
): Promise<SampleCounts & { readonly sums: readonly NDArray[] }> {
  const found = await countSamples(model, params, batches);
  const dtype = treeLeaves(params)[0].dtype === 'float64' ? 'float64' : 'float32';
  const pass = (p: P, x: X, label: NDArray, weights: NDArray): NDArray => {
    const [logits, pullback] = vjp((q: P) => model(q, x), p);
    const weighted = np.multiply(cotangents(curvatureFactor(logits), label), np.expandDims(weights, 1));
    return vmap((cotangent: NDArray) => np.ravelTree(pullback(cotangent)[0])[0])(weighted);
  };
  const start = jit(pass);
  const add = jit((sum: NDArray, p: P, x: X, label: NDArray, weights: NDArray) =>
    np.add(sum, pass(p, x, label, weights)),
  );
  const sums = new Array<NDArray | undefined>(found.classes).fill(undefined);
  let done = 0;
  for await (const { label, x, weights } of classPasses(batches, found, dtype)) {
    const [known, given] = [sums[label], np.array(label, { dtype: 'int32' })];
    const sum = known === undefined ? start(params, x, given, weights) : add(known, params, x, given, weights);
    // One pass at a time, so that the inputs of all of them do not wait in memory.
    await sum.data();
    sums[label] = sum;
    done += weights.size;
    onStep(Math.min(done, found.samples), found.samples);
  }
  const like = sums.find((sum) => sum !== undefined)!;
  return {
    ...found,
    sums: sums.map((sum, c) => (sum === undefined ? np.zerosLike(like) : np.divide(sum, found.counts[c]))),
  };
}

/**
 * `tr G = (1/n) sum_i sum_{c'} |delta_{i,c'}|^2`, exactly, by the norms of single samples' gradients (C backward passes a
 * sample).
 */
export async function gaussNewtonTrace<P extends Tree, X extends Tree>(
  model: Classifier<P, X>,
  params: P,
  batches: readonly LabelledBatch<X>[],
): Promise<number> {
  const squares = jit((p: P, x: X): NDArray => {
    const factor = np.transpose(curvatureFactor(model(p, x)), [1, 0, 2]);
    const alongOne = (q: P, sample: X, cotangent: NDArray): NDArray =>
      np.vdot(
        cotangent,
        model(
          q,
          np.treeMap((leaf) => np.expandDims(leaf, 0), sample),
        ),
      );
    const norms = vmap((cotangents: NDArray) => perExampleGradientNorms(alongOne)(p, x, cotangents))(factor);
    return np.sum(np.square(norms));
  });
  let [sum, n] = [0, 0];
  for (const { x, labels } of batches) {
    sum += (await squares(params, x).data())[0];
    n += labels.length;
  }
  return sum / n;
}
