import * as jax from '@jax-js/jax';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ShapeError, UserError } from '../array/errors.ts';
import { startJax } from '../array/jax.fixture.ts';
import { listOf } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { jit } from '../runtime/index.ts';
import { vmap } from '../transforms/index.ts';
import { bits, foldIn, key, split, threefry2x32 } from './index.ts';

fc.configureGlobal({ seed: 1 });
beforeAll(startJax);

type NDArray = np.NDArray;
const seed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const keyOf = (high: number, low: number): NDArray => np.array(Int32Array.of(high, low));

/** Words as JAX prints them, unsigned. */
const unsigned = (values: ArrayLike<number>): number[] => Array.from(values, (word) => word >>> 0);
const words = (x: NDArray): number[] => unsigned(listOf(x));
const rowsOf = (x: NDArray): number[][] => {
  const flat = words(x);
  return Array.from({ length: x.shape[0] }, (_, i) => flat.slice(2 * i, 2 * i + 2));
};

/** High and low word of a whole number. */
const halves = (x: number): [number, number] => [Math.floor(x / 2 ** 32), x % 2 ** 32];
/** The two words of a counter of 64 bits, on the host. */
const block = (k: readonly [number, number], counter: number): number[] =>
  Array.from(threefry2x32(k, Uint32Array.from(halves(counter))));

describe('keys are those of JAX (threefry, partitionable)', () => {
  test('split(key(42)), as its documentation prints it', () => {
    expect(rowsOf(split(key(42), 3))).toEqual([
      [1832780943, 270669613],
      [64467757, 2916123636],
      [2465931498, 255383827],
    ]);
  });

  test('split of a key that uses all bits (captured from JAX 0.8.1)', () => {
    expect(rowsOf(split(keyOf(1705926158, 899080142), 5))).toEqual([
      [2829437526, 3258650986],
      [2451885785, 2215112154],
      [4179084902, 2188378661],
      [435435197, 103253076],
      [2907409616, 1437230654],
    ]);
  });

  test.each([0, 1, 42, 2 ** 31, 2 ** 32 - 1])('split and bits of key(%i) are those of jax-js', async (s) => {
    const theirs = jax.random.key(s);
    expect(words(split(key(s), 7))).toEqual(unsigned(await jax.random.split(theirs.ref, 7).data()));
    const theirBits = unsigned(await jax.random.bits(theirs, [4, 300]).data());
    expect(unsigned(await bits(key(s), [4, 300]).data())).toEqual(theirBits);
  });

  test('key i of split is the block of counter i; bits are the exclusive or of its words; foldIn is the block of its number', () => {
    fc.assert(
      fc.property(seed, seed, (s, data) => {
        const k = key(s);
        expect(words(k)).toEqual(halves(s));
        const blocks = [0, 1, 2].map((i) => block(halves(s), i));
        expect(rowsOf(split(k, 3))).toEqual(blocks);
        expect(words(bits(k, [3]))).toEqual(blocks.map(([a, b]) => (a ^ b) >>> 0));
        expect(words(foldIn(k, data))).toEqual(block(halves(s), data));
      }),
      { numRuns: 50 },
    );
  });
});

describe('bits', () => {
  test('element i depends on the key and i alone, not on the shape', async () => {
    const all = Array.from(await bits(key(7), [40_000]).data());
    for (const shape of [[], [1], [5], [2, 3], [7, 1, 11], [100, 300]]) {
      const size = shape.reduce((a, b) => a * b, 1);
      expect(Array.from(await bits(key(7), shape).data()), `shape [${shape}]`).toEqual(all.slice(0, size));
    }
    expect(bits(key(7), [0, 3]).size).toBe(0);
  });

  test('are the same compiled, in a batch of keys, and in a compiled batch', async () => {
    const keys = split(key(3), 5);
    const draw = (k: NDArray) => bits(k, [40]);
    const alone = [0, 1, 2, 3, 4].flatMap((i) => words(draw(np.slice(keys, i))));
    expect(words(vmap(draw)(keys))).toEqual(alone);
    expect(unsigned(await jit(vmap(draw))(keys).data())).toEqual(alone);
    expect(unsigned(await jit(draw)(np.slice(keys, 2)).data())).toEqual(alone.slice(80, 120));
    const columns = vmap(draw, 1, 1)(np.transpose(keys));
    expect(columns.shape).toEqual([40, 5]);
    expect(words(np.transpose(columns))).toEqual(alone);
  });

  test('have no preference: each of 32 bits is set in half of the words', async () => {
    const n = 20_000;
    const drawn = Array.from(await bits(key(1), [n]).data());
    for (let bit = 0; bit < 32; bit++) {
      const share = drawn.reduce((sum, word) => sum + ((word >>> bit) & 1), 0) / n;
      expect(Math.abs(share - 0.5), `share of bit ${bit}`).toBeLessThan(4 / Math.sqrt(4 * n));
    }
  });
});

describe('split', () => {
  test('gives distinct keys, distinct from those of other keys and of foldIn', () => {
    const found = [0, 1].flatMap((s) => rowsOf(split(key(s), 200))).map(String);
    for (let i = 0; i < 100; i++) found.push(String(words(foldIn(key(2), i))));
    expect(new Set(found).size).toBe(500);
  });

  test('gives keys whose bits differ in half of all places', async () => {
    const [keys, n] = [split(key(11), 6), 2000];
    const streams = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => bits(np.slice(keys, i), [n]).data()));
    streams.push(await bits(key(11), [n]).data());
    streams.forEach((a, i) => {
      for (const [j, b] of streams.slice(0, i).entries()) {
        let differing = 0;
        for (let t = 0; t < n; t++) for (let x = a[t] ^ b[t]; x !== 0; x &= x - 1) differing++;
        // Binomial of 32 n trials, standard deviation sqrt(32 n) / 2.
        expect(Math.abs(differing / (32 * n) - 0.5), `streams ${i} and ${j}`).toBeLessThan(2.5 / Math.sqrt(32 * n));
      }
    });
  });

  test('works compiled, and in a batch of keys', async () => {
    const keys = split(key(8), 3);
    const alone = [0, 1, 2].flatMap((i) => words(split(np.slice(keys, i), 4)));
    const both = vmap((k: NDArray) => split(k, 4))(keys);
    expect(both.shape).toEqual([3, 4, 2]);
    expect(words(both)).toEqual(alone);
    expect(unsigned(await jit(vmap((k: NDArray) => split(k, 4)))(keys).data())).toEqual(alone);
    const folded = await jit((k: NDArray) => foldIn(k, 5_000_000_000))(key(8)).data();
    expect(unsigned(folded)).toEqual(words(foldIn(key(8), 5_000_000_000)));
  });
});

describe('errors', () => {
  test.each([-1, 0.5, Number.NaN, 2 ** 53])('a seed of %d', (s) => {
    expect(() => key(s)).toThrow(UserError);
    expect(() => key(s)).toThrow(`a seed must be an integer from 0 to 2^53 - 1, got ${s}`);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('folding in %d', (data) => {
    expect(() => foldIn(key(0), data)).toThrow(`foldIn: the number must be an integer from 0 to 2^53 - 1, got ${data}`);
  });

  test.each([-1, 2.5, Number.NaN])('%d keys', (n) => {
    expect(() => split(key(0), n)).toThrow(`split: the number of keys must be a whole number, got ${n}`);
  });

  test.each([
    ['a number', np.array(3), 'float32[]'],
    ['floats', np.array([1, 2]), 'float32[2]'],
    ['a list of keys', split(key(0)), 'int32[2, 2]'],
    ['three words', np.array(Int32Array.of(1, 2, 3)), 'int32[3]'],
  ])('a key that is %s', (_, wrong, found) => {
    for (const use of [() => split(wrong), () => bits(wrong, [2]), () => foldIn(wrong, 1)]) {
      expect(use).toThrow(ShapeError);
      expect(use).toThrow(`a key is int32 of shape [2] (random.key(seed), or one row of split), got ${found}`);
    }
  });
});
