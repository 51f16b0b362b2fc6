import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { corrupted, refusals, truncated } from '../../array/damage.fixture.ts';
import type { DType } from '../../array/dtype.ts';
import { UserError } from '../../array/errors.ts';
import { knownValue } from '../../array/ndarray.ts';
import { generator, listOf, randomArray } from '../../array/testing.fixture.ts';
import { flatten, type Tree } from '../../array/tree.ts';
import * as np from '../../numpy/index.ts';
import { shapeOf, wide } from '../../primitives/records.fixture.ts';
import '../../runtime/index.ts';
import { encodeNpy, encodeNpz, encodeSafetensors, parseNpy, parseNpz, parseSafetensors } from './index.ts';

const dtypes: readonly DType[] = ['float32', 'float64', 'int32', 'bool'];
const arrays = fc.tuple(shapeOf(0, 4), fc.constantFrom(...dtypes), fc.nat()).map(([shape, dtype, seed]) => {
  const { data } = randomArray(generator(seed), shape, dtype, wide);
  return np.array(data, { shape, dtype });
});
const key = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,6}$/);
const trees = fc.dictionary(
  key,
  fc.oneof(arrays, fc.array(arrays, { minLength: 1, maxLength: 2 }), fc.dictionary(key, arrays, { minKeys: 1 })),
  { minKeys: 1, maxKeys: 4 },
);
const content = (tree: Tree) => {
  const { leaves, structure } = flatten(tree);
  return {
    structure,
    leaves: leaves.map((x) => ({ shape: x.shape, dtype: x.dtype, data: knownValue(x)?.data ?? listOf(x) })),
  };
};
const bytesOf = (...parts: (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : [...part])),
  );

/** The header of an npy file of version 1. */
const npy = (header: string, elements: readonly number[]): Uint8Array =>
  bytesOf([0x93], 'NUMPY', [1, 0, header.length & 255, header.length >> 8], header, elements);
const safetensors = (header: unknown, elements: readonly number[]): Uint8Array => {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  return bytesOf([text.length & 255, text.length >> 8, 0, 0, 0, 0, 0, 0], text, elements);
};

describe('npy', () => {
  test('what is written is read', () =>
    fc.assert(
      fc.asyncProperty(arrays, async (x) => {
        const bytes = await encodeNpy(x);
        expect(bytes.length % 64).toBe((x.size * { float32: 4, float64: 8, int32: 4, bool: 1 }[x.dtype]) % 64);
        expect(content(parseNpy(bytes, 'x.npy'))).toEqual(content(x));
      }),
    ));

  // Bytes as numpy.save writes them.
  test.each([
    [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n",
      [0, 0, 128, 63, 0, 0, 0, 192],
      'float32[2]',
      [1, -2],
    ],
    ["{'descr': '>f8', 'fortran_order': False, 'shape': (), }\n", [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 'float64[]', [1.5]],
    [
      "{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }\n",
      [0, 0x3c, 0, 0xc2, 1, 0, 0, 0x7c],
      'float32[4]',
      [1, -3, 2 ** -24, Number.POSITIVE_INFINITY],
    ],
    ["{'descr': '|b1', 'fortran_order': False, 'shape': (2, 1), }\n", [0, 1], 'bool[2, 1]', [0, 1]],
    ["{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }\n", [255, 5], 'int32[2]', [-1, 5]],
    ["{'descr': '>u2', 'fortran_order': False, 'shape': (1,), }\n", [255, 254], 'int32[1]', [65534]],
    [
      "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }\n",
      [254, 255, 255, 255, 255, 255, 255, 255],
      'int32[1]',
      [-2],
    ],
    [
      "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n",
      [1, 4, 2, 5, 3, 6],
      'int32[2, 3]',
      [1, 2, 3, 4, 5, 6],
    ],
    ["{'shape': (0, 3), 'fortran_order': False, 'descr': '<f4'}\n", [], 'float32[0, 3]', []],
  ])('%s', (header, elements, type, values) => {
    const x = parseNpy(npy(header, elements), 'x.npy');
    expect(String(x)).toBe(type);
    expect(listOf(x)).toEqual(values);
  });

  test.each([
    [bytesOf('PK'), /expected an npy file/],
    [npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", [0, 0, 0, 0, 0, 0, 0, 0]), /type "<c8"/],
    [npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", [0]), /type "\|O"/],
    [npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", [0]), /expected a header with descr/],
    [npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", []), /expected a header/],
    [
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1099511627776)}", [0, 0, 0, 0]),
      /expected 4.8\d*e\+24 bytes of elements/,
    ],
    [
      npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1,)}", [0, 0, 0, 0, 1, 0, 0, 0]),
      /x.npy: expected integers that fit into 32 bits, found 4294967296/,
    ],
    [
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", [0, 0, 0]),
      /expected 4 bytes of elements .* found 3/,
    ],
  ])('refuses %#', (bytes, message) => {
    expect(() => parseNpy(bytes, 'x.npy')).toThrow(message);
    expect(() => parseNpy(bytes, 'x.npy')).toThrow(UserError);
  });
});

describe('npz', () => {
  test('what is written is read', () =>
    fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        expect(content(parseNpz(await encodeNpz(tree), 'x.npz'))).toEqual(content(tree));
      }),
    ));

  test('deflated files', async () => {
    const x = await encodeNpy(np.zeros([1000]));
    const bytes = zipSync({ 'a.npy': x, 'b.npy': x }, { level: 9 });
    expect(bytes.length).toBeLessThan(1000);
    expect(content(parseNpz(bytes, 'x.npz')).leaves.map(({ shape }) => shape)).toEqual([[1000], [1000]]);
  });

  test('an archive that claims too much, and one of other files', async () => {
    const bytes = zipSync({ 'a.npy': await encodeNpy(np.zeros([10])) }, { level: 9 });
    // Size before packing, in the central directory (offset 24 of its entry).
    const at = bytes.findLastIndex((byte, i) => byte === 0x50 && bytes[i + 1] === 0x4b && bytes[i + 2] === 1);
    new DataView(bytes.buffer).setUint32(at + 24, 0xfffffff0, true);
    expect(() => parseNpz(bytes, 'x.npz')).toThrow(
      /x.npz: expected an archive of \d+ bytes, found one that claims to hold 4294967280/,
    );
    expect(() => parseNpz(zipSync({ 'a.txt': new Uint8Array(3) }), 'x.npz')).toThrow(
      /x.npz, a.txt: expected an npy file/,
    );
  });
});

describe('safetensors', () => {
  test('what is written is read', () =>
    fc.assert(
      fc.asyncProperty(trees, fc.dictionary(key, fc.string()), async (tree, metadata) => {
        const bytes = await encodeSafetensors(tree, metadata);
        const back = parseSafetensors(bytes, 'x');
        expect(content(back.tensors)).toEqual(content(tree));
        expect(back.metadata).toEqual(metadata);
      }),
    ));

  test('a file as published', () => {
    const header = {
      __metadata__: { format: 'pt' },
      'a.0': { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
      'a.1': { dtype: 'BF16', shape: [1, 1], data_offsets: [4, 6] },
      b: { dtype: 'I64', shape: [], data_offsets: [6, 14] },
      none: { dtype: 'F32', shape: [0, 2], data_offsets: [14, 14] },
    };
    const { tensors, metadata } = parseSafetensors(
      safetensors(header, [0, 0x3c, 0, 0xc0, 0xc0, 0x3f, 7, 0, 0, 0, 0, 0, 0, 0]),
      'x',
    );
    expect(metadata).toEqual({ format: 'pt' });
    expect(content(tensors).leaves).toEqual([
      { shape: [2], dtype: 'float32', data: Float32Array.of(1, -2) },
      { shape: [1, 1], dtype: 'float32', data: Float32Array.of(1.5) },
      { shape: [], dtype: 'int32', data: Int32Array.of(7) },
      { shape: [0, 2], dtype: 'float32', data: new Float32Array(0) },
    ]);
  });

  const one = { dtype: 'U8', shape: [2], data_offsets: [0, 2] };
  test.each([
    [bytesOf('abc'), /found 3 bytes/],
    [bytesOf([255, 255, 255, 255, 255, 255, 255, 255], '{}'), /header of 18446744073709552000 bytes in a file of 10/],
    [safetensors('{"a":', []), /expected a header in JSON/],
    [safetensors('[1]', []), /expected a JSON object/],
    [safetensors({ a: 3 }, []), /tensor "a": expected dtype, shape and data_offsets, found 3/],
    [safetensors({ a: { ...one, dtype: 'F8_E4M3' } }, [1, 2]), /found "F8_E4M3"/],
    [safetensors({ a: { ...one, shape: [-2] } }, [1, 2]), /expected dtype, shape/],
    [safetensors({ a: { ...one, shape: [2 ** 40, 2 ** 40] } }, [1, 2]), /expected 1.2\d*e\+24 bytes/],
    [
      safetensors({ a: one, b: { ...one, data_offsets: [1, 3] } }, [1, 2, 3]),
      /tensor "b" to begin at byte 2, .* found 1/,
    ],
    [
      safetensors({ a: one, b: { ...one, data_offsets: [3, 5] } }, [1, 2, 3, 4, 5]),
      /tensor "b" to begin at byte 2, .* found 3/,
    ],
    [safetensors({ a: one }, [1]), /found 1|bytes \(header and tensors\)/],
    [safetensors({ a: one }, [1, 2, 3]), /bytes \(header and tensors\)/],
    [safetensors({ __metadata__: { a: 1 } }, []), /expected texts/],
  ])('refuses %#', (bytes, message) => {
    expect(() => parseSafetensors(bytes, 'x')).toThrow(message);
    expect(() => parseSafetensors(bytes, 'x')).toThrow(UserError);
  });
});

describe('damaged files', () => {
  const tree = { layers: [{ w: np.reshape(np.arange(6), [2, 3]), b: np.zeros([3]) }], flag: np.array([true]) };
  test.each([
    ['npy', async () => encodeNpy(tree.layers[0].w), parseNpy],
    ['npz', async () => encodeNpz(tree), parseNpz],
    ['safetensors', async () => encodeSafetensors(tree, { a: 'b' }), parseSafetensors],
  ] as const)('%s', async (name, encode, parse) => {
    const bytes = await encode();
    const count = refusals(truncated(bytes), (part) => parse(part, name));
    expect(count).toBe([...truncated(bytes)].length);
    refusals(corrupted(bytes, 3000, 11), (other) => parse(other, name));
  });
});

const hasNumPy = spawnSync('python3', ['-c', 'import numpy']).status === 0;
if (!hasNumPy) console.warn('skipped: NumPy cannot be imported, so npy and npz are not compared with it');

describe.skipIf(!hasNumPy)('NumPy itself', () => {
  test('reads what we write and writes what we read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'npz-'));
    try {
      const tree = {
        a: np.array([
          [1.5, -2],
          [3, 4],
        ]),
        b: { c: np.array(Int32Array.of(1, 2)), d: np.array(true), e: np.array([0.1], { dtype: 'float64' }) },
      };
      writeFileSync(join(folder, 'ours.npz'), await encodeNpz(tree));
      const script = `
import numpy, sys
a = numpy.load('ours.npz')
assert sorted(a.files) == ['a', 'b.c', 'b.d', 'b.e'], a.files
assert a['a'].dtype == numpy.float32 and (a['a'] == [[1.5, -2], [3, 4]]).all()
assert a['b.c'].dtype == numpy.int32 and a['b.d'].shape == () and a['b.d'].dtype == bool
numpy.savez_compressed('theirs.npz', **{k: a[k] for k in a.files})
numpy.save('columns.npy', numpy.asfortranarray(numpy.arange(6, dtype='>i8').reshape(2, 3)))
`;
      const { status, stderr } = spawnSync('python3', ['-c', script], { cwd: folder, encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(content(parseNpz(readFileSync(join(folder, 'theirs.npz')), 'theirs'))).toEqual(content(tree));
      const columns = parseNpy(readFileSync(join(folder, 'columns.npy')), 'columns');
      expect([String(columns), listOf(columns)]).toEqual(['int32[2, 3]', [0, 1, 2, 3, 4, 5]]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
