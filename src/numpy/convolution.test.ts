import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../array/errors.ts';
import { listOf } from '../array/testing.fixture.ts';
import { grad } from '../transforms/index.ts';
import * as np from './index.ts';

const ramp = (shape: readonly number[]) =>
  np.reshape(np.astype(np.arange(shape.reduce((p, n) => p * n, 1)), 'float32'), shape);

describe('conv', () => {
  test('slides the kernel without reversing it', () => {
    const y = np.conv(np.array([[[1, 2, 3, 4]]]), np.array([[[1, 10]]]));
    expect(listOf(y)).toEqual([21, 32, 43]);
  });

  test('in two dimensions, as the numbers written out by hand', () => {
    // Rows 0 1 2 / 3 4 5 / 6 7 8 with the kernel 1 0 / 0 -1: each element minus its lower right neighbour.
    const y = np.conv(ramp([1, 1, 3, 3]), np.array([[[[1, 0], [0, -1]]]])); // biome-ignore format: a matrix
    expect(y.shape).toEqual([1, 1, 2, 2]);
    expect(listOf(y)).toEqual([-4, -4, -4, -4]);
  });

  test('groups do not see each other', () => {
    const x = np.array([[[1, 2], [10, 20]]]); // biome-ignore format: channels
    expect(listOf(np.conv(x, np.array([[[3]], [[5]]]), { groups: 2 }))).toEqual([3, 6, 50, 100]);
  });

  test.each([
    [{ padding: 1 }, [5, 5]],
    [{ padding: [1, [0, 2]] as const, stride: [2, 1] }, [3, 5]],
    [{ padding: 'same', stride: 2 } as const, [3, 3]],
    [{ dilation: 2, padding: 2 }, [5, 5]],
  ])('%j gives %j positions of 5 x 5', (options, expected) => {
    expect(np.conv(np.zeros([2, 3, 5, 5]), np.zeros([4, 3, 3, 3]), options).shape).toEqual([2, 4, ...expected]);
  });

  test.each([
    [[2, 3, 5, 5], [4, 2, 3, 3], {}, /has 3 channels.*needs 2/],
    [[2, 4, 5, 5], [3, 2, 3, 3], { groups: 2 }, /3 outputs do not divide/],
    [[2, 3, 2, 2], [4, 3, 3, 3], {}, /reaches over \[3, 3\] does not fit/],
    [[2, 3, 5], [4, 3, 3, 3], {}, /kernel of as many axes/],
    [[3, 5], [4, 3], {}, /at least one spatial axis/],
    [[2, 3, 5, 5], [4, 3, 3, 3], { stride: 0 }, /stride must be a whole number of at least 1/],
    [[2, 3, 5, 5], [4, 3, 3, 3], { padding: [1] }, /padding must be/],
    [[2, 3, 5, 5], [4, 3, 3, 3], { dilation: [1, 2, 3] }, /one per spatial axis \(2\)/],
  ])('x %j with kernel %j and %j is refused', (x, kernel, options, message) => {
    const attempt = () => np.conv(np.zeros(x), np.zeros(kernel), options as np.ConvOptions);
    expect(attempt).toThrow(ShapeError);
    expect(attempt).toThrow(message as RegExp);
  });
});

describe('convTranspose', () => {
  test('spreads every element over the window', () => {
    const y = np.convTranspose(np.array([[[1, 2]]]), np.array([[[1, 10, 100]]]), { stride: 2 });
    expect(listOf(y)).toEqual([1, 10, 102, 20, 200]);
  });

  test('is the gradient of conv in x', () => {
    const [x, k] = [ramp([1, 2, 5, 4]), ramp([3, 2, 3, 2])];
    const options = { stride: [2, 1], padding: [1, 0] };
    const ct = np.add(ramp(np.conv(x, k, options).shape), 1);
    const gradient = grad((z: np.NDArray) => np.sum(np.multiply(ct, np.conv(z, k, options))))(x);
    expect(listOf(np.convTranspose(ct, k, options))).toEqual(listOf(gradient));
  });

  test.each([
    [{ stride: 2, padding: 1 }, [5, 5]],
    [{ stride: 2, padding: 1, outputPadding: 1 }, [6, 6]],
    [{ stride: 2, padding: 'same' } as const, [6, 6]],
    [{ dilation: 2 }, [7, 7]],
  ])('%j makes %j of 3 x 3', (options, expected) => {
    expect(np.convTranspose(np.zeros([1, 2, 3, 3]), np.zeros([2, 4, 3, 3]), options).shape).toEqual([
      1,
      4,
      ...expected,
    ]);
  });

  test('refuses channels that do not fit', () => {
    expect(() => np.convTranspose(np.zeros([1, 2, 3]), np.zeros([3, 1, 2]))).toThrow(/2 channels.*first size/);
  });
});

describe('pooling', () => {
  const x = np.array([[[1, 5, 2, 4, 3]]]);

  test('maxPool', () => {
    expect(listOf(np.maxPool(x, 2))).toEqual([5, 4]);
    expect(listOf(np.maxPool(x, 3, { stride: 1 }))).toEqual([5, 5, 4]);
    expect(listOf(np.maxPool(np.negative(x), 3, { stride: 2, padding: 1 }))).toEqual([-1, -2, -3]);
    expect(listOf(np.maxPool(x, 2, { stride: 1, dilation: 2 }))).toEqual([2, 5, 3]);
  });

  test('the derivative of maxPool goes to the first of equal elements', () => {
    const total = (z: np.NDArray) => np.sum(np.maxPool(z, 2));
    expect(listOf(grad(total)(np.array([[[7, 7, 1, 2]]])))).toEqual([1, 0, 0, 1]);
  });

  test('relu behind or in front of maxPool is the same, derivatives included', () => {
    const data = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(data, (list) => {
        const z = np.reshape(np.array(list, { dtype: 'float32' }), [1, 1, 6]);
        const before = (a: np.NDArray) => np.sum(np.square(np.maxPool(np.relu(a), 2)));
        const behind = (a: np.NDArray) => np.sum(np.square(np.relu(np.maxPool(a, 2))));
        expect(listOf(before(z))).toEqual(listOf(behind(z)));
        expect(listOf(grad(before)(z))).toEqual(listOf(grad(behind)(z)));
      }),
    );
  });

  test('averagePool counts zeros of the padding unless told otherwise', () => {
    expect(listOf(np.averagePool(x, 2))).toEqual([3, 3]);
    expect(listOf(np.averagePool(x, 4, { stride: 4, padding: [[2, 1]] }))).toEqual([1.5, 2.25]);
    expect(listOf(np.averagePool(x, 4, { stride: 4, padding: [[2, 1]], countPadding: false }))).toEqual([3, 3]);
  });

  test('padding that a window could fall into is refused', () => {
    expect(() => np.maxPool(x, 2, { padding: 2 })).toThrow(/smaller than the window/);
  });
});
