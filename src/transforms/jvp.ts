import { topological } from '../array/graph.ts';
import type { NDArray } from '../array/ndarray.ts';
import type { Tangent } from '../array/primitive.ts';
import { flatten, type Tree, unflatten } from '../array/tree.ts';
import { alias } from '../primitives/identity.ts';
import { zerosOf } from '../primitives/shape.ts';
import { checkTangents, finished } from './trace.ts';

/** Tangents of `outputs` when those of `inputs` are given: forward mode, node by node. */
export function pushforward(
  outputs: readonly NDArray[],
  inputs: readonly NDArray[],
  tangents: readonly Tangent[],
): Tangent[] {
  const tangentOf = new Map<NDArray, Tangent>(inputs.map((x, i) => [x, tangents[i]]));
  const look = (x: NDArray): Tangent => tangentOf.get(x) ?? null;
  for (const node of topological(outputs, new Set(inputs.map((x) => x.node)))) {
    const given = node.operands.map(look);
    if (given.every((t) => t === null)) continue;
    const result = node.primitive.jvp(node.operands, given, node.params, node.outputs);
    node.outputs.forEach((x, i) => {
      tangentOf.set(x, result[i]);
    });
  }
  return outputs.map(look);
}

/**
 * Value and directional derivative: `[f(...primals), df(...primals)[...tangents]]`.
 *
 * @param f a function of trees of arrays that returns a tree of arrays
 * @param tangents one tree per primal, of the same structure, shapes and dtypes
 */
export function jvp<A extends readonly Tree[], R extends Tree>(
  f: (...primals: A) => R,
  primals: A,
  tangents: A,
): [R, R] {
  const given = flatten(primals, 'primals');
  const directions = flatten(tangents, 'tangents');
  checkTangents('jvp', given, directions);
  const xs = given.leaves.map(alias);
  const out = flatten(f(...(unflatten(given.structure, xs) as unknown as A)), 'the result of the function');
  const ts = pushforward(out.leaves, xs, directions.leaves);
  const results = finished([...out.leaves, ...ts.map((t, i) => t ?? zerosOf(out.leaves[i]))], given.leaves, xs);
  const n = out.leaves.length;
  return [unflatten(out.structure, results.slice(0, n)) as R, unflatten(out.structure, results.slice(n)) as R];
}
