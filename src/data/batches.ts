/** Shuffled batches and random splits of the indices 0 .. n - 1. */
import { UserError } from '../array/errors.ts';
import { draws } from './draws.ts';

/** Streams beyond the epochs, so that a split never repeats the shuffle of an epoch. */
const SPLIT_STREAM = 2 ** 32 - 1;

export interface BatchOptions {
  /** Leave out the last batch where it would be smaller than the others; default false. */
  readonly dropLast?: boolean;
}

/**
 * The batches of one epoch: the indices in an order drawn from seed and epoch, cut into runs. Each index comes once.
 *
 * @param n number of examples
 * @param batchSize examples per batch; the last batch holds what is left
 * @param seed safe integer
 * @param epoch number of the epoch, from 0
 * @throws UserError when an argument is out of range
 */
export function batches(
  n: number,
  batchSize: number,
  seed: number,
  epoch: number,
  { dropLast = false }: BatchOptions = {},
): Iterable<Int32Array> {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new UserError(`batches: expected a batch size of at least 1, found ${batchSize}.`);
  }
  if (!Number.isInteger(epoch) || epoch < 0 || epoch >= SPLIT_STREAM) {
    throw new UserError(`batches: expected the number of an epoch, from 0, found ${epoch}.`);
  }
  return runs(permutation(n, seed, epoch), batchSize, dropLast);
}

function* runs(order: Int32Array, length: number, dropLast: boolean): Generator<Int32Array> {
  const end = dropLast ? order.length - (order.length % length) : order.length;
  for (let start = 0; start < end; start += length) yield order.slice(start, Math.min(start + length, end));
}

/**
 * Random disjoint parts of the indices 0 .. n - 1.
 *
 * @param fractions share of each part, in order, at least 0 and at most 1 in sum; what they leave over is in no part
 * @returns one index array per fraction; the parts' sizes are the rounded shares, and fractions of sum 1 use every index
 * @throws UserError when an argument is out of range
 */
export function split(n: number, fractions: readonly number[], seed: number): Int32Array[] {
  const sum = fractions.reduce((total, fraction) => total + fraction, 0);
  // The rounding of decimal fractions may exceed 1 by a little.
  if (!fractions.every((fraction) => fraction >= 0) || !(sum <= 1 + 1e-9)) {
    throw new UserError(
      `split: expected fractions of at least 0 with a sum of at most 1, found [${fractions.join(', ')}].`,
    );
  }
  const order = permutation(n, seed, SPLIT_STREAM);
  let share = 0;
  let start = 0;
  return fractions.map((fraction) => {
    share += fraction;
    const end = Math.min(Math.round(share * n), n);
    const part = order.slice(start, end);
    start = end;
    return part;
  });
}

/** Indices 0 .. n - 1 in random order: the shuffle of Fisher and Yates, as Durstenfeld gave it (CACM 7, 1964). */
function permutation(n: number, seed: number, stream: number): Int32Array {
  if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31) {
    throw new UserError(`expected a number of examples from 0 to 2^31 - 1, found ${n}.`);
  }
  const { below } = draws(seed, stream);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = below(i + 1);
    const held = order[i];
    order[i] = order[j];
    order[j] = held;
  }
  return order;
}
