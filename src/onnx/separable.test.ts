import { describe, expect, test } from 'vitest';
import { evaluate } from '../array/graph.ts';
import { input } from '../array/ndarray.ts';
import { between, expectClose, generator, randomArray } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { vmap } from '../transforms/index.ts';
import { isSeparable } from './separable.ts';

const shape = [4, 4, 4];
const table = np.reshape(np.arange(16), [4, 4]);

const apart: Record<string, (x: np.NDArray) => np.NDArray> = {
  elementwise: (x) => np.tanh(np.add(np.multiply(2, x), np.where(np.less(x, 0), 1, x))),
  'a row for all': (x) => np.add(x, np.reshape(np.arange(4), [1, 1, 4])),
  product: (x) => np.matmul(x, np.astype(table, 'float32')),
  'product with itself': (x) => np.matmul(x, np.transpose(x, [0, 2, 1])),
  flattened: (x) => np.reshape(np.reshape(x, [4, 16]), [4, 2, 8]),
  softmax: (x) => np.softmax(x, 1),
  turned: (x) => np.transpose(x, [0, 2, 1]),
  joined: (x) => np.concatenate([x, x], 1),
  cut: (x) => np.slice(x, [], [1, 3]),
  padded: (x) =>
    np.pad(x, [
      [0, 0],
      [1, 0],
      [0, 2],
    ]),
  'read from each': (x) => np.take(x, [2, 0], 1),
  running: (x) => np.cumsum(x, 2),
  convolved: (x) => np.conv(x, np.ones([2, 4, 3])),
  pooled: (x) => np.maxPool(x, 2),
  reduced: (x) => np.mean(x, [1, 2]),
};

const mixed: Record<string, (x: np.NDArray) => np.NDArray> = {
  'a row for each': (x) => np.add(x, np.reshape(np.arange(4), [4, 1, 1])),
  'mean of all': (x) => np.subtract(x, np.mean(x, 0, true)),
  merged: (x) => np.reshape(np.sin(np.reshape(x, [16, 4])), [4, 4, 4]),
  'first axes exchanged': (x) => np.transpose(x, [1, 0, 2]),
  'product over the batch': (x) => np.einsum('nij,mn->mij', x, np.astype(table, 'float32')),
  softmax: (x) => np.softmax(x, 0),
  reversed: (x) => np.flip(x, 0),
  'one example': (x) => np.add(x, np.slice(x, [0, 1])),
  joined: (x) => np.concatenate([np.slice(x, [0, 2]), np.slice(x, [0, 2])], 0),
  'not of the input': (x) => np.add(np.multiply(0, np.slice(x, 0)), 1),
  kernel: (x) => np.conv(np.ones([4, 4, 5]), x),
};

describe('graphs that treat examples by themselves', () => {
  test.each(Object.entries(apart))('%s', (name, f) => {
    const x = input({ shape, dtype: 'float32' });
    expect(isSeparable([x], [f(x)])).toBe(true);
    // Indeed: the same as mapped over batches of one.
    const value = randomArray(generator(2), shape, 'float32', between(-1, 1));
    const single = (example: np.NDArray) => f(np.broadcastTo(np.expandDims(example, 0), shape));
    const mapped = vmap((example: np.NDArray) => np.slice(single(example), 0))(x);
    const known = new Map([[x, value]]);
    expectClose(name, evaluate([f(x)], known)[0], evaluate([mapped], known)[0], { relative: 1e-5, absolute: 1e-5 });
  });
});

test.each(Object.entries(mixed))('not so: %s', (_, f) => {
  const x = input({ shape, dtype: 'float32' });
  expect(isSeparable([x], [f(x)])).toBe(false);
});
