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
import { between, generator, hostArray, listOf, randomArray } from '../array/testing.fixture.ts';
import { flatten, treeLeaves, treeMap } from '../array/tree.ts';
import * as np from '../numpy/index.ts';
import { testRuntime } from '../primitives/forward.fixture.ts';
import { configure, jit } from '../runtime/index.ts';
import { grad, vmap } from '../transforms/index.ts';
import { fileOf, runFile, tensor } from './files.fixture.ts';
import { importOnnx } from './import.ts';
import type { OnnxNode, OnnxTensor, OnnxValue } from './model.ts';

beforeAll(() => configure(testRuntime));

const random = generator(4);
/** The same for the same name. */
const weights = (name: string, ...shape: number[]): OnnxTensor => {
  const { data } = randomArray(generator(name.length), shape, 'float32', between(-1, 1));
  return { ...tensor(Array.from(data), shape, 'float32'), name };
};
const number = (name: string, value: number, dtype: OnnxTensor['dtype'] = 'float32') => ({
  ...tensor([value], [], dtype),
  name,
});
const node = (type: string, inputs: string[], output: string, attributes: OnnxNode['attributes'] = {}): OnnxNode => ({
  type,
  inputs,
  outputs: [output],
  attributes,
});
const value = (name: string, shape: OnnxValue['shape'], dtype: OnnxValue['dtype'] = 'float32'): OnnxValue => ({
  name,
  shape,
  dtype,
});
const array = (...shape: number[]) => np.array(randomArray(random, shape, 'float32', between(-1, 1)).data, { shape });

/** Conv, batch norm, relu, a reshape to a fixed shape as exporters of fixed batches write it, and a dense layer. */
const convolutional = (batch: number | string, target: number[]) =>
  fileOf(
    {
      nodes: [
        node('Conv', ['x', 'conv.weight', 'conv.bias'], 'a', { pads: [1, 1, 1, 1] }),
        node('BatchNormalization', ['a', 'bn.weight', 'bn.bias', 'bn.running_mean', 'bn.running_var'], 'b'),
        node('Clip', ['b', 'low', ''], 'c'),
        node('Reshape', ['c', 'target'], 'd'),
        node('Gemm', ['d', 'head.0.weight', 'head.0.bias'], 'e', { transB: 1 }),
        node('Pow', ['e', 'two'], 'f'),
        node('Mul', ['f', 'factor'], 'y'),
      ],
      initializers: [
        weights('conv.weight', 3, 2, 3, 3),
        weights('conv.bias', 3),
        ...['bn.weight', 'bn.bias', 'bn.running_mean'].map((name) => weights(name, 3)),
        { ...tensor([1, 2, 0.5], [3], 'float32'), name: 'bn.running_var' },
        { ...tensor(target), name: 'target' },
        weights('head.0.weight', 4, 48),
        weights('head.0.bias', 4),
        number('low', 0),
        { ...tensor([2], [1], 'float32'), name: 'two' },
        number('factor', 0.25),
      ],
      inputs: [value('x', [batch, 2, 4, 4])],
      outputs: ['y'],
    },
    15,
  );

describe('parameters', () => {
  test('are the float initializers that training changes, as a tree', () => {
    const { params, inputs, outputs } = importOnnx(convolutional('N', [0, -1]));
    expect(flatten(params).structure).toEqual(
      flatten({
        bn: { weight: np.zeros([3]), bias: np.zeros([3]) },
        conv: { weight: np.zeros([3]), bias: np.zeros([3]) },
        head: [{ weight: np.zeros([3]), bias: np.zeros([3]) }],
      }).structure,
    );
    expect(inputs).toEqual([{ name: 'x', shape: ['N', 2, 4, 4], dtype: 'float32' }]);
    expect(outputs.map(({ name }) => name)).toEqual(['y']);
  });

  test('missing ones are named', () => {
    const { params, apply } = importOnnx(convolutional('N', [0, -1]));
    const { conv } = params as { conv: { bias: np.NDArray } };
    const without = { ...(params as object), conv: { bias: conv.bias } };
    expect(() => apply(without, { x: array(1, 2, 4, 4) })).toThrow(
      'the parameters of the model need an array at conv.weight',
    );
  });
});

describe('the batch', () => {
  const one = importOnnx(convolutional(1, [1, 48]));
  const five = array(5, 2, 4, 4);
  const outputOf = async (x: np.NDArray, { params, apply } = one) =>
    listOfData(await jit((p: np.Tree, at: np.NDArray) => apply(p, { x: at }).y)(params, x).data());
  const listOfData = (data: ArrayLike<number>) => Array.from(data);

  test('of a file that fixes it at 1 may have any size: every example by itself', async () => {
    const alone: number[] = [];
    for (let i = 0; i < 5; i++) alone.push(...(await outputOf(np.slice(five, [i, i + 1]))));
    const together = await outputOf(five);
    expect(together).toHaveLength(20);
    together.forEach((y, i) => {
      expect(y).toBeCloseTo(alone[i], 4);
    });
  });

  test('of a file that flattens to a fixed first size works too', async () => {
    const model = importOnnx(convolutional(1, [1, -1]));
    const y = await outputOf(five, { ...model, params: one.params });
    expect(y).toEqual(await outputOf(five));
  });

  test('that is left open', async () => {
    const model = importOnnx(convolutional('N', [-1, 48]));
    const y = await outputOf(five, { ...model, params: one.params });
    (await outputOf(five)).forEach((expected, i) => {
      expect(y[i]).toBeCloseTo(expected, 4);
    });
  });

  test('of two must be a multiple of two, and other axes are as the file says', () => {
    const { params, apply } = importOnnx(convolutional(2, [2, 48]));
    expect(apply(params, { x: array(6, 2, 4, 4) }).y.shape).toEqual([6, 4]);
    expect(() => apply(params, { x: five })).toThrow(/the file fixes a batch of 2, so a batch of 5 must be a multiple/);
    // Where every example is by itself, any size will do.
    const free = importOnnx(convolutional(2, [0, -1]));
    expect(free.apply(free.params, { x: five }).y.shape).toEqual([5, 4]);
    expect(() => apply(params, { x: array(2, 2, 4, 5) })).toThrow(
      /input "x" has shape \[2, 2, 4, 5\], but the file says \[2, 2, 4, 4\]/,
    );
    expect(() => apply(params, { x: array(2, 4, 4) })).toThrow(/has shape \[2, 4, 4\]/);
  });

  test('gradients, examples apart, and both', async () => {
    const { params, apply } = one;
    const loss = (p: np.Tree, x: np.NDArray) => np.sum(np.sin(apply(p, { x }).y));
    const whole = treeLeaves(jit(grad(loss))(params, five));
    const each = jit((p: np.Tree, x: np.NDArray) => vmap(grad(loss), [null, 0])(p, np.expandDims(x, 1)));
    const summed = treeLeaves(treeMap((g) => np.sum(g, 0), each(params, five)));
    for (const [i, g] of whole.entries()) {
      const [a, b] = [await g.data(), await summed[i].data()];
      a.forEach((x, k) => {
        expect(b[k]).toBeCloseTo(x, 3);
      });
    }
    expect(whole.every((g) => g.size > 0)).toBe(true);
  });
});

describe('inputs', () => {
  const { params, apply } = importOnnx(convolutional('N', [0, -1]));
  test.each([
    [{}, /the model needs an array for each of its inputs: "x"/],
    [{ x: array(1, 2, 4, 4), z: array(1) }, /the model has no input "z"; it has "x"/],
    [{ x: np.zeros([1, 2, 4, 4], 'int32') }, /input "x" must be float32, got int32/],
  ])('%#', (inputs, message) => {
    expect(() => apply(params, inputs as Record<string, np.NDArray>)).toThrow(message);
    expect(() => apply(params, inputs as Record<string, np.NDArray>)).toThrow(UserError);
  });

  test('float64 arrays make the model compute in float64', () => {
    const wide = treeMap((p) => np.astype(p, 'float64'), params);
    expect(apply(wide, { x: np.zeros([1, 2, 4, 4], 'float64') }).y.dtype).toBe('float64');
  });
});

test('operators that are not supported are all listed, with their nodes', () => {
  const bytes = fileOf({
    nodes: [
      node('Det', ['x'], 'a'),
      node('Relu', ['a'], 'b'),
      node('StringNormalizer', ['b'], 'c'),
      node('Det', ['c'], 'y'),
    ],
    initializers: [],
    inputs: [value('x', [2, 2])],
    outputs: ['y'],
  });
  expect(() => importOnnx(bytes)).toThrow(
    'importOnnx: operators that are not supported, with the nodes that use them: Det ("a", "y"); StringNormalizer ("c")',
  );
});

test('an error inside names the node and its operator', () => {
  const bytes = fileOf({
    nodes: [node('Reshape', ['x', 'n'], 'y')],
    initializers: [],
    inputs: [value('x', [4]), value('n', [1], 'int32')],
    outputs: ['y'],
  });
  const { params, apply } = importOnnx(bytes);
  const f = jit((x: np.NDArray, n: np.NDArray) => apply(params, { x, n }).y);
  expect(() => f(array(4), np.array([4], { dtype: 'int32' }))).toThrow(
    /^Reshape "y": input 1 \(int32\[1\]\) depends on the values of the model's inputs/,
  );
});

describe('graphs inside of nodes', () => {
  const branch = (name: string, type: string) => ({
    nodes: [node(type, ['x', 'one'], name)],
    initializers: [],
    inputs: [],
    outputs: [{ name, dtype: null, shape: [] }],
  });

  test('If with a known condition', async () => {
    for (const condition of [0, 1]) {
      const bytes = fileOf({
        nodes: [node('If', ['condition'], 'y', { then_branch: branch('t', 'Add'), else_branch: branch('e', 'Sub') })],
        initializers: [number('condition', condition, 'bool'), number('one', 1)],
        inputs: [value('x', [2])],
        outputs: ['y'],
      });
      const { params, apply } = importOnnx(bytes);
      expect(listOf(apply(params, { x: np.array([3, 4]) }).y)).toEqual(condition ? [4, 5] : [2, 3]);
    }
  });

  test('If with a condition that is computed, and its gradient', async () => {
    const bytes = fileOf({
      nodes: [
        node('ReduceSum', ['x'], 'sum', { keepdims: 0 }),
        node('Greater', ['sum', 'zero'], 'condition'),
        node('If', ['condition'], 'y', { then_branch: branch('t', 'Mul'), else_branch: branch('e', 'Sub') }),
      ],
      initializers: [number('zero', 0), number('one', 3)],
      inputs: [value('x', [2])],
      outputs: ['y'],
    });
    const { params, apply } = importOnnx(bytes);
    const f = jit((x: np.NDArray) => apply(params, { x }).y);
    expect(Array.from(await f(np.array([1, 2])).data())).toEqual([3, 6]);
    expect(Array.from(await f(np.array([1, -2])).data())).toEqual([-2, -5]);
    const slope = jit(grad((x: np.NDArray) => np.sum(apply(params, { x }).y)));
    expect(Array.from(await slope(np.array([1, 2])).data())).toEqual([3, 3]);
  });

  test('Loop: a known number of steps, whose outputs are stacked; and until a condition fails', async () => {
    const doubling = (goesOn: OnnxNode[], ...more: string[]) => ({
      nodes: [node('Add', ['s', 's'], 't'), ...goesOn, node('Identity', ['t'], 'u')],
      initializers: [],
      inputs: [value('i', [], 'int64'), value('c', [], 'bool'), value('s', [2])],
      outputs: [value('d', [], 'bool'), value('t', [2]), ...more.map((name) => value(name, [2]))],
    });
    const given = { x: hostArray([1, -2], [2], 'float32') };
    const counted = fileOf({
      nodes: [
        {
          type: 'Loop',
          inputs: ['n', '', 'x'],
          outputs: ['last', 'all'],
          attributes: { body: doubling([node('Identity', ['c'], 'd')], 'u') },
        },
      ],
      initializers: [{ ...tensor([3], []), name: 'n' }],
      inputs: [value('x', [2])],
      outputs: ['last', 'all'],
    });
    const conditional = fileOf({
      nodes: [
        {
          type: 'Loop',
          inputs: ['', 'yes', 'x'],
          outputs: ['last'],
          attributes: {
            body: doubling([node('ReduceMax', ['t'], 'most', { keepdims: 0 }), node('Less', ['most', 'limit'], 'd')]),
          },
        },
      ],
      initializers: [number('yes', 1, 'bool'), number('limit', 20)],
      inputs: [value('x', [2])],
      outputs: ['last'],
    });
    for (const bytes of [counted, conditional]) {
      const expected = await runFile(bytes, given);
      const { params, apply } = importOnnx(bytes);
      const found = jit((x: np.NDArray) => apply(params, { x }))(np.array([1, -2]));
      for (const [name, want] of Object.entries(expected)) {
        expect(found[name].shape).toEqual(want.shape);
        expect(Array.from(await found[name].data())).toEqual(Array.from(want.data));
      }
    }
  });

  test('Scan in both directions, with an axis of its own', async () => {
    const body = {
      nodes: [node('Add', ['s', 'e'], 't'), node('Mul', ['t', 'w'], 'u'), node('Identity', ['u'], 'v')],
      initializers: [],
      inputs: [value('s', [2]), value('e', [2])],
      outputs: [value('u', [2]), value('v', [2])],
    };
    for (const directions of [
      [0, 0],
      [1, 1],
      [0, 1],
      [1, 0],
    ]) {
      const attributes = {
        body,
        num_scan_inputs: 1,
        scan_input_directions: [directions[0]],
        scan_output_directions: [directions[1]],
        scan_input_axes: [1],
        scan_output_axes: [1],
      };
      const bytes = fileOf({
        nodes: [{ type: 'Scan', inputs: ['s0', 'x'], outputs: ['last', 'all'], attributes }],
        initializers: [weights('w', 2)],
        inputs: [value('s0', [2]), value('x', [2, 3])],
        outputs: ['last', 'all'],
      });
      const given = { s0: hostArray([1, 2], [2], 'float32'), x: hostArray([1, 2, 3, 4, 5, 6], [2, 3], 'float32') };
      const expected = await runFile(bytes, given);
      const { params, apply } = importOnnx(bytes);
      const found = apply(params, {
        s0: np.array([1, 2]),
        x: np.array([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      });
      for (const name of ['last', 'all']) {
        const data = await found[name].data();
        expect(found[name].shape).toEqual(expected[name].shape);
        data.forEach((x, i) => {
          expect(x).toBeCloseTo(expected[name].data[i], 5);
        });
      }
    }
  });
});

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
