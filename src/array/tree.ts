/** @file Parameters and states are nested plain objects and arrays whose leaves are arrays. */
import { UserError } from './errors.ts';
import { NDArray } from './ndarray.ts';

/** A nest of plain objects, arrays and tuples with NDArray leaves; `null` is an empty tree. */
export type Tree = NDArray | null | readonly Tree[] | { readonly [key: string]: Tree };

/** The shape of a nest, without its leaves. */
export type TreeStructure =
  | 'leaf'
  | null
  | { readonly list: readonly TreeStructure[] }
  | { readonly keys: readonly string[]; readonly values: readonly TreeStructure[] };

const isPlainObject = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && [Object.prototype, null].includes(Object.getPrototypeOf(x));

/**
 * Leaves in a fixed order (object keys sorted) and the structure to put them back.
 * @param what names the tree in the error for anything that is not a leaf, list, plain object or null
 */
export function flatten(tree: unknown, what = 'tree'): { leaves: NDArray[]; structure: TreeStructure } {
  const leaves: NDArray[] = [];
  const walk = (node: unknown, path: string): TreeStructure => {
    if (node instanceof NDArray) {
      leaves.push(node);
      return 'leaf';
    }
    if (node === null) return null;
    if (Array.isArray(node)) return { list: node.map((x, i) => walk(x, `${path}[${i}]`)) };
    if (isPlainObject(node)) {
      const keys = Object.keys(node).sort();
      return { keys, values: keys.map((k) => walk(node[k], `${path}.${k}`)) };
    }
    const found = typeof node === 'object' ? `a ${node?.constructor?.name}` : `${typeof node} ${String(node)}`;
    throw new UserError(
      `${path} must be an array (np.array(...)), or a nest of plain objects and lists of arrays; found ${found}`,
    );
  };
  const structure = walk(tree, what);
  return { leaves, structure };
}

export function unflatten(structure: TreeStructure, leaves: readonly NDArray[]): Tree {
  let next = 0;
  const build = (s: TreeStructure): Tree => {
    if (s === 'leaf') return leaves[next++];
    if (s === null) return null;
    if ('list' in s) return s.list.map(build);
    return Object.fromEntries(s.keys.map((k, i) => [k, build(s.values[i])]));
  };
  return build(structure);
}

export const sameStructure = (a: TreeStructure, b: TreeStructure): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Applies `f` leaf by leaf to trees of one structure; the result has that structure. */
export function treeMap<T extends Tree>(f: (...leaves: NDArray[]) => NDArray, tree: T, ...rest: readonly Tree[]): T {
  const first = flatten(tree);
  const others = rest.map((t) => flatten(t));
  for (const other of others) {
    if (!sameStructure(first.structure, other.structure)) {
      throw new UserError(
        `treeMap: the trees differ in structure: ${JSON.stringify(first.structure)} and ${JSON.stringify(other.structure)}`,
      );
    }
  }
  return unflatten(
    first.structure,
    first.leaves.map((x, i) => f(x, ...others.map((o) => o.leaves[i]))),
  ) as T;
}

export const treeLeaves = (tree: Tree): NDArray[] => flatten(tree).leaves;
