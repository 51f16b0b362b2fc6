/**
 * @file Arrays are handles on the nodes of one immutable typed graph. Shapes and dtypes are static. Nothing is executed
 * until a compiled function is called or data is asked for.
 */
import { allocate, type DType, type TypedArray } from './dtype.ts';
import { ShapeError } from './errors.ts';
import type { Aval, HostArray, Primitive } from './primitive.ts';
import { type Shape, shapeText, sizeOf } from './shape.ts';

let nodes = 0;

/** What is built from now on has this id or a later one. */
export const nextNodeId = (): number => nodes;

export class Node {
  readonly id = nodes++;
  readonly outputs: readonly NDArray[];
  /** True while some input of an enclosing trace is still unknown: such a node has no value of its own yet. */
  readonly traced: boolean;

  constructor(
    readonly primitive: Primitive,
    readonly operands: readonly NDArray[],
    readonly params: unknown,
    avals: readonly Aval[],
    traced: boolean,
  ) {
    this.traced = traced || operands.some((x) => x.node.traced);
    this.outputs = avals.map((aval, index) => new NDArray(this, index, aval.shape, aval.dtype));
  }
}

/** Data of a constant: on the host, on an accelerator, or on its way from a runtime that answers asynchronously. */
export interface Value {
  data?: TypedArray;
  device?: DeviceData;
  /** Settles when one of these is there. */
  pending?: Promise<unknown>;
}

/** Data in the memory of an accelerator. */
export interface DeviceData {
  /** A copy on the host. */
  read(): Promise<TypedArray>;
}

/** The data of a value on the host, brought there if need be. */
export async function hostData(value: Value): Promise<TypedArray> {
  if (value.data === undefined && value.device === undefined) await value.pending;
  value.data ??= await value.device!.read();
  return value.data;
}

/** An n-dimensional array: immutable, lazily computed. */
export class NDArray {
  /** @internal The node that computes this array; replaced by a constant once the array has been computed. */
  node: Node;
  /** @internal Which output of the node. */
  index: number;

  constructor(
    node: Node,
    index: number,
    readonly shape: Shape,
    readonly dtype: DType,
  ) {
    this.node = node;
    this.index = index;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  get ndim(): number {
    return this.shape.length;
  }

  /** The elements in row-major order, computed now if they have not been. The result must not be written to. */
  async data(): Promise<TypedArray> {
    const value = knownValue(this) ?? knownValue((await execute([this]))[0]);
    if (value === undefined) throw new Error('an executed array has no value');
    return hostData(value);
  }

  /** The only element, as a number (bool: 0 or 1). Throws a ShapeError for an array of another size. */
  async item(): Promise<number> {
    if (this.size !== 1)
      throw new ShapeError('item', `needs an array of one element, got shape ${shapeText(this.shape)}`);
    return (await this.data())[0];
  }

  toString(): string {
    return `${this.dtype}${shapeText(this.shape)}`;
  }
}

type Executor = (arrays: readonly NDArray[]) => Promise<readonly NDArray[]>;

let execute: Executor = () => {
  throw new Error('no runtime is loaded: import deeptheory, or deeptheory/runtime');
};

/** The runtime installs itself here, so that the array language needs to know nothing of it. */
export function setExecutor(executor: Executor): void {
  execute = executor;
}

/** The smallest arrays are evaluated as they are written; larger ones wait for the compiler. */
const foldLimit = 512;

// Equal nodes are shared within one trace; the table is dropped with it, so nothing outlives its user.
let shared: Map<string, Node> | undefined;

/** Runs `body` with a fresh table of shared nodes. */
export function sharingNodes<T>(body: () => T): T {
  const outer = shared;
  shared = new Map();
  try {
    return body();
  } finally {
    shared = outer;
  }
}

/** Builds a node: checks shapes, simplifies, folds constants, shares equal nodes. */
export function bindAll<P>(primitive: Primitive<P>, operands: readonly NDArray[], params: P): readonly NDArray[] {
  const avals = primitive.infer(operands, params);
  const simpler = primitive.simplify?.(operands, params);
  if (simpler !== undefined) return simpler instanceof NDArray ? [simpler] : simpler;
  const folded = fold(primitive, operands, params, avals);
  if (folded !== undefined) return folded;
  const create = () => new Node(primitive as Primitive, operands, params, avals, false);
  const paramsKey = shared === undefined ? undefined : primitive.key ? primitive.key(params) : JSON.stringify(params);
  if (shared === undefined || paramsKey === undefined) return create().outputs;
  const key = `${primitive.name}(${operands.map((x) => `${x.node.id}.${x.index}`).join()})${paramsKey}`;
  let node = shared.get(key);
  if (node === undefined) {
    node = create();
    shared.set(key, node);
  }
  return node.outputs;
}

/** As `bindAll`, for the primitives with a single output. */
export function bind<P>(primitive: Primitive<P>, operands: readonly NDArray[], params: P): NDArray {
  return bindAll(primitive, operands, params)[0];
}

function fold<P>(
  primitive: Primitive<P>,
  operands: readonly NDArray[],
  params: P,
  avals: readonly Aval[],
): readonly NDArray[] | undefined {
  const limit = primitive.folds === 'always' ? Number.POSITIVE_INFINITY : foldLimit;
  if (primitive.folds === false || operands.length === 0 || avals.some((a) => sizeOf(a.shape) > limit))
    return undefined;
  const known: HostArray[] = [];
  for (const x of operands) {
    const data = x.size <= limit ? knownValue(x)?.data : undefined;
    if (data === undefined) return undefined;
    known.push({ shape: x.shape, dtype: x.dtype, data });
  }
  return primitive.evaluate(known, params, avals).map((data, i) => constant(data, avals[i].shape));
}

/** Leaves of the graph have no operands, so none of the rules about operands applies to them. */
function leaf<P>(name: string, onEvaluate: (params: P) => TypedArray): Primitive<P & Aval> {
  const never = (): never => {
    throw new Error(`${name} is a leaf of the graph: it has no rule of this kind`);
  };
  return {
    name,
    infer: (_, { shape, dtype }) => [{ shape, dtype }],
    evaluate: (_, params) => [onEvaluate(params)],
    jvp: never,
    transpose: null,
    batch: never,
    lower: never,
    key: () => undefined,
  };
}

export const constantPrimitive = leaf<{ readonly value: Value }>('constant', ({ value }) => value.data!);

export const inputPrimitive = leaf('input', () => {
  throw new Error('an input has no value');
});

const dtypeOf = (data: TypedArray): DType =>
  data instanceof Float32Array
    ? 'float32'
    : data instanceof Float64Array
      ? 'float64'
      : data instanceof Int32Array
        ? 'int32'
        : 'bool';

/** An array around data that nobody else writes to; the dtype is that of the typed array (Uint8Array: bool). */
export function constant(data: TypedArray, shape: Shape): NDArray {
  return pendingConstant({ data }, shape, dtypeOf(data));
}

/** An array whose data may still be on its way. */
export function pendingConstant(value: Value, shape: Shape, dtype: DType): NDArray {
  const params = { value, shape, dtype };
  if (shared !== undefined && value.data?.length === 1) {
    // Scalars written into formulas are the common case; sharing them lets equal expressions be found equal.
    const number = value.data[0];
    const key = `constant ${dtype}${shape.join()} ${Object.is(number, -0) ? '-0' : number}`;
    let node = shared.get(key);
    if (node === undefined) {
      node = new Node(constantPrimitive as Primitive, [], params, [params], false);
      shared.set(key, node);
    }
    return node.outputs[0];
  }
  return new Node(constantPrimitive as Primitive, [], params, [params], false).outputs[0];
}

/** A scalar constant of a dtype. */
export function scalar(value: number, dtype: DType): NDArray {
  const data = allocate(dtype, 1);
  data[0] = value;
  return constant(data, []);
}

/** A fresh unknown of a trace. */
export function input(aval: Aval): NDArray {
  const params = { shape: aval.shape, dtype: aval.dtype };
  return new Node(inputPrimitive as Primitive, [], params, [params], true).outputs[0];
}

/** The value of an array that is already computed (or being computed). */
export function knownValue(x: NDArray): Value | undefined {
  return x.node.primitive === (constantPrimitive as Primitive) ? (x.node.params as { value: Value }).value : undefined;
}

/** The number a constant scalar holds, if `x` is one. */
export function scalarValue(x: NDArray): number | undefined {
  return x.size === 1 ? knownValue(x)?.data?.[0] : undefined;
}
