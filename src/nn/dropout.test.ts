import { expect, test } from 'vitest';
import * as np from '../numpy/index.ts';
import { key } from '../random/index.ts';
import { grad } from '../transforms/index.ts';
import { dropout } from './index.ts';

const n = 20_000;

test('drops the share it says and keeps the mean', async () => {
  const y = await dropout(key(0), np.full([n], 3), 0.2).data();
  const dropped = y.filter((v) => v === 0).length;
  expect(Math.abs(dropped - 0.2 * n)).toBeLessThan(4 * Math.sqrt(n * 0.2 * 0.8));
  expect(y.every((v) => v === 0 || Math.abs(v - 3.75) < 1e-6)).toBe(true);
});

test('passes gradients where it passes values, in the dtype of x', async () => {
  const x = np.ones([50], 'float64');
  const y = dropout(key(1), x, 0.5);
  expect(y.dtype).toBe('float64');
  const slopes = grad((z: np.NDArray) => np.sum(dropout(key(1), z, 0.5)))(x);
  expect(await slopes.data()).toEqual(await y.data());
});

test('of rate 0 is the identity; rates outside of [0, 1) are refused', () => {
  const x = np.ones([3]);
  expect(dropout(key(0), x, 0)).toBe(x);
  for (const rate of [-0.1, 1, Number.NaN]) expect(() => dropout(key(0), x, rate)).toThrow('dropout: the rate');
});
