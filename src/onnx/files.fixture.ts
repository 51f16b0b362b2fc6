/** @file Small ONNX files for tests, and ONNX Runtime itself as the judge of what they compute. */
import { createRequire } from 'node:module';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { allocate, type DType } from '../array/dtype.ts';
import { evaluate } from '../array/graph.ts';
import { input, type NDArray } from '../array/ndarray.ts';
import type { HostArray } from '../array/primitive.ts';
import { sizeOf } from '../array/shape.ts';
import { between, expectClose, generator, randomArray, type Tolerance } from '../array/testing.fixture.ts';
import { importOnnx } from './import.ts';
import {
  encodeModel,
  type FileAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  rawBytes,
} from './model.ts';

const require = createRequire(import.meta.url);
const ort: typeof import('onnxruntime-common') = require('onnxruntime-node');
ort.env.logLevel = 'fatal';

/** Outputs of a file as ONNX Runtime computes them; integers of all widths as int32. */
export async function runFile(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, HostArray>>,
): Promise<Record<string, HostArray>> {
  const options: InferenceSession.SessionOptions = {
    logSeverityLevel: 4,
    graphOptimizationLevel: 'disabled',
    intraOpNumThreads: 1,
  };
  const session = await ort.InferenceSession.create(bytes, options);
  const feeds = Object.entries(inputs).map(([name, x]) => [
    name,
    new ort.Tensor(x.dtype, x.data as Float32Array, x.shape),
  ]);
  const results = await session.run(Object.fromEntries(feeds));
  return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, hostOf(tensor)]));
}

function hostOf(tensor: Tensor): HostArray {
  const dtype = /^u?int/.test(tensor.type) ? 'int32' : (tensor.type as DType);
  const data = allocate(dtype, sizeOf(tensor.dims));
  data.set(Array.from(tensor.data as Float32Array | BigInt64Array, Number));
  return { shape: tensor.dims, dtype, data };
}

/** Outputs of a file as we compute them, by the reference evaluators, which share nothing with ONNX Runtime. */
export function evaluateFile(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, HostArray>>,
): Record<string, HostArray> {
  const { params, apply } = importOnnx(bytes);
  const unknown = new Map(Object.entries(inputs).map(([name, x]) => [name, input(x)]));
  const outputs = Object.entries(apply(params, Object.fromEntries(unknown)));
  const known = new Map([...unknown].map(([name, x]) => [x, inputs[name]] as [NDArray, HostArray]));
  const values = evaluate(
    outputs.map(([, y]) => y),
    known,
  );
  return Object.fromEntries(outputs.map(([name], i) => [name, values[i]]));
}

export const tensor = (
  values: readonly number[],
  shape: readonly number[] = [values.length],
  dtype: OnnxTensor['dtype'] = 'int64',
): OnnxTensor => ({ name: '', dtype, shape, bytes: rawBytes(values, dtype) });

/** A named tensor of random floats, the same for the same name. */
export const weights = (name: string, ...shape: number[]): OnnxTensor => {
  const { data } = randomArray(generator(name.length), shape, 'float32', between(-1, 1));
  return { ...tensor(Array.from(data), shape, 'float32'), name };
};

/** A named tensor of one number without axes. */
export const number = (name: string, value: number, dtype: OnnxTensor['dtype'] = 'float32'): OnnxTensor => ({
  ...tensor([value], [], dtype),
  name,
});

export const node = (
  type: string,
  inputs: readonly string[],
  outputs: string | readonly string[],
  attributes: OnnxNode['attributes'] = {},
): OnnxNode => ({ type, inputs, outputs: typeof outputs === 'string' ? [outputs] : outputs, attributes });

export const value = (name: string, shape: OnnxValue['shape'], dtype: OnnxValue['dtype'] = 'float32'): OnnxValue => ({
  name,
  shape,
  dtype,
});

/** One node: arrays are inputs x0, x1, … of the file, tensors are initializers, null is an omitted input. */
export interface NodeCase {
  readonly type: string;
  readonly inputs: readonly (HostArray | OnnxTensor | null)[];
  /** Those that are undefined are left out. */
  readonly attributes?: Readonly<Record<string, FileAttribute | undefined>>;
  /** How many outputs the node names; default 1. */
  readonly outputs?: number;
  readonly opset?: number;
}

export const isTensor = (x: HostArray | OnnxTensor): x is OnnxTensor => 'bytes' in x;

/** A file whose outputs are typed by inference. */
export function fileOf(
  graph: Omit<OnnxGraph, 'outputs'> & { readonly outputs: readonly string[] },
  opset?: number,
): Uint8Array {
  const outputs = graph.outputs.map((name) => ({ name, dtype: null, shape: [] }));
  return encodeModel({ ...graph, outputs }, opset);
}

export function nodeFile({ type, inputs, attributes = {}, outputs = 1, opset }: NodeCase): {
  readonly bytes: Uint8Array;
  readonly given: Readonly<Record<string, HostArray>>;
} {
  const arrays = inputs.flatMap((x, i) => (x !== null && !isTensor(x) ? [[`x${i}`, x] as const] : []));
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const present = Object.entries(attributes).filter(
    (entry): entry is [string, FileAttribute] => entry[1] !== undefined,
  );
  const node: OnnxNode = {
    type,
    inputs: inputs.map((x, i) => (x === null ? '' : `x${i}`)),
    outputs: names,
    attributes: Object.fromEntries(present),
  };
  const initializers = inputs.flatMap((x, i) => (x !== null && isTensor(x) ? [{ ...x, name: `x${i}` }] : []));
  const declared = arrays.map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const bytes = fileOf({ nodes: [node], initializers, inputs: declared, outputs: names }, opset);
  return { bytes, given: Object.fromEntries(arrays) };
}

const show = (x: HostArray | OnnxTensor | null): string => {
  if (x === null) return 'nothing';
  const values = isTensor(x) && x.dtype === 'int64' ? ` ${new BigInt64Array(x.bytes.buffer).join()}` : '';
  return `${x.dtype}[${x.shape}]${values}`;
};
const bytesText = (key: string, value: unknown) => (key === 'bytes' ? Array.from(value as Uint8Array).join() : value);

export const nodeText = ({ type, opset, inputs, attributes = {} }: NodeCase): string =>
  `${type} (operator set ${opset ?? 'newest'}) of ${inputs.map(show).join(', ')} with ${JSON.stringify(attributes, bytesText)}`;

/** ONNX Runtime and we agree on a node; nothing is asked where ONNX Runtime refuses the file. */
export async function nodeAgrees(
  node: NodeCase,
  tolerance: Tolerance = { relative: 2e-5, absolute: 2e-6 },
): Promise<'agrees' | 'refused'> {
  const { bytes, given } = nodeFile(node);
  let expected: Record<string, HostArray>;
  try {
    expected = await runFile(bytes, given);
  } catch {
    return 'refused';
  }
  const label = nodeText(node);
  let actual: Record<string, HostArray>;
  try {
    actual = evaluateFile(bytes, given);
  } catch (error) {
    throw new Error(`${label}: ${(error as Error).message}`);
  }
  for (const [name, want] of Object.entries(expected)) expectClose(`${label}, ${name}`, actual[name], want, tolerance);
  return 'agrees';
}
