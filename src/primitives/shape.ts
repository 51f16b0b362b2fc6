/** @file Primitives that move elements without computing: reshape, transpose, broadcast, slice, pad, concatenate, reverse. */
import { allocate, type DType, type TypedArray } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { bind, type NDArray, scalar } from '../array/ndarray.ts';
import type { HostArray, Primitive } from '../array/primitive.ts';
import {
  broadcastShapes,
  broadcastStrides,
  checkSizes,
  forEachOffset,
  type Shape,
  sameShape,
  shapeText,
  sizeOf,
  stridesOf,
} from '../array/shape.ts';
import { unbroadcast, withBatch } from './rules.ts';

/** Copies the elements that `strides` and `start` select, in row-major order of `shape`. */
function gatherStrided(x: HostArray, shape: Shape, strides: readonly number[], start = 0): TypedArray {
  const result = allocate(x.dtype, sizeOf(shape));
  forEachOffset(shape, [strides], (index, [offset]) => {
    result[index] = x.data[start + offset];
  });
  return result;
}

const int64 = (values: readonly number[]): [readonly number[], Shape, 'int64'] => [values, [values.length], 'int64'];

const reshapePrimitive: Primitive<{ readonly shape: Shape }> = {
  name: 'reshape',
  infer([x], { shape }) {
    checkSizes('reshape', shape);
    if (sizeOf(x.shape) !== sizeOf(shape)) {
      throw new ShapeError(
        'reshape',
        `an array of shape ${shapeText(x.shape)} (${sizeOf(x.shape)} elements) cannot take shape ${shapeText(shape)} (${sizeOf(shape)} elements)`,
      );
    }
    return [{ shape, dtype: x.dtype }];
  },
  evaluate: ([x]) => [x.data],
  jvp: (_, [t], { shape }) => [reshape(t!, shape)],
  transpose: ([ct], [x]) => [reshape(ct!, x.shape)],
  batch: ([x], _, { shape }) => [reshape(x, [x.shape[0], ...shape])],
  lower: (context, [x], { shape }, { operands }) => [context.reshape(x, operands[0].shape, shape)],
  simplify([x], { shape }) {
    if (sameShape(x.shape, shape)) return x;
    if (x.node.primitive === (reshapePrimitive as Primitive)) return reshape(x.node.operands[0], shape);
    return undefined;
  },
};

export const reshape = (x: NDArray, shape: Shape): NDArray => bind(reshapePrimitive, [x], { shape });

const transposePrimitive: Primitive<{ readonly permutation: readonly number[] }> = {
  name: 'transpose',
  infer([x], { permutation }) {
    if (permutation.length !== x.shape.length || new Set(permutation).size !== permutation.length) {
      throw new ShapeError(
        'transpose',
        `axes ${shapeText(permutation)} are not a permutation of the ${x.shape.length} axes of shape ${shapeText(x.shape)}`,
      );
    }
    return [{ shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype }];
  },
  evaluate([x], { permutation }, [output]) {
    const strides = stridesOf(x.shape);
    return [
      gatherStrided(
        x,
        output.shape,
        permutation.map((axis) => strides[axis]),
      ),
    ];
  },
  jvp: (_, [t], { permutation }) => [transpose(t!, permutation)],
  transpose: ([ct], _, __, { permutation }) => [transpose(ct!, invertPermutation(permutation))],
  batch: ([x], _, { permutation }) => [transpose(x, [0, ...permutation.map((axis) => axis + 1)])],
  lower(context, [x], { permutation }, { operands, outputs }) {
    // Moving only axes of size 1 leaves the order of the elements as it is.
    const moved = permutation.filter((axis) => operands[0].shape[axis] !== 1);
    if (moved.every((axis, i) => i === 0 || moved[i - 1] < axis)) {
      return [context.reshape(x, operands[0].shape, outputs[0].shape)];
    }
    return [context.op('Transpose', [x], { perm: permutation })];
  },
  simplify([x], { permutation }) {
    if (permutation.every((axis, i) => axis === i)) return x;
    if (x.node.primitive !== (transposePrimitive as Primitive)) return undefined;
    const inner = (x.node.params as { permutation: readonly number[] }).permutation;
    return transpose(
      x.node.operands[0],
      permutation.map((axis) => inner[axis]),
    );
  },
};

export const transpose = (x: NDArray, permutation: readonly number[]): NDArray =>
  bind(transposePrimitive, [x], { permutation });

export const invertPermutation = (permutation: readonly number[]): number[] => {
  const inverse = new Array<number>(permutation.length);
  permutation.forEach((axis, i) => {
    inverse[axis] = i;
  });
  return inverse;
};

export const broadcastPrimitive: Primitive<{ readonly shape: Shape }> = {
  name: 'broadcastTo',
  // Kept symbolic: elementwise operations broadcast by themselves, and must see that this is one repeated value.
  folds: false,
  infer([x], { shape }) {
    checkSizes('broadcastTo', shape);
    if (!sameShape(broadcastShapes('broadcastTo', [x.shape, shape]), shape)) {
      throw new ShapeError('broadcastTo', `shape ${shapeText(x.shape)} does not broadcast to ${shapeText(shape)}`);
    }
    return [{ shape, dtype: x.dtype }];
  },
  evaluate: ([x], { shape }) => [gatherStrided(x, shape, broadcastStrides(x.shape, shape))],
  jvp: (_, [t], { shape }) => [broadcastTo(t!, shape)],
  transpose: ([ct], [x]) => [unbroadcast(ct!, x.shape)],
  batch([x], _, { shape }) {
    const missing = shape.length - (x.ndim - 1);
    const aligned = reshape(x, [x.shape[0], ...new Array<number>(missing).fill(1), ...x.shape.slice(1)]);
    return [broadcastTo(aligned, [x.shape[0], ...shape])];
  },
  lower: (context, [x], { shape }) => [context.op('Expand', [x, context.constant(...int64(shape))])],
  simplify([x], { shape }) {
    if (sameShape(x.shape, shape)) return x;
    if (x.node.primitive === (broadcastPrimitive as Primitive)) {
      return broadcastTo(x.node.operands[0], shape);
    }
    return undefined;
  },
};

export const broadcastTo = (x: NDArray, shape: Shape): NDArray => bind(broadcastPrimitive, [x], { shape });

interface SliceParams {
  readonly start: readonly number[];
  readonly stop: readonly number[];
  readonly step: readonly number[];
}

const slicePrimitive: Primitive<SliceParams> = {
  name: 'slice',
  infer([x], { start, stop, step }) {
    const shape = x.shape.map((n, i) => {
      if (start[i] < 0 || stop[i] > n || start[i] > stop[i] || step[i] < 1) {
        throw new ShapeError(
          'slice',
          `[${start[i]}, ${stop[i]}, ${step[i]}] does not fit axis ${i} of shape ${shapeText(x.shape)}`,
        );
      }
      return Math.ceil((stop[i] - start[i]) / step[i]);
    });
    return [{ shape, dtype: x.dtype }];
  },
  evaluate([x], { start, step }, [output]) {
    const strides = stridesOf(x.shape);
    const first = strides.reduce((sum, s, i) => sum + s * start[i], 0);
    return [
      gatherStrided(
        x,
        output.shape,
        strides.map((s, i) => s * step[i]),
        first,
      ),
    ];
  },
  jvp: (_, [t], { start, stop, step }) => [slice(t!, start, stop, step)],
  transpose([ct], [x], _, { start, step }) {
    const before = start;
    const after = x.shape.map((n, i) => {
      const length = ct!.shape[i] === 0 ? 0 : (ct!.shape[i] - 1) * step[i] + 1;
      return n - start[i] - length;
    });
    return [
      pad(
        ct!,
        before,
        after,
        step.map((s) => s - 1),
      ),
    ];
  },
  batch: ([x], _, { start, stop, step }) => [slice(x, [0, ...start], [x.shape[0], ...stop], [1, ...step])],
  lower(context, [x], { start, stop, step }, { operands }) {
    const axes = operands[0].shape.flatMap((n, i) => (start[i] === 0 && stop[i] === n && step[i] === 1 ? [] : [i]));
    const pick = (values: readonly number[]) => context.constant(...int64(axes.map((i) => values[i])));
    return [context.op('Slice', [x, pick(start), pick(stop), context.constant(...int64(axes)), pick(step)])];
  },
  simplify([x], { start, stop, step }) {
    return x.shape.every((n, i) => start[i] === 0 && stop[i] === n && step[i] === 1) ? x : undefined;
  },
};

/** Elements `start, start + step, … < stop` of every axis; 0 <= start <= stop <= size, step >= 1. */
export const slice = (
  x: NDArray,
  start: readonly number[],
  stop: readonly number[],
  step: readonly number[] = start.map(() => 1),
): NDArray => bind(slicePrimitive, [x], { start, stop, step });

interface PadParams {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly between: readonly number[];
}

const padPrimitive: Primitive<PadParams> = {
  name: 'pad',
  infer([x], { before, after, between }) {
    const shape = x.shape.map((n, i) => before[i] + after[i] + n + Math.max(0, n - 1) * between[i]);
    if ([...before, ...after, ...between].some((n) => n < 0 || !Number.isInteger(n))) {
      throw new ShapeError(
        'pad',
        `widths must be non-negative integers, got ${shapeText(before)} before and ${shapeText(after)} after`,
      );
    }
    return [{ shape, dtype: x.dtype }];
  },
  evaluate([x], { before, between }, [output]) {
    const result = allocate(x.dtype, sizeOf(output.shape));
    const strides = stridesOf(output.shape);
    const first = strides.reduce((sum, s, i) => sum + s * before[i], 0);
    forEachOffset(x.shape, [strides.map((s, i) => s * (between[i] + 1))], (index, [offset]) => {
      result[first + offset] = x.data[index];
    });
    return [result];
  },
  jvp: (_, [t], { before, after, between }) => [pad(t!, before, after, between)],
  transpose([ct], [x], _, { before, between }) {
    const stop = x.shape.map((n, i) => before[i] + (n === 0 ? 0 : (n - 1) * (between[i] + 1) + 1));
    return [
      slice(
        ct!,
        before,
        stop,
        between.map((n) => n + 1),
      ),
    ];
  },
  batch: ([x], _, { before, after, between }) => [pad(x, [0, ...before], [0, ...after], [0, ...between])],
  lower(context, [x], { before, after, between }, { operands, outputs }) {
    let name = x;
    let shape = operands[0].shape;
    if (between.some((n) => n > 0)) {
      // ONNX has no interior padding: give each such axis a trailing partner, pad that with zeros, merge, cut the tail.
      const split = shape.flatMap((n, i) => (between[i] > 0 ? [n, 1] : [n]));
      const after = shape.flatMap((_, i) => (between[i] > 0 ? [0, between[i]] : [0]));
      name = context.reshape(name, shape, split);
      const zeros = new Array<number>(split.length).fill(0);
      name = context.op('Pad', [name, context.constant(...int64([...zeros, ...after]))]);
      const padded = split.map((n, i) => n + after[i]);
      const merged = shape.map((n, i) => n * (between[i] + 1));
      name = context.reshape(name, padded, merged);
      const stop = shape.map((n, i) => Math.max(0, n + (n - 1) * between[i]));
      const axes = shape.map((_, i) => i);
      name = context.op('Slice', [
        name,
        context.constant(...int64(axes.map(() => 0))),
        context.constant(...int64(stop)),
        context.constant(...int64(axes)),
      ]);
      shape = stop;
    }
    if (sameShape(shape, outputs[0].shape)) return [name];
    return [context.op('Pad', [name, context.constant(...int64([...before, ...after]))])];
  },
  simplify([x], { before, after, between }) {
    return [...before, ...after, ...between].every((n) => n === 0) ? x : undefined;
  },
};

/** Zeros before, after and between the elements of every axis (the transpose of `slice`). */
export const pad = (
  x: NDArray,
  before: readonly number[],
  after: readonly number[],
  between: readonly number[] = before.map(() => 0),
): NDArray => bind(padPrimitive, [x], { before, after, between });

const concatenatePrimitive: Primitive<{ readonly axis: number }> = {
  name: 'concatenate',
  infer(operands, { axis }) {
    const [first, ...rest] = operands;
    for (const x of rest) {
      if (x.dtype !== first.dtype) {
        throw new ShapeError('concatenate', `dtypes differ: ${operands.map((o) => o.dtype).join(', ')}`);
      }
      if (x.shape.length !== first.shape.length || x.shape.some((n, i) => i !== axis && n !== first.shape[i])) {
        throw new ShapeError(
          'concatenate',
          `shapes ${operands.map((o) => shapeText(o.shape)).join(', ')} must agree in every axis but axis ${axis}`,
        );
      }
    }
    const length = operands.reduce((sum, x) => sum + x.shape[axis], 0);
    return [{ shape: first.shape.map((n, i) => (i === axis ? length : n)), dtype: first.dtype }];
  },
  evaluate(operands, { axis }, [output]) {
    const result = allocate(output.dtype, sizeOf(output.shape));
    const inner = sizeOf(output.shape.slice(axis + 1));
    const outer = sizeOf(output.shape.slice(0, axis));
    const row = output.shape[axis] * inner;
    let start = 0;
    for (const x of operands) {
      const run = x.shape[axis] * inner;
      for (let o = 0; o < outer; o++) result.set(x.data.subarray(o * run, (o + 1) * run), o * row + start);
      start += run;
    }
    return [result];
  },
  jvp: (operands, tangents, { axis }) => [
    concatenate(
      tangents.map((t, i) => t ?? zerosOf(operands[i])),
      axis,
    ),
  ],
  transpose([ct], operands, linear, { axis }) {
    let start = 0;
    return operands.map((x, i) => {
      const begin = x.shape.map((_, k) => (k === axis ? start : 0));
      start += x.shape[axis];
      return linear[i]
        ? slice(
            ct!,
            begin,
            x.shape.map((n, k) => (k === axis ? begin[k] + n : n)),
          )
        : null;
    });
  },
  batch: (operands, batched, { axis }, size) => [
    concatenate(
      operands.map((x, i) => withBatch(x, batched[i], size)),
      axis + 1,
    ),
  ],
  lower: (context, inputs, { axis }) => [context.op('Concat', inputs, { axis })],
  simplify: (operands) => (operands.length === 1 ? operands[0] : undefined),
};

/** Joins arrays of one dtype along a non-negative axis. */
export const concatenate = (operands: readonly NDArray[], axis: number): NDArray =>
  bind(concatenatePrimitive, operands, { axis });

const reversePrimitive: Primitive<{ readonly axes: readonly number[] }> = {
  name: 'reverse',
  infer: ([x]) => [x],
  evaluate([x], { axes }) {
    const strides = stridesOf(x.shape);
    const first = axes.reduce((sum, axis) => sum + strides[axis] * Math.max(0, x.shape[axis] - 1), 0);
    return [
      gatherStrided(
        x,
        x.shape,
        strides.map((s, i) => (axes.includes(i) ? -s : s)),
        first,
      ),
    ];
  },
  jvp: (_, [t], { axes }) => [reverse(t!, axes)],
  transpose: ([ct], _, __, { axes }) => [reverse(ct!, axes)],
  batch: ([x], _, { axes }) => [
    reverse(
      x,
      axes.map((axis) => axis + 1),
    ),
  ],
  lower(context, [x], { axes }) {
    const all = (value: number) => context.constant(...int64(axes.map(() => value)));
    return [context.op('Slice', [x, all(-1), all(-(2 ** 31)), context.constant(...int64(axes)), all(-1)])];
  },
  simplify: ([x], { axes }) => (axes.length === 0 ? x : undefined),
};

/** Reverses the order of the elements along non-negative axes. */
export const reverse = (x: NDArray, axes: readonly number[]): NDArray => bind(reversePrimitive, [x], { axes });

/** One value everywhere, stored as one element. */
export const filled = (value: number, shape: Shape, dtype: DType): NDArray => broadcastTo(scalar(value, dtype), shape);

export const zerosOf = (x: NDArray): NDArray => filled(0, x.shape, x.dtype);
