import { ShapeError } from '../../array/errors.ts';
import type { NDArray } from '../../array/ndarray.ts';
import { sameShape, shapeText } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import type { Dense } from '../dense.ts';
import type { Model } from '../model.ts';
import { type MlpOptions, mlp } from './mlp.ts';

export interface DeepSetsOptions extends MlpOptions {
  /** How the codes of the elements are joined; default sum. */
  readonly pool?: 'sum' | 'mean' | 'max';
}

export type DeepSetsParams = { readonly phi: readonly Dense[]; readonly rho: readonly Dense[] };

/** A set [..., elements, features], and which elements exist (bool [..., elements]; default all, at least one). */
export type SetInputs = readonly [x: NDArray, mask?: NDArray];

/**
 * rho(sum of phi(x) over the elements x of a set), whatever their order (Zaheer et al. 2017): from
 * [..., elements, phi[0]] to [..., outputs]. Under muP the code keeps its size; the hidden layers grow.
 *
 * @param phi sizes of the network of the elements, features first; the last one is the size of the code
 * @param rho sizes of the network of the joined code, after the code: hidden ones and outputs
 */
export function deepSets(
  phi: readonly number[],
  rho: readonly number[],
  { pool = 'sum', ...options }: DeepSetsOptions = {},
): Model<DeepSetsParams, SetInputs> {
  const encoder = mlp(phi, options);
  const decoder = mlp([phi[phi.length - 1], ...rho], options);
  return {
    init(key) {
      const keys = random.split(key);
      return { phi: encoder.init(np.slice(keys, 0)), rho: decoder.init(np.slice(keys, 1)) };
    },
    apply(params, x, mask) {
      if (x.ndim < 2 || (mask !== undefined && !sameShape(mask.shape, x.shape.slice(0, -1)))) {
        throw new ShapeError(
          'deepSets',
          `needs a set [..., elements, features] and a mask [..., elements], got ${shapeText(x.shape)} and ${mask ? shapeText(mask.shape) : 'no mask'}`,
        );
      }
      const codes = encoder.apply(params.phi, x);
      const exists = mask && np.expandDims(mask, -1);
      const joined = (): NDArray => {
        if (pool === 'max') return np.max(exists ? np.where(exists, codes, Number.NEGATIVE_INFINITY) : codes, -2);
        const sum = np.sum(exists ? np.where(exists, codes, 0) : codes, -2);
        if (pool === 'sum') return sum;
        return np.divide(sum, exists ? np.sum(np.astype(exists, 'int32'), -2) : x.shape[x.ndim - 2]);
      };
      return decoder.apply(params.rho, joined());
    },
    rates: { phi: encoder.rates, rho: decoder.rates },
  };
}
