import { describe, expect, test } from 'vitest';
import { ShapeError } from '../array/errors.ts';
import { generator, listOf } from '../array/testing.fixture.ts';
import { jit } from '../runtime/index.ts';
import { grad } from '../transforms/index.ts';
import * as np from './index.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe.each([
  ['evaluated', (f: (x: np.NDArray) => np.NDArray) => async (x: np.NDArray) => listOf(f(x))],
  ['compiled', (f: (x: np.NDArray) => np.NDArray) => async (x: np.NDArray) => [...(await jit(f)(x).data())]],
] as const)('%s', (_, run) => {
  test('equal elements keep their order, in either direction', async () => {
    const x = np.array([2, 1, 2, 0, 1, 1]);
    expect(await run((y) => np.argsort(y))(x)).toEqual([3, 1, 4, 5, 0, 2]);
    expect(await run((y) => np.topK(y, 4)[1])(x)).toEqual([0, 2, 1, 4]);
    expect(await run((y) => np.topK(y, 3, 0, { largest: false })[1])(x)).toEqual([3, 1, 4]);
  });

  test('NaN counts as infinity', async () => {
    const x = np.array([nan, 1, inf, -inf, nan, 0]);
    expect(await run((y) => np.argsort(y))(x)).toEqual([3, 5, 1, 0, 2, 4]);
    expect(await run((y) => np.sort(y))(np.array([nan, 1, -inf, nan, 0]))).toEqual([-inf, 0, 1, nan, nan]);
    expect(await run((y) => np.topK(y, 2)[0])(np.array([1, nan, 0]))).toEqual([nan, 1]);
  });

  test.each([
    ['the whole axis', 3000],
    ['a part of it', 700],
    ['a few', 5],
  ])('a long axis with many ties: %s', async (_name, k) => {
    const random = generator(k);
    const values = Array.from({ length: 3000 }, () => Math.floor(40 * random()));
    const stable = values.map((__, i) => i).sort((a, b) => values[a] - values[b] || a - b);
    const found = await run((x) => np.topK(x, k, 0, { largest: false })[1])(np.array(values, { dtype: 'int32' }));
    expect(found).toEqual(stable.slice(0, k));
  });

  test('booleans, empty and single axes', async () => {
    expect(await run((x) => np.sort(x))(np.array([true, false, true]))).toEqual([0, 1, 1]);
    expect(await run((x) => np.sort(x, 0))(np.array([[3], [1]]))).toEqual([1, 3]);
    expect(await run((x) => np.sort(x, 1))(np.array([[3], [1]]))).toEqual([3, 1]);
    expect(await run((x) => np.topK(x, 0)[0])(np.array([3, 1]))).toEqual([]);
  });
});

test('the derivative goes to the element that was chosen, the first one of a tie', () => {
  const weighted = (x: np.NDArray) => np.sum(np.multiply(np.sort(x), np.array([10, 20, 30, 40])));
  expect(listOf(grad(weighted)(np.array([5, 2, 9, 2])))).toEqual([30, 10, 40, 20]);
  const top = (x: np.NDArray) => np.sum(np.topK(x, 1)[0]);
  expect(listOf(grad(top)(np.array([3, 7, 7])))).toEqual([0, 1, 0]);
});

test('setAt replaces, and refuses a position named twice', () => {
  const x = np.array([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(
    listOf(
      np.setAt(
        x,
        [-1, 0],
        np.array([
          [7, 8],
          [9, 0],
        ]),
        1,
      ),
    ),
  ).toEqual([8, 2, 7, 0, 5, 9]);
  expect(() => np.setAt(x, [2, -1], np.zeros([2, 2]), 1)).toThrow(ShapeError);
  expect(() => np.setAt(x, [2, -1], np.zeros([2, 2]), 1)).toThrow('position 2 is named twice');
});

test('topK says which k it takes', () => {
  expect(() => np.topK(np.ones([2, 3]), 4)).toThrow('k must lie between 0 and the 3 elements of axis 1, got 4');
});
