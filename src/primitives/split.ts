/** @file One array cut into several along an axis: the transpose of joining them. */
import { allocate } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { bindAll, type NDArray } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { shapeText, sizeOf } from '../array/shape.ts';
import { concatenate, filled } from './shape.ts';

interface SplitParams {
  readonly axis: number;
  /** Of the parts along the axis; at least two. */
  readonly sizes: readonly number[];
}

const splitPrimitive: Primitive<SplitParams> = {
  name: 'split',
  infer([x], { axis, sizes }) {
    if (sizes.some((n) => n < 0) || sizes.reduce((sum, n) => sum + n, 0) !== x.shape[axis]) {
      throw new ShapeError(
        'split',
        `parts of ${sizes.join(', ')} do not make up axis ${axis} of ${shapeText(x.shape)}`,
      );
    }
    return sizes.map((size) => ({ shape: x.shape.map((n, i) => (i === axis ? size : n)), dtype: x.dtype }));
  },
  evaluate([x], { axis, sizes }, outputs) {
    const inner = sizeOf(x.shape.slice(axis + 1));
    const outer = sizeOf(x.shape.slice(0, axis));
    const row = x.shape[axis] * inner;
    let start = 0;
    return sizes.map((size, k) => {
      const part = allocate(x.dtype, sizeOf(outputs[k].shape));
      const run = size * inner;
      for (let o = 0; o < outer; o++) part.set(x.data.subarray(o * row + start, o * row + start + run), o * run);
      start += run;
      return part;
    });
  },
  jvp: (_, [t], { axis, sizes }) => split(t!, axis, sizes),
  transpose: (cts, [x], _, { axis, sizes }) => [
    concatenate(
      cts.map((ct, k) => {
        const shape = x.shape.map((n, i) => (i === axis ? sizes[k] : n));
        return ct ?? filled(0, shape, x.dtype);
      }),
      axis,
    ),
  ],
  batch: ([x], _, { axis, sizes }) => split(x, axis + 1, sizes),
  lower: (context, [x], { axis, sizes }) =>
    context.ops('Split', [x, context.constant(sizes, [sizes.length], 'int64')], sizes.length, { axis }),
};

/** Parts of given sizes, which add up to that of the axis (non-negative). */
export const split = (x: NDArray, axis: number, sizes: readonly number[]): readonly NDArray[] =>
  sizes.length === 1 ? [x] : bindAll(splitPrimitive, [x], { axis, sizes });
