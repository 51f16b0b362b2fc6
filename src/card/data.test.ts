import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpz } from '../data/index.ts';
import { testOnRealData } from '../data/real-data.fixture.ts';
import * as np from '../numpy/index.ts';
import { type DataRequest, loadData } from './data.ts';
import { npyFile } from './network.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'deeptheory-data-'));
afterAll(() => rmSync(folder, { recursive: true }));
const load = (data: string, changes: Partial<DataRequest> = {}) =>
  loadData({ data: join(folder, data), split: 'test', most: 100, ...changes });

beforeAll(async () => {
  // Two images of 2 x 2 pixels and 3 channels, the channels last, as bytes.
  const bytes = np.array(
    Int32Array.from({ length: 24 }, (_, i) => 10 * i),
    { shape: [2, 2, 2, 3], dtype: 'int32' },
  );
  const labels = np.array([1, 0], { dtype: 'int32' });
  writeFileSync(
    join(folder, 'keras.npz'),
    await encodeNpz({ x_train: bytes, y_train: labels, x_test: bytes, y_test: labels }),
  );
  writeFileSync(join(folder, 'strange.npz'), await encodeNpz({ a: bytes, b: labels }));
  await npyFile(folder, 'x.npy', np.ones([3, 4]));
  await npyFile(
    folder,
    'onehot.npy',
    np.array([
      [0, 1],
      [1, 0],
      [0, 1],
    ]),
  );
  await npyFile(
    folder,
    'numbers.npy',
    np.array([
      [0.5, 1],
      [1, 0],
      [0, 1],
    ]),
  );
  await npyFile(folder, 'negative.npy', np.array([0, -1, 1], { dtype: 'int32' }));
  await npyFile(
    folder,
    'nan.npy',
    np.array([
      [1, 2],
      [Number.NaN, 3],
    ]),
  );
  for (const name of ['cat', 'dog']) {
    mkdirSync(join(folder, 'photos', name), { recursive: true });
    // A grey image of 2 x 2 pixels.
    writeFileSync(
      join(folder, 'photos', name, 'a.pgm'),
      Buffer.concat([Buffer.from('P5 2 2 255\n'), Buffer.from([0, 85, 170, 255])]),
    );
  }
});

describe('loadData', () => {
  it('reads images of bytes with the channels last from an npz', async () => {
    const { n, shape, isImage, values, labels, remarks } = await load('keras.npz');
    expect({ n, shape, isImage, labels: [...labels!] }).toEqual({
      n: 2,
      shape: [3, 2, 2],
      isImage: true,
      labels: [1, 0],
    });
    expect(values[1]).toBeCloseTo(30 / 255, 6); // pixel 1 of the first channel
    expect(values[4]).toBeCloseTo(10 / 255, 6); // pixel 0 of the second
    expect(remarks.join()).toContain('divided by 255');
  });

  it('takes one-hot rows for classes and other rows for numbers', async () => {
    expect([...(await load('x.npy', { labels: join(folder, 'onehot.npy') })).labels!]).toEqual([1, 0, 1]);
    const { targets, targetSize, labels } = await load('x.npy', { labels: join(folder, 'numbers.npy') });
    expect([targets!.length, targetSize, labels]).toEqual([6, 2, undefined]);
    expect((await load('x.npy')).labels).toBeUndefined();
  });

  it('brings a folder of images to the size and channels of the model', async () => {
    const { n, shape, classNames } = await load('photos', { image: [3, 4, 4] });
    expect([n, shape, classNames]).toEqual([2, [3, 4, 4], ['cat', 'dog']]);
  });

  it.each([
    ['strange.npz', {}, 'expected inputs under one of x_test, x'],
    ['x.npy', { labels: 'negative.npy' }, 'classes begin at 0'],
    ['nan.npy', {}, 'holds NaN'],
    ['keras.npz', { labels: 'onehot.npy' }, '--labels goes with an .npy file'],
    ['nothing.npz', {}, 'no such file or folder'],
  ])('refuses %s %j', async (data, { labels }: { labels?: string }, message) => {
    await expect(load(data, labels === undefined ? {} : { labels: join(folder, labels) })).rejects.toThrow(message);
  });

  testOnRealData('takes what is there of a published set', 'cifar10', ['test_batch.first1000.bin'], async () => {
    const { n, shape, classNames } = await loadData({ data: 'cifar-10', split: 'test', most: 10_000 });
    expect(n).toBeGreaterThanOrEqual(1000);
    expect([shape, classNames!.length]).toEqual([[3, 32, 32], 10]);
  });
});
