/** @file The tangent kernel of any network of scalar output, and the learning times it predicts (our addition). */
import type { NDArray } from '../../../array/ndarray.ts';
import { type Tree, treeLeaves } from '../../../array/tree.ts';
import * as np from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';
import { grad, vmap } from '../../../transforms/index.ts';
import { type PredictedTimes, predictedTimes } from './learning-times.ts';

/**
 * Empirical tangent kernel Theta_ij = <df(x_i)/dtheta, df(x_j)/dtheta> (Jacot et al. 2018, arXiv 1806.07572).
 *
 * @param f scalar output for one input
 * @param x inputs stacked along axis 0, [N, ...]
 * @returns [N, N]; memory N times the number of parameters on the way
 */
export function tangentKernel<P extends Tree>(f: (params: P, x: NDArray) => NDArray, params: P, x: NDArray): NDArray {
  const jacobian = vmap(grad(f), [null, 0])(params, x) as Tree;
  return treeLeaves(jacobian)
    .map((leaf) => {
      const rows = np.reshape(leaf, [x.shape[0], -1]);
      return np.matmul(rows, np.transpose(rows));
    })
    .reduce(np.add);
}

/**
 * Predicted step at which gradient descent has learned the fraction q of each frequency, for a network on a uniform grid
 * of a closed curve (train on target + initial output).
 *
 * @param f scalar output for one input
 * @param x the grid, [N, inputs]
 * @param options.eta learning rate of gradient descent on the mean squared error
 * @param options.q captured fraction in (0, 1), default 0.5
 */
export async function predictedLearningTimes<P extends Tree>(
  f: (params: P, x: NDArray) => NDArray,
  params: P,
  x: NDArray,
  options: { frequencies: readonly number[]; eta: number; q?: number },
): Promise<PredictedTimes> {
  const n = x.shape[0];
  const theta = await jit((p: P, given: NDArray) => tangentKernel(f, p, given))(params, x).data();
  return predictedTimes({ theta: Float64Array.from(theta), n, ...options });
}
