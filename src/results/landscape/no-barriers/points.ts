/** @file Networks as points of a space: trees of parameters (and running statistics) as vectors, and back. */
import { UserError } from '../../../array/errors.ts';
import { flatten, type Tree, unflatten } from '../../../array/tree.ts';
import * as np from '../../../numpy/index.ts';

/** Each array of a tree by its place, e.g. `params.0.weight`. */
export function leavesByPath(tree: Tree, path = ''): [path: string, leaf: np.NDArray][] {
  if (tree === null) return [];
  if (tree instanceof np.NDArray) return [[path || 'the array itself', tree]];
  const below = Array.isArray(tree)
    ? tree.map((x, i) => [String(i), x] as const)
    : Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1));
  return below.flatMap(([key, x]) => leavesByPath(x, path ? `${path}.${key}` : key));
}

/**
 * The two ends as vectors of one space [p].
 *
 * @throws UserError where the trees differ in structure, a shape or dtype
 */
export function endPoints<P extends Tree>(start: P, end: P): [start: np.NDArray, end: np.NDArray] {
  const [a, b] = [leavesByPath(start), leavesByPath(end)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [one, other] = [a[i], b[i]];
    if (one?.[0] !== other?.[0] || String(one[1]) !== String(other[1])) {
      const text = (leaf: (typeof a)[number] | undefined) => (leaf ? `${leaf[0]} ${leaf[1]}` : 'nothing');
      throw new UserError(
        `end points have different parameter shapes at ${(one ?? other)[0]}: the start has ${text(one)}, the end ${text(other)}; both must be networks of one architecture`,
      );
    }
  }
  return [np.ravelTree(start)[0], np.ravelTree(end)[0]];
}

/** Rows of the float32 matrix [m, p] as trees of one shape with a new leading axis m. */
export function stackedTrees<P extends Tree>(rows: Float32Array, m: number, like: P): P {
  const { leaves, structure } = flatten(like);
  const p = rows.length / m;
  let begin = 0;
  const stacked = leaves.map((leaf) => {
    const values = new Float32Array(m * leaf.size);
    for (let i = 0; i < m; i++) {
      values.set(rows.subarray(i * p + begin, i * p + begin + leaf.size), i * leaf.size);
    }
    begin += leaf.size;
    return np.array(values, { shape: [m, ...leaf.shape], dtype: leaf.dtype });
  });
  return unflatten(structure, stacked) as P;
}
