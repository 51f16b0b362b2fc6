/** Shuffled batches and random splits of the indices 0 .. n - 1, and the rows they stand for. */
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

type Values = Float32Array | Float64Array | Int32Array | Uint8Array;

/**
 * Rows of a row-major array, one after the other: with the indices of a batch, the batch itself.
 *
 * @param values any number of rows of `width` values, e.g. `images` or `labels` (width 1) of a data set
 * @returns indices.length x width
 * @throws UserError when an index is no row, or the values are no whole number of rows
 */
export function takeRows<A extends Values>(values: A, width: number, indices: ArrayLike<number>): A {
  const n = values.length / width;
  if (!Number.isInteger(n)) {
    throw new UserError(`takeRows: expected rows of ${width} values, found ${values.length} values.`);
  }
  const taken = new (values.constructor as new (length: number) => A)(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i];
    if (!Number.isInteger(row) || row < 0 || row >= n) {
      throw new UserError(`takeRows: expected rows from 0 to ${n - 1}, found ${row} at ${i}.`);
    }
    taken.set(values.subarray(row * width, (row + 1) * width), i * width);
  }
  return taken;
}

/** Indices 0 .. n - 1 in an order drawn from seed and stream. */
function permutation(n: number, seed: number, stream: number): Int32Array {
  if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31) {
    throw new UserError(`expected a number of examples from 0 to 2^31 - 1, found ${n}.`);
  }
  return draws(seed, stream).permutation(n);
}
