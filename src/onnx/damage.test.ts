import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
} from 'onnx-buf';
import { describe, expect, test } from 'vitest';
import { corrupted, refusals, truncated } from '../array/damage.fixture.ts';
import { UserError } from '../array/errors.ts';
import { input } from '../array/ndarray.ts';
import { generator } from '../array/testing.fixture.ts';
import { effort, seed } from '../primitives/forward.fixture.ts';
import { fileOf, type NodeCase, node, nodeFile, tensor } from './files.fixture.ts';
import { importOnnx } from './import.ts';
import type { OnnxGraph, OnnxNode, OnnxValue } from './model.ts';
import { cases } from './operators/cases.fixture.ts';
import { Draw } from './operators/draw.fixture.ts';

/** Imports a file and builds its graph for inputs as it declares them. */
function open(bytes: Uint8Array): void {
  const { params, apply, inputs } = importOnnx(bytes);
  const arrays = inputs.map(({ name, shape, dtype }) => {
    const sizes = (shape ?? []).map((n) => (typeof n === 'number' ? n : 2));
    return [name, input({ shape: sizes, dtype })] as const;
  });
  apply(params, Object.fromEntries(arrays));
}

const messageOf = (bytes: Uint8Array): string => {
  try {
    open(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return 'accepted';
};

describe('damaged files are refused or read, never a crash', () => {
  test.each(Object.keys(cases))('%s', (type) => {
    const { bytes } = nodeFile(cases[type](new Draw(generator(seed))));
    refusals(corrupted(bytes, 60 * effort, seed), open);
  });

  test('cut short anywhere', () => {
    const { bytes } = nodeFile(cases['LSTM'](new Draw(generator(seed))));
    const parts = [...truncated(bytes)];
    expect(parts.length).toBeGreaterThan(200);
    expect(refusals(parts, open)).toBe(parts.length);
  });
});

const x: OnnxValue = { name: 'x', shape: [2, 3], dtype: 'float32' };
const graph = (nodes: OnnxNode[], more: Partial<Omit<OnnxGraph, 'outputs'>> = {}, outputs = ['y']) =>
  fileOf({ nodes, initializers: [], inputs: [x], outputs, ...more });

describe('wrong graphs', () => {
  test.each([
    ['no bytes', new Uint8Array(0), /hold no graph/],
    ['other bytes', new TextEncoder().encode('{"format": "onnx"}'), /no ONNX model/],
    [
      'a cycle',
      graph([node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['b'], ['y'])]),
      /Add "a" reads "b", which nothing before it defines/,
    ],
    ['a missing input', graph([node('Relu', ['z'], ['y'])]), /Relu "y" reads "z"/],
    ['a missing output', graph([node('Relu', ['x'], ['z'])]), /nothing computes the output "y"/],
    [
      'an output computed twice',
      graph([node('Relu', ['x'], ['y']), node('Abs', ['x'], ['y'])]),
      /the name "y" is defined twice/,
    ],
    [
      'an output with the name of an input',
      graph([node('Relu', ['x'], ['x'])], {}, ['x']),
      /the name "x" is defined twice/,
    ],
    [
      'two initializers of one name',
      graph([node('Relu', ['w'], ['y'])], { initializers: ['w', 'w'].map((name) => ({ ...tensor([1]), name })) }),
      /the name "w" is defined twice/,
    ],
    [
      'two inputs of one name',
      graph([node('Relu', ['x'], ['y'])], { inputs: [x, x] }),
      /the name "x" is defined twice/,
    ],
    ['no outputs', graph([node('Relu', ['x'], ['y'])], {}, []), /has no outputs/],
    [
      'an old operator set',
      fileOf({ nodes: [node('Relu', ['x'], ['y'])], initializers: [], inputs: [x], outputs: ['y'] }, 3),
      /6 to 24 are supported; the file asks for 3/,
    ],
    [
      'an attribute of another kind',
      graph([node('Softmax', ['x'], ['y'], { axis: 'last' })]),
      /Softmax "y": the attribute axis should be INT, found STRING/,
    ],
    ['a missing attribute', graph([node('Concat', ['x', 'x'], ['y'])]), /Concat "y"/],
    [
      'a missing operand',
      graph([node('Add', ['x'], ['y'])]),
      /Add "y": needs an input at position 1, which is missing/,
    ],
    ['no operands', graph([node('Sum', [], ['y'])]), /Sum "y": needs an input at position 0/],
    [
      'an output that the operator does not have',
      graph([node('Relu', ['x'], ['a', 'y'])]),
      /Relu "a": output 1 is not supported/,
    ],
  ])('%s', (_, bytes, message) => {
    expect(messageOf(bytes)).toMatch(message);
  });

  test('graphs in graphs without end', () => {
    const nested = (depth: number) => {
      let inner = create(GraphProtoSchema, {});
      for (let i = 0; i < depth; i++) {
        const attribute = [create(AttributeProtoSchema, { name: 'then_branch', g: inner })];
        inner = create(GraphProtoSchema, {
          node: [create(NodeProtoSchema, { opType: 'If', output: [`y${i}`], attribute })],
        });
      }
      const opsetImport = [create(OperatorSetIdProtoSchema, { version: 13n })];
      return toBinary(ModelProtoSchema, create(ModelProtoSchema, { opsetImport, graph: inner }));
    };
    expect(messageOf(nested(100))).toMatch(/importOnnx: /);
    // Longer than the call stack is deep: the nesting of lengths is written by hand.
    let bytes = new Uint8Array(0);
    const field = (tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> => {
      const length: number[] = [];
      for (let n = content.length; ; n >>>= 7) {
        length.push((n & 127) | (n > 127 ? 128 : 0));
        if (n <= 127) break;
      }
      const result = new Uint8Array(1 + length.length + content.length);
      result.set([(tag << 3) | 2, ...length]);
      result.set(content, 1 + length.length);
      return result;
    };
    for (let i = 0; i < 3000; i++) bytes = field(1, field(5, field(6, bytes)));
    expect(messageOf(field(7, bytes))).toMatch(/importOnnx: /);
  });
});

const huge = 2 ** 31 - 1;
const list = (...values: number[]) => tensor(values);

describe('sizes that nobody can hold are refused at once', () => {
  const image = new Draw(generator(1)).array([1, 1, 4, 4]);
  const matrix = new Draw(generator(1)).array([2, 3]);
  test.each<NodeCase>([
    { type: 'ConstantOfShape', inputs: [list(huge, huge)] },
    { type: 'ConstantOfShape', inputs: [list(-1, 2)] },
    { type: 'ConstantOfShape', inputs: [{ ...list(1), shape: [2 ** 40] }] },
    { type: 'Expand', inputs: [matrix, list(huge, 2, 3)] },
    { type: 'Tile', inputs: [matrix, list(huge, huge)] },
    { type: 'Tile', inputs: [matrix, list(-1, 1)] },
    { type: 'Range', inputs: [tensor([0], []), tensor([huge], []), tensor([1], [])] },
    { type: 'Range', inputs: [tensor([0], []), tensor([1], []), tensor([0], [])] },
    { type: 'OneHot', inputs: [list(0), tensor([huge], []), tensor([0, 1], [2], 'float32')] },
    { type: 'Pad', inputs: [matrix, list(0, 0, huge, huge)] },
    { type: 'Pad', inputs: [matrix, list(0, 0, huge, 0)], attributes: { mode: 'edge' } },
    { type: 'Reshape', inputs: [matrix, list(-1, -1)] },
    { type: 'Reshape', inputs: [matrix, list(huge, huge)] },
    { type: 'Reshape', inputs: [matrix, list(-2, -3)] },
    { type: 'Resize', inputs: [image, null, tensor([1, 1, 1e9, 1e9], [4], 'float32')] },
    { type: 'Resize', inputs: [image, null, null, list(1, 1, huge, 4)], attributes: { mode: 'linear' } },
    { type: 'Resize', inputs: [image, null, tensor([1, 1, Number.NaN, -1], [4], 'float32')] },
    { type: 'Conv', inputs: [image, image], attributes: { pads: [huge, 0, 0, 0] } },
    { type: 'Conv', inputs: [image, image], attributes: { strides: [0, 0] } },
    { type: 'Conv', inputs: [image, image], attributes: { dilations: [huge, huge] } },
    { type: 'Conv', inputs: [image, image], attributes: { group: 0 } },
    { type: 'ConvTranspose', inputs: [image, image], attributes: { strides: [huge, huge] } },
    {
      type: 'AveragePool',
      inputs: [image],
      attributes: { kernel_shape: [huge, huge], pads: [huge, huge, huge, huge] },
    },
    { type: 'MaxPool', inputs: [image], attributes: { kernel_shape: [100, 100] } },
    { type: 'LRN', inputs: [image], attributes: { size: 0 } },
    { type: 'Split', inputs: [matrix], attributes: { num_outputs: huge } },
    { type: 'Transpose', inputs: [matrix], attributes: { perm: [0, 0] } },
    { type: 'Gather', inputs: [matrix, list(7)] },
    { type: 'Unsqueeze', inputs: [matrix, list(huge)] },
    { type: 'Slice', inputs: [matrix, list(0), list(1), list(0), list(0)] },
    { type: 'TopK', inputs: [matrix, list(huge)] },
    { type: 'DepthToSpace', inputs: [image], attributes: { blocksize: 0 } },
    { type: 'SpaceToDepth', inputs: [image], attributes: { blocksize: 3 } },
    { type: 'GroupNormalization', inputs: [image, list(1), list(1)], attributes: { num_groups: 0 } },
    { type: 'Einsum', inputs: [matrix], attributes: { equation: 'i->->' } },
    { type: 'Einsum', inputs: [matrix], attributes: { equation: '' } },
    { type: 'Cast', inputs: [matrix], attributes: { to: 8 } },
    { type: 'LSTM', inputs: [matrix, matrix, matrix], attributes: { hidden_size: 1 } },
    { type: 'BatchNormalization', inputs: [matrix, matrix, matrix, matrix, matrix] },
  ])('$type %#', (one) => {
    const begin = performance.now();
    expect(messageOf(nodeFile(one).bytes)).toMatch(new RegExp(`^(importOnnx|${one.type} "y0"): |initializer`));
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  test('a window larger than what it moves over, by its padding', () => {
    expect(messageOf(nodeFile({ type: 'LRN', inputs: [image], attributes: { size: huge } }).bytes)).toBe('accepted');
  });
});

test('twenty thousand nodes', () => {
  const nodes = Array.from({ length: 20_000 }, (_, i) => node('Relu', [i === 0 ? 'x' : `a${i - 1}`], [`a${i}`]));
  expect(messageOf(graph(nodes, {}, ['a19999']))).toBe('accepted');
  const unknown = Array.from({ length: 20_000 }, (_, i) => node('Nothing', ['x'], [`a${i}`]));
  expect(messageOf(graph(unknown, {}, ['a0']))).toMatch(/operators that are not supported/);
});
