/** @file Scaled dot-product attention and its multi-head layer (Vaswani et al. 2017). */
import { ShapeError, UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { shapeText } from '../array/shape.ts';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { type Dense, denseLayer, type LayerOptions } from './dense.ts';
import type { Model } from './model.ts';
import { standard } from './parametrization.ts';

export interface AttentionOptions {
  /** bool, broadcast against [..., queries, keys]: true where a query may look. Every query needs one such key. */
  readonly mask?: NDArray;
  /** Of the products of queries and keys; default 1 / sqrt(size). */
  readonly scale?: number;
}

/** softmax(scale q k^T) v for queries [..., T, size], keys [..., S, size] and values [..., S, n]: [..., T, n]. */
export function attention(
  query: NDArray,
  key: NDArray,
  value: NDArray,
  { mask, scale = 1 / Math.sqrt(query.shape[query.ndim - 1]) }: AttentionOptions = {},
): NDArray {
  const logits = np.multiply(scale, np.matmul(query, np.swapaxes(key, -1, -2)));
  const allowed = mask === undefined ? logits : np.where(mask, logits, Number.NEGATIVE_INFINITY);
  return np.matmul(np.softmax(allowed), value);
}

/** bool [length, length]: a position sees itself and those before it. */
export const causalMask = (length: number): NDArray => np.astype(np.tri(length), 'bool');

/** Projections [width, width] of queries, keys and values, and of the heads' joined results. */
export type MultiHeadAttention = {
  readonly query: Dense;
  readonly key: Dense;
  readonly value: Dense;
  readonly output: Dense;
};

/** Attention of `x` to itself, or to `context`: from [..., T, width] and [..., S, width] to [..., T, width]. */
export type AttentionInputs = readonly [x: NDArray, options?: { readonly mask?: NDArray; readonly context?: NDArray }];

/**
 * `heads` attentions side by side, each on width / heads features. Under muP the number of heads is the base network's.
 *
 * @param width a multiple of `heads`
 */
export function multiHeadAttention(
  width: number,
  heads: number,
  { parametrization = standard, ...layer }: LayerOptions = {},
): Model<MultiHeadAttention, AttentionInputs> {
  if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0) {
    throw new UserError(`multiHeadAttention: ${width} features do not make ${heads} heads of equal size`);
  }
  const size = width / heads;
  const projection = denseLayer(width, width, { parametrization, ...layer });
  const split = (x: NDArray): NDArray => np.swapaxes(np.reshape(x, [...x.shape.slice(0, -1), heads, size]), -2, -3);
  const join = (x: NDArray): NDArray => {
    const merged = np.swapaxes(x, -2, -3);
    return np.reshape(merged, [...merged.shape.slice(0, -2), width]);
  };
  return {
    init(key) {
      const keys = random.split(key, 4);
      const [query, keyed, value, output] = [0, 1, 2, 3].map((i) => projection.init(np.slice(keys, i)));
      return { query, key: keyed, value, output };
    },
    apply(params, x, { mask, context = x } = {}) {
      if (x.ndim < 2 || context.ndim < 2) {
        throw new ShapeError('multiHeadAttention', `needs [..., positions, width], got ${shapeText(x.shape)}`);
      }
      const [q, k, v] = [
        split(projection.apply(params.query, x)),
        split(projection.apply(params.key, context)),
        split(projection.apply(params.value, context)),
      ];
      // The heads are an axis before those of the mask.
      const shared = mask && mask.ndim > 2 ? np.expandDims(mask, -3) : mask;
      const mixed = attention(q, k, v, { mask: shared, scale: parametrization.attention(size) });
      return projection.apply(params.output, join(mixed));
    },
    rates: { query: projection.rates, key: projection.rates, value: projection.rates, output: projection.rates },
  };
}
