/** @file Graphs that treat the elements of axis 0 of their inputs, the examples of a batch, each by itself. */
import { topological } from '../array/graph.ts';
import type { NDArray, Node } from '../array/ndarray.ts';
import type { ContractParams } from '../primitives/contract.ts';
import type { ConvolutionParams } from '../primitives/convolution.ts';

/** Whether example i of the results comes from example i of the operands that are marked as batches. */
type Rule = (node: Node, batched: readonly boolean[]) => boolean;

/** Operands that are no batch must be the same for all examples. */
const elementByElement: Rule = ({ operands, outputs: [y] }, batched) =>
  operands.every((x, i) => (batched[i] ? x.ndim === y.ndim : x.ndim < y.ndim || x.shape[0] === 1));

const elementwise = [
  ...['add', 'subtract', 'multiply', 'divide', 'floorDivide', 'remainder', 'power', 'maximum', 'minimum'],
  ...['equal', 'less', 'lessEqual', 'logicalAnd', 'logicalOr', 'logicalXor', 'logicalNot', 'where', 'select', 'cast'],
  ...['abs', 'negative', 'sign', 'floor', 'ceil', 'round', 'exp', 'log', 'sqrt', 'reciprocal', 'sigmoid', 'relu'],
  ...['sin', 'cos', 'tan', 'arctan', 'sinh', 'cosh', 'tanh', 'erf', 'erfinv', 'stopGradient'],
];

const firstAxisStays: Rule = ({ operands: [x], outputs: [y] }) => x.ndim > 0 && y.ndim > 0 && x.shape[0] === y.shape[0];
const axisIsNotFirst: Rule = ({ params }) => (params as { readonly axis: number }).axis !== 0;

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...elementwise.map((name) => [name, elementByElement] as const),
  ['reshape', firstAxisStays],
  ['broadcastTo', elementByElement],
  ['transpose', ({ params }) => (params as { readonly permutation: readonly number[] }).permutation[0] === 0],
  // Of the same size along axis 0, these take and leave it as it is.
  ['slice', firstAxisStays],
  ['pad', firstAxisStays],
  ['concatenate', (node, batched) => axisIsNotFirst(node, batched) && batched.every(Boolean)],
  ['cumsum', axisIsNotFirst],
  ['argExtremum', axisIsNotFirst],
  ...['sum', 'max', 'min', 'reverse'].map(
    (name) =>
      [name, ({ params }) => !(params as { readonly axes: readonly number[] }).axes.includes(0)] as [string, Rule],
  ),
  // Reading from each example, or in a table with the positions of each.
  [
    'take',
    (node, batched) => (batched[1] ? !batched[0] && !axisIsNotFirst(node, batched) : axisIsNotFirst(node, batched)),
  ],
  ['maxPool', () => true],
  ['convolution', ({ params }, batched) => (params as ConvolutionParams).result === 'y' && batched[0] && !batched[1]],
  [
    'contract',
    ({ params }, batched) => {
      const { a, b, out } = params as ContractParams;
      return batched.every(
        (isBatch, i) => [a, b][i].startsWith(out[0]) === isBatch && (isBatch || ![a, b][i].includes(out[0])),
      );
    },
  ],
]);

/**
 * Whether example i of every output depends on example i of the inputs alone. `false` where it is not known.
 *
 * @param outputs functions of the inputs, of which those that depend on one have its size along axis 0
 */
export function isSeparable(inputs: readonly NDArray[], outputs: readonly NDArray[]): boolean {
  const batches = new Set(inputs);
  for (const node of topological(outputs)) {
    const batched = node.operands.map((x) => batches.has(x));
    if (!batched.includes(true)) continue;
    const rule = rules.get(node.primitive.name);
    if (rule === undefined || !rule(node, batched)) return false;
    for (const y of node.outputs) batches.add(y);
  }
  return outputs.every((y) => batches.has(y));
}
