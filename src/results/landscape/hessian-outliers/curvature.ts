/** @file The Hessian of the mean cross-entropy, and its Gauss-Newton part by the weighted logit gradients. */
import { gaussNewtonOperator, hessianOperator, type Operator } from '../../../linalg/index.ts';
import * as nn from '../../../nn/index.ts';
import type { NDArray, Tree } from '../../../numpy/index.ts';
import * as np from '../../../numpy/index.ts';
import { stopGradient } from '../../../transforms/index.ts';
import type { Classifier, LabelledBatch } from './samples.ts';

/**
 * The rows s_k = sqrt(p_k) (e_k - p), for which `diag(p) - p p^T = sum_k s_k s_k^T`: what one logit would add to the
 * curvature. The root is taken of the logarithm, and 1 - p_k is the sum of the others,
 * so that neither a probability near 0 nor one near 1 loses its digits.
 *
 * @param logits [batch, C]
 * @returns [batch, C, C], s_k in row k
 */
export function curvatureFactor(logits: NDArray): NDArray {
  const classes = logits.shape[logits.ndim - 1];
  const logP = np.logSoftmax(logits);
  const p = np.exp(logP);
  const unit = np.eye(classes, classes, logits.dtype === 'float64' ? 'float64' : 'float32');
  const others = np.subtract(1, unit);
  const complement = np.expandDims(np.matmul(p, others), 1);
  const difference = np.subtract(np.multiply(unit, complement), np.multiply(others, np.expandDims(p, 1)));
  return np.multiply(np.expandDims(np.exp(np.divide(logP, 2)), 2), difference);
}

/** Half of `sum_k (s_k . y)^2` with s held fixed, over n: by the logits its Hessian is (diag(p) - p p^T) / n. */
const curvature = (logits: NDArray, samples: number): NDArray => {
  const along = np.matmul(stopGradient(curvatureFactor(logits)), np.expandDims(logits, 2));
  return np.divide(np.sum(np.square(along)), 2 * samples);
};

const sampleCount = <X extends Tree>(batches: readonly LabelledBatch<X>[]): number =>
  batches.reduce((n, { labels }) => n + labels.length, 0);

/**
 * `G = (1/n) sum_i J_i^T (diag(p_i) - p_i p_i^T) J_i`, the Gauss-Newton part of the Hessian of the mean cross-entropy, on
 * vectors in `np.ravelTree` order. It depends on no label.
 */
export function crossEntropyGaussNewton<P extends Tree, X extends Tree>(
  model: Classifier<P, X>,
  params: P,
  batches: readonly LabelledBatch<X>[],
): Operator {
  const samples = sampleCount(batches);
  return gaussNewtonOperator(
    model,
    (logits: NDArray) => curvature(logits, samples),
    params,
    batches.map(({ x }) => x),
  );
}

/** The Hessian of the mean cross-entropy, on vectors in `np.ravelTree` order; without weight decay, which adds a constant. */
export function crossEntropyHessian<P extends Tree, X extends Tree>(
  model: Classifier<P, X>,
  params: P,
  batches: readonly LabelledBatch<X>[],
): Operator {
  const samples = sampleCount(batches);
  return hessianOperator(
    (p: P, { x, labels }: { x: X; labels: NDArray }) =>
      np.multiply(nn.crossEntropy(model(p, x), labels), labels.size / samples),
    params,
    batches.map(({ x, labels }) => ({ x, labels: np.array(Int32Array.from(labels)) })),
  );
}
