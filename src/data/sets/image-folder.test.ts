import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encode } from 'fast-png';
import jpeg from 'jpeg-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadImageFolder } from './image-folder.ts';

let folder: string;
const put = async (path: string, bytes: Uint8Array | string) => {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), bytes);
};
const grey = (width: number, height: number, level: number) =>
  `P2 ${width} ${height} 255 ${`${level} `.repeat(width * height)}`;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('classes and images by name, of all kinds and at any depth; other files are passed over', async () => {
  await put('zebra/b.PGM', grey(2, 2, 102));
  await put('zebra/a/deep.pgm', grey(2, 2, 51));
  await put('zebra/.hidden.png', 'no image');
  await put('zebra/notes.txt', 'no image');
  await put('.cache/a.png', 'no image');
  await put('README.md', 'no class');
  await put(
    'ant/a.png',
    encode({
      width: 2,
      height: 2,
      channels: 3,
      data: Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]),
    }),
  );
  await put('ant/b.jpeg', jpeg.encode({ width: 2, height: 2, data: Buffer.alloc(16, 255) }, 95).data);
  const { images, labels, n, shape, classNames } = await loadImageFolder(folder);
  expect([[...labels], n, shape, classNames]).toEqual([[0, 0, 1, 1], 4, [3, 2, 2], ['ant', 'zebra']]);
  expect([...images.subarray(0, 12)]).toEqual([1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1]);
  expect([...images.subarray(12, 24)]).toEqual(new Array(12).fill(1));
  expect(images[24]).toBeCloseTo(0.2, 6);
  expect(images[36]).toBeCloseTo(0.4, 6);
  const plain = await loadImageFolder(folder, { channels: 1, limit: 1 });
  expect([plain.n, plain.shape, plain.images.length]).toEqual([2, [1, 2, 2], 8]);
  expect(plain.images[0]).toBeCloseTo(0.299, 6);
});

test('images of several sizes need to be told one', async () => {
  await put('a/1.pgm', grey(2, 3, 51));
  await put('b/1.pgm', grey(3, 2, 102));
  await expect(loadImageFolder(folder)).rejects.toThrow(
    /b\/1\.pgm: expected 3 x 2 pixels as in .*a\/1\.pgm, found 2 x 3; say size/,
  );
  const { images, shape } = await loadImageFolder(folder, { size: [4, 5], channels: 1 });
  expect(shape).toEqual([1, 4, 5]);
  images.forEach((value, i) => {
    expect(value).toBeCloseTo(i < 20 ? 0.2 : 0.4, 6);
  });
});

test('says what is wrong, and where', async () => {
  await expect(loadImageFolder(join(folder, 'none'))).rejects.toThrow(
    /none: expected a folder with a folder per class, found none/,
  );
  await expect(loadImageFolder(folder)).rejects.toThrow(/found no folders/);
  await mkdir(join(folder, 'a'));
  await expect(loadImageFolder(folder)).rejects.toThrow(
    /expected images \(\.png, .*\) in a folder per class, found none/,
  );
  await put('a/1.png', 'no image');
  await expect(loadImageFolder(folder)).rejects.toThrow(
    /a\/1\.png: expected a PNG, JPEG, PGM or PPM image, found first bytes 6e 6f/,
  );
  await expect(loadImageFolder(folder, { channels: 2 as 1 })).rejects.toThrow(/1 or 3 channels, found 2/);
  await expect(loadImageFolder(folder, { size: [0, 2] })).rejects.toThrow(
    /whole pixels, \[height, width\], found \[0, 2\]/,
  );
  await expect(loadImageFolder(folder, { limit: 0 })).rejects.toThrow(/a limit of at least 1 image/);
});
