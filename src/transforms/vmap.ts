import { ShapeError, UserError } from '../array/errors.ts';
import { dependents, topological } from '../array/graph.ts';
import { bindAll, input, type NDArray } from '../array/ndarray.ts';
import { normalizeAxis, shapeText } from '../array/shape.ts';
import { flatten, type Tree, unflatten } from '../array/tree.ts';
import { withBatch } from '../primitives/rules.ts';
import { transpose } from '../primitives/shape.ts';

/**
 * Rewrites a graph for inputs that carry an extra axis 0 (`batched[i]`).
 * @returns the outputs and which of them carry the axis
 */
export function batchGraph(
  outputs: readonly NDArray[],
  inputs: readonly NDArray[],
  replacements: readonly NDArray[],
  batched: readonly boolean[],
  size: number,
): { outputs: NDArray[]; batched: boolean[] } {
  const values = new Map<NDArray, NDArray>(inputs.map((x, i) => [x, replacements[i]]));
  const carries = new Set<NDArray>(inputs.filter((_, i) => batched[i]));
  const order = topological(outputs, new Set(inputs.map((x) => x.node)));
  const affected = dependents(order, inputs);
  const look = (x: NDArray) => values.get(x) ?? x;
  for (const node of order) {
    if (!affected.has(node)) continue;
    const flags = node.operands.map((x) => carries.has(x));
    const any = flags.some(Boolean);
    const results = any
      ? node.primitive.batch(node.operands.map(look), flags, node.params, size)
      : bindAll(node.primitive, node.operands.map(look), node.params);
    node.outputs.forEach((x, i) => {
      values.set(x, results[i]);
      if (any) carries.add(x);
    });
  }
  return { outputs: outputs.map(look), batched: outputs.map((x) => carries.has(x)) };
}

const moveAxis = (x: NDArray, from: number, to: number): NDArray => {
  if (from === to) return x;
  const rest = x.shape.map((_, i) => i).filter((i) => i !== from);
  rest.splice(to, 0, from);
  return transpose(x, rest);
};

/** For each argument: the axis to map over, or null to pass the whole argument to every call. */
export type InAxes = number | null | readonly (number | null)[];

/**
 * The function applied to every slice of its arguments at once. The results are stacked along `outAxis`.
 *
 * @param f takes and returns trees of arrays
 * @param inAxes one axis for all arguments, or one entry per argument; each applies to all leaves of its argument;
 *   null: not mapped. Default 0.
 * @param outAxis where the new axis goes in the results; default 0
 * @throws UserError if nothing is mapped or the mapped axes differ in size
 */
export function vmap<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  inAxes: InAxes = 0,
  outAxis = 0,
): (...args: A) => R {
  return (...args) => {
    const axes = Array.isArray(inAxes) ? inAxes : args.map(() => inAxes as number | null);
    if (axes.length !== args.length) {
      throw new UserError(`vmap: ${axes.length} axes were given for ${args.length} arguments`);
    }
    let size: number | undefined;
    const outer: NDArray[] = [];
    const inputs: NDArray[] = [];
    const inner = args.map((argument, k) => {
      const axis = axes[k];
      if (axis === null) return argument;
      const { leaves, structure } = flatten(argument, `argument ${k}`);
      const unknowns = leaves.map((x) => {
        const at = normalizeAxis('vmap', axis, x.ndim);
        if (size !== undefined && size !== x.shape[at]) {
          throw new ShapeError(
            'vmap',
            `the mapped axes differ in size: ${size}, but argument ${k} has a leaf of shape ${shapeText(x.shape)} with ${x.shape[at]} along axis ${axis}`,
          );
        }
        size = x.shape[at];
        const unknown = input({ shape: x.shape.filter((_, i) => i !== at), dtype: x.dtype });
        outer.push(moveAxis(x, at, 0));
        inputs.push(unknown);
        return unknown;
      });
      return unflatten(structure, unknowns);
    });
    if (size === undefined) throw new UserError('vmap: no argument is mapped; every entry of inAxes is null');
    const out = flatten(f(...(inner as unknown as A)), 'the result of the function');
    const result = batchGraph(
      out.leaves,
      inputs,
      outer,
      inputs.map(() => true),
      size,
    );
    const leaves = result.outputs.map((x, i) => {
      const y = withBatch(x, result.batched[i], size!);
      return moveAxis(y, 0, normalizeAxis('vmap', outAxis, y.ndim));
    });
    return unflatten(out.structure, leaves) as R & Tree;
  };
}
