/**
 * @file Loops that run side by side over the same data as one loop. Derivatives make such loops: the primal one, the one
 * that also carries tangents, and the one that stacks what the way back needs share their bodies but for a few nodes.
 */
import { expanded, substitute, topological } from '../array/graph.ts';
import { bindAll, input, knownValue, type NDArray, type Node, sharingNodes } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { sameShape } from '../array/shape.ts';
import { parts, type ScanParams, scanPrimitive } from './scan.ts';

const isScan = (node: Node): boolean => node.primitive === (scanPrimitive as Primitive);
const paramsOf = (node: Node): ScanParams => node.params as ScanParams;

/** The graph with its scans merged two by two, as long as the merged body is smaller than the two together. */
export function mergeScans(outputs: readonly NDArray[]): readonly NDArray[] {
  let graph = outputs;
  for (;;) {
    const order = topological(graph);
    const replacement = firstMerge(order);
    if (replacement === undefined) return graph;
    graph = substitute(graph, replacement);
  }
}

function firstMerge(order: readonly Node[]): Map<NDArray, NDArray> | undefined {
  const scans = order.filter(isScan);
  if (scans.length < 2) return undefined;
  const before = ancestors(order, scans);
  for (let j = 1; j < scans.length; j++) {
    for (let i = 0; i < j; i++) {
      const [a, b] = [paramsOf(scans[i]), paramsOf(scans[j])];
      if (a.length !== b.length || a.reverse !== b.reverse || before.get(scans[j])!.has(i)) continue;
      const merged = merge(scans[i], scans[j]);
      if (merged !== undefined) return merged;
    }
  }
  return undefined;
}

/** For each node, which of the scans (by number) it depends on. */
function ancestors(order: readonly Node[], scans: readonly Node[]): Map<Node, ReadonlySet<number>> {
  const none: ReadonlySet<number> = new Set();
  const found = new Map<Node, ReadonlySet<number>>();
  const numbers = new Map(scans.map((node, i) => [node, i]));
  for (const node of order) {
    let own = none;
    for (const { node: operand } of node.operands) {
      const theirs = found.get(operand) ?? none;
      const number = numbers.get(operand);
      if (number === undefined && [...theirs].every((k) => own.has(k))) continue;
      own = new Set([...own, ...theirs, ...(number === undefined ? [] : [number])]);
    }
    found.set(node, own);
  }
  return found;
}

/** Equal for certain. */
function isSame(x: NDArray, y: NDArray): boolean {
  if (x === y) return true;
  if (x.dtype !== y.dtype || !sameShape(x.shape, y.shape)) return false;
  const [a, b] = [knownValue(x)?.data, knownValue(y)?.data];
  return a !== undefined && b !== undefined && a.length <= 4096 && a.every((v, i) => Object.is(v, b[i]));
}

const size = (outputs: readonly NDArray[]): number =>
  topological(outputs).filter((node) => node.operands.length > 0).length;

/** One scan for two, as a replacement of their outputs; undefined where their bodies have nothing in common. */
function merge(first: Node, second: Node): Map<NDArray, NDArray> | undefined {
  const [a, b] = [paramsOf(first), paramsOf(second)];
  const [givenA, givenB] = [parts(first.operands, a), parts(second.operands, b)];
  const twins = (kind: keyof Matches) => {
    const taken = new Set<number>();
    return givenB[kind].map((x, j): number => {
      const isTwin = (k: number) => !taken.has(k) && k < givenA[kind].length && isSame(givenA[kind][k], x);
      const k = isTwin(j) ? j : givenA[kind].findIndex((_, i) => isTwin(i));
      taken.add(k);
      return k;
    });
  };
  const matches: Matches = { constants: twins('constants'), carry: twins('carry'), slices: twins('slices') };
  if ([...matches.constants, ...matches.carry, ...matches.slices].every((k) => k < 0)) return undefined;
  // Carried values are the same if they start alike and, all this being assumed, go on alike.
  for (;;) {
    const body = joined(a, b, matches);
    const apart = matches.carry.flatMap((k, j) => (k >= 0 && body.a[k] !== body.b[j] ? [j] : []));
    if (apart.length === 0) {
      if (size([...body.a, ...body.b]) >= size(a.outputs) + size(b.outputs)) return undefined;
      return replacementBy(first, second, body, matches);
    }
    for (const j of apart) matches.carry[j] = -1;
  }
}

/** For each constant (carry, slice) of the second scan: which of the first it is, or -1. */
interface Matches {
  readonly constants: number[];
  readonly carry: number[];
  readonly slices: number[];
}

/** Inputs of the second scan by names of the first, and both bodies with equal nodes shared. */
interface Joined {
  readonly inputs: readonly NDArray[];
  readonly a: readonly NDArray[];
  readonly b: readonly NDArray[];
}

function joined(a: ScanParams, b: ScanParams, matches: Matches): Joined {
  const ofA = parts(a.inputs, a);
  const flat = [...matches.constants, ...matches.carry, ...matches.slices];
  const kinds = (['constants', 'carry', 'slices'] as const).flatMap((kind) => matches[kind].map(() => kind));
  const inputs = b.inputs.map((x, j) => {
    if (flat[j] >= 0) return ofA[kinds[j]][flat[j]];
    return a.inputs.includes(x) ? input(x) : x;
  });
  const own = new Map(a.inputs.map((x) => [x, x]));
  const theirs = new Map(b.inputs.map((x, j) => [x, inputs[j]]));
  if (b.inputs.every((x, j) => x === inputs[j])) {
    const both = sharingNodes(() => expanded([...a.outputs, ...b.outputs], new Map([...own, ...theirs])));
    return { inputs, a: both.slice(0, a.outputs.length), b: both.slice(a.outputs.length) };
  }
  return sharingNodes(() => ({ inputs, a: expanded(a.outputs, own), b: expanded(b.outputs, theirs) }));
}

function replacementBy(first: Node, second: Node, body: Joined, matches: Matches): Map<NDArray, NDArray> {
  const [a, b] = [paramsOf(first), paramsOf(second)];
  const onlyB = (list: readonly NDArray[]) => {
    const own = parts(list, b);
    return {
      constants: own.constants.filter((_, j) => matches.constants[j] < 0),
      carry: own.carry.filter((_, j) => matches.carry[j] < 0),
      slices: own.slices.filter((_, j) => matches.slices[j] < 0),
    };
  };
  const laidOut = (ofA: readonly NDArray[], ofB: readonly NDArray[]) => {
    const [x, y] = [parts(ofA, a), onlyB(ofB)];
    return [...x.constants, ...y.constants, ...x.carry, ...y.carry, ...x.slices, ...y.slices];
  };
  const newCarry = body.b.slice(0, b.carry).filter((_, j) => matches.carry[j] < 0);
  const carry = a.carry + newCarry.length;
  const results = bindAll(scanPrimitive, laidOut(first.operands, second.operands), {
    inputs: laidOut(a.inputs, body.inputs),
    outputs: [...body.a.slice(0, a.carry), ...newCarry, ...body.a.slice(a.carry), ...body.b.slice(b.carry)],
    constants: a.constants + onlyB(b.inputs).constants.length,
    carry,
    length: a.length,
    reverse: a.reverse,
  });
  const stacksOfA = a.outputs.length - a.carry;
  let next = a.carry;
  return new Map([
    ...first.outputs.map((x, i) => [x, i < a.carry ? results[i] : results[carry + i - a.carry]] as const),
    ...second.outputs.map((x, j) => {
      if (j >= b.carry) return [x, results[carry + stacksOfA + j - b.carry]] as const;
      return [x, matches.carry[j] < 0 ? results[next++] : results[matches.carry[j]]] as const;
    }),
  ]);
}
