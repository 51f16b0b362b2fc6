/** @file Reverse mode through a loop. */
import { dependents, substitute, topological } from '../array/graph.ts';
import { bindAll, input, type NDArray, type Node, scalarValue } from '../array/ndarray.ts';
import type { Tangent } from '../array/primitive.ts';
import { add } from '../primitives/elementwise.ts';
import { zerosOf } from '../primitives/shape.ts';
import { lateSums } from './late-sum.ts';
import { type ScanParams, scanPrimitive } from './scan.ts';
import { transposeLinear } from './transpose.ts';

/**
 * Transpose of a scan that is linear in some operands: run what is not linear forward and stack the values that the
 * linear part multiplies with, then run the transposed linear body from the last step to the first.
 */
export function transposeScan(
  cotangents: readonly Tangent[],
  operands: readonly NDArray[],
  linearOperands: readonly boolean[],
  params: ScanParams,
): readonly Tangent[] {
  const { inputs, outputs, constants: c, carry: n, length, reverse } = params;
  const stop = new Set(inputs.map((x) => x.node));
  const order = topological(outputs, stop);
  const linear = [...linearOperands];
  let dependent: Set<Node>;
  const isLinear = (x: NDArray) => dependent.has(x.node) || inputs.some((y, i) => y === x && linear[i]);
  for (;;) {
    dependent = dependents(
      order,
      inputs.filter((_, i) => linear[i]),
    );
    const grown = outputs.slice(0, n).flatMap((x, i) => (isLinear(x) && !linear[c + i] ? [i] : []));
    if (grown.length === 0) break;
    for (const i of grown) linear[c + i] = true;
  }

  // Residuals: values of the known part that the linear part reads. Those that change from step to step are stacked.
  const known = dependents(
    order,
    inputs.filter((_, i) => !linear[i]),
  );
  const varying = dependents(order, inputs.slice(c));
  const residuals = new Set<NDArray>();
  for (const node of order) {
    if (!dependent.has(node)) continue;
    for (const x of node.operands) if (!isLinear(x) && (known.has(x.node) || inputs.includes(x))) residuals.add(x);
  }
  // Slices are stacks as they are given; other values become results of the known part, run forward, unless they are
  // easily made of these.
  const fixed: NDArray[] = [];
  const given: NDArray[] = [];
  const computed: NDArray[] = [];
  for (const x of residuals) {
    const position = inputs.indexOf(x);
    if (position >= 0 ? position < c : !varying.has(x.node)) fixed.push(x);
    else if (position >= c + n) given.push(x);
    else if (!isRebuilt(x, residuals)) computed.push(x);
  }
  const knownInputs = inputs.filter((_, i) => !linear[i]);
  const knownOperands = operands.filter((_, i) => !linear[i]);
  const knownCarry = outputs.slice(0, n).filter((_, i) => !linear[c + i]);
  const forward = bindAll(scanPrimitive, knownOperands, {
    inputs: knownInputs,
    outputs: [...knownCarry, ...computed],
    constants: linear.slice(0, c).filter((l) => !l).length,
    carry: knownCarry.length,
    length,
    reverse,
  });
  const fixedValues = substitute(fixed, new Map(knownInputs.map((x, i) => [x, knownOperands[i]])));

  // The linear part, backward: cotangents of the carry flow, those of the constants are summed.
  const linearInputs = inputs.filter((_, i) => linear[i]);
  const linConstants = inputs.slice(0, c).filter((_, i) => linear[i]);
  const linCarry = inputs.slice(c, c + n).filter((_, i) => linear[c + i]);
  const linSlices = inputs.slice(c + n).filter((_, i) => linear[c + n + i]);
  const ctCarry = linCarry.map((x) => input(x));
  const stackedOutputs = outputs
    .slice(n)
    .flatMap((x, i) => (isLinear(x) && cotangents[n + i] !== null ? [{ x, ct: cotangents[n + i]! }] : []));
  const ctStacked = stackedOutputs.map(({ x }) => input(x));
  const carriedOutputs = outputs.slice(0, n).flatMap((x, i) => (linear[c + i] ? [isLinear(x) ? x : null] : []));
  const transposed = transposeLinear([...carriedOutputs, ...stackedOutputs.map(({ x }) => x)], linearInputs, [
    ...ctCarry,
    ...ctStacked,
  ]);
  const ct = (x: NDArray) => transposed[linearInputs.indexOf(x)];

  // What has been stacked anyway is multiplied after the loop.
  const stacks = new Map<NDArray, NDArray>([
    ...given.map((x) => [x, operands[inputs.indexOf(x)]] as const),
    ...computed.map((x, i) => [x, forward[knownCarry.length + i]] as const),
    ...ctStacked.map((x, i) => [x, stackedOutputs[i].ct] as const),
  ]);
  const sums = lateSums(linConstants.map(ct), stacks, ctCarry);
  const insideSums = linConstants.filter((_, i) => sums.inside[i] !== null);
  const running = insideSums.map((x) => input(x));
  const insideTerms = sums.inside.filter((x) => x !== null);

  const bodyInputs = [...fixed, ...running, ...ctCarry, ...stacks.keys()];
  // Residuals become inputs of the backward body, so give them unknowns of their own.
  const unknowns = bodyInputs.map((x) => input(x));
  const bodyOutputs = [
    ...running.map((sum, i) => add(sum, insideTerms[i])),
    ...linCarry.map((x) => ct(x) ?? zerosOf(x)),
    ...linSlices.map((x) => ct(x) ?? zerosOf(x)),
    ...sums.wanted,
  ];
  const lastCarry = outputs.slice(0, n).flatMap((x, i) => (linear[c + i] ? [cotangents[i] ?? zerosOf(x)] : []));
  const results = bindAll(
    scanPrimitive,
    [...fixedValues, ...insideSums.map(zerosOf), ...lastCarry, ...stacks.values()],
    {
      inputs: unknowns,
      outputs: substitute(bodyOutputs, new Map(bodyInputs.map((x, i) => [x, unknowns[i]]))),
      constants: fixed.length,
      carry: insideSums.length + linCarry.length,
      length,
      reverse: !reverse,
    },
  );
  const found = [...results];
  const insideFound = found.splice(0, insideSums.length);
  const restFound = found.splice(0, linCarry.length + linSlices.length);
  const late = sums.late(found);
  const ofConstants = linConstants.map((x, i) => {
    const inside = sums.inside[i] === null ? null : insideFound.shift()!;
    const after = late[i];
    return inside === null ? (after ?? zerosOf(x)) : after === null ? inside : add(inside, after);
  });
  const all = [...ofConstants, ...restFound];
  return linear.map((isLinearHere, i) => {
    const own = isLinearHere ? all.shift()! : null;
    return linearOperands[i] ? own : null;
  });
}

/** Elementwise operations that cost less than reading their result from memory would. */
const cheap = new Set([
  'add',
  'subtract',
  'multiply',
  'negative',
  'equal',
  'less',
  'lessEqual',
  'cast',
  'sign',
  'where',
]);

/** Whether a residual is better computed again from other residuals, by a few such operations, than stacked. */
function isRebuilt(x: NDArray, residuals: ReadonlySet<NDArray>, depth = 3): boolean {
  const { primitive, operands } = x.node;
  const isAtHand = (y: NDArray) =>
    residuals.has(y) || scalarValue(y) !== undefined || isRebuilt(y, residuals, depth - 1);
  return depth > 0 && operands.length > 0 && cheap.has(primitive.name) && operands.every(isAtHand);
}
