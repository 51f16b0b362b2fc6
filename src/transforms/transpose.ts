import { dependents, topological } from '../array/graph.ts';
import type { NDArray } from '../array/ndarray.ts';
import type { Tangent } from '../array/primitive.ts';
import { add } from '../primitives/elementwise.ts';

/**
 * The transpose of the linear map from `inputs` to `outputs`, applied to cotangents of the outputs. Every node between
 * them must be linear in what depends on the inputs, as the tangents of `pushforward` are.
 */
export function transposeLinear(
  outputs: readonly Tangent[],
  inputs: readonly NDArray[],
  cotangents: readonly Tangent[],
): Tangent[] {
  const order = topological(
    outputs.filter((x) => x !== null),
    new Set(inputs.map((x) => x.node)),
  );
  const linear = dependents(order, inputs);
  const sources = new Set(inputs);
  const collected = new Map<NDArray, NDArray>();
  const collect = (x: NDArray, ct: Tangent) => {
    if (ct === null) return;
    const sum = collected.get(x);
    collected.set(x, sum === undefined ? ct : add(sum, ct));
  };
  outputs.forEach((x, i) => {
    if (x !== null) collect(x, cotangents[i]);
  });
  for (const node of order.reverse()) {
    if (!linear.has(node)) continue;
    const given = node.outputs.map((x) => collected.get(x) ?? null);
    if (given.every((ct) => ct === null)) continue;
    if (node.primitive.transpose === null) throw new Error(`${node.primitive.name} is not linear: it has no transpose`);
    const flags = node.operands.map((x) => sources.has(x) || linear.has(x.node));
    const results = node.primitive.transpose(given, node.operands, flags, node.params);
    node.operands.forEach((x, i) => {
      if (flags[i]) collect(x, results[i]);
    });
  }
  return inputs.map((x) => collected.get(x) ?? null);
}
