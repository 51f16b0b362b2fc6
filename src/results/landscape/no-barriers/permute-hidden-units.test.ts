import { beforeAll, expect, test } from 'vitest';
import * as nn from '../../../nn/index.ts';
import type * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import { mlpPermutation, permuteHiddenUnits } from './permute-hidden-units.ts';

beforeAll(() => configure({ threads: 1 }));

const same = async (a: np.NDArray, b: np.NDArray) => {
  const other = await b.data();
  (await a.data()).forEach((v, i) => {
    expect(v).toBeCloseTo(other[i], 5);
  });
};

test('a permuted multilayer perceptron computes the same function from other parameters', async () => {
  const net = nn.mlp([3, 4, 5, 2]);
  const params = net.init(random.key(1));
  const x = random.normal(random.key(2), [6, 3]);
  const permuted = permuteHiddenUnits(
    params,
    mlpPermutation([
      [2, 0, 3, 1],
      [4, 3, 1, 0, 2],
    ]),
  );
  await same(net.apply(permuted, x), net.apply(params, x));
  const [old, now] = [await params[1].weight.data(), await permuted[1].weight.data()];
  expect(Array.from(now)).not.toEqual(Array.from(old));
  // W'[i, j] = W[order1[i], order2[j]]
  expect(now[0 * 5 + 0]).toBe(old[2 * 5 + 4]);
});

test('channels that a dense layer reads after flattening move in blocks', async () => {
  const net = nn.vgg({ classes: 2, channels: 1, size: [4, 4], blocks: [[3]], normalization: 'batch' });
  const { params, state } = net.init(random.key(3));
  const order = [1, 2, 0];
  const axes = ['conv.weight', 'norm.gain', 'norm.bias'].map((name) => ({
    path: `params.blocks.0.0.${name}`,
    axis: 0,
  }));
  const statistics = ['mean', 'variance'].map((name) => ({ path: `state.0.0.${name}`, axis: 0 }));
  const head = { path: 'params.head.0.weight', axis: 0, block: 4 };
  const permuted = permuteHiddenUnits({ params, state }, [{ order, axes: [...axes, ...statistics, head] }]);
  const x = random.normal(random.key(4), [5, 1, 4, 4]);
  await same(net.apply(permuted.params, permuted.state, x)[0], net.apply(params, state, x)[0]);
});

test('refuses orders and places that do not exist', () => {
  const params = nn.mlp([3, 4, 2]).init(random.key(1));
  expect(() => permuteHiddenUnits(params, mlpPermutation([[0, 0, 1, 2]]))).toThrow('each of 0 to 3 once');
  expect(() => permuteHiddenUnits(params, mlpPermutation([[1, 0]]))).toThrow('must have 2 units');
  expect(() => permuteHiddenUnits(params, mlpPermutation([[0, 1, 2, 3]], 'p.'))).toThrow('no parameter p.0.weight');
});
