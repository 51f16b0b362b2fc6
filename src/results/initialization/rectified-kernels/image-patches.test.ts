import { expect, test } from 'vitest';
import * as np from '../../../numpy/index.ts';
import { imagePatches } from './image-patches.ts';
import { arrayOf } from './matrix.ts';

const images = Float32Array.from({ length: 2 * 2 * 5 * 4 }, (_, i) => (i * 7) % 11);
const set = { images, n: 2, shape: [2, 5, 4] as const };

test('patches times a reshaped kernel are its convolution', async () => {
  const kernel = np.array(
    Float32Array.from({ length: 3 * 2 * 2 * 2 }, (_, i) => Math.sin(i)),
    { shape: [3, 2, 2, 2] },
  );
  const convolved = np.conv(np.array(images, { shape: [2, 2, 5, 4] }), kernel, { stride: 2 });
  const patches = imagePatches(set, { window: 2 });
  expect([patches.rows, patches.columns]).toEqual([2 * 2 * 2, 8]);
  const products = await np.matmul(arrayOf(patches), np.transpose(np.reshape(kernel, [3, 8]))).data();
  const expected = await np.reshape(np.transpose(convolved, [0, 2, 3, 1]), [8, 3]).data();
  products.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 4);
  });
});

test('leaves out windows of zeros and refuses windows that do not fit', () => {
  const empty = { images: new Float32Array(2 * 3 * 3).fill(1, 9), n: 2, shape: [1, 3, 3] as const };
  expect(imagePatches(empty, { window: 2, stride: 1 }).rows).toBe(4);
  expect(() => imagePatches(set, { window: 5 })).toThrow('that fit 5 x 4 pixels, found 5 and 5');
  expect(() => imagePatches(set, { window: 2, stride: 0 })).toThrow('found 2 and 0');
});
