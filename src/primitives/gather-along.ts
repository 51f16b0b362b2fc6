/**
 * @file Reading and adding along one axis at positions of each element's own (as against gather.ts, where all rows share
 * the positions); the two are transposes of each other.
 */
import { allocate } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { bind, type NDArray } from '../array/ndarray.ts';
import type { Aval, Primitive } from '../array/primitive.ts';
import { forEachOffset, type Shape, sameShape, shapeText, sizeOf, stridesOf } from '../array/shape.ts';
import { withBatch } from './rules.ts';
import { zerosOf } from './shape.ts';

interface AxisParams {
  readonly axis: number;
}

function checkPositions(operation: string, x: Aval, indices: Aval, axis: number): void {
  if (indices.dtype !== 'int32') throw new ShapeError(operation, `indices must be int32, got ${indices.dtype}`);
  if (indices.shape.length !== x.shape.length || indices.shape.some((n, i) => i !== axis && n !== x.shape[i])) {
    throw new ShapeError(
      operation,
      `indices of shape ${shapeText(indices.shape)} do not fit shape ${shapeText(x.shape)} beside axis ${axis}`,
    );
  }
}

/** Calls `visit` with each index's place among the indices, and in an array of shape `x` the place it points to. */
function forEachPosition(
  operation: string,
  x: Shape,
  indices: { readonly shape: Shape; readonly data: ArrayLike<number> },
  axis: number,
  visit: (place: number, target: number) => void,
): void {
  const strides = stridesOf(x);
  const stride = strides[axis];
  const starts = strides.map((s, i) => (i === axis ? 0 : s));
  forEachOffset(indices.shape, [starts], (place, [start]) => {
    const index = indices.data[place];
    if (index < 0 || index >= x[axis]) {
      throw new ShapeError(operation, `index ${index} is out of range for an axis of ${x[axis]}`);
    }
    visit(place, start + index * stride);
  });
}

const gatherAlongPrimitive: Primitive<AxisParams> = {
  name: 'takeAlongAxis',
  infer([x, indices], { axis }) {
    checkPositions('takeAlongAxis', x, indices, axis);
    return [{ shape: indices.shape, dtype: x.dtype }];
  },
  evaluate([x, indices], { axis }) {
    const result = allocate(x.dtype, sizeOf(indices.shape));
    forEachPosition('takeAlongAxis', x.shape, indices, axis, (place, target) => {
      result[place] = x.data[target];
    });
    return [result];
  },
  jvp: ([, indices], [t], { axis }) => [t && gatherAlong(t, indices, axis)],
  transpose: ([ct], [x, indices], _, { axis }) => [scatterAddAlong(zerosOf(x), indices, ct!, axis), null],
  batch: ([x, indices], [xBatched, indicesBatched], { axis }, size) => [
    gatherAlong(withBatch(x, xBatched, size), withBatch(indices, indicesBatched, size), axis + 1),
  ],
  lower: (context, inputs, { axis }) => [context.op('GatherElements', inputs, { axis })],
};

/** x at `indices` along a non-negative axis; int32 indices in [0, size), of x's shape but for that axis. */
export const gatherAlong = (x: NDArray, indices: NDArray, axis: number): NDArray =>
  bind(gatherAlongPrimitive, [x, indices], { axis });

const scatterAddAlongPrimitive: Primitive<AxisParams> = {
  name: 'addAlongAxis',
  infer([x, indices, updates], { axis }) {
    checkPositions('addAlongAxis', x, indices, axis);
    if (x.dtype !== updates.dtype || x.dtype === 'bool') {
      throw new ShapeError('addAlongAxis', `needs numbers of one dtype, got ${x.dtype} and ${updates.dtype}`);
    }
    if (!sameShape(indices.shape, updates.shape)) {
      throw new ShapeError(
        'addAlongAxis',
        `updates must have the shape ${shapeText(indices.shape)} of the indices, got ${shapeText(updates.shape)}`,
      );
    }
    return [x];
  },
  evaluate([x, indices, updates], { axis }) {
    const result = x.data.slice();
    forEachPosition('addAlongAxis', x.shape, indices, axis, (place, target) => {
      result[target] += updates.data[place];
    });
    return [result];
  },
  jvp: ([x, indices, updates], [tx, , tu], { axis }) => [
    scatterAddAlong(tx ?? zerosOf(x), indices, tu ?? zerosOf(updates), axis),
  ],
  transpose: ([ct], [, indices], linear, { axis }) => [
    linear[0] ? ct : null,
    null,
    linear[2] ? gatherAlong(ct!, indices, axis) : null,
  ],
  batch: (operands, batched, { axis }, size) => {
    const [x, indices, updates] = operands.map((operand, i) => withBatch(operand, batched[i], size));
    return [scatterAddAlong(x, indices, updates, axis + 1)];
  },
  lower: (context, inputs, { axis }) => [context.op('ScatterElements', inputs, { axis, reduction: 'add' })],
};

/** `x` with `updates` added at `indices` along a non-negative axis; positions named twice receive both. */
export const scatterAddAlong = (x: NDArray, indices: NDArray, updates: NDArray, axis: number): NDArray =>
  bind(scatterAddAlongPrimitive, [x, indices, updates], { axis });
