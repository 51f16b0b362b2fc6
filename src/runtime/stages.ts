/** @file A function of something fixed and something that varies, compiled in two parts. */
import { dependents, substitute, topological } from '../array/graph.ts';
import { input, type NDArray, sharingNodes } from '../array/ndarray.ts';
import { flatten, type Tree, unflatten } from '../array/tree.ts';
import { prepare } from '../transforms/prepare.ts';
import { jit } from './jit.ts';

/** `f(fixed, varying)` as `late(fixed, early(fixed), varying)`. */
export interface Stages<F extends Tree, V extends Tree, R extends Tree> {
  /** What `late` needs of the results of all that does not depend on `varying`. */
  readonly early: (fixed: F) => readonly NDArray[];
  readonly late: (fixed: F, known: readonly NDArray[], varying: V) => R;
}

/** They copy at most: what they make is made again instead of kept. */
const rearrangements = ['reshape', 'broadcastTo'];

/**
 * Cuts a function where what it computes from its first argument meets the second, and compiles both parts. The function
 * is traced here, for arguments of the shapes and dtypes of these.
 */
export function inStages<F extends Tree, V extends Tree, R extends Tree>(
  f: (fixed: F, varying: V) => R,
  fixed: F,
  varying: V,
): Stages<F, V, R> {
  const unknown = (tree: Tree) => {
    const { leaves, structure } = flatten(tree);
    const inputs = leaves.map((x) => input(x));
    return { inputs, tree: unflatten(structure, inputs) };
  };
  const [first, second] = [unknown(fixed), unknown(varying)];
  const traced = sharingNodes(() => flatten(f(first.tree as F, second.tree as V), 'the result of the function'));
  const outputs = prepare(traced.leaves);
  const cut = frontier(outputs, first.inputs, second.inputs);
  const places = (...trees: readonly Tree[]) => {
    const leaves = flatten(trees).leaves;
    return new Map([...first.inputs, ...cut, ...second.inputs].map((x, i) => [x, leaves[i]]));
  };
  const known = jit((given: F) => {
    const leaves = flatten(given).leaves;
    return substitute(cut, new Map(first.inputs.map((x, i) => [x, leaves[i]])));
  });
  return {
    early: (given) => (cut.length === 0 ? [] : known(given)),
    late: jit(
      (given: F, found: readonly NDArray[], rest: V) =>
        unflatten(traced.structure, substitute(outputs, places(given, found, rest))) as R,
    ),
  };
}

/** The values computed from `first` alone that are read where something depends on `second`. */
function frontier(
  outputs: readonly NDArray[],
  first: readonly NDArray[],
  second: readonly NDArray[],
): readonly NDArray[] {
  const order = topological(outputs);
  const [early, late] = [dependents(order, first), dependents(order, second)];
  const cut = new Set<NDArray>();
  const read = (x: NDArray): void => {
    if (late.has(x.node) || !early.has(x.node)) return;
    if (rearrangements.includes(x.node.primitive.name)) x.node.operands.forEach(read);
    else cut.add(x);
  };
  for (const node of order) if (late.has(node)) node.operands.forEach(read);
  outputs.forEach(read);
  return [...cut];
}
