/** @file Vectors for tokens, and for their positions. */
import { allocate } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { constant, type NDArray } from '../array/ndarray.ts';
import { shapeText } from '../array/shape.ts';
import * as np from '../numpy/index.ts';

/** Rows of the table [vocabulary, width] at int32 tokens [...]: [..., width]. The gradient adds up equal tokens. */
export function embedding(table: NDArray, tokens: NDArray): NDArray {
  if (table.ndim !== 2)
    throw new ShapeError('embedding', `needs a table [vocabulary, width], got ${shapeText(table.shape)}`);
  return np.take(table, tokens, 0);
}

/**
 * Vaswani et al. 2017, section 3.5: [length, width] with sin(t / 10000^(2i / width)) in column 2i and the cosine in
 * column 2i + 1.
 */
export function sinusoidalPositions(length: number, width: number, dtype: 'float32' | 'float64' = 'float32'): NDArray {
  const data = allocate(dtype, length * width);
  for (let t = 0; t < length; t++) {
    for (let j = 0; j < width; j++) {
      const angle = t / 10000 ** ((j - (j % 2)) / width);
      data[t * width + j] = j % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return constant(data, [length, width]);
}
