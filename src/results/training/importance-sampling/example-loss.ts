/** @file What the method needs to know of a user's model: its last pre-activations, and a loss for each example. */
import { ShapeError, UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import { sameShape, shapeText } from '../../../array/shape.ts';
import type { Tree } from '../../../array/tree.ts';
import { softplus } from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import { vjp } from '../../../transforms/index.ts';

/** The loss of every example from the last pre-activations: (z [n, ...], y [n, ...]) -> [n]. No mean over the batch. */
export type PerExampleLoss = (logits: NDArray, y: NDArray) => NDArray;

/** A model and its loss; any architecture whose examples do not see one another (no batch normalisation). */
export interface ExampleModel<P extends Tree> {
  /** Last pre-activations z of a batch: x [n, ...] -> [n, ...]; for scores without dropout. */
  readonly apply: (params: P, x: NDArray) => NDArray;
  readonly loss: PerExampleLoss;
}

/** Examples along axis 0 of both. */
export type Examples = { readonly x: NDArray; readonly y: NDArray };

const sumPerExample = (x: NDArray): NDArray => (x.ndim === 1 ? x : np.sum(np.reshape(x, [x.shape[0], -1]), 1));

/**
 * -log softmax(z)[y] for each example, summed over the output positions of a sequence.
 *
 * @param logits [n, ..., classes]
 * @param labels int32 [n, ...]
 */
export function softmaxCrossEntropy(logits: NDArray, labels: NDArray): NDArray {
  const classes = logits.shape[logits.ndim - 1];
  const chosen = np.multiply(np.oneHot(labels, classes), np.logSoftmax(logits));
  return np.negative(sumPerExample(np.sum(chosen, -1)));
}

/** |z - y|^2 / 2 for each example: [n, ...] and [n, ...] -> [n]. Its score is |z - y|. */
export function squaredError(z: NDArray, y: NDArray): NDArray {
  checkSameShape('squaredError', z, y);
  return np.multiply(0.5, sumPerExample(np.square(np.subtract(z, y))));
}

/** log(1 + e^z) - y z for each example, y in [0, 1]; summed over outputs. Its score is |sigmoid(z) - y|. */
export function sigmoidCrossEntropy(z: NDArray, y: NDArray): NDArray {
  checkSameShape('sigmoidCrossEntropy', z, y);
  return sumPerExample(np.subtract(softplus(z), np.multiply(y, z)));
}

function checkSameShape(operation: string, z: NDArray, y: NDArray): void {
  if (!sameShape(z.shape, y.shape)) {
    throw new ShapeError(operation, `outputs ${shapeText(z.shape)} and targets ${shapeText(y.shape)} differ in shape`);
  }
}

/**
 * Losses [n] and their gradients with respect to the last pre-activations [n, ...], by one pullback through the loss
 * alone: no derivative of the network.
 *
 * @throws UserError when the loss is not one number for each example
 */
export function lossesAndCotangents(
  loss: PerExampleLoss,
  logits: NDArray,
  y: NDArray,
): { readonly losses: NDArray; readonly cotangents: NDArray } {
  const [losses, pullback] = vjp((z: NDArray) => loss(z, y), logits);
  const n = logits.shape[0];
  if (losses.ndim !== 1 || losses.shape[0] !== n) {
    const found = losses.ndim === 0 ? 'a scalar' : `shape ${shapeText(losses.shape)}`;
    throw new UserError(
      `per-sample loss expected, got ${found}: return one loss for each of the ${n} examples, not their mean`,
    );
  }
  return { losses, cotangents: pullback(np.onesLike(losses))[0] };
}

/** Euclidean norm of everything that belongs to one example: [n, ...] -> [n]. */
export const normPerExample = (x: NDArray): NDArray => np.sqrt(sumPerExample(np.square(x)));

/**
 * A function of a batch, computed for `chunk` examples at a time so that memory holds no more activations than those;
 * results [n] are put together again.
 */
export function inChunks(
  f: (x: NDArray, y: NDArray) => NDArray,
  { x, y }: Examples,
  chunk: number | undefined,
): NDArray {
  const n = x.shape[0];
  if (chunk === undefined || chunk >= n) return f(x, y);
  if (!Number.isInteger(chunk) || chunk < 1)
    throw new UserError(`chunk: expected a whole number from 1, found ${chunk}`);
  const starts = Array.from({ length: Math.ceil(n / chunk) }, (_, i) => i * chunk);
  const part = (array: NDArray, from: number) => np.slice(array, [from, Math.min(from + chunk, n)]);
  return np.concatenate(starts.map((from) => f(part(x, from), part(y, from))));
}
