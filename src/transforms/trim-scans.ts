/**
 * @file Loops without what they need not do: results that nobody reads, carried values that never change, and what the
 * body computes from constants alone.
 */
import { dependents, expanded, substitute, topological } from '../array/graph.ts';
import { bindAll, input, type NDArray, type Node, sharingNodes } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { type ScanParams, scanPrimitive } from './scan.ts';

const isScan = (node: Node): boolean => node.primitive === (scanPrimitive as Primitive);

/** The graph with each of its scans reduced to what is needed. */
export function trimScans(outputs: readonly NDArray[]): readonly NDArray[] {
  const order = topological(outputs);
  if (!order.some(isScan)) return outputs;
  const read = new Set<NDArray>(outputs);
  const live = new Map<Node, Live>();
  for (const node of order.toReversed()) {
    if (!node.outputs.some((x) => read.has(x))) continue;
    if (!isScan(node)) {
      for (const x of node.operands) read.add(x);
      continue;
    }
    const own = liveIn(node, read);
    live.set(node, own);
    node.operands.forEach((x, i) => {
      if (own.operands[i]) read.add(x);
    });
  }
  const fresh = new Map<NDArray, NDArray>();
  for (const node of order) {
    if (node.operands.length === 0 || !node.outputs.some((x) => read.has(x))) continue;
    const operands = node.operands.map((x) => fresh.get(x) ?? x);
    const own = live.get(node);
    const rebuilt =
      own === undefined
        ? bindAll(node.primitive, operands, node.params)
        : trimmed(operands, node.params as ScanParams, own);
    node.outputs.forEach((x, i) => {
      const y = rebuilt[i];
      if (y !== null) fresh.set(x, y);
    });
  }
  return outputs.map((x) => fresh.get(x) ?? x);
}

/** Which operands and outputs of a scan somebody reads. */
interface Live {
  readonly operands: readonly boolean[];
  readonly outputs: readonly boolean[];
}

function liveIn(node: Node, read: ReadonlySet<NDArray>): Live {
  const { inputs, outputs, constants: c, carry: n } = node.params as ScanParams;
  const live = node.outputs.map((x) => read.has(x));
  for (;;) {
    const kept = outputs.filter((_, i) => live[i]);
    const reached = new Set([...kept, ...topological(kept).flatMap((inner) => inner.operands)]);
    // A carried value that the body reads must be carried on.
    const grown = live.flatMap((l, i) => (!l && i < n && reached.has(inputs[c + i]) ? [i] : []));
    if (grown.length === 0) {
      return { outputs: live, operands: inputs.map((x, i) => (i >= c && i < c + n ? live[i - c] : reached.has(x))) };
    }
    for (const i of grown) live[i] = true;
  }
}

/** The results of the reduced scan, null where nobody reads them. */
function trimmed(operands: readonly NDArray[], params: ScanParams, live: Live): (NDArray | null)[] {
  const { inputs, outputs, constants: c, carry: n, length, reverse } = params;
  const body = sharingNodes(() =>
    expanded(
      outputs.filter((_, i) => live.outputs[i]),
      new Map(inputs.map((x) => [x, x])),
    ),
  );
  const results: (NDArray | null)[] = outputs.map(() => null);
  const constants: Pair[] = [];
  const carry: Pair[] = [];
  const slices: Pair[] = [];
  const carried: Result[] = [];
  const stacked: Result[] = [];
  inputs.forEach((inner, i) => {
    if (live.operands[i] && (i < c || i >= c + n)) (i < c ? constants : slices).push({ inner, outer: operands[i] });
  });
  let next = 0;
  outputs.forEach((_, i) => {
    if (!live.outputs[i]) return;
    const x = body[next++];
    const own = { inner: inputs[c + i], outer: operands[c + i] };
    const given = i < n ? undefined : slices.find(({ inner }) => inner === x);
    if (i < n && x === own.inner) {
      // Never changed: a constant.
      constants.push(own);
      results[i] = own.outer;
    } else if (i < n) {
      carry.push(own);
      carried.push({ x, i });
    } else if (given !== undefined) {
      results[i] = given.outer;
    } else {
      stacked.push({ x, i });
    }
  });
  const kept = [...carried, ...stacked];
  if (kept.length === 0) return results;
  const changing = [...carry, ...slices].map(({ inner }) => inner);
  const hoisted = invariants(
    kept.map(({ x }) => x),
    constants,
    changing,
  );
  const all = [...hoisted.constants, ...carry, ...slices];
  const found = bindAll(
    scanPrimitive,
    all.map(({ outer }) => outer),
    {
      inputs: all.map(({ inner }) => inner),
      outputs: hoisted.outputs,
      constants: hoisted.constants.length,
      carry: carry.length,
      length,
      reverse,
    },
  );
  kept.forEach(({ i }, k) => {
    results[i] = found[k];
  });
  return results;
}

/** An input of the body and what it stands for outside. */
interface Pair {
  readonly inner: NDArray;
  readonly outer: NDArray;
}

/** An output of the body, and which of the scan's outputs it is. */
interface Result {
  readonly x: NDArray;
  readonly i: number;
}

/** Makes constants of what the body computes from constants alone. What depends on nothing the runtime folds itself. */
function invariants(
  outputs: readonly NDArray[],
  constants: readonly Pair[],
  changing: readonly NDArray[],
): { outputs: readonly NDArray[]; constants: readonly Pair[] } {
  const order = topological(outputs);
  const changes = dependents(order, changing);
  const fromConstants = dependents(
    order,
    constants.map(({ inner }) => inner),
  );
  const isInvariant = (x: NDArray) => fromConstants.has(x.node) && !changes.has(x.node);
  const moved = new Set<NDArray>(outputs.filter(isInvariant));
  for (const node of order) {
    if (changes.has(node)) for (const x of node.operands) if (isInvariant(x)) moved.add(x);
  }
  if (moved.size === 0) return { outputs, constants };
  const list = [...moved];
  const outside = substitute(list, new Map(constants.map(({ inner, outer }) => [inner, outer])));
  const pairs = list.map((x, i) => ({ inner: input(x), outer: outside[i] }));
  const renamed = substitute(outputs, new Map(list.map((x, i) => [x, pairs[i].inner])));
  const stillRead = new Set([...renamed, ...topological(renamed).flatMap((node) => node.operands)]);
  return { outputs: renamed, constants: [...constants.filter(({ inner }) => stillRead.has(inner)), ...pairs] };
}
