import { bindAll, knownValue, type NDArray, type Node, pendingConstant, sharingNodes } from './ndarray.ts';
import type { HostArray } from './primitive.ts';

/** The nodes that `outputs` need, operands first. Iterative: graphs may be deeper than the call stack. */
export function topological(outputs: readonly NDArray[], stop: ReadonlySet<Node> = new Set()): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>(stop);
  const stack: { node: Node; next: number }[] = [];
  for (const output of outputs) {
    if (seen.has(output.node)) continue;
    seen.add(output.node);
    stack.push({ node: output.node, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next === top.node.operands.length) {
        order.push(top.node);
        stack.pop();
        continue;
      }
      const operand = top.node.operands[top.next++].node;
      if (seen.has(operand)) continue;
      seen.add(operand);
      stack.push({ node: operand, next: 0 });
    }
  }
  return order;
}

/** The nodes among `order` (operands first) that depend on one of `sources`, the sources themselves excluded. */
export function dependents(order: readonly Node[], sources: Iterable<NDArray>): Set<Node> {
  const from = new Set<NDArray>(sources);
  const result = new Set<Node>();
  for (const node of order) {
    if (node.operands.some((x) => from.has(x) || result.has(x.node))) result.add(node);
  }
  return result;
}

/** `outputs` with every array in `replacement` exchanged; what does not depend on them is kept as it is. */
export function substitute(
  outputs: readonly NDArray[],
  replacement: ReadonlyMap<NDArray, NDArray>,
): readonly NDArray[] {
  const order = topological(outputs, new Set([...replacement.keys()].map((x) => x.node)));
  const affected = dependents(order, replacement.keys());
  const fresh = new Map<NDArray, NDArray>(replacement);
  const look = (x: NDArray) => fresh.get(x) ?? x;
  for (const node of order) {
    if (!affected.has(node)) continue;
    const rebuilt = bindAll(node.primitive, node.operands.map(look), node.params);
    node.outputs.forEach((x, i) => {
      fresh.set(x, rebuilt[i]);
    });
  }
  return outputs.map(look);
}

/** Rebuilds a whole graph with sharing, so that equal nodes coincide and simplifications see through each other. */
export function normalize(outputs: readonly NDArray[]): readonly NDArray[] {
  return sharingNodes(() => expanded(outputs, new Map()));
}

/** `outputs` rebuilt with `replacement` in place, and with every node that can be put inline put inline. */
export function expanded(outputs: readonly NDArray[], replacement: ReadonlyMap<NDArray, NDArray>): readonly NDArray[] {
  const fresh = new Map<NDArray, NDArray>(replacement);
  const look = (x: NDArray) => fresh.get(x) ?? x;
  for (const node of topological(outputs, new Set([...replacement.keys()].map((x) => x.node)))) {
    if (node.operands.length === 0) {
      const value = knownValue(node.outputs[0]);
      if (value !== undefined)
        fresh.set(node.outputs[0], pendingConstant(value, node.outputs[0].shape, node.outputs[0].dtype));
      continue;
    }
    const { primitive, params } = node;
    const operands = node.operands.map(look);
    const rebuilt = primitive.inline?.(operands, params) ?? bindAll(primitive, operands, params);
    node.outputs.forEach((x, i) => {
      fresh.set(x, rebuilt[i]);
    });
  }
  return outputs.map(look);
}

/** Values of `outputs` by the primitives' reference evaluators, given the values of the graph's unknowns. */
export function evaluate(outputs: readonly NDArray[], known: ReadonlyMap<NDArray, HostArray> = new Map()): HostArray[] {
  const values = new Map<NDArray, HostArray>(known);
  // An array that was computed after it was written has a constant's node, but is not among that node's outputs.
  const look = (x: NDArray): HostArray =>
    values.get(x) ?? { shape: x.shape, dtype: x.dtype, data: knownValue(x)!.data! };
  for (const node of topological(outputs, new Set([...known.keys()].map((x) => x.node)))) {
    const constant = node.operands.length === 0 ? knownValue(node.outputs[0])?.data : undefined;
    const data =
      constant !== undefined ? [constant] : node.primitive.evaluate(node.operands.map(look), node.params, node.outputs);
    node.outputs.forEach((x, i) => {
      values.set(x, { shape: x.shape, dtype: x.dtype, data: data[i] });
    });
  }
  return outputs.map(look);
}
