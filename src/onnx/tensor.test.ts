import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { listOf } from '../array/testing.fixture.ts';
import { testRuntime } from '../primitives/forward.fixture.ts';
import { configure } from '../runtime/index.ts';
import { importOnnx } from './import.ts';

beforeAll(() => configure(testRuntime));

describe('tensors', () => {
  const type = TensorProto_DataType;
  const modelOf = (proto: Omit<MessageInitShape<typeof TensorProtoSchema>, '$typeName'>) =>
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        opsetImport: [create(OperatorSetIdProtoSchema, { version: 13n })],
        graph: create(GraphProtoSchema, {
          node: [create(NodeProtoSchema, { opType: 'Identity', input: ['w'], output: ['y'] })],
          initializer: [create(TensorProtoSchema, { name: 'w', ...proto })],
          output: [create(ValueInfoProtoSchema, { name: 'y' })],
        }),
      }),
    );
  const read = (proto: Parameters<typeof modelOf>[0], external?: (location: string) => Uint8Array) => {
    const { params, apply } = importOnnx(modelOf(proto), { external });
    return apply(params, {}).y;
  };

  test.each([
    [{ dataType: type.FLOAT, dims: [2n], floatData: [1.5, 2] }, 'float32[2]', [1.5, 2]],
    [{ dataType: type.DOUBLE, dims: [], doubleData: [0.1] }, 'float64[]', [0.1]],
    [{ dataType: type.FLOAT16, dims: [2n], rawData: Uint8Array.of(0, 0x3c, 0, 0xc0) }, 'float32[2]', [1, -2]],
    [{ dataType: type.FLOAT16, dims: [1n], int32Data: [0x3800] }, 'float32[1]', [0.5]],
    [{ dataType: type.BFLOAT16, dims: [1n], rawData: Uint8Array.of(0xc0, 0x3f) }, 'float32[1]', [1.5]],
    [
      { dataType: type.INT64, dims: [3n], int64Data: [-3n, 2n ** 63n - 1n, -(2n ** 63n)] },
      'int32[3]',
      [-3, 2 ** 31 - 1, -(2 ** 31)],
    ],
    [{ dataType: type.UINT8, dims: [2n], rawData: Uint8Array.of(0, 255) }, 'int32[2]', [0, 255]],
    [{ dataType: type.BOOL, dims: [2n], int32Data: [0, 7] }, 'bool[2]', [0, 1]],
    [{ dataType: type.FLOAT, dims: [0n, 3n] }, 'float32[0, 3]', []],
  ])('%#', (proto, text, values) => {
    const y = read(proto);
    expect([String(y), listOf(y)]).toEqual([text, values]);
  });

  test.each([
    [{ dataType: type.STRING, dims: [1n] }, /initializer "w" has element type STRING/],
    [{ dataType: 99, dims: [1n] }, /element type 99/],
    [{ dataType: type.FLOAT, dims: [2n], floatData: [1] }, /"w" of shape \[2\] needs 2 elements, found 1/],
    [{ dataType: type.FLOAT, dims: [2n], rawData: new Uint8Array(7) }, /needs 2 elements of float32, found 7 bytes/],
    [{ dataType: type.FLOAT, dims: [-1n] }, /has shape \[-1\], which no tensor can have/],
    [{ dataType: type.FLOAT, dims: [2n ** 40n, 2n ** 20n], floatData: [1] }, /needs 1152921504606847000 elements/],
  ])('refused %#', (proto, message) => {
    expect(() => read(proto)).toThrow(message);
    expect(() => read(proto)).toThrow(UserError);
  });

  describe('in files beside the model', () => {
    const external = (location: string, offset = '4', length = '8') => ({
      dataType: type.FLOAT,
      dims: [2n],
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: Object.entries({ location, offset, length }).map(([key, text]) => ({
        $typeName: 'onnx.StringStringEntryProto' as const,
        key,
        value: text,
      })),
    });
    const file = new Uint8Array(Float32Array.of(0, 3, 4).buffer);

    test('are asked for by name', () => {
      expect(listOf(read(external('w.bin'), (location) => (location === 'w.bin' ? file : new Uint8Array(0))))).toEqual([
        3, 4,
      ]);
    });
    test.each([
      [external('w.bin'), undefined, /stored in the file "w.bin" beside the model: give importOnnx/],
      [external('../w.bin'), () => file, /"..\/w.bin", which is not beside the model/],
      [external('/etc/w.bin'), () => file, /not beside the model/],
      [
        external('w.bin', '8'),
        () => file,
        /needs 8 bytes, which the model places at offset 8, length 8 of "w.bin" \(12 bytes\)/,
      ],
      [external('w.bin', '-4'), () => file, /offset -4/],
      [external('w.bin', '0', '4'), () => file, /length 4/],
    ])('refused %#', (proto, give, message) => {
      expect(() => read(proto, give)).toThrow(message);
    });
  });
});
