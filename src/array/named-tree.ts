/** @file Trees as lists of named arrays, as files hold them: the name of a leaf is its path, joined by dots. */
import { UserError } from './errors.ts';
import { NDArray } from './ndarray.ts';
import { flatten, type Tree } from './tree.ts';

/**
 * Leaves by name: keys and positions from the root, joined by dots (`layers.0.weight`); in the order of `flatten`.
 *
 * @param root what a tree that is one array is called
 * @throws UserError if two leaves have one name
 */
export function namedLeaves(tree: Tree, root: string): Map<string, NDArray> {
  const named = new Map<string, NDArray>();
  const walk = (node: Tree, path: readonly string[]): void => {
    if (node === null) return;
    if (!(node instanceof NDArray)) {
      const children = node as { readonly [key: string]: Tree };
      const keys = Object.keys(children);
      for (const key of Array.isArray(node) ? keys : keys.sort()) walk(children[key], [...path, key]);
      return;
    }
    const name = path.length === 0 ? root : path.join('.');
    if (named.has(name)) throw new UserError(`two leaves of the tree are named ${JSON.stringify(name)}; rename one`);
    named.set(name, node);
  };
  flatten(tree, root);
  walk(tree, []);
  return named;
}

/** Names with more parts than this stay whole. */
const deepest = 32;

/**
 * Where named arrays go in a tree: names are cut at dots, unless what stands before a dot is itself a name, which can be
 * no branch: such names stay whole.
 */
export function pathsOf(names: Iterable<string>): Map<string, readonly string[]> {
  const all = new Set(names);
  const paths = new Map<string, readonly string[]>();
  for (const name of all) {
    const path = name.split('.');
    const isWhole = path.length > deepest || path.some((_, i) => i > 0 && all.has(path.slice(0, i).join('.')));
    paths.set(name, isWhole ? [name] : path);
  }
  return paths;
}

type Branch = Map<string, NDArray | Branch>;

/** The tree of named arrays; branches whose keys are 0, 1, 2, … are lists. */
export function treeFromNames(named: ReadonlyMap<string, NDArray>): Tree {
  const root: Branch = new Map();
  for (const [name, path] of pathsOf(named.keys())) {
    let branch = root;
    for (const key of path.slice(0, -1)) {
      if (!branch.has(key)) branch.set(key, new Map());
      branch = branch.get(key) as Branch;
    }
    branch.set(path[path.length - 1], named.get(name)!);
  }
  const build = (branch: Branch): Tree => {
    const entries = [...branch].map(([key, value]) => [key, value instanceof NDArray ? value : build(value)] as const);
    const children = new Map<string, Tree>(entries);
    const isList = children.size > 0 && entries.every((_, i) => children.has(String(i)));
    return isList ? entries.map((_, i) => children.get(String(i))!) : Object.fromEntries(entries);
  };
  return build(root);
}
