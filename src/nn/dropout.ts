import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';

/**
 * Each element 0 with probability `rate`, else divided by 1 - rate, so that the mean stays (Srivastava et al. 2014,
 * inverted form). For inference leave it out.
 */
export function dropout(key: NDArray, x: NDArray, rate: number): NDArray {
  if (!(rate >= 0 && rate < 1)) throw new UserError(`dropout: the rate must lie in [0, 1), got ${rate}`);
  if (rate === 0) return x;
  return np.where(random.bernoulli(key, 1 - rate, x.shape), np.divide(x, 1 - rate), 0);
}
