/** @file Order along an axis. One primitive finds positions; values and derivatives come from reading there. */
import { isFloat } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { bind, type NDArray } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { forEachOffset, sizeOf, stridesOf } from '../array/shape.ts';

interface TopKParams {
  readonly axis: number;
  readonly k: number;
  readonly largest: boolean;
}

/** NaN counts as infinity, so that it comes last in ascending order (NumPy) and first among the largest (PyTorch). */
const orderOf = (x: number): number => (Number.isNaN(x) ? Number.POSITIVE_INFINITY : x);

const topKPrimitive: Primitive<TopKParams> = {
  name: 'topK',
  infer([x], { axis, k }) {
    if (x.dtype === 'bool') throw new ShapeError('topK', 'needs numbers, got bool: convert with astype');
    if (!Number.isInteger(k) || k < 0 || k > x.shape[axis]) {
      throw new ShapeError('topK', `k must lie between 0 and the ${x.shape[axis]} elements of axis ${axis}, got ${k}`);
    }
    return [{ shape: x.shape.map((n, i) => (i === axis ? k : n)), dtype: 'int32' }];
  },
  evaluate([x], { axis, k, largest }, [output]) {
    const result = new Int32Array(sizeOf(output.shape));
    const other = (_: number, i: number) => i !== axis;
    const [from, to] = [stridesOf(x.shape), stridesOf(output.shape)];
    forEachOffset(x.shape.filter(other), [from.filter(other), to.filter(other)], (_, [start, first]) => {
      const keys = Array.from({ length: x.shape[axis] }, (_, i) => orderOf(x.data[start + i * from[axis]]));
      // Comparison, not subtraction: infinities are equal to themselves.
      const compare = (a: number, b: number) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0);
      const order = keys.map((_, i) => i).sort((a, b) => (largest ? compare(b, a) : compare(a, b)));
      for (let i = 0; i < k; i++) result[first + i * to[axis]] = order[i];
    });
    return [result];
  },
  jvp: () => [null],
  transpose: null,
  batch: ([x], _, { axis, k, largest }) => [topK(x, axis + 1, k, largest)],
  lower(context, [x], { axis, k, largest }, { operands }) {
    const { dtype } = operands[0];
    // TopK takes the lower index first where elements are equal, but has no order for NaN.
    const infinity = () => context.constant([Number.POSITIVE_INFINITY], [], dtype);
    const keys = isFloat(dtype) ? context.op('Where', [context.op('IsNaN', [x]), infinity(), x]) : x;
    const [, positions] = context.ops('TopK', [keys, context.constant([k], [1], 'int64')], 2, {
      axis,
      largest: Number(largest),
    });
    return [context.cast(positions, 'int32')];
  },
};

/**
 * Positions of the k largest (smallest) elements along a non-negative axis, int32, the largest (smallest) first; of
 * equal elements the one with the lower position comes first. NaN counts as infinity.
 */
export const topK = (x: NDArray, axis: number, k: number, largest: boolean): NDArray =>
  bind(topKPrimitive, [x], { axis, k, largest });
