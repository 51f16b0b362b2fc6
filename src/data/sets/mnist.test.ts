import { mkdir, mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import { loadMnist } from './mnist.ts';

/** IDX bytes with a header of the given sizes. */
function idx(shape: number[], data: number[], type = 8): Uint8Array {
  return Uint8Array.from([
    0,
    0,
    type,
    shape.length,
    ...shape.flatMap((size) => [0, 0, size >> 8, size & 255]),
    ...data,
  ]);
}

const digits = [5, 0, 4, 1, 4];
/** Image i is a ramp that starts at i. */
const pixels = digits.flatMap((_, i) => Array.from({ length: 784 }, (_, k) => (i + k) % 256));

describe('loadMnist', () => {
  let directory: string;
  const put = (name: string, bytes: Uint8Array) => writeFile(join(directory, 'mnist', name), bytes);
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mnist-'));
    await mkdir(join(directory, 'mnist'));
    await put('train-images-idx3-ubyte.gz', gzipSync(idx([5, 28, 28], pixels)));
    await put('train-labels-idx1-ubyte', idx([5], digits));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('gives pixels in [0, 1] and labels, gzipped or not', async () => {
    const { images, labels, n } = await loadMnist({ split: 'train', directory });
    expect([...labels]).toEqual(digits);
    expect(n).toBe(5);
    expect(images).toEqual(Float32Array.from(pixels, (byte) => byte / 255));
  });

  test('keeps the first images of the chosen classes, in order', async () => {
    const { images, labels, n } = await loadMnist({ split: 'train', directory, classes: [4, 1], limit: 2 });
    expect([...labels]).toEqual([4, 1]);
    expect(n).toBe(2);
    expect(images[0]).toBeCloseTo(2 / 255, 7);
    expect(images[784]).toBeCloseTo(3 / 255, 7);
  });

  test('says how to get missing files', async () => {
    await expect(loadMnist({ split: 'test', directory })).rejects.toThrow(
      /t10k-images-idx3-ubyte\.gz or .* found neither; run "deeptheory data fetch mnist", or set DEEPTHEORY_DATA/,
    );
  });

  test('refuses files that do not belong together', async () => {
    const refuse = async (images: Uint8Array, labels: Uint8Array, message: RegExp) => {
      await put('t10k-images-idx3-ubyte', images);
      await put('t10k-labels-idx1-ubyte', labels);
      await expect(loadMnist({ split: 'test', directory })).rejects.toThrow(message);
    };
    const one = idx([1, 28, 28], pixels.slice(0, 784));
    await refuse(one, idx([2], [1, 2]), /expected 1 labels.*found 2/);
    await refuse(one, idx([1], [10]), /labels 0 to 9, found 10 at index 0/);
    await refuse(idx([1, 14, 56], pixels.slice(0, 784)), idx([1], [1]), /images of 28 x 28, found 14 x 56/);
    await refuse(idx([1], [1]), one, /expected 1 dimensions of unsigned bytes, found 3/);
    await refuse(one, idx([1], [1], 9), /found 1 of Int8Array/);
    await unlink(join(directory, 'mnist', 't10k-images-idx3-ubyte'));
  });

  test('refuses options out of range', async () => {
    await expect(loadMnist({ split: 'train', directory, classes: [] })).rejects.toThrow(UserError);
    await expect(loadMnist({ split: 'train', directory, classes: [3, 11] })).rejects.toThrow(/found \[3, 11\]/);
    await expect(loadMnist({ split: 'train', directory, limit: 0 })).rejects.toThrow(UserError);
  });
});
