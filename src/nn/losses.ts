/** @file Losses: means over the batch, scalars. */
import { ShapeError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { sameShape, shapeText } from '../array/shape.ts';
import * as np from '../numpy/index.ts';
import { softplus } from './activations.ts';

/** Mean of (y - t)^2 over all elements. */
export function meanSquaredError(y: NDArray, target: NDArray): NDArray {
  if (!sameShape(y.shape, target.shape)) {
    throw new ShapeError(
      'meanSquaredError',
      `prediction ${shapeText(y.shape)} and target ${shapeText(target.shape)} differ in shape`,
    );
  }
  return np.mean(np.square(np.subtract(y, target)));
}

/**
 * Mean of -log softmax(logits)[label].
 *
 * @param logits [..., classes]
 * @param labels int32 class numbers [...], or probabilities [..., classes]
 */
export function crossEntropy(logits: NDArray, labels: NDArray): NDArray {
  const classes = logits.shape[logits.ndim - 1];
  const target =
    labels.dtype === 'int32' ? np.oneHot(labels, classes, logits.dtype === 'float64' ? 'float64' : 'float32') : labels;
  if (!sameShape(target.shape, logits.shape)) {
    throw new ShapeError(
      'crossEntropy',
      `logits ${shapeText(logits.shape)} do not fit labels ${labels.dtype}${shapeText(labels.shape)}`,
    );
  }
  return np.mean(np.negative(np.sum(np.multiply(target, np.logSoftmax(logits)), -1)));
}

/** Mean of log(1 + e^-z) for target 1 and log(1 + e^z) for target 0, z the logits; stable for large |z|. */
export function binaryCrossEntropy(logits: NDArray, target: NDArray): NDArray {
  if (!sameShape(logits.shape, target.shape)) {
    throw new ShapeError(
      'binaryCrossEntropy',
      `logits ${shapeText(logits.shape)} and target ${shapeText(target.shape)} differ in shape`,
    );
  }
  return np.mean(np.subtract(softplus(logits), np.multiply(target, logits)));
}
