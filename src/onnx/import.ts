/** @file ONNX files as differentiable functions. */
import { isFloat } from '../array/dtype.ts';
import { UserError } from '../array/errors.ts';
import { substitute } from '../array/graph.ts';
import { pathsOf, treeFromNames } from '../array/named-tree.ts';
import { input, NDArray } from '../array/ndarray.ts';
import { shapeText } from '../array/shape.ts';
import type { Tree } from '../array/tree.ts';
import { reshape } from '../primitives/shape.ts';
import { vmap } from '../transforms/vmap.ts';
import { interpret } from './interpret.ts';
import { operators } from './operators/index.ts';
import { parameterNames } from './parameters.ts';
import { type Model, type ModelGraph, type ModelNode, type ModelValue, parseModel } from './parse.ts';
import { isSeparable } from './separable.ts';
import type { ExternalData } from './tensor.ts';

type Named = Readonly<Record<string, NDArray>>;

export interface OnnxModel {
  /**
   * The float initializers that training changes, as a tree: `conv1.weight` is `params.conv1.weight`. Running statistics
   * of batch normalization, settings (bounds, exponents, …) and scalars are constants of `apply`.
   */
  readonly params: Tree;
  /**
   * Outputs by name from inputs by name: an ordinary function of arrays, for `jit`, `grad`, `vmap`.
   *
   * A batch size that the file leaves open may be any. Where the file fixes it (say at 1), a batch of another size gives
   * what the file gives for its parts one after the other (computed all at once); where the graph mixes the examples of a
   * batch, it must be a multiple.
   *
   * @throws UserError for missing or unknown inputs, and shapes or dtypes that the file does not allow
   */
  readonly apply: (params: Tree, inputs: Named) => Record<string, NDArray>;
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** The operators of the file in the order in which they are computed, with the names of what they read and give. */
  readonly nodes: readonly ModelNode[];
}

/**
 * A trained model from an ONNX file (operator sets 6 to 24): its parameters as a tree, and the graph as a
 * differentiable function. 16-bit floats are computed in float32 and integers of all widths in int32; with float64
 * parameters and inputs the whole model computes in float64. Dropout drops nothing. Shapes are static: what shapes and
 * positions are made of may not depend on the values of the inputs.
 *
 * @param bytes the file
 * @param options.external gives the bytes of files that stand beside the model, where it keeps tensors in such
 * @param options.outputs names of values within the graph that `apply` shall give instead of the file's outputs
 * @throws UserError if the bytes are no valid model, or use operators that are not supported (it lists all of them)
 */
export function importOnnx(
  bytes: Uint8Array,
  options: { readonly external?: ExternalData; readonly outputs?: readonly string[] } = {},
): OnnxModel {
  const file = parseModel(bytes, options.external);
  const model = options.outputs === undefined ? file : { ...file, graph: withOutputs(file.graph, options.outputs) };
  const { graph } = model;
  checkOperators(graph);
  const names = parameterNames(file);
  const paths = pathsOf(names);
  const params = treeFromNames(new Map(names.map((name) => [name, graph.initializers.get(name)!])));
  const { inputs, outputs, nodes } = graph;
  return {
    params,
    inputs,
    outputs,
    nodes,
    apply: (given, arrays) => {
      const values = new Map([...paths].map(([name, path]) => [name, leafAt(given, path)]));
      return applied(model, values, checkedInputs(inputs, arrays));
    },
  };
}

/** The graph with other outputs, and without what they do not need. */
function withOutputs(graph: ModelGraph, names: readonly string[]): ModelGraph {
  const inFile = new Map(graph.outputs.map((value) => [value.name, value]));
  const needed = new Set(names);
  const nodes: ModelNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    nodes.unshift(node);
    for (const name of readBy(node)) needed.add(name);
  }
  const defined = new Set([...graph.inputs.map(({ name }) => name), ...nodes.flatMap(({ outputs }) => outputs)]);
  const unknown = names.find((name) => !defined.has(name));
  if (unknown !== undefined) {
    throw new UserError(`importOnnx: nothing in the graph computes ${JSON.stringify(unknown)}`);
  }
  const outputs = names.map((name): ModelValue => inFile.get(name) ?? { name, shape: null, dtype: 'float32' });
  return { ...graph, nodes, outputs };
}

/** Names that a node reads, also those that the graphs inside it read from outside. */
function readBy({ inputs, attributes }: ModelNode): readonly string[] {
  return [
    ...inputs,
    ...[...attributes.graphs].flatMap(({ nodes, outputs }) => [
      ...nodes.flatMap(readBy),
      ...outputs.map(({ name }) => name),
    ]),
  ];
}

function checkOperators(graph: ModelGraph): void {
  const unknown = new Map<string, string[]>();
  const walk = ({ nodes }: ModelGraph) => {
    for (const { type, name, attributes } of nodes) {
      if (!operators.has(type)) {
        if (!unknown.has(type)) unknown.set(type, []);
        unknown.get(type)!.push(JSON.stringify(name));
      }
      for (const inner of attributes.graphs) walk(inner);
    }
  };
  walk(graph);
  if (unknown.size === 0) return;
  const list = [...unknown].map(([type, names]) => `${type} (${names.join(', ')})`);
  throw new UserError(`importOnnx: operators that are not supported, with the nodes that use them: ${list.join('; ')}`);
}

function leafAt(params: Tree, path: readonly string[]): NDArray {
  let node = params;
  for (const key of path) {
    const children = node instanceof NDArray || node === null ? {} : (node as Readonly<Record<string, Tree>>);
    node = Object.hasOwn(children, key) ? children[key] : null;
  }
  if (!(node instanceof NDArray)) throw new UserError(`the parameters of the model need an array at ${path.join('.')}`);
  return node;
}

function checkedInputs(wanted: readonly ModelValue[], arrays: Named): Map<string, NDArray> {
  const list = wanted.map(({ name }) => JSON.stringify(name)).join(', ');
  const stray = Object.keys(arrays).find((key) => !wanted.some(({ name }) => name === key));
  if (stray !== undefined) throw new UserError(`the model has no input ${JSON.stringify(stray)}; it has ${list}`);
  return new Map(
    wanted.map(({ name, dtype }) => {
      const x = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
      if (!(x instanceof NDArray)) throw new UserError(`the model needs an array for each of its inputs: ${list}`);
      if (x.dtype !== dtype && !(isFloat(x.dtype) && isFloat(dtype)))
        throw new UserError(`the input ${JSON.stringify(name)} must be ${dtype}, got ${x}`);
      return [name, x];
    }),
  );
}

function applied(
  model: Model,
  params: ReadonlyMap<string, NDArray>,
  inputs: Map<string, NDArray>,
): Record<string, NDArray> {
  const { graph, opset } = model;
  const inFile = [...graph.initializers.values(), ...graph.inputs, ...graph.outputs];
  const wide = [...params.values(), ...inputs.values()].some((x) => x.dtype === 'float64');
  const float = wide && inFile.every(({ dtype }) => dtype !== 'float64') ? 'float64' : 'float32';
  const run = (xs: ReadonlyMap<string, NDArray>) => interpret(graph, new Map([...params, ...xs]), { opset, float });
  const named = (ys: readonly NDArray[]) => Object.fromEntries(graph.outputs.map(({ name }, i) => [name, ys[i]]));

  const batch = changedBatch(graph.inputs, inputs);
  if (batch === undefined) return named(run(inputs));
  return named(separately(run, inputs, batch) ?? byParts(run, inputs, batch));
}

type Run = (inputs: ReadonlyMap<string, NDArray>) => NDArray[];

/** The graph as it is at another batch size, if it treats every example by itself; else undefined. */
function separately(run: Run, inputs: ReadonlyMap<string, NDArray>, { names }: Batch): NDArray[] | undefined {
  const unknowns = names.map((name) => input(inputs.get(name)!));
  let ys: NDArray[];
  try {
    ys = run(new Map([...inputs, ...names.map((name, i) => [name, unknowns[i]] as const)]));
  } catch (error) {
    // Shapes in the file that hold for its own batch only.
    if (error instanceof UserError) return undefined;
    throw error;
  }
  if (!isSeparable(unknowns, ys)) return undefined;
  return [...substitute(ys, new Map(names.map((name, i) => [unknowns[i], inputs.get(name)!])))];
}

/** Parts of the batch of the size that the file says, each computed as the file says. */
function byParts(run: Run, inputs: ReadonlyMap<string, NDArray>, { names, size, fixed }: Batch): NDArray[] {
  if (size === 0 || size % fixed !== 0) {
    throw new UserError(
      `the file fixes a batch of ${fixed}, so a batch of ${size} must be a multiple of it; or export the model with the batch size left open (dynamic_axes)`,
    );
  }
  const parts = size / fixed;
  const cut = names.map((name) => reshape(inputs.get(name)!, [parts, fixed, ...inputs.get(name)!.shape.slice(1)]));
  const of = (xs: readonly NDArray[]) => run(new Map([...inputs, ...names.map((name, i) => [name, xs[i]] as const)]));
  return vmap(of)(cut).map((y) => (y.ndim < 2 ? y : reshape(y, [parts * y.shape[1], ...y.shape.slice(2)])));
}

interface Batch {
  readonly names: readonly string[];
  readonly size: number;
  readonly fixed: number;
}

/** The inputs whose batch (axis 0) has another size than the file fixes. */
function changedBatch(wanted: readonly ModelValue[], inputs: ReadonlyMap<string, NDArray>): Batch | undefined {
  const changed: { name: string; size: number; fixed: number }[] = [];
  for (const { name, shape } of wanted) {
    const x = inputs.get(name)!;
    if (shape === null) continue;
    const differ =
      x.ndim === shape.length ? shape.flatMap((n, i) => (typeof n === 'number' && n !== x.shape[i] ? [i] : [])) : null;
    if (differ === null || differ.some((axis) => axis > 0)) {
      throw new UserError(
        `the input ${JSON.stringify(name)} has shape ${shapeText(x.shape)}, but the file says [${shape.map((n) => n ?? '?').join(', ')}]; only sizes it leaves open, and the batch (axis 0), may differ`,
      );
    }
    if (differ.length > 0) changed.push({ name, size: x.shape[0], fixed: shape[0] as number });
  }
  if (changed.length === 0) return undefined;
  const [{ size, fixed }] = changed;
  const other = changed.find((c) => c.size * fixed !== size * c.fixed);
  if (other !== undefined)
    throw new UserError(
      `the inputs ${JSON.stringify(changed[0].name)} and ${JSON.stringify(other.name)} have batches of ${size} and ${other.size}`,
    );
  return { names: changed.map(({ name }) => name), size, fixed };
}
