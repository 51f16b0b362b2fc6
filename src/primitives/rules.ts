/** @file Rule makers: each covers a whole class of primitives, so that a hand-written rule is the exception. */
import { allocate, type TypedArray } from '../array/dtype.ts';
import type { NDArray } from '../array/ndarray.ts';
import type { Aval, HostArray, LoweredNode, Lowering, Tangent } from '../array/primitive.ts';
import { broadcastStrides, forEachOffset, type Shape, sameShape, sizeOf } from '../array/shape.ts';
import { reduceSum } from './reduce.ts';
import { broadcastTo, reshape } from './shape.ts';

/** The transpose of broadcasting: sums a cotangent over the axes along which an operand of `shape` was repeated. */
export function unbroadcast(cotangent: NDArray, shape: Shape): NDArray {
  if (sameShape(cotangent.shape, shape)) return cotangent;
  const lead = cotangent.ndim - shape.length;
  const axes = cotangent.shape.flatMap((n, i) => (i < lead || (shape[i - lead] === 1 && n !== 1) ? [i] : []));
  // Leading axes vanish in the sum itself; an axis of size 1 in the middle has to be kept.
  const keep = axes.some((axis) => axis >= lead);
  return reshape(axes.length === 0 ? cotangent : reduceSum(cotangent, axes, keep), shape);
}

/**
 * Batched operands get their extra axis at 0, with axes of size 1 behind it where other operands have a higher rank,
 * so that broadcasting from the right still pairs the same axes.
 */
export function alignBatch(operands: readonly NDArray[], batched: readonly boolean[]): NDArray[] {
  const rank = Math.max(...operands.map((x, i) => x.ndim - (batched[i] ? 1 : 0)));
  return operands.map((x, i) => {
    const missing = rank - (x.ndim - 1);
    if (!batched[i] || missing === 0) return x;
    return reshape(x, [x.shape[0], ...new Array<number>(missing).fill(1), ...x.shape.slice(1)]);
  });
}

/** Gives an operand without a batch axis one, by repetition. */
export function withBatch(x: NDArray, batched: boolean, size: number): NDArray {
  return batched ? x : broadcastTo(x, [size, ...x.shape]);
}

/** Reference evaluation of an elementwise function of broadcast operands. */
export function elementwise(
  operands: readonly HostArray[],
  output: Aval,
  f: (...values: number[]) => number,
): TypedArray {
  const result = allocate(output.dtype, sizeOf(output.shape));
  const strides = operands.map((x) => broadcastStrides(x.shape, output.shape));
  forEachOffset(output.shape, strides, (index, offsets) => {
    result[index] = f(...operands.map((x, i) => x.data[offsets[i]]));
  });
  return result;
}

/** Sum of tangents of one value. */
export function addTangents(a: Tangent, b: Tangent, add: (x: NDArray, y: NDArray) => NDArray): Tangent {
  if (a === null) return b;
  return b === null ? a : add(a, b);
}

/** x and constants of its dtype as names, to write formulas in lowering rules. */
export function formula(context: Lowering, node: LoweredNode) {
  const { dtype } = node.outputs[0];
  return {
    number: (value: number) => context.constant([value], [], dtype),
    op: (type: string, ...inputs: string[]) => context.op(type, inputs),
  };
}
