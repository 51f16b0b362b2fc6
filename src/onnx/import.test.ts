import { beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { between, generator, randomArray } from '../array/testing.fixture.ts';
import { flatten, treeLeaves, treeMap } from '../array/tree.ts';
import * as np from '../numpy/index.ts';
import { testRuntime } from '../primitives/forward.fixture.ts';
import { configure, jit } from '../runtime/index.ts';
import { grad, vmap } from '../transforms/index.ts';
import { fileOf, node, number, tensor, value, weights } from './files.fixture.ts';
import { importOnnx } from './import.ts';

beforeAll(() => configure(testRuntime));

const random = generator(4);
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

describe('values within the graph', () => {
  const file = () => convolutional('N', [0, -1]);

  test('can be had instead of the outputs, from the same parameters', async () => {
    const whole = importOnnx(file());
    const inner = importOnnx(file(), { outputs: ['d', 'y'] });
    expect(Object.keys(flatten(inner.params, 'p').leaves)).toEqual(Object.keys(flatten(whole.params, 'p').leaves));
    const x = array(3, 2, 4, 4);
    const { d, y } = inner.apply(whole.params, { x });
    expect(d.shape).toEqual([3, 48]);
    expect(await y.data()).toEqual(await whole.apply(whole.params, { x }).y.data());
  });

  test('leave out what they do not need', () => {
    const { nodes, apply, params } = importOnnx(file(), { outputs: ['b'] });
    expect(nodes.map(({ type, inputs: [first], outputs: [last] }) => [type, first, last])).toEqual([
      ['Conv', 'x', 'a'],
      ['BatchNormalization', 'a', 'b'],
    ]);
    expect(apply(params, { x: array(2, 2, 4, 4) }).b.shape).toEqual([2, 3, 4, 4]);
  });

  test('must be there', () => {
    expect(() => importOnnx(file(), { outputs: ['z'] })).toThrow('nothing in the graph computes "z"');
  });
});
