/** @file Which frequencies of a trained network survive random changes of its parameters (Exp. 2, Fig. 3). */
import type { NDArray } from '../../../array/ndarray.ts';
import { type Tree, treeLeaves, treeMap } from '../../../array/tree.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { jit } from '../../../runtime/index.ts';
import { vmap } from '../../../transforms/index.ts';
import { fourierMatrix } from './fourier.ts';

/** A direction uniformly distributed on the unit sphere of ALL parameters together. */
export function isotropicDirection<P extends Tree>(key: NDArray, params: P): P {
  const keys = random.split(key, treeLeaves(params).length);
  let next = 0;
  const gaussian = treeMap((x) => random.normal(np.slice(keys, next++), x.shape), params);
  const norm = np.sqrt(treeLeaves(gaussian).reduce((sum, x) => np.add(sum, np.sum(np.square(x))), np.array(0)));
  return treeMap((x) => np.divide(x, norm), gaussian);
}

/** Each number is relative to |fhat(k)| of the unperturbed network; [norms][frequencies]. */
export interface Robustness {
  /** Mean over directions of |fhat(k)|: what the paper plots. */
  readonly meanMagnitude: number[][];
  /** |mean over directions of fhat(k)|. */
  readonly magnitudeOfMean: number[][];
  /** Mean over directions of |fhat_perturbed(k) - fhat(k)|: NOT smaller at low frequency. */
  readonly meanError: number[][];
}

/**
 * Adds `norm * u`, u an isotropic unit vector over all parameters, and measures the spectrum on a uniform grid.
 *
 * @param f outputs on the grid, [N]
 * @param options.norms lengths of the perturbation
 * @param options.directions random directions per norm, default 100 (the same for all norms)
 */
export async function parameterRobustness<P extends Tree>(
  f: (params: P) => NDArray,
  params: P,
  options: { frequencies: readonly number[]; norms: readonly number[]; directions?: number; key: NDArray },
): Promise<Robustness> {
  const { frequencies, norms, directions = 100, key } = options;
  const measure = jit(
    (given: P, keys: NDArray, length: NDArray): { magnitude: NDArray; mean: NDArray; error: NDArray } => {
      const transform = (p: P): readonly [NDArray, NDArray] => {
        const y = f(p);
        const [n] = y.shape;
        const { cos, sin } = fourierMatrix(n, frequencies);
        const along = (wave: Float64Array) =>
          np.matmul(y, np.array(wave, { shape: [n, frequencies.length], dtype: y.dtype }));
        return [along(cos), along(sin)];
      };
      const modulus = ([re, im]: readonly [NDArray, NDArray]) => np.sqrt(np.add(np.square(re), np.square(im)));
      const clean = transform(given);
      const [re, im] = vmap((k: NDArray): readonly [NDArray, NDArray] => {
        const u = isotropicDirection(k, given);
        return transform(treeMap((x, d) => np.add(x, np.multiply(length, d)), given, u));
      })(keys);
      const size = modulus(clean);
      return {
        magnitude: np.divide(np.mean(modulus([re, im]), 0), size),
        mean: np.divide(modulus([np.mean(re, 0), np.mean(im, 0)]), size),
        error: np.divide(np.mean(modulus([np.subtract(re, clean[0]), np.subtract(im, clean[1])]), 0), size),
      };
    },
  );
  const keys = random.split(key, directions);
  const result: Robustness = { meanMagnitude: [], magnitudeOfMean: [], meanError: [] };
  for (const norm of norms) {
    const { magnitude, mean, error } = measure(params, keys, np.array(norm));
    result.meanMagnitude.push(Array.from(await magnitude.data()));
    result.magnitudeOfMean.push(Array.from(await mean.data()));
    result.meanError.push(Array.from(await error.data()));
  }
  return result;
}
