/** @file ONNX files as checked graphs: every name a node reads is defined before it, and once. */
import { fromBinary } from '@bufbuild/protobuf';
import { type GraphProto, type ModelProto, ModelProtoSchema, type ValueInfoProto } from 'onnx-buf';
import type { DType } from '../array/dtype.ts';
import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { Attributes } from './attributes.ts';
import { arrayOfTensor, dtypeOfFile, type ExternalData } from './tensor.ts';

/** Name, sizes and element type of an input or output; a size is null, or has a name, where the file leaves it open. */
export interface ModelValue {
  readonly name: string;
  /** null where the file does not say. */
  readonly shape: readonly (number | string | null)[] | null;
  readonly dtype: DType;
}

export interface ModelNode {
  /** The operator; with its domain in front where that is not ONNX's own. */
  readonly type: string;
  /** Its own, or that of its first output where exporters name no nodes. */
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface ModelGraph {
  readonly nodes: readonly ModelNode[];
  readonly initializers: ReadonlyMap<string, NDArray>;
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
}

export interface Model {
  readonly graph: ModelGraph;
  readonly opset: number;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Operator sets whose operators are known here. */
const opsets = { oldest: 6, newest: 24 };
/** Graphs inside of graphs (branches, loop bodies). */
const deepest = 16;

/** @throws UserError that names what is wrong */
export function parseModel(bytes: Uint8Array, external: ExternalData | undefined): Model {
  const proto = decode(bytes);
  if (proto.graph === undefined || proto.graph.node.length + proto.graph.output.length === 0) {
    throw new UserError('importOnnx: the bytes are no ONNX model: they hold no graph');
  }
  const versions = proto.opsetImport.filter(({ domain }) => isOnnx(domain)).map(({ version }) => Number(version));
  const opset = Math.max(...versions);
  if (versions.length === 0 || opset < opsets.oldest || opset > opsets.newest) {
    throw new UserError(
      `importOnnx: operator sets ${opsets.oldest} to ${opsets.newest} are supported; the file ${versions.length === 0 ? 'names none' : `asks for ${opset}`}`,
    );
  }
  if (proto.functions.length > 0) {
    const names = proto.functions.slice(0, 5).map(({ name }) => name);
    throw new UserError(
      `importOnnx: the file defines functions of its own (${names.join(', ')}), which are not supported; inline them when you export (onnx.inliner)`,
    );
  }
  const graph = parseGraph(proto.graph, () => false, external, 1);
  return { graph, opset, metadata: new Map(proto.metadataProps.map(({ key, value }) => [key, value])) };
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new UserError(
      `importOnnx: the bytes are no ONNX model, or one cut short (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

const isOnnx = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

function parseGraph(
  proto: GraphProto,
  isOuter: (name: string) => boolean,
  external: ExternalData | undefined,
  depth: number,
): ModelGraph {
  if (depth > deepest) throw new UserError(`importOnnx: graphs lie in graphs more than ${deepest} deep`);
  if (proto.sparseInitializer.length > 0) throw new UserError('importOnnx: sparse initializers are not supported');
  const initializers = new Map<string, NDArray>();
  for (const tensor of proto.initializer) {
    if (initializers.has(tensor.name)) throw twice(tensor.name);
    const where = `importOnnx: initializer ${JSON.stringify(tensor.name)}`;
    initializers.set(tensor.name, arrayOfTensor(tensor, where, external));
  }
  // Before IR version 4 the initializers are listed among the inputs, too.
  const inputs = proto.input.filter(({ name }) => !initializers.has(name)).map((info) => parseValue(info, 'input'));
  // A graph inside may not reuse names from outside, but its initializers and inputs do so in practice.
  const defined = new Set([...initializers.keys()]);
  for (const { name } of inputs) {
    if (defined.has(name)) throw twice(name);
    defined.add(name);
  }
  const isKnown = (name: string) => defined.has(name) || isOuter(name);
  const nodes = proto.node.map((node) => {
    const name = node.name || node.output[0] || '';
    const type = isOnnx(node.domain) ? node.opType : `${node.domain}.${node.opType}`;
    const missing = node.input.find((input) => input !== '' && !isKnown(input));
    if (missing !== undefined) {
      throw new UserError(
        `importOnnx: ${type} ${JSON.stringify(name)} reads ${JSON.stringify(missing)}, which nothing before it defines (a cycle, or a missing input)`,
      );
    }
    const attributes = new Attributes(node.attribute, external, (inner) =>
      parseGraph(inner, isKnown, external, depth + 1),
    );
    for (const output of node.output) {
      if (output === '') continue;
      if (defined.has(output)) throw twice(output);
      defined.add(output);
    }
    return { type, name, inputs: node.input, outputs: node.output, attributes };
  });
  const outputs = proto.output.map((info) => parseValue(info, 'output'));
  if (outputs.length === 0) throw new UserError('importOnnx: the graph has no outputs');
  for (const { name } of outputs) {
    if (!isKnown(name)) throw new UserError(`importOnnx: nothing computes the output ${JSON.stringify(name)}`);
  }
  return { nodes, initializers, inputs, outputs };
}

const twice = (name: string): UserError =>
  new UserError(`importOnnx: the name ${JSON.stringify(name)} is defined twice`);

function parseValue({ name, type }: ValueInfoProto, kind: 'input' | 'output'): ModelValue {
  const where = `importOnnx: the ${kind} ${JSON.stringify(name)}`;
  // Outputs of inner graphs may leave their type open.
  if (type === undefined && kind === 'output') return { name, shape: null, dtype: 'float32' };
  if (type?.value.case !== 'tensorType') {
    throw new UserError(
      `${where} is ${type?.value.case?.replace('Type', '') ?? 'of no type'}; only tensors are supported`,
    );
  }
  const { elemType, shape } = type.value.value;
  if (elemType === 0 && kind === 'output') return { name, shape: null, dtype: 'float32' };
  const dtype = dtypeOfFile(elemType, where);
  if (shape === undefined) return { name, shape: null, dtype };
  const sizes = shape.dim.map(({ value }) => {
    if (value.case === 'dimParam') return value.value === '' ? null : value.value;
    // Exporters write 0 or -1, too, for a size that is open.
    return value.case === 'dimValue' && value.value > 0n ? Number(value.value) : null;
  });
  return { name, shape: sizes, dtype };
}
