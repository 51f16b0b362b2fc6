import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import { parseCifar } from '../formats/cifar.ts';
import { loadCifar10, loadCifar100 } from './cifar.ts';
import { CIFAR100_CLASSES, CIFAR100_SUPERCLASSES } from './cifar-100-names.ts';

/** Records whose pixels count up from the label. */
const records = (...labels: number[][]) =>
  Buffer.concat(
    labels.map((label) => Uint8Array.from([...label, ...Array.from({ length: 3072 }, (_, k) => label[0] + k)])),
  );

let directory: string;
const put = async (name: string, bytes: Uint8Array, folder = 'cifar10') => {
  await mkdir(join(directory, folder), { recursive: true });
  await writeFile(join(directory, folder, name), bytes);
};
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cifar-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('loadCifar10', () => {
  test('reads the batches in order: whole, in parts, gzipped or not', async () => {
    await put('data_batch_1.part2.bin', records([2]));
    await put('data_batch_1.part1.bin.gz', gzipSync(records([0], [1])));
    for (const k of [2, 3, 4, 5]) await put(`data_batch_${k}.bin`, records([k + 1]));
    const { images, labels, n, classNames } = await loadCifar10({ split: 'train', directory });
    expect([[...labels], n, classNames[3]]).toEqual([[0, 1, 2, 3, 4, 5, 6], 7, 'cat']);
    expect(images).toEqual(
      Float32Array.from(
        [...labels].flatMap((label) => Array.from({ length: 3072 }, (_, k) => ((label + k) % 256) / 255)),
      ),
    );
    const some = await loadCifar10({ split: 'train', classes: [6, 2], limit: 1, directory });
    expect([...some.labels]).toEqual([2]);
  });

  test('needs no more files than the limit asks for, and says what is missing beyond', async () => {
    await put('data_batch_1.bin', records([5], [6]), 'cifar10/cifar-10-batches-bin');
    expect((await loadCifar10({ split: 'train', limit: 2, directory })).n).toBe(2);
    await expect(loadCifar10({ split: 'train', limit: 3, directory })).rejects.toThrow(
      /expected data_batch_2\.bin in .*cifar10, found no such file; run "deeptheory data fetch cifar10"/,
    );
    await put('test_batch.first2.bin', records([1], [2]));
    expect([...(await loadCifar10({ split: 'test', limit: 2, directory })).labels]).toEqual([1, 2]);
    await expect(loadCifar10({ split: 'test', directory })).rejects.toThrow(/first2\.bin alone, ask for a limit/);
  });

  test('refuses options out of range', async () => {
    await expect(loadCifar10({ split: 'train', classes: [10], directory })).rejects.toThrow(/classes from 0 to 9/);
    await expect(loadCifar10({ split: 'valid' as 'test', directory })).rejects.toThrow(/"train" or "test"/);
  });
});

test('loadCifar100 reads coarse and fine labels', async () => {
  await put('train.bin', records([19, 99], [0, 3]), 'cifar100');
  const fine = await loadCifar100({ split: 'train', directory });
  expect([...fine.labels].map((label) => fine.classNames[label])).toEqual(['worm', 'bear']);
  const coarse = await loadCifar100({ split: 'train', labels: 'coarse', directory });
  expect([...coarse.labels].map((label) => coarse.classNames[label])).toEqual(['vehicles_2', 'aquatic_mammals']);
  await put('test.bin', records([20, 0]), 'cifar100');
  await expect(loadCifar100({ split: 'test', directory })).rejects.toThrow(
    /labels 0 to 19, found 20 in record 0, byte 0/,
  );
  expect([CIFAR100_CLASSES.length, CIFAR100_SUPERCLASSES.length]).toEqual([100, 20]);
  expect([...CIFAR100_CLASSES].sort()).toEqual(CIFAR100_CLASSES);
});

test('parseCifar refuses any length but whole records, by name', () => {
  fc.assert(
    fc.property(fc.nat(7000), (length) => {
      fc.pre(length % 3073 !== 0 || length === 0);
      expect(() => parseCifar(new Uint8Array(length), [10], 'a.bin')).toThrow(UserError);
      expect(() => parseCifar(new Uint8Array(length), [10], 'a.bin')).toThrow(
        `a.bin: expected records of 3073 bytes, found ${length}`,
      );
    }),
  );
});
