/** @file Reductions. `axis`: one axis, several, or all (default); `keepDims` leaves axes of size 1. */
import { ShapeError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { normalizeAxes, normalizeAxis, shapeText } from '../array/shape.ts';
import { cast } from '../primitives/elementwise.ts';
import { stopGradient } from '../primitives/identity.ts';
import * as p from '../primitives/reduce.ts';
import { concatenate as joinArrays, transpose as permute, reshape, slice as sliceArray } from '../primitives/shape.ts';
import { type ArrayLike, floating, promoted } from './create.ts';
import { add, divide, exp, greater, isfinite, log, multiply, sqrt, square, subtract, where } from './math.ts';

export type Axis = number | readonly number[];

type Reduction = (x: ArrayLike, axis?: Axis, keepDims?: boolean) => NDArray;

/** Booleans count as 0 and 1. */
const numeric = (x: ArrayLike): NDArray => {
  const [y] = promoted(x);
  return y.dtype === 'bool' ? cast(y, 'int32') : y;
};

const reduction =
  (name: string, f: (x: NDArray, axes: readonly number[], keepDims: boolean) => NDArray): Reduction =>
  (x, axis, keepDims = false) => {
    const y = numeric(x);
    return f(y, normalizeAxes(name, axis, y.ndim), keepDims);
  };

export const sum = reduction('sum', p.reduceSum);
export const max = reduction('max', (x, axes, keepDims) => p.reduceMax(x, axes, keepDims));
export const min = reduction('min', (x, axes, keepDims) => p.reduceMin(x, axes, keepDims));
export const mean: Reduction = (x, axis, keepDims = false) => {
  const y = floating(x);
  return p.reduceMean(y, normalizeAxes('mean', axis, y.ndim), keepDims);
};

/** Product of the elements, by repeated halving (so that its derivative needs no division). */
export const prod: Reduction = (x, axis, keepDims = false) => {
  const y = numeric(x);
  const axes = normalizeAxes('prod', axis, y.ndim);
  const rest = y.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const kept = y.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const n = axes.reduce((count, a) => count * y.shape[a], 1);
  let z = reshape(permute(y, [...axes, ...rest]), [n, ...rest.map((i) => y.shape[i])]);
  if (n === 0) return add(sum(y, axes, keepDims), 1);
  while (z.shape[0] > 1) {
    const half = Math.floor(z.shape[0] / 2);
    const pairs = multiply(rows(z, 0, half), rows(z, half, 2 * half));
    z = z.shape[0] % 2 === 0 ? pairs : joined(pairs, rows(z, 2 * half, z.shape[0]));
  }
  return reshape(z, keepDims ? kept : rest.map((i) => y.shape[i]));
};

/** Mean squared deviation; divides by n - ddof. */
export function variance(x: ArrayLike, axis?: Axis, options: { ddof?: number; keepDims?: boolean } = {}): NDArray {
  const y = floating(x);
  const axes = normalizeAxes('variance', axis, y.ndim);
  const n = axes.reduce((count, a) => count * y.shape[a], 1);
  const deviations = subtract(y, mean(y, axes, true));
  return divide(sum(square(deviations), axes, options.keepDims), n - (options.ddof ?? 0));
}

/** Standard deviation; divides by n - ddof. */
export const std = (x: ArrayLike, axis?: Axis, options: { ddof?: number; keepDims?: boolean } = {}): NDArray =>
  sqrt(variance(x, axis, options));

const arg =
  (name: string, largest: boolean) =>
  (x: ArrayLike, axis?: number): NDArray => {
    const y = numeric(x);
    if (axis === undefined) return p.argExtremum(reshape(y, [y.size]), 0, largest);
    return p.argExtremum(y, normalizeAxis(name, axis, y.ndim), largest);
  };
/** Index of the first largest element along an axis, or in the flattened array; int32. Any index if there are NaN. */
export const argmax = arg('argmax', true);
/** Index of the first smallest element along an axis, or in the flattened array; int32. Any index if there are NaN. */
export const argmin = arg('argmin', false);

/** True where any element is not 0. */
export const any: Reduction = (x, axis, keepDims) =>
  greater(sum(cast(cast(promoted(x)[0], 'bool'), 'int32'), axis, keepDims), 0);
/** True where no element is 0. */
export const all: Reduction = (x, axis, keepDims) => {
  const y = cast(cast(promoted(x)[0], 'bool'), 'int32');
  return cast(subtract(1, cast(any(subtract(1, y), axis, keepDims), 'int32')), 'bool');
};

/** Running sums along an axis, or over the flattened array. */
export function cumsum(x: ArrayLike, axis?: number): NDArray {
  const y = numeric(x);
  if (axis === undefined) return p.cumulativeSum(reshape(y, [y.size]), 0);
  return p.cumulativeSum(y, normalizeAxis('cumsum', axis, y.ndim));
}

/** What is subtracted before exp; NaN spreads through the sum that follows, so it may get lost here. */
const shiftOf = (x: NDArray, axes: readonly number[]): NDArray => stopGradient(p.reduceMax(x, axes, true, true));

/** log(sum(exp(x))), without overflow: the largest element is taken out first. */
export const logsumexp: Reduction = (x, axis, keepDims = false) => {
  const y = floating(x);
  const axes = normalizeAxes('logsumexp', axis, y.ndim);
  const largest = shiftOf(y, axes);
  const shift = where(isfinite(largest), largest, 0);
  const result = add(log(sum(exp(subtract(y, shift)), axes, true)), shift);
  if (keepDims) return result;
  return reshape(
    result,
    y.shape.filter((_, i) => !axes.includes(i)),
  );
};

/** exp(x) / sum(exp(x)) along an axis. */
export function softmax(x: ArrayLike, axis = -1): NDArray {
  const y = floating(x);
  const a = normalizeAxis('softmax', axis, y.ndim);
  const e = exp(subtract(y, shiftOf(y, [a])));
  return divide(e, sum(e, a, true));
}

/** x - logsumexp(x) along an axis. */
export function logSoftmax(x: ArrayLike, axis = -1): NDArray {
  const y = floating(x);
  const a = normalizeAxis('logSoftmax', axis, y.ndim);
  const shifted = subtract(y, shiftOf(y, [a]));
  return subtract(shifted, log(sum(exp(shifted), a, true)));
}

const rows = (x: NDArray, start: number, stop: number): NDArray =>
  sliceArray(x, [start, ...x.shape.slice(1).map(() => 0)], [stop, ...x.shape.slice(1)]);
const joined = (a: NDArray, b: NDArray): NDArray => joinArrays([a, b], 0);

/** Euclidean norm of all elements, or along axes. */
export const norm: Reduction = (x, axis, keepDims) => sqrt(sum(square(x), axis, keepDims));

/** Sum of the elements on the diagonal of a matrix. */
export function trace(x: NDArray): NDArray {
  if (x.ndim !== 2) throw new ShapeError('trace', `needs a matrix, got shape ${shapeText(x.shape)}`);
  return sum(diagonal(x));
}

/** Elements (i, i) of a matrix. */
export function diagonal(x: NDArray): NDArray {
  if (x.ndim !== 2) throw new ShapeError('diagonal', `needs a matrix, got shape ${shapeText(x.shape)}`);
  const [n, m] = x.shape;
  const k = Math.min(n, m);
  if (k === 0) return reshape(x, [0]);
  return sliceArray(reshape(x, [n * m]), [0], [(k - 1) * (m + 1) + 1], [m + 1]);
}
