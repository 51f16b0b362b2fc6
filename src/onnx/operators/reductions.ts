/** @file Reductions over axes, and what is made of them. */
import { isFloat } from '../../array/dtype.ts';
import type { NDArray } from '../../array/ndarray.ts';
import { normalizeAxes, sizeOf } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import type { Call, Operator } from '../call.ts';

/** Axes are an attribute in older operator sets and an input in newer ones; none means all, or with the flag nothing. */
const reduction =
  (f: (x: NDArray, axes: readonly number[], keepDims: boolean) => NDArray): Operator =>
  (call) => {
    const x = call.input(0);
    const given = call.list('axes', 1) ?? [];
    const isAll = given.length === 0 && call.attributes.int('noop_with_empty_axes', 0) === 0;
    const axes = normalizeAxes('axes', isAll ? undefined : given, x.ndim);
    return f(x, axes, call.attributes.int('keepdims', 1) !== 0);
  };

/** Means of integers are integers. */
const mean = (x: NDArray, axes: readonly number[], keepDims: boolean): NDArray =>
  isFloat(x.dtype) ? np.mean(x, axes, keepDims) : np.astype(np.mean(x, axes, keepDims), x.dtype);

const argument =
  (f: (x: NDArray, axis: number) => NDArray): Operator =>
  (call) => {
    const x = call.input(0);
    const axis = call.axis(x, 0);
    const last = call.attributes.int('select_last_index', 0) !== 0;
    const at = last ? np.subtract(x.shape[axis] - 1, f(np.flip(x, axis), axis)) : f(x, axis);
    return call.attributes.int('keepdims', 1) !== 0 ? np.expandDims(at, axis) : at;
  };

/** Along one axis; before operator set 13 over all elements of the axes from `axis` on. */
const normalized =
  (f: (x: NDArray, axis: number) => NDArray): Operator =>
  (call: Call) => {
    const x = call.input(0);
    if (call.opset >= 13) return f(x, call.axis(x, -1));
    const axis = x.ndim === 1 ? 0 : call.axis(x, 1);
    if (axis === x.ndim - 1) return f(x, axis);
    const rows = sizeOf(x.shape.slice(0, axis));
    return np.reshape(f(np.reshape(x, [rows, sizeOf(x.shape.slice(axis))]), 1), x.shape);
  };

/** The elements moved back by one along an axis; a zero comes first. */
function delayed(x: NDArray, axis: number): NDArray {
  const all = x.shape.map((): readonly [number, number] => [0, 0]);
  const shorter = np.slice(x, ...x.shape.map((n, i) => [0, i === axis ? Math.max(0, n - 1) : n] as const));
  return np.pad(shorter, all.with(axis, [Math.min(1, x.shape[axis]), 0]));
}

const cumsum: Operator = (call) => {
  const x = call.input(0);
  const [axis] = normalizeAxes('axis', call.numbers(1), x.ndim);
  const turned = (y: NDArray) => (call.attributes.int('reverse', 0) ? np.flip(y, axis) : y);
  const terms = turned(x);
  return turned(np.cumsum(call.attributes.int('exclusive', 0) ? delayed(terms, axis) : terms, axis));
};

const hardmax = (x: NDArray, axis: number): NDArray => {
  const hot = np.oneHot(np.argmax(x, axis), x.shape[axis], x.dtype === 'float64' ? 'float64' : 'float32');
  return np.moveaxis(hot, -1, axis);
};

export const reductions: Readonly<Record<string, Operator>> = {
  ReduceSum: reduction(np.sum),
  ReduceMean: reduction(mean),
  ReduceMax: reduction(np.max),
  ReduceMin: reduction(np.min),
  ReduceProd: reduction(np.prod),
  ReduceL1: reduction((x, axes, keepDims) => np.sum(np.abs(x), axes, keepDims)),
  ReduceL2: reduction(np.norm),
  ReduceSumSquare: reduction((x, axes, keepDims) => np.sum(np.square(x), axes, keepDims)),
  ReduceLogSum: reduction((x, axes, keepDims) => np.log(np.sum(x, axes, keepDims))),
  ReduceLogSumExp: reduction(np.logsumexp),
  ArgMax: argument(np.argmax),
  ArgMin: argument(np.argmin),
  CumSum: cumsum,
  Softmax: normalized(np.softmax),
  LogSoftmax: normalized(np.logSoftmax),
  Hardmax: normalized(hardmax),
};
