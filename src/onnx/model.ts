/** @file ONNX files from plain data, through the protobuf schema. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { Attribute, OnnxDType } from '../array/primitive.ts';
import type { Shape } from '../array/shape.ts';

/** Operator set of the files we write: the newest whose operators all have CPU kernels in ONNX Runtime 1.30. */
export const opset = 21;

export interface OnnxNode {
  /** The operator's name; "domain:name" outside of ONNX's own domain. */
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, FileAttribute>>;
}

/** What attributes may be in a file; lowering needs only some of it. */
export type FileAttribute =
  | Attribute
  | OnnxGraph
  | OnnxTensor
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] };

export interface OnnxTensor {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: Shape;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A size that is a text is left open under that name; a dtype that is null leaves the type to inference (outputs). */
export interface OnnxValue {
  readonly name: string;
  readonly dtype: OnnxDType | null;
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export const dataType: Readonly<Record<OnnxDType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
  uint32: TensorProto_DataType.UINT32,
  bool: TensorProto_DataType.BOOL,
};

/** Little-endian bytes of numbers, as ONNX stores raw tensors. */
export function rawBytes(values: ArrayLike<number>, dtype: OnnxDType): Uint8Array<ArrayBuffer> {
  switch (dtype) {
    case 'float32':
      return new Uint8Array(Float32Array.from(values).buffer);
    case 'float64':
      return new Uint8Array(Float64Array.from(values).buffer);
    case 'int32':
      return new Uint8Array(Int32Array.from(values).buffer);
    case 'uint32':
      return new Uint8Array(Uint32Array.from(values).buffer);
    case 'int64':
      return new Uint8Array(BigInt64Array.from(Array.from(values, BigInt)).buffer);
    case 'bool':
      return Uint8Array.from(values);
  }
}

function valueInfo({ name, dtype, shape }: OnnxValue) {
  if (dtype === null) return create(ValueInfoProtoSchema, { name });
  const dim = shape.map((n) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof n === 'string' ? { case: 'dimParam', value: n } : { case: 'dimValue', value: BigInt(n) },
    }),
  );
  const tensor = create(TypeProto_TensorSchema, {
    elemType: dataType[dtype],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } }),
  });
}

function tensorProto({ name, dtype, shape, bytes }: OnnxTensor) {
  return create(TensorProtoSchema, { name, dataType: dataType[dtype], dims: shape.map(BigInt), rawData: bytes });
}

function attribute(name: string, value: FileAttribute) {
  const type = AttributeProto_AttributeType;
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(value) });
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: type.STRING, s: new TextEncoder().encode(value) });
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: type.FLOAT, f: value.float });
  if ('floats' in value) return create(AttributeProtoSchema, { name, type: type.FLOATS, floats: [...value.floats] });
  if ('strings' in value) {
    const strings = value.strings.map((text) => new TextEncoder().encode(text));
    return create(AttributeProtoSchema, { name, type: type.STRINGS, strings });
  }
  if ('bytes' in value) return create(AttributeProtoSchema, { name, type: type.TENSOR, t: tensorProto(value) });
  if ('nodes' in value) return create(AttributeProtoSchema, { name, type: type.GRAPH, g: graphProto(value, name) });
  return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map(BigInt) });
}

function graphProto(graph: OnnxGraph, name: string): GraphProto {
  return create(GraphProtoSchema, {
    name,
    node: graph.nodes.map(({ type, inputs, outputs, attributes }) =>
      create(NodeProtoSchema, {
        domain: domainOf(type),
        opType: type.slice(type.indexOf(':') + 1),
        input: [...inputs],
        output: [...outputs],
        attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
      }),
    ),
    initializer: graph.initializers.map(tensorProto),
    input: graph.inputs.map(valueInfo),
    output: graph.outputs.map(valueInfo),
  });
}

const domainOf = (type: string): string => type.slice(0, Math.max(0, type.indexOf(':')));

/** The domains of the operators of a graph and of the graphs inside it, ONNX's own first. */
function domainsOf(graph: OnnxGraph): Set<string> {
  const inner = graph.nodes.flatMap(({ type, attributes }) => [
    domainOf(type),
    ...Object.values(attributes).flatMap((a) => (typeof a === 'object' && 'nodes' in a ? [...domainsOf(a)] : [])),
  ]);
  return new Set(['', ...inner]);
}

/**
 * The bytes of an ONNX file.
 *
 * @param version the operator set its nodes are meant in
 * @param metadata entries for whoever reads the file
 */
export function encodeModel(
  graph: OnnxGraph,
  version = opset,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    producerName: 'deeptheory',
    opsetImport: [...domainsOf(graph)].map((domain) =>
      create(OperatorSetIdProtoSchema, { domain, version: domain === '' ? BigInt(version) : 1n }),
    ),
    graph: graphProto(graph, 'deeptheory'),
    metadataProps: Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}
