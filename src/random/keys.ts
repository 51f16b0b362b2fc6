/**
 * @file Keys of random numbers: two words from which everything follows. No state, no order of calls: the same key gives
 * the same numbers, a key is used once and split for more. Bit for bit JAX's threefry (partitionable form).
 */
import { ShapeError, UserError } from '../array/errors.ts';
import { constant, type NDArray } from '../array/ndarray.ts';
import { type Shape, shapeText, sizeOf } from '../array/shape.ts';
import { slice, stack } from '../numpy/shape.ts';
import { reshape } from '../primitives/shape.ts';
import { bitwiseXor, threefryBits } from './bits.ts';

/** A key, int32 of shape [2]: the words of the seed. */
export function key(seed: number): NDArray {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new UserError(`a seed must be an integer from 0 to 2^53 - 1, got ${seed}`);
  }
  return constant(Int32Array.of(Math.floor(seed / 2 ** 32) | 0, seed | 0), [2]);
}

function words(k: NDArray): [NDArray, NDArray] {
  if (k.dtype !== 'int32' || k.ndim !== 1 || k.shape[0] !== 2) {
    throw new ShapeError(
      'random',
      `a key is int32 of shape [2] (random.key(seed), or one row of split), got ${k.dtype}${shapeText(k.shape)}`,
    );
  }
  return [slice(k, 0), slice(k, 1)];
}

/** The first `n` pairs of words under a key. */
function pairs(k: NDArray, n: number): readonly NDArray[] {
  const counter = new Int32Array(n);
  for (let i = 0; i < n; i++) counter[i] = i;
  const high = constant(Int32Array.of(0), []);
  return threefryBits(...words(k), high, constant(counter, [n]));
}

/** `n` new keys, int32 of shape [n, 2]; take one with `np.slice(keys, i)`. */
export function split(k: NDArray, n = 2): NDArray {
  if (!Number.isSafeInteger(n) || n < 0)
    throw new UserError(`split: the number of keys must be a whole number, got ${n}`);
  return stack([...pairs(k, n)], 1);
}

/** A new key for each number, without splitting in between. */
export function foldIn(k: NDArray, data: number): NDArray {
  if (!Number.isSafeInteger(data) || data < 0) {
    throw new UserError(`foldIn: the number must be an integer from 0 to 2^53 - 1, got ${data}`);
  }
  const [high, low] = [Math.floor(data / 2 ** 32) | 0, data | 0];
  return stack([...threefryBits(...words(k), constant(Int32Array.of(high), []), constant(Int32Array.of(low), []))]);
}

/** 32 random bits for each element, as int32. Element i does not depend on the shape. */
export function bits(k: NDArray, shape: Shape): NDArray {
  const [first, second] = pairs(k, sizeOf(shape));
  return reshape(bitwiseXor(first, second), shape);
}
