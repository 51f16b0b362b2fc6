/** @file From the array graph to an ONNX graph. */
import { topological } from '../array/graph.ts';
import { knownValue, type NDArray, type Node } from '../array/ndarray.ts';
import type { Attribute, Branches, LoopBody, Lowering, OnnxDType, ScanBody } from '../array/primitive.ts';
import { type Shape, sameShape, sizeOf } from '../array/shape.ts';
import { prepare } from '../transforms/prepare.ts';
import { fuseGemm } from './gemm.ts';
import {
  dataType,
  encodeModel,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  rawBytes,
} from './model.ts';

/** Constants above this many elements are fed at each call instead of being copied into the file. */
const initializerLimit = 1024;

export interface LoweredGraph {
  readonly graph: OnnxGraph;
  /** Names of the arrays to feed: the graph's inputs, then its large constants. */
  readonly inputNames: readonly string[];
  readonly constants: readonly NDArray[];
  readonly outputNames: readonly string[];
  /** Some node computes in float64. */
  readonly float64: boolean;
}

export interface Lowered extends Omit<LoweredGraph, 'graph'> {
  readonly model: Uint8Array;
}

/** Tensors shared by a graph and the bodies inside it. */
interface Shared {
  next: number;
  readonly initializers: OnnxTensor[];
  readonly known: Map<string, string>;
  /** Large constants to feed. */
  readonly fed: Map<NDArray, string>;
  float64: boolean;
  readonly channelBlock: number;
}

class GraphBuilder implements Lowering {
  readonly nodes: OnnxNode[] = [];
  /** Names that nodes of this graph compute (as against inputs, constants and names from outside). */
  readonly computed = new Set<string>();
  readonly names: Map<NDArray, string>;
  readonly shared: Shared;

  constructor(shared: Shared, names: Map<NDArray, string>) {
    this.shared = shared;
    this.names = names;
  }

  get channelBlock(): number {
    return this.shared.channelBlock;
  }

  fresh(): string {
    return `v${this.shared.next++}`;
  }

  add(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute | OnnxGraph>> = {},
  ): void {
    this.nodes.push({ type, inputs, outputs, attributes });
    for (const name of outputs) this.computed.add(name);
  }

  op(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.ops(type, inputs, 1, attributes)[0];
  }

  ops(
    type: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): readonly string[] {
    const outputs = Array.from({ length: count }, () => this.fresh());
    this.add(type, inputs, outputs, attributes);
    return outputs;
  }

  tensor(values: ArrayLike<number>, shape: Shape, dtype: OnnxDType): string {
    const bytes = rawBytes(values, dtype);
    // Small tensors recur (axes, scalars) and are stored once.
    const key = bytes.length <= 256 ? `${dtype}${shape.join()}:${bytes.join()}` : undefined;
    const known = key === undefined ? undefined : this.shared.known.get(key);
    if (known !== undefined) return known;
    const name = `c${this.shared.initializers.length}`;
    if (key !== undefined) this.shared.known.set(key, name);
    this.shared.initializers.push({ name, dtype, shape, bytes });
    return name;
  }

  constant(values: readonly number[], shape: Shape, dtype: OnnxDType): string {
    return this.tensor(values, shape, dtype);
  }

  cast(input: string, to: OnnxDType): string {
    return this.op('Cast', [input], { to: dataType[to] });
  }

  reshape(input: string, from: Shape, to: Shape): string {
    if (sameShape(from, to)) return input;
    // allowzero: a 0 in the shape is an empty axis, not a copy of the input's.
    return this.op('Reshape', [input, this.constant(to, [to.length], 'int64')], { allowzero: 1 });
  }

  scan(body: ScanBody): readonly string[] {
    const carries = body.carry.length;
    const own = body.inputs.slice(body.constants.length);
    const inner = this.inside(body.inputs, body.constants);
    const inputs = inner.declare(own);
    let slices = body.slices;
    if (slices.length === 0) {
      // Scan counts its steps by a sliced input, so give it one.
      const counter = new Array<number>(body.length).fill(0);
      slices = [this.constant(counter, [body.length], 'int32')];
      inputs.push({ name: inner.fresh(), dtype: 'int32', shape: [] });
    }
    const graph = inner.graph(inputs, body.inputs, body.outputs);
    const results = body.outputs.map(() => this.fresh());
    const directions = (n: number) => new Array<number>(n).fill(Number(body.reverse));
    this.add('Scan', [...body.carry, ...slices], results, {
      body: graph,
      num_scan_inputs: slices.length,
      scan_input_directions: directions(slices.length),
      ...(results.length > carries && { scan_output_directions: directions(results.length - carries) }),
    });
    return results;
  }

  loop(body: LoopBody): readonly string[] {
    const inner = this.inside(body.inputs, body.constants);
    const counter = { name: inner.fresh(), dtype: 'int64' as OnnxDType, shape: [] };
    const inputs = [counter, ...inner.declare(body.inputs.slice(body.constants.length))];
    const graph = inner.graph(inputs, body.inputs, body.outputs);
    const [goesOn, ...results] = body.outputs.map(() => this.fresh());
    // An empty name: no limit on the number of steps. The predicate is not among the results: it is false.
    this.add('Loop', ['', ...body.carry], results, { body: graph });
    this.add('Identity', [this.constant([0], [], 'bool')], [goesOn]);
    return [goesOn, ...results];
  }

  branch(condition: string, { inputs, names, onTrue, onFalse }: Branches): readonly string[] {
    const [then_branch, else_branch] = [onTrue, onFalse].map((outputs) =>
      this.inside(inputs, names).graph([], inputs, outputs),
    );
    const results = onTrue.map(() => this.fresh());
    this.add('If', [condition], results, { then_branch, else_branch });
    return results;
  }

  /** A graph inside of this one, whose first inputs are called by names from outside. */
  inside(inputs: readonly NDArray[], outer: readonly string[]): GraphBuilder {
    const names = new Map(this.names);
    outer.forEach((name, i) => {
      names.set(inputs[i], name);
    });
    return new GraphBuilder(this.shared, names);
  }

  /** Names inputs of this graph. */
  declare(inputs: readonly NDArray[]): OnnxValue[] {
    return inputs.map((x) => {
      const name = this.fresh();
      this.names.set(x, name);
      return { name, dtype: x.dtype, shape: x.shape };
    });
  }

  /** Lowers everything up to `outputs`. */
  graph(inputs: readonly OnnxValue[], stop: readonly NDArray[], outputs: readonly NDArray[]): OnnxGraph {
    const prepared = prepare(outputs);
    this.lowerNodes(prepared, new Set(stop.map((x) => x.node)));
    const produced = new Set<string>();
    const named = prepared.map((x) => ({ name: this.output(x, produced), dtype: x.dtype, shape: x.shape }));
    return { nodes: this.nodes, initializers: [], inputs, outputs: named };
  }

  /** The name of a graph output, which must come from a node of this graph and be named once. */
  output(x: NDArray, produced: Set<string>): string {
    const name = this.nameOf(x);
    if (this.computed.has(name) && !produced.has(name)) {
      produced.add(name);
      return name;
    }
    const copy = this.op('Identity', [name]);
    produced.add(copy);
    return copy;
  }

  nameOf(x: NDArray): string {
    const known = this.names.get(x);
    if (known !== undefined) return known;
    const value = knownValue(x);
    if (value === undefined) throw new Error(`no value for ${x} of ${x.node.primitive.name}`);
    if (value.data !== undefined && sizeOf(x.shape) <= initializerLimit) {
      const name = this.tensor(value.data, x.shape, x.dtype);
      this.names.set(x, name);
      return name;
    }
    let fed = this.shared.fed.get(x);
    if (fed === undefined) {
      fed = `k${this.shared.fed.size}`;
      this.shared.fed.set(x, fed);
    }
    return fed;
  }

  lowerNodes(outputs: readonly NDArray[], stop: ReadonlySet<Node>): void {
    const order = topological(outputs, stop);
    const uses = new Map<NDArray, number>();
    const use = (x: NDArray) => uses.set(x, (uses.get(x) ?? 0) + 1);
    for (const node of order) node.operands.forEach(use);
    outputs.forEach(use);
    const fused = fuseGemm(order, uses);
    for (const node of order) {
      if (node.operands.length === 0 || this.names.has(node.outputs[0]) || fused.absorbed.has(node)) continue;
      this.shared.float64 ||= node.outputs.some((x) => x.dtype === 'float64');
      if (node.outputs.every((x) => x.size === 0)) {
        // Nothing to compute, and ONNX Runtime 1.30 goes wrong on empty arrays in Expand and in fused products.
        for (const x of node.outputs) this.names.set(x, this.tensor([], x.shape, x.dtype));
        continue;
      }
      const gemm = fused.heads.get(node);
      if (gemm !== undefined) {
        const inputs = [gemm.a, gemm.b, gemm.c].map(({ x, shape }) => this.reshape(this.nameOf(x), x.shape, shape));
        const product = this.op('Gemm', inputs, gemm.attributes);
        this.names.set(node.outputs[0], this.reshape(product, gemm.shape, node.outputs[0].shape));
        continue;
      }
      const inputs = node.operands.map((x) => this.nameOf(x));
      const results = node.primitive.lower(this, inputs, node.params, {
        operands: node.operands,
        outputs: node.outputs,
        used: node.outputs.map((x) => uses.has(x)),
      });
      node.outputs.forEach((x, i) => {
        this.names.set(x, results[i]);
      });
    }
  }
}

/** Lowers the graph from `inputs` to `outputs` to the bytes of an ONNX file. */
export function lower(inputs: readonly NDArray[], outputs: readonly NDArray[], channelBlock: number): Lowered {
  const { graph, ...rest } = lowerGraph(inputs, outputs, channelBlock);
  return { model: encodeModel(graph), ...rest };
}

/**
 * Lowers the graph from `inputs` to `outputs` to an ONNX graph.
 *
 * @param channelBlock block of channels in the layout that the runtime has for direct convolution; 1 (none) for a graph
 *   that any runtime can read
 */
export function lowerGraph(inputs: readonly NDArray[], outputs: readonly NDArray[], channelBlock = 1): LoweredGraph {
  const known = new Map<string, string>();
  const shared: Shared = { next: 0, initializers: [], known, fed: new Map(), float64: false, channelBlock };
  const builder = new GraphBuilder(shared, new Map());
  const declared = inputs.map((x, i) => ({ name: `x${i}`, dtype: x.dtype as OnnxDType, shape: x.shape }));
  inputs.forEach((x, i) => {
    builder.names.set(x, declared[i].name);
  });
  builder.lowerNodes(outputs, new Set(inputs.map((x) => x.node)));
  const produced = new Set<string>();
  const results = outputs.map((x) => ({
    name: builder.output(x, produced),
    dtype: x.dtype as OnnxDType,
    shape: x.shape,
  }));
  const constants = [...shared.fed.keys()];
  const fed = constants.map((x) => ({ name: shared.fed.get(x)!, dtype: x.dtype as OnnxDType, shape: x.shape }));
  return {
    graph: {
      nodes: builder.nodes,
      initializers: shared.initializers,
      inputs: [...declared, ...fed],
      outputs: results,
    },
    inputNames: [...declared, ...fed].map((v) => v.name),
    constants,
    outputNames: results.map((v) => v.name),
    float64: shared.float64,
  };
}
