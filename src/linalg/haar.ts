/** Random orthogonal matrices. */
import type { NDArray } from '../array/ndarray.ts';
import * as random from '../random/index.ts';
import { qr } from './qr.ts';

/**
 * A matrix with orthonormal columns (or rows, where it has more columns than rows), uniform under rotations: the factor Q
 * of a Gaussian matrix whose R has a positive diagonal (Mezzadri, "How to generate random matrices from the classical
 * compact groups", Notices AMS 54, 2007, arXiv:math-ph/0609050). For rows = columns it is Haar distributed.
 *
 * @param key a random key
 * @returns row-major rows x columns
 * @throws UserError when a size is no positive whole number
 */
export async function haar(key: NDArray, rows: number, columns: number): Promise<Float64Array> {
  const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
  const gaussian = await random.normal(key, [long, short], { dtype: 'float64' }).data();
  const { q } = qr(gaussian as Float64Array, long, short);
  if (rows >= columns) return q;
  return Float64Array.from({ length: rows * columns }, (_, at) => q[(at % columns) * short + Math.floor(at / columns)]);
}
