import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { threefry2x32 } from './threefry.ts';

fc.configureGlobal({ seed: 1 });

const word = fc.integer({ min: 0, max: 0xffffffff });

/** Slow transcription of section 3.2 of the paper in exact integers: the naive twin. */
function naiveBlock(key: readonly [number, number], block: readonly [number, number]): [number, number] {
  const mask = 0xffffffffn;
  const rotations = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n];
  const k = [BigInt(key[0]), BigInt(key[1])];
  k.push(k[0] ^ k[1] ^ 0x1bd11bdan);
  let a = (BigInt(block[0]) + k[0]) & mask;
  let b = (BigInt(block[1]) + k[1]) & mask;
  for (let round = 0; round < 20; round++) {
    const r = rotations[round % 8];
    a = (a + b) & mask;
    b = (((b << r) | (b >> (32n - r))) & mask) ^ a;
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      a = (a + k[s % 3]) & mask;
      b = (b + k[(s + 1) % 3] + BigInt(s)) & mask;
    }
  }
  return [Number(a), Number(b)];
}

describe('threefry2x32', () => {
  // Known answers published with Random123 (kat_vectors, threefry2x32, 20 rounds).
  test.each([
    { key: [0, 0], counter: [0, 0], bits: [0x6b200159, 0x99ba4efe] },
    { key: [0xffffffff, 0xffffffff], counter: [0xffffffff, 0xffffffff], bits: [0x1cb996fc, 0xbb002be7] },
    { key: [0x13198a2e, 0x03707344], counter: [0x243f6a88, 0x85a308d3], bits: [0xc4923a9c, 0x483df7a0] },
  ])('gives the published bits for key $key', ({ key, counter, bits }) => {
    expect([...threefry2x32([key[0], key[1]], Uint32Array.from(counter))]).toEqual(bits);
  });

  test('agrees with the naive transcription, block by block, and leaves the counters alone', () => {
    fc.assert(
      fc.property(
        fc.tuple(word, word),
        fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 8 }),
        (key, blocks) => {
          const counts = Uint32Array.from([...blocks.map((b) => b[0]), ...blocks.map((b) => b[1])]);
          const before = counts.slice();
          const bits = threefry2x32(key, counts);
          expect(counts).toEqual(before);
          blocks.forEach((block, i) => {
            expect([bits[i], bits[blocks.length + i]]).toEqual(naiveBlock(key, block));
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  test('takes key words modulo 2^32 and an empty counter', () => {
    const counts = Uint32Array.of(7, 9);
    expect(threefry2x32([-1, 5], counts)).toEqual(threefry2x32([0xffffffff, 5], counts));
    expect(threefry2x32([1, 2], new Uint32Array(0))).toHaveLength(0);
  });

  test('refuses an odd number of words', () => {
    expect(() => threefry2x32([0, 0], new Uint32Array(3))).toThrow(UserError);
  });
});
