/** Random numbers for generated data and shuffles: the same on every machine, with no hidden state. */
import { UserError } from '../array/errors.ts';
import { threefry2x32 } from '../random/threefry.ts';

export interface Draws {
  /** Uniform in [0, 1), a multiple of 2^-53. */
  uniform(): number;
  /** Standard normal, by the method of Box and Muller (1958). */
  normal(): number;
  /** Uniform integer in 0 .. n - 1, for n up to 2^32. */
  below(n: number): number;
  /** 0 .. n - 1 in random order: the shuffle of Fisher and Yates, as Durstenfeld gave it (CACM 7, 1964). */
  permutation(n: number): Int32Array;
}

/** Blocks of two words generated at a time. */
const BLOCKS = 64;

/**
 * An endless sequence of independent draws, made by Threefry with the seed as key and the stream as the upper half of
 * the counter.
 *
 * @param seed safe integer
 * @param stream integer in 0 .. 2^32 - 1; streams of one seed are independent of each other
 * @throws UserError when either is out of range
 */
export function draws(seed: number, stream = 0): Draws {
  if (!Number.isSafeInteger(seed)) throw new UserError(`expected a safe integer as seed, found ${seed}.`);
  if (!Number.isInteger(stream) || stream < 0 || stream >= 2 ** 32) {
    throw new UserError(`expected an integer from 0 to 2^32 - 1 as stream of random numbers, found ${stream}.`);
  }
  const key = [Math.floor(seed / 2 ** 32), seed] as const;
  const counts = new Uint32Array(2 * BLOCKS).fill(stream, 0, BLOCKS);
  let block = 0;
  let words: Uint32Array = new Uint32Array(0);
  let used = 0;

  const word = () => {
    if (used === words.length) {
      for (let i = 0; i < BLOCKS; i++) counts[BLOCKS + i] = block++;
      words = threefry2x32(key, counts);
      used = 0;
    }
    return words[used++];
  };
  const uniform = () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const below = (n: number) => {
    // Words beyond the last whole multiple of n would favour small results.
    const fair = 2 ** 32 - (2 ** 32 % n);
    let drawn = word();
    while (drawn >= fair) drawn = word();
    return drawn % n;
  };
  const permutation = (n: number) => {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = below(i + 1);
      const held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
    return order;
  };
  return { uniform, normal, below, permutation };
}
