/** @file Largest elements of windows, with their places: the derivative reads there, its transpose adds there. */
import { allocate } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { bindAll, type NDArray } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { forEachOffset, type Shape, shapeText, sizeOf, stridesOf } from '../array/shape.ts';
import { gatherAlong } from './gather-along.ts';
import { checkDtype, floats } from './operand-dtypes.ts';
import { reshape } from './shape.ts';

/** One entry per spatial axis; `before` and `after` count the places outside of the array, which are -infinity. */
export interface PoolingParams {
  readonly window: Shape;
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** x as [rows, elements of a plane], whatever its leading axes are. */
const planes = (x: NDArray, rank: number): NDArray => {
  const lead = x.shape.slice(0, x.ndim - rank);
  return reshape(x, [sizeOf(lead), sizeOf(x.shape.slice(x.ndim - rank))]);
};

const maxPoolPrimitive: Primitive<PoolingParams> = {
  name: 'maxPool',
  infer([x], params) {
    const { window, stride, dilation, before, after } = params;
    checkDtype('maxPool', x.dtype, floats);
    const rank = window.length;
    if (x.shape.length !== rank + 2 || rank < 1 || rank > 3) {
      throw new ShapeError(
        'maxPool',
        `needs x of shape [batch, channels, …1 to 3 spatial axes], got ${shapeText(x.shape)} and a window of ${rank}`,
      );
    }
    if (window.some((n, i) => before[i] >= n || after[i] >= n)) {
      throw new ShapeError(
        'maxPool',
        `padding must be smaller than the window ${shapeText(window)}, got ${shapeText(before)} before and ${shapeText(after)} after`,
      );
    }
    const steps = x.shape.slice(2).map((n, i) => {
      const last = n + before[i] + after[i] - dilation[i] * (window[i] - 1) - 1;
      return Math.floor(last / stride[i]) + 1;
    });
    const shape = [...x.shape.slice(0, 2), ...steps];
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int32' },
    ];
  },
  evaluate([x], { window, stride, dilation, before }, [output]) {
    const size = sizeOf(output.shape);
    const [values, places] = [allocate(x.dtype, size), new Int32Array(size)];
    const space = x.shape.slice(2);
    const strides = stridesOf(space);
    const unit = (shape: Shape) => shape.map((_, i) => shape.map((__, k) => Number(i === k)));
    const plane = sizeOf(space);
    const perPlane = sizeOf(output.shape.slice(2));
    forEachOffset(output.shape, unit(output.shape), (index, at) => {
      let best = Number.NEGATIVE_INFINITY;
      let place = -1;
      const start = Math.floor(index / perPlane) * plane;
      forEachOffset(window, unit(window), (_, w) => {
        let offset = 0;
        for (let i = 0; i < space.length; i++) {
          const position = stride[i] * at[i + 2] + dilation[i] * w[i] - before[i];
          if (position < 0 || position >= space[i]) return;
          offset += strides[i] * position;
        }
        const value = x.data[start + offset];
        if (place < 0 || value > best) [best, place] = [value, offset];
      });
      values[index] = best;
      places[index] = place;
    });
    return [values, places];
  },
  jvp(_, [t], { window }, [y, places]) {
    const rank = window.length;
    return [reshape(gatherAlong(planes(t!, rank), planes(places, rank), 1), y.shape), null];
  },
  transpose: null,
  batch([x], _, params, size) {
    const merged = reshape(x, [size * x.shape[1], ...x.shape.slice(2)]);
    return maxPool(merged, params).map((y) => reshape(y, [size, x.shape[1], ...y.shape.slice(1)]));
  },
  lower(context, [x], params, { operands, outputs, used }) {
    const { window, stride, dilation, before, after } = params;
    const space = operands[0].shape.slice(2);
    const attributes = { kernel_shape: window, strides: stride, dilations: dilation, pads: [...before, ...after] };
    // With places the runtime takes another, slower way.
    if (!used[1]) return [context.op('MaxPool', [x], attributes), ''];
    const [y, places] = context.ops('MaxPool', [x], 2, attributes);
    // ONNX counts places through the whole array, we through each plane.
    const [batch, channels] = operands[0].shape;
    const starts = Array.from({ length: batch * channels }, (_, i) => i * sizeOf(space));
    const start = context.constant(starts, [batch, channels, ...space.map(() => 1)], 'int64');
    return [y, context.cast(context.op('Sub', [places, start]), outputs[1].dtype)];
  },
};

/**
 * [largest element of every window, its place in the flattened plane (int32; the first of equal ones)], both of shape
 * [batch, channels, ...steps], for x [batch, channels, ...space].
 */
export const maxPool = (x: NDArray, params: PoolingParams): readonly NDArray[] =>
  bindAll(maxPoolPrimitive, [x], params);
