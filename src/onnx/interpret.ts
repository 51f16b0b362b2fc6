/** @file A model's graph as array operations. */
import type { DType } from '../array/dtype.ts';
import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { shapeText } from '../array/shape.ts';
import { Call, type Setting } from './call.ts';
import { operators } from './operators/index.ts';
import type { ModelGraph, ModelNode } from './parse.ts';

/** Most elements of an array within a model. */
const largest = 2 ** 31 - 1;

/** Names of a graph, then those of the graphs around it. */
class Scope {
  readonly #values = new Map<string, NDArray>();
  readonly #outer: Scope | undefined;

  constructor(outer: Scope | undefined) {
    this.#outer = outer;
  }

  set(name: string, value: NDArray): void {
    this.#values.set(name, value);
  }

  get(name: string): NDArray | undefined {
    return this.#values.get(name) ?? this.#outer?.get(name);
  }
}

/**
 * The outputs of a graph.
 *
 * @param values arrays for the inputs, and for initializers that are not to have the values of the file
 */
export function interpret(
  graph: ModelGraph,
  values: ReadonlyMap<string, NDArray>,
  setting: { readonly opset: number; readonly float: DType },
  outer?: Scope,
): NDArray[] {
  const scope = new Scope(outer);
  for (const [name, value] of graph.initializers) scope.set(name, value);
  for (const [name, value] of values) scope.set(name, value);
  const full: Setting = {
    ...setting,
    run(inner, inputs) {
      if (inputs.length !== inner.inputs.length) {
        throw new UserError(`has a graph of ${inner.inputs.length} inputs, but ${inputs.length} arrays for them`);
      }
      return interpret(inner, new Map(inner.inputs.map(({ name }, i) => [name, inputs[i]])), setting, scope);
    },
  };
  for (const node of graph.nodes) {
    const results = compute(node, scope, full);
    node.outputs.forEach((name, i) => {
      if (name !== '') scope.set(name, results[i]);
    });
  }
  return graph.outputs.map(({ name }) => scope.get(name)!);
}

function compute(node: ModelNode, scope: Scope, setting: Setting): readonly NDArray[] {
  try {
    const inputs = node.inputs.map((name) => (name === '' ? undefined : scope.get(name)));
    const result = operators.get(node.type)!(new Call(inputs, node.attributes, node.outputs.length, setting));
    const results: readonly NDArray[] = Array.isArray(result) ? result : [result];
    const missing = node.outputs.findIndex((name, i) => name !== '' && results[i] === undefined);
    if (missing >= 0) throw new UserError(`output ${missing} is not supported`);
    const huge = results.find((x) => x.size > largest);
    if (huge !== undefined) throw new UserError(`makes an array of shape ${shapeText(huge.shape)}, which is too large`);
    return results;
  } catch (error) {
    if (error instanceof UserError)
      throw new UserError(`${node.type} ${JSON.stringify(node.name)}: ${error.message}`, { cause: error });
    throw error;
  }
}
