import { describe, expect, test } from 'vitest';
import { ShapeError, UserError } from '../array/errors.ts';
import { listOf } from '../array/testing.fixture.ts';
import { grad, vmap } from '../transforms/index.ts';
import * as np from './index.ts';

const tree = {
  b: np.array([
    [1, 2],
    [3, 4],
  ]),
  a: [np.array(5), null, np.array([6, 7, 8])] as const,
};

describe('ravelTree', () => {
  test('lines the leaves up in the order of treeLeaves and puts them back', () => {
    const [vector, unravel] = np.ravelTree(tree);
    expect([vector.dtype, ...vector.shape]).toEqual(['float32', 8]);
    expect(listOf(vector)).toEqual([5, 6, 7, 8, 1, 2, 3, 4]);
    const back = unravel(np.multiply(vector, 10));
    expect(listOf(back.b)).toEqual([10, 20, 30, 40]);
    expect([...back.b.shape]).toEqual([2, 2]);
    expect([listOf(back.a[0]), back.a[1], listOf(back.a[2])]).toEqual([[50], null, [60, 70, 80]]);
    expect([...back.a[0].shape]).toEqual([]);
  });

  test('works inside of derivatives and batches, and on a single array', () => {
    const [vector, unravel] = np.ravelTree(tree);
    const gradient = grad((v: np.NDArray) => np.sum(np.square(unravel(v).b)))(vector);
    expect(listOf(gradient)).toEqual([0, 0, 0, 0, 2, 4, 6, 8]);
    const many = vmap((v: np.NDArray) => unravel(v).a[2])(np.stack([vector, np.negative(vector)]));
    expect(listOf(many)).toEqual([6, 7, 8, -6, -7, -8]);
    const [single, restore] = np.ravelTree(np.ones([2, 3]));
    expect([...restore(single).shape]).toEqual([2, 3]);
  });

  test('refuses mixed dtypes, empty trees and vectors of another length', () => {
    expect(() => np.ravelTree([np.ones([1]), np.ones([1], 'int32')])).toThrow(/one dtype, found float32 and int32/);
    expect(() => np.ravelTree([null])).toThrow(UserError);
    expect(() => np.ravelTree(tree)[1](np.ones([7]))).toThrow(ShapeError);
    expect(() => np.ravelTree(tree)[1](np.ones([1, 8]))).toThrow(/expected a vector of shape \[8\], got \[1, ?8\]/);
  });
});
