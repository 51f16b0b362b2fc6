/** Random probes, and means over them. */
import type { NDArray } from '../array/ndarray.ts';
import * as random from '../random/index.ts';
import { jit } from '../runtime/index.ts';

const draw = jit(
  (key: NDArray, size: number, dtype: 'float32' | 'float64') => random.rademacher(key, [size], { dtype }),
  { static: [1, 2] },
);

/** The probe of a number: a vector of random signs. */
export const signs = (key: NDArray, probe: number, size: number, dtype: 'float32' | 'float64'): NDArray =>
  draw(random.foldIn(key, probe), size, dtype);

/** A mean over independent probes and its standard error, NaN for one probe. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
}

/** Mean and standard error of independent values, times a factor. */
export function estimateOf(values: readonly number[], factor = 1): Estimate {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return {
    value: factor * mean,
    standardError: n > 1 ? Math.abs(factor) * Math.sqrt(squares / (n - 1) / n) : Number.NaN,
  };
}
