/**
 * Threefry-2x32 with 20 rounds: the counter-based random bit generator of Salmon, Moraes, Dror and Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3" (SC 2011, doi:10.1145/2063384.2063405). The same key and counter always give the
 * same bits, in any order, on any machine; there is no hidden state.
 */
import { UserError } from '../array/errors.ts';

/** Constant of the key schedule: keeps an all-zero key from leaving the state unmixed (Skein, C240, lower 32 bits). */
const PARITY = 0x1bd11bda;

/**
 * Random bits of counters under a key, laid out as JAX lays them out.
 *
 * @param key two words of 32 bits (each taken modulo 2^32)
 * @param counts counters, even length 2m: word 0 of block i is `counts[i]`, word 1 is `counts[m + i]`
 * @returns 2m words in the same layout; a new array, `counts` is left alone
 * @throws UserError when the length of `counts` is odd
 */
export function threefry2x32(key: readonly [number, number], counts: Uint32Array): Uint32Array {
  if (counts.length % 2 !== 0) {
    throw new UserError(
      `threefry2x32: expected an even number of counter words, found ${counts.length}; pad the counters by one word.`,
    );
  }
  const blocks = counts.length / 2;
  const bits = new Uint32Array(counts.length);
  const k0 = key[0] | 0;
  const k1 = key[1] | 0;
  const k2 = k0 ^ k1 ^ PARITY;
  for (let i = 0; i < blocks; i++) {
    let a = (counts[i] + k0) | 0;
    let b = (counts[blocks + i] + k1) | 0;

    // Five groups of four mixing rounds (rotations 13, 15, 26, 6 and 17, 29, 16, 24), written out because a table of
    // rotations costs a factor of about three; after group s the key words are added, rotated by s, with s on word 1.
    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    a = (a + k1) | 0;
    b = (b + k2 + 1) | 0;

    a = (a + b) | 0;
    b = ((b << 17) | (b >>> 15)) ^ a;
    a = (a + b) | 0;
    b = ((b << 29) | (b >>> 3)) ^ a;
    a = (a + b) | 0;
    b = ((b << 16) | (b >>> 16)) ^ a;
    a = (a + b) | 0;
    b = ((b << 24) | (b >>> 8)) ^ a;
    a = (a + k2) | 0;
    b = (b + k0 + 2) | 0;

    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    a = (a + k0) | 0;
    b = (b + k1 + 3) | 0;

    a = (a + b) | 0;
    b = ((b << 17) | (b >>> 15)) ^ a;
    a = (a + b) | 0;
    b = ((b << 29) | (b >>> 3)) ^ a;
    a = (a + b) | 0;
    b = ((b << 16) | (b >>> 16)) ^ a;
    a = (a + b) | 0;
    b = ((b << 24) | (b >>> 8)) ^ a;
    a = (a + k1) | 0;
    b = (b + k2 + 4) | 0;

    a = (a + b) | 0;
    b = ((b << 13) | (b >>> 19)) ^ a;
    a = (a + b) | 0;
    b = ((b << 15) | (b >>> 17)) ^ a;
    a = (a + b) | 0;
    b = ((b << 26) | (b >>> 6)) ^ a;
    a = (a + b) | 0;
    b = ((b << 6) | (b >>> 26)) ^ a;
    bits[i] = a + k2;
    bits[blocks + i] = b + k0 + 5;
  }
  return bits;
}
