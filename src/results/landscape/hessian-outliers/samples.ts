/** @file Samples with classes: checked before anything is computed, and regrouped so that a backward pass sees one class. */
import { UserError } from '../../../array/errors.ts';
import { split } from '../../../data/index.ts';
import * as np from '../../../numpy/index.ts';
import { type NDArray, type Tree, treeLeaves, treeMap } from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';

/**
 * A classifier: logits [batch, C] of a batch of inputs, each row from its own input alone. A network with batch
 * normalisation is meant as it is used after training: `(params, x) => net.apply(params, state, x)[0]`.
 */
export type Classifier<P extends Tree, X extends Tree> = (params: P, x: X) => NDArray;

/** Some samples: inputs with the batch along axis 0 of every leaf, and the class of each, 0 to C - 1. */
export interface LabelledBatch<X extends Tree> {
  readonly x: X;
  readonly labels: ArrayLike<number>;
}

/** What is known of the data after a look at all of it. */
export interface SampleCounts {
  /** C, the number of logits. */
  readonly classes: number;
  /** n, all samples. */
  readonly samples: number;
  /** Samples of each class (C). */
  readonly counts: readonly number[];
  /** Classes without a sample; they have no means, and weight 0 in every sum. */
  readonly missing: readonly number[];
}

/** Changes of a sample's logits by the rest of its batch, relative to the largest logit, that rounding does not explain. */
const coupling = 1e-3;

/**
 * Counts the samples of each class, and refuses what would give wrong answers later.
 *
 * @throws UserError when there are no samples, a label is no class, logits are not [batch, C] with C >= 2 or not finite,
 *   or depend on the other samples of the batch (batch normalisation in training mode)
 */
export async function countSamples<P extends Tree, X extends Tree>(
  model: Classifier<P, X>,
  params: P,
  batches: readonly LabelledBatch<X>[],
): Promise<SampleCounts> {
  if (batches.length === 0 || batches.every(({ labels }) => labels.length === 0)) {
    throw new UserError('the samples: expected at least one, found none.');
  }
  const forward = jit(model);
  const first = await checkedLogits(forward, params, batches[0], 0);
  const classes = first.length / batches[0].labels.length;
  await checkIndependent(forward, params, batches[0], first, classes);
  const counts = new Array<number>(classes).fill(0);
  for (const [b, batch] of batches.entries()) {
    if (b > 0) await checkedLogits(forward, params, batch, b, classes);
    for (let i = 0; i < batch.labels.length; i++) {
      const label = batch.labels[i];
      if (!Number.isInteger(label) || label < 0 || label >= classes) {
        throw new UserError(
          `the labels: expected classes from 0 to ${classes - 1}, as the model has ${classes} logits, found ${label} at sample ${i} of batch ${b}.`,
        );
      }
      counts[label]++;
    }
  }
  const missing = counts.flatMap((count, c) => (count === 0 ? [c] : []));
  return { classes, samples: counts.reduce((sum, count) => sum + count, 0), counts, missing };
}

/** The logits of a batch, finite and of the right shape. */
async function checkedLogits<P extends Tree, X extends Tree>(
  forward: Classifier<P, X>,
  params: P,
  { x, labels }: LabelledBatch<X>,
  batch: number,
  classes?: number,
): Promise<ArrayLike<number>> {
  const size = labels.length;
  const other = treeLeaves(x).find((leaf) => leaf.shape[0] !== size);
  if (other !== undefined) {
    throw new UserError(
      `the samples: batch ${batch} has ${size} labels, but inputs of shape [${other.shape}]; axis 0 must be the samples.`,
    );
  }
  const logits = forward(params, x);
  if (logits.ndim !== 2 || logits.shape[0] !== size || logits.shape[1] !== (classes ?? logits.shape[1])) {
    throw new UserError(
      `the model: expected logits of shape [${size}, ${classes ?? 'C'}] for the ${size} samples of batch ${batch}, found [${logits.shape}].`,
    );
  }
  if (logits.shape[1] < 2) {
    throw new UserError(
      'the model: expected at least 2 logits, found 1. A network with one logit z is the classifier with the logits [0, z]: return np.concatenate([np.zerosLike(z), z], 1).',
    );
  }
  const values = await logits.data();
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new UserError(
      `the model: the logits must be finite, found ${values[bad]} at sample ${Math.floor(bad / logits.shape[1])} of batch ${batch}: has training diverged, or are inputs missing?`,
    );
  }
  return values;
}

/** The first sample among copies of itself must have the logits that it has in its batch. */
async function checkIndependent<P extends Tree, X extends Tree>(
  forward: Classifier<P, X>,
  params: P,
  { x, labels }: LabelledBatch<X>,
  logits: ArrayLike<number>,
  classes: number,
): Promise<void> {
  const copies = treeMap((leaf) => np.repeat(np.slice(leaf, [0, 1]), labels.length, 0), x);
  const alone = await forward(params, copies).data();
  const largest = Math.max(...Array.from(logits, Math.abs));
  for (let k = 0; k < classes; k++) {
    // Written so that NaN counts as a change.
    if (!(Math.abs(alone[k] - logits[k]) <= coupling * largest)) {
      throw new UserError(
        `the model: the logits of a sample must not depend on the rest of its batch; logit ${k} of sample 0 is ${logits[k]} in its batch and ${alone[k]} among copies of itself. Evaluate batch normalisation with its running statistics (without \`training\`).`,
      );
    }
  }
}

/** Samples of one class for one pass: `weights` is 1 for each, and 0 for the copies that fill up the last pass. */
export interface ClassPass<X extends Tree> {
  readonly label: number;
  readonly x: X;
  /** [rows] */
  readonly weights: NDArray;
}

/**
 * The samples class by class, in passes of one size: no more rows than the first batch has, and no more than the largest
 * class. So a pass costs what its own samples cost, and there is one compilation.
 */
export async function* classPasses<X extends Tree>(
  batches: readonly LabelledBatch<X>[],
  { classes, counts }: SampleCounts,
  dtype: 'float32' | 'float64',
): AsyncGenerator<ClassPass<X>> {
  const rows = Math.min(batches[0].labels.length, Math.max(...counts));
  const hosts = await Promise.all(batches.map(({ x }) => Promise.all(treeLeaves(x).map((leaf) => leaf.data()))));
  for (let label = 0; label < classes; label++) {
    const members = batches.flatMap(({ labels }, b) =>
      Array.from(labels).flatMap((l, row) => (l === label ? [{ b, row }] : [])),
    );
    for (let start = 0; start < members.length; start += rows) {
      const taken = members.slice(start, start + rows);
      const filled = [...taken, ...new Array<(typeof taken)[0]>(rows - taken.length).fill(taken[0])];
      let position = 0;
      const x = treeMap((leaf) => {
        const [width, at] = [leaf.size / leaf.shape[0], position++];
        const together = new (hosts[0][at].constructor as typeof Float32Array)(rows * width);
        for (const [i, { b, row }] of filled.entries()) {
          together.set(hosts[b][at].subarray(row * width, (row + 1) * width), i * width);
        }
        return np.array(together, { shape: [rows, ...leaf.shape.slice(1)], dtype: leaf.dtype });
      }, batches[0].x);
      const weights = np.array(
        filled.map((_, i) => (i < taken.length ? 1 : 0)),
        { dtype },
      );
      yield { label, x, weights };
    }
  }
}

/**
 * The same samples with the classes in random order over all batches: the negative control. Means over a random
 * partition see no class, while the Gauss-Newton matrix, which depends on no label, stays what it is.
 *
 * @param seed safe integer
 */
export function labelPartitionControl<X extends Tree>(
  batches: readonly LabelledBatch<X>[],
  seed: number,
): LabelledBatch<X>[] {
  const labels = batches.flatMap((batch) => Array.from(batch.labels));
  const [order] = split(labels.length, [1], seed);
  let start = 0;
  return batches.map((batch) => {
    const own = order.subarray(start, start + batch.labels.length);
    start += batch.labels.length;
    return { x: batch.x, labels: Int32Array.from(own, (i) => labels[i]) };
  });
}
