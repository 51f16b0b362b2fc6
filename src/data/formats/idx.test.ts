import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import { loadIdx, parseIdx } from './idx.ts';

fc.configureGlobal({ seed: 1 });

/** The header of an IDX file, followed by the given bytes. */
function idxBytes(type: number, shape: number[], data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, type, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((size, i) => {
    view.setUint32(4 + 4 * i, size);
  });
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

const types = [
  { code: 0x08, size: 1, make: Uint8Array, write: 'setUint8' },
  { code: 0x09, size: 1, make: Int8Array, write: 'setInt8' },
  { code: 0x0b, size: 2, make: Int16Array, write: 'setInt16' },
  { code: 0x0c, size: 4, make: Int32Array, write: 'setInt32' },
  { code: 0x0d, size: 4, make: Float32Array, write: 'setFloat32' },
  { code: 0x0e, size: 8, make: Float64Array, write: 'setFloat64' },
] as const;

describe('parseIdx', () => {
  test.each(types)('reads back elements of type $code, big-endian, at any offset', ({ code, size, make, write }) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -128, max: 127 }), { maxLength: 12 }), fc.nat(3), (values, offset) => {
        const data = make.from(values);
        const body = new DataView(new ArrayBuffer(size * values.length));
        data.forEach((value, i) => {
          body[write](size * i, value);
        });
        const bytes = idxBytes(code, [values.length, 1], new Uint8Array(body.buffer));
        const shifted = new Uint8Array(offset + bytes.length);
        shifted.set(bytes, offset);
        const idx = parseIdx(shifted.subarray(offset), 'x');
        expect(idx.shape).toEqual([values.length, 1]);
        expect(idx.data).toEqual(data);
      }),
      { numRuns: 30 },
    );
  });

  test('reads the big-endian example of the format: 2049 then the count', () => {
    const idx = parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4), 'labels');
    expect(idx).toEqual({ shape: [3], data: Uint8Array.of(5, 0, 4) });
  });

  test('refuses what is no IDX file, says what it found', () => {
    expect(() => parseIdx(Uint8Array.of(0x89, 0x50, 0x4e, 0x47), 'a.png')).toThrow(/a\.png.*first bytes 89 50 4e 47/);
    expect(() => parseIdx(new Uint8Array(0), 'a')).toThrow(/an empty file/);
    expect(() => parseIdx(Uint8Array.of(0, 0, 8), 'a')).toThrow(UserError);
    expect(() => parseIdx(Uint8Array.of(0, 0, 10, 1, 0, 0, 0, 0), 'a')).toThrow(/first bytes 00 00 0a 01/);
    expect(() => parseIdx(Uint8Array.of(0, 0, 8, 0), 'a')).toThrow(UserError);
    expect(() => parseIdx(Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1), 'a')).toThrow(/header of 12 bytes.*8 bytes/);
  });

  test('refuses truncated files and trailing bytes', () => {
    const whole = idxBytes(0x0c, [2, 3], new Uint8Array(24));
    expect(() => parseIdx(whole.subarray(0, 35), 'a')).toThrow(
      'a: expected 36 bytes (header of 12, 2 x 3 elements of type int32), found a file cut short: 35 bytes.',
    );
    expect(() => parseIdx(idxBytes(0x08, [2], [1, 2, 3]), 'a')).toThrow(/found trailing bytes: 11 bytes/);
  });

  test('refuses hostile sizes whose product overflows, without allocating them', () => {
    const huge = Array(40).fill(0xffffffff);
    expect(() => parseIdx(idxBytes(0x0e, huge, []), 'a')).toThrow(/cut short/);
    expect(parseIdx(idxBytes(0x08, [...huge, 0], []), 'a').data).toHaveLength(0);
  });
});

describe('loadIdx', () => {
  let folder: string;
  const file = async (bytes: Uint8Array) => {
    const path = join(folder, 'file');
    await writeFile(path, bytes);
    return path;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'idx-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const plain = idxBytes(
    0x08,
    [100, 50],
    Array.from({ length: 5000 }, (_, i) => i % 251),
  );

  test('reads plain and gzipped files alike', async () => {
    expect(await loadIdx(await file(plain))).toEqual(parseIdx(plain, 'x'));
    expect(await loadIdx(await file(gzipSync(plain)))).toEqual(parseIdx(plain, 'x'));
  });

  test('refuses a missing file, a folder, and broken gzip', async () => {
    await expect(loadIdx(join(folder, 'none'))).rejects.toThrow(/none: expected a data file, found none/);
    await expect(loadIdx(folder)).rejects.toThrow(/found a folder/);
    const packed = gzipSync(plain);
    await expect(loadIdx(await file(packed.subarray(0, packed.length - 20)))).rejects.toThrow(/broken one of/);
    await expect(loadIdx(await file(packed.subarray(0, 12)))).rejects.toThrow(UserError);
    packed[packed.length - 6] ^= 1;
    await expect(loadIdx(await file(packed))).rejects.toThrow(/broken one of/);
  });

  test('refuses gzip that unpacks to more than the header says, or claims more than it can hold', async () => {
    const bomb = gzipSync(Buffer.concat([idxBytes(0x08, [10], new Uint8Array(10)), Buffer.alloc(1 << 20)]));
    await expect(loadIdx(await file(bomb))).rejects.toThrow(/at most 18 bytes once unpacked, found more/);
    const claim = gzipSync(idxBytes(0x0e, [0xffffffff, 0xffffffff], []));
    await expect(loadIdx(await file(claim))).rejects.toThrow(/gzipped bytes, too few for it/);
    const short = gzipSync(idxBytes(0x08, [11], new Uint8Array(10)));
    await expect(loadIdx(await file(short))).rejects.toThrow(/cut short: 18 bytes/);
  });
});
