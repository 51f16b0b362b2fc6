import { describe, expect, test } from 'vitest';
import { listOf } from '../array/testing.fixture.ts';
import * as np from './index.ts';

describe('array', () => {
  test('nested lists give their shape; numbers are float32 and truths bool', () => {
    const x = np.array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([x.dtype, [...x.shape], listOf(x)]).toEqual(['float32', [2, 3], [1, 2, 3, 4, 5, 6]]);
    expect(np.array([true, false]).dtype).toBe('bool');
    expect(np.array([true, 2]).dtype).toBe('float32');
    expect([...np.array(3).shape]).toEqual([]);
    expect([...np.array([]).shape]).toEqual([0]);
    expect([...np.array([[], []]).shape]).toEqual([2, 0]);
    expect(listOf(np.array([0.1], { dtype: 'float64' }))).toEqual([0.1]);
    expect(listOf(np.array([2, 0, Number.NaN], { dtype: 'bool' }))).toEqual([1, 0, 0]);
  });

  test('typed arrays keep their kind, are copied, and take a shape', () => {
    const data = Float64Array.of(1, 2, 3, 4);
    const x = np.array(data, { shape: [2, 2] });
    data[0] = 9;
    expect([x.dtype, [...x.shape], listOf(x)]).toEqual(['float64', [2, 2], [1, 2, 3, 4]]);
    expect(np.array(Int32Array.of(1)).dtype).toBe('int32');
    expect([np.array(Uint8Array.of(200)).dtype, ...listOf(np.array(Uint8Array.of(200)))]).toEqual(['int32', 200]);
    expect(np.array(Int16Array.of(-3), { dtype: 'float32' }).dtype).toBe('float32');
    expect(listOf(np.array(Uint8Array.of(0, 7), { dtype: 'bool' }))).toEqual([0, 1]);
    expect(listOf(np.array(new Float32Array([1, 2, 3]).subarray(1)))).toEqual([2, 3]);
  });

  test('an array is kept or converted', () => {
    const x = np.array([1.5, 0]);
    expect(np.array(x)).toBe(x);
    expect(listOf(np.array(x, { dtype: 'int32' }))).toEqual([1, 0]);
  });

  test.each([
    [[[1, 2], [3]], /array: the list is ragged: expected a list of 2 at depth 1, found a list of 1/],
    [[[1], 2], /found 2/],
    [[1, [2]], /a list where shape \[2\] has an element/],
  ])('refuses the ragged list %j', (data, message) => {
    expect(() => np.array(data as np.Nested)).toThrow(message);
  });

  test('refuses a shape that does not fit, and 64-bit integers', () => {
    expect(() => np.array([1, 2, 3], { shape: [2] })).toThrow(/array: 3 elements do not fill shape \[2\]/);
    expect(() => np.array(new Float32Array(4), { shape: [-2, -2] })).toThrow(/do not fill/);
    expect(() => np.array(new BigInt64Array(1))).toThrow(/64-bit integers/);
  });
});

describe('arrays by formula', () => {
  test('arange', () => {
    expect(listOf(np.arange(3))).toEqual([0, 1, 2]);
    expect(listOf(np.arange(5, 1, -2))).toEqual([5, 3]);
    expect(listOf(np.arange(1, 5, 1, 'float64'))).toEqual([1, 2, 3, 4]);
    expect(np.arange(0, 1, 0.5).dtype).toBe('float32');
    expect([...np.arange(3, 3).shape]).toEqual([0]);
    expect([...np.arange(3, 1).shape]).toEqual([0]);
    expect(() => np.arange(0, 1, 0)).toThrow(/arange: the step must not be 0/);
  });

  test('linspace', () => {
    expect(listOf(np.linspace(0, 1, 5))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(listOf(np.linspace(0, 1, 4, false))).toEqual([0, 0.25, 0.5, 0.75]);
    expect(listOf(np.linspace(2, 3, 1))).toEqual([2]);
    expect(np.linspace(0, 1).size).toBe(50);
    expect(np.linspace(0, 1, 0).size).toBe(0);
  });

  test('eye, tri, full and their like', () => {
    expect(listOf(np.eye(2, 3))).toEqual([1, 0, 0, 0, 1, 0]);
    expect(listOf(np.tri(2, 3, 1))).toEqual([1, 1, 0, 1, 1, 1]);
    expect(listOf(np.tri(2, 2, -1))).toEqual([0, 0, 1, 0]);
    expect(listOf(np.full([2], 7, 'int32'))).toEqual([7, 7]);
    const like = np.zeros([2, 1], 'int32');
    for (const y of [np.onesLike(like), np.zerosLike(like), np.fullLike(like, 3)]) {
      expect([y.dtype, ...y.shape]).toEqual(['int32', 2, 1]);
    }
    expect([...np.zeros([0, 2]).shape]).toEqual([0, 2]);
    expect(() => np.zeros([-1])).toThrow(/sizes of axes must be whole numbers/);
  });
});
