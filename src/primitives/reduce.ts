/** @file Reductions over axes, and cumulative sums. */
import { allocate, type DType, isFloat, type TypedArray } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { bind, type NDArray, scalar } from '../array/ndarray.ts';
import type { HostArray, Lowering, Primitive } from '../array/primitive.ts';
import { forEachOffset, type Shape, shapeText, sizeOf, stridesOf } from '../array/shape.ts';
import { cast, divide, equal, multiply } from './elementwise.ts';
import { broadcastTo, reshape, reverse } from './shape.ts';

interface ReduceParams {
  /** Sorted, non-negative, at least one. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  /** Extrema only: NaN may get lost on the runtime, which saves two passes where the caller sees it anyway. */
  readonly ignoreNaN?: boolean;
}

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((n, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [n]));
}

/** Strides into the (contiguous) result of a reduction, 0 along the reduced axes. */
function resultStrides(shape: Shape, axes: readonly number[]): number[] {
  const strides = stridesOf(reducedShape(shape, axes, true));
  return strides.map((s, i) => (axes.includes(i) ? 0 : s));
}

function accumulate(
  x: HostArray,
  axes: readonly number[],
  dtype: DType,
  initial: number,
  f: (sum: number, value: number) => number,
): TypedArray {
  const sums = new Float64Array(sizeOf(reducedShape(x.shape, axes, true))).fill(initial);
  forEachOffset(x.shape, [resultStrides(x.shape, axes)], (index, [offset]) => {
    sums[offset] = f(sums[offset], x.data[index]);
  });
  const result = allocate(dtype, sums.length);
  result.set(sums);
  return result;
}

type Reduce = (type: 'ReduceSum' | 'ReduceMax' | 'ReduceMin', input: string) => string;

function reduction(
  name: string,
  initial: number,
  f: (sum: number, value: number) => number,
  jvp: Primitive<ReduceParams>['jvp'],
  transpose: Primitive<ReduceParams>['transpose'],
  lower: (context: Lowering, reduce: Reduce, x: string, dtype: DType, params: ReduceParams) => string,
): Primitive<ReduceParams> {
  const primitive: Primitive<ReduceParams> = {
    name,
    infer([x], { axes, keepDims }) {
      if (x.dtype === 'bool') throw new ShapeError(name, 'needs numbers, got bool: convert with astype');
      if (!Number.isFinite(initial) && axes.some((a) => x.shape[a] === 0)) {
        throw new ShapeError(name, `of an empty axis has no value (shape ${shapeText(x.shape)})`);
      }
      return [{ shape: reducedShape(x.shape, axes, keepDims), dtype: x.dtype }];
    },
    evaluate: ([x], { axes }) => [accumulate(x, axes, x.dtype, initial, f)],
    jvp,
    transpose,
    batch: ([x], _, params) => [bind(primitive, [x], { ...params, axes: params.axes.map((a) => a + 1) })],
    lower(context, [x], params, { operands }) {
      const axes = context.constant(params.axes, [params.axes.length], 'int64');
      const reduce: Reduce = (type, input) => context.op(type, [input, axes], { keepdims: Number(params.keepDims) });
      return [lower(context, reduce, x, operands[0].dtype, params)];
    },
    simplify([x], { axes, keepDims }) {
      if (axes.length === 0) return x;
      // One element along every reduced axis: only the shape changes.
      if (axes.every((a) => x.shape[a] === 1)) return reshape(x, reducedShape(x.shape, axes, keepDims));
      return undefined;
    },
  };
  return primitive;
}

/** A reduced result (or its cotangent) in the shape that broadcasts against the operand. */
const kept = (y: NDArray, operand: Shape, axes: readonly number[]): NDArray =>
  reshape(y, reducedShape(operand, axes, true));

const reduceSumPrimitive = reduction(
  'sum',
  0,
  (sum, value) => sum + value,
  (_, [t], { axes, keepDims }) => [reduceSum(t!, axes, keepDims)],
  ([ct], [x], _, { axes }) => [broadcastTo(kept(ct!, x.shape, axes), x.shape)],
  // Sums of int32 are clamped by ONNX Runtime; the cast back wraps around as integer arithmetic does elsewhere.
  (context, reduce, x, dtype) =>
    dtype === 'int32' ? context.cast(reduce('ReduceSum', context.cast(x, 'int64')), 'int32') : reduce('ReduceSum', x),
);
export const reduceSum = (x: NDArray, axes: readonly number[], keepDims = false): NDArray =>
  bind(reduceSumPrimitive, [x], { axes, keepDims });

/** The tangent of an extremum: the mean of the tangents at the places that attain it (as JAX). */
const extremumJvp: Primitive<ReduceParams>['jvp'] = ([x], [t], { axes, keepDims }, [y]) => {
  const at = cast(equal(x, kept(y, x.shape, axes)), x.dtype);
  return [divide(reduceSum(multiply(t!, at), axes, keepDims), reduceSum(at, axes, keepDims))];
};

/** ONNX Runtime's extrema skip NaN; a sum of signs is finite unless there is one. */
function lowerExtremum(type: 'ReduceMax' | 'ReduceMin'): Parameters<typeof reduction>[5] {
  return (context, reduce, x, dtype, { ignoreNaN }) => {
    const y = reduce(type, x);
    if (ignoreNaN || !isFloat(dtype)) return y;
    const signs = reduce('ReduceSum', context.op('Sign', [x]));
    return context.op('Add', [y, context.op('Mul', [signs, context.constant([0], [], dtype)])]);
  };
}

const nanMax = (a: number, b: number): number => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b));
const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;
const reduceMaxPrimitive = reduction('max', NEGATIVE_INFINITY, nanMax, extremumJvp, null, lowerExtremum('ReduceMax'));
export const reduceMax = (x: NDArray, axes: readonly number[], keepDims = false, ignoreNaN = false): NDArray =>
  bind(reduceMaxPrimitive, [x], { axes, keepDims, ignoreNaN });

const nanMin = (a: number, b: number): number => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.min(a, b));
const reduceMinPrimitive = reduction('min', POSITIVE_INFINITY, nanMin, extremumJvp, null, lowerExtremum('ReduceMin'));
export const reduceMin = (x: NDArray, axes: readonly number[], keepDims = false, ignoreNaN = false): NDArray =>
  bind(reduceMinPrimitive, [x], { axes, keepDims, ignoreNaN });

interface ArgParams {
  readonly axis: number;
  readonly largest: boolean;
}

const argExtremumPrimitive: Primitive<ArgParams> = {
  name: 'argExtremum',
  infer([x], { axis }) {
    if (x.shape[axis] === 0)
      throw new ShapeError('argmax', `of an empty axis has no value (shape ${shapeText(x.shape)})`);
    return [{ shape: reducedShape(x.shape, [axis], false), dtype: 'int32' }];
  },
  evaluate([x], { axis, largest }, [output]) {
    const result = new Int32Array(sizeOf(output.shape));
    const stride = stridesOf(x.shape)[axis];
    const starts = stridesOf(x.shape).filter((_, i) => i !== axis);
    forEachOffset(output.shape, [starts], (index, [start]) => {
      let best = 0;
      for (let k = 1; k < x.shape[axis]; k++) {
        const value = x.data[start + k * stride];
        const current = x.data[start + best * stride];
        if (largest ? value > current : value < current) best = k;
      }
      result[index] = best;
    });
    return [result];
  },
  jvp: () => [null],
  transpose: null,
  batch: ([x], _, { axis, largest }) => [bind(argExtremumPrimitive, [x], { axis: axis + 1, largest })],
  lower: (context, [x], { axis, largest }) => [
    context.cast(context.op(largest ? 'ArgMax' : 'ArgMin', [x], { axis, keepdims: 0 }), 'int32'),
  ],
};
/** First index of the largest (smallest) element along an axis, int32. */
export const argExtremum = (x: NDArray, axis: number, largest: boolean): NDArray =>
  bind(argExtremumPrimitive, [x], { axis, largest });

const cumulativeSumPrimitive: Primitive<{ readonly axis: number }> = {
  name: 'cumsum',
  infer: ([x]) => [x],
  evaluate([x], { axis }) {
    const result = allocate(x.dtype, x.data.length);
    const stride = stridesOf(x.shape)[axis];
    const starts = stridesOf(x.shape).filter((_, i) => i !== axis);
    forEachOffset(reducedShape(x.shape, [axis], false), [starts], (_, [start]) => {
      let sum = 0;
      for (let k = 0; k < x.shape[axis]; k++) {
        sum += x.data[start + k * stride];
        result[start + k * stride] = sum;
      }
    });
    return [result];
  },
  jvp: (_, [t], { axis }) => [cumulativeSum(t!, axis)],
  transpose: ([ct], _, __, { axis }) => [reverse(cumulativeSum(reverse(ct!, [axis]), axis), [axis])],
  batch: ([x], _, { axis }) => [cumulativeSum(x, axis + 1)],
  lower: (context, [x], { axis }) => [context.op('CumSum', [x, context.constant([axis], [], 'int64')])],
};
export const cumulativeSum = (x: NDArray, axis: number): NDArray => bind(cumulativeSumPrimitive, [x], { axis });

/** Sum over axes divided by their number of elements. */
export function reduceMean(x: NDArray, axes: readonly number[], keepDims = false): NDArray {
  if (!isFloat(x.dtype)) throw new ShapeError('mean', `needs float elements, got ${x.dtype}`);
  const count = axes.reduce((product, a) => product * x.shape[a], 1);
  return multiply(scalar(1 / count, x.dtype), reduceSum(x, axes, keepDims));
}
