import { ShapeError, UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { shapeText } from '../array/shape.ts';
import { flatten, type Tree, unflatten } from '../array/tree.ts';
import { concatenate, ravel, reshape, split } from './shape.ts';

/**
 * A tree of arrays as one vector, and the way back: `[vector, unravel]`, JAX's `ravel_pytree`. The leaves follow each
 * other in the order of `treeLeaves`, each row-major; all must have one dtype, so that nothing is rounded on the way.
 *
 * @returns the vector of shape [n], and a function from any vector of shape [n] to a tree like the given one
 * @throws UserError for a tree without leaves or of mixed dtypes; `unravel` throws a ShapeError for another shape
 */
export function ravelTree<T extends Tree>(tree: T): [NDArray, (vector: NDArray) => T] {
  const { leaves, structure } = flatten(tree);
  if (leaves.length === 0) throw new UserError('ravelTree: the tree has no arrays');
  const other = leaves.find((x) => x.dtype !== leaves[0].dtype);
  if (other !== undefined) {
    throw new UserError(
      `ravelTree: the arrays must have one dtype, found ${leaves[0].dtype} and ${other.dtype}; convert with np.astype`,
    );
  }
  const vector = concatenate(leaves.map(ravel));
  const ends = leaves.map((_, i) => leaves.slice(0, i + 1).reduce((n, x) => n + x.size, 0));
  const unravel = (v: NDArray): T => {
    if (v.ndim !== 1 || v.size !== vector.size) {
      throw new ShapeError(
        'unravel',
        `expected a vector of shape ${shapeText(vector.shape)}, got ${shapeText(v.shape)}`,
      );
    }
    const parts = split(v, ends.slice(0, -1));
    return unflatten(
      structure,
      parts.map((part, i) => reshape(part, leaves[i].shape)),
    ) as T;
  };
  return [vector, unravel];
}
