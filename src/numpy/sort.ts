/** @file Sorting along an axis. Equal elements keep their order, and NaN counts as infinity. */
import type { NDArray } from '../array/ndarray.ts';
import { normalizeAxis } from '../array/shape.ts';
import { cast } from '../primitives/elementwise.ts';
import { gatherAlong } from '../primitives/gather-along.ts';
import { topK as positionsOfTopK } from '../primitives/sort.ts';
import { type ArrayLike, promoted } from './create.ts';

const ordered = (x: NDArray): NDArray => (x.dtype === 'bool' ? cast(x, 'int32') : x);

/** Positions that sort an axis in ascending order, int32. Default: the last axis. */
export function argsort(x: ArrayLike, axis = -1): NDArray {
  const [y] = promoted(x);
  const at = normalizeAxis('argsort', axis, y.ndim);
  return positionsOfTopK(ordered(y), at, y.shape[at], false);
}

/** The elements of an axis in ascending order. Default: the last axis. */
export function sort(x: ArrayLike, axis = -1): NDArray {
  const [y] = promoted(x);
  return gatherAlong(y, argsort(y, axis), normalizeAxis('sort', axis, y.ndim));
}

/**
 * `[values, positions]` of the k largest elements of an axis, the largest first; of equal elements the first one first.
 *
 * @param k at most the size of the axis
 * @param axis default: the last
 * @param options.largest false: of the k smallest, the smallest first
 */
export function topK(
  x: ArrayLike,
  k: number,
  axis = -1,
  { largest = true }: { largest?: boolean } = {},
): [values: NDArray, positions: NDArray] {
  const [y] = promoted(x);
  const at = normalizeAxis('topK', axis, y.ndim);
  const positions = positionsOfTopK(ordered(y), at, k, largest);
  return [gatherAlong(y, positions, at), positions];
}
