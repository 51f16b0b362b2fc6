/** @file What the training loops share: clipping, many networks in one tree, and the order of the images. */
import type { NDArray } from '../../../../array/ndarray.ts';
import { type Tree, treeMap } from '../../../../array/tree.ts';
import { batches, takeRows } from '../../../../data/index.ts';
import * as np from '../../../../numpy/index.ts';

export type AdamState = { step: NDArray; first: Tree; second: Tree };

/** Gradients of a norm above `limit` are shortened to it. */
export function clipped<G extends Tree>(gradient: G, limit: number): G {
  const [vector] = np.ravelTree(gradient);
  const norm = np.sqrt(np.sum(np.square(vector)));
  const factor = np.divide(limit, np.maximum(limit, norm));
  return treeMap((g) => np.multiply(factor, g), gradient) as G;
}

/** Trees of the same structure as one tree, stacked along a new axis 0. */
export const stacked = <P extends Tree>(trees: readonly P[]): P =>
  treeMap((...leaves: NDArray[]) => np.stack(leaves), ...(trees as [P, ...P[]])) as P;

/**
 * The images of every update, steps x batch: those of a seed are its own part of all `n`, in a new order each epoch.
 *
 * @param images of each seed
 * @param seed number of the seed within the experiment
 * @param base the experiment's own seed
 */
export function imageOrder(
  n: number,
  { images, steps, batch }: { images: number; steps: number; batch: number },
  seed: number,
  base: number,
): Int32Array {
  const order = new Int32Array(steps * batch);
  const offset = (seed * images) % n;
  let made = 0;
  for (let epoch = 0; made < order.length; epoch++) {
    for (const part of batches(images, batch, base + 1000 * seed, epoch, { dropLast: true })) {
      if (made === order.length) break;
      order.set(
        part.map((i) => (offset + i) % n),
        made,
      );
      made += batch;
    }
  }
  return order;
}

/** Labels in random order. */
export const shuffled = (labels: Int32Array, seed: number): Int32Array =>
  takeRows(labels, 1, [...batches(labels.length, labels.length, seed, 0)][0]);
