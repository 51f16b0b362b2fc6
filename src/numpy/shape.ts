/** @file Functions that rearrange arrays. Negative axes count from the end. */
import { ShapeError, UserError } from '../array/errors.ts';
import { constant, knownValue, NDArray } from '../array/ndarray.ts';
import { normalizeAxis, type Shape, shapeText, sizeOf } from '../array/shape.ts';
import { gather, scatterAdd, scatterReplace } from '../primitives/gather.ts';
import { gatherAlong } from '../primitives/gather-along.ts';
import * as p from '../primitives/shape.ts';
import { split as cut } from '../primitives/split.ts';
import { type ArrayLike, array, promoted } from './create.ts';
import { add, equal, less, where } from './math.ts';

/** The elements in a new shape; one size may be -1 and is computed. */
export function reshape(x: NDArray, shape: Shape): NDArray {
  const unknown = shape.filter((n) => n === -1).length;
  if (unknown === 0) return p.reshape(x, [...shape]);
  const known = sizeOf(shape.filter((n) => n !== -1));
  if (unknown > 1 || known === 0 || x.size % known !== 0) {
    throw new ShapeError(
      'reshape',
      `cannot fill shape ${shapeText(shape)} with the ${x.size} elements of shape ${shapeText(x.shape)}`,
    );
  }
  return p.reshape(
    x,
    shape.map((n) => (n === -1 ? x.size / known : n)),
  );
}

export const ravel = (x: NDArray): NDArray => p.reshape(x, [x.size]);

/** Axes in a new order; default: reversed. */
export function transpose(x: NDArray, axes?: readonly number[]): NDArray {
  const order = axes?.map((a) => normalizeAxis('transpose', a, x.ndim)) ?? x.shape.map((_, i) => x.ndim - 1 - i);
  return p.transpose(x, order);
}

export function swapaxes(x: NDArray, a: number, b: number): NDArray {
  const order = x.shape.map((_, i) => i);
  const [i, j] = [normalizeAxis('swapaxes', a, x.ndim), normalizeAxis('swapaxes', b, x.ndim)];
  [order[i], order[j]] = [j, i];
  return p.transpose(x, order);
}

export function moveaxis(x: NDArray, from: number, to: number): NDArray {
  const [source, target] = [normalizeAxis('moveaxis', from, x.ndim), normalizeAxis('moveaxis', to, x.ndim)];
  const order = x.shape.map((_, i) => i).filter((i) => i !== source);
  order.splice(target, 0, source);
  return p.transpose(x, order);
}

/** A new axis of size 1 at a position of the result. */
export function expandDims(x: NDArray, axis: number): NDArray {
  const at = normalizeAxis('expandDims', axis, x.ndim + 1);
  return p.reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** Without an axis of size 1, or without all of them. */
export function squeeze(x: NDArray, axis?: number): NDArray {
  if (axis === undefined)
    return p.reshape(
      x,
      x.shape.filter((n) => n !== 1),
    );
  const at = normalizeAxis('squeeze', axis, x.ndim);
  if (x.shape[at] !== 1)
    throw new ShapeError('squeeze', `axis ${axis} of shape ${shapeText(x.shape)} has size ${x.shape[at]}, not 1`);
  return p.reshape(
    x,
    x.shape.filter((_, i) => i !== at),
  );
}

export const broadcastTo = (x: ArrayLike, shape: Shape): NDArray => p.broadcastTo(promoted(x)[0], [...shape]);

export function concatenate(arrays: readonly NDArray[], axis = 0): NDArray {
  if (arrays.length === 0) throw new UserError('concatenate: needs at least one array');
  const same = promoted(...arrays);
  return p.concatenate(same, normalizeAxis('concatenate', axis, same[0].ndim));
}

/** Arrays of one shape along a new axis. */
export function stack(arrays: readonly NDArray[], axis = 0): NDArray {
  return concatenate(
    arrays.map((x) => expandDims(x, axis)),
    axis,
  );
}

/** Cut along an axis into a number of equal parts, or at ascending positions. */
export function split(x: NDArray, parts: number | readonly number[], axis = 0): NDArray[] {
  const at = normalizeAxis('split', axis, x.ndim);
  const n = x.shape[at];
  if (typeof parts === 'number') {
    if (n % parts !== 0) {
      throw new ShapeError('split', `axis ${axis} of size ${n} cannot be cut into ${parts} equal parts`);
    }
    return [...cut(x, at, new Array<number>(parts).fill(n / parts))];
  }
  const ends = [...parts.map((i) => Math.min(n, i < 0 ? i + n : i)), n];
  const sizes = ends.map((end, i) => end - (ends[i - 1] ?? 0));
  if (sizes.some((size) => !(size >= 0))) {
    throw new ShapeError('split', `positions must ascend, got ${parts.join(', ')} for an axis of ${n}`);
  }
  return [...cut(x, at, sizes)];
}

/** Reversed order along an axis, several, or all. */
export function flip(x: NDArray, axis?: number | readonly number[]): NDArray {
  const axes = axis === undefined ? x.shape.map((_, i) => i) : typeof axis === 'number' ? [axis] : axis;
  return p.reverse(
    x,
    axes.map((a) => normalizeAxis('flip', a, x.ndim)),
  );
}

/** A constant around the array: `widths` is one [before, after] per axis. */
export function pad(x: NDArray, widths: readonly (readonly [number, number])[], value = 0): NDArray {
  if (widths.length !== x.ndim)
    throw new ShapeError(
      'pad',
      `needs one [before, after] per axis of shape ${shapeText(x.shape)}, got ${widths.length}`,
    );
  const before = widths.map(([b]) => b);
  const after = widths.map(([, a]) => a);
  const padded = p.pad(x, before, after);
  if (value === 0) return padded;
  const inside = p.pad(p.filled(1, x.shape, 'int32'), before, after);
  return where(inside, padded, value);
}

/** The array repeated along each axis. */
export function tile(x: NDArray, repetitions: readonly number[]): NDArray {
  const rank = Math.max(x.ndim, repetitions.length);
  const shape = [...new Array<number>(rank - x.ndim).fill(1), ...x.shape];
  const times = [...new Array<number>(rank - repetitions.length).fill(1), ...repetitions];
  const interleaved = p.broadcastTo(
    p.reshape(
      x,
      shape.flatMap((n) => [1, n]),
    ),
    shape.flatMap((n, i) => [times[i], n]),
  );
  return p.reshape(
    interleaved,
    shape.map((n, i) => n * times[i]),
  );
}

/** Each element repeated along an axis. */
export function repeat(x: NDArray, times: number, axis: number): NDArray {
  const at = normalizeAxis('repeat', axis, x.ndim) + 1;
  const spread = [...x.shape.slice(0, at), times, ...x.shape.slice(at)];
  const wide = p.broadcastTo(expandDims(x, at), spread);
  return p.reshape(
    wide,
    x.shape.map((n, i) => (i === at - 1 ? n * times : n)),
  );
}

/**
 * How to index one axis: a number picks one position and drops the axis, `[start, stop, step?]` a range (null: the end;
 * `[]` everything), null inserts an axis of size 1.
 */
export type Index =
  | number
  | null
  | readonly []
  | readonly [number | null]
  | readonly [number | null, number | null]
  | readonly [number | null, number | null, number];

/** Basic indexing, one entry per axis; missing entries take everything. Negative positions count from the end. */
export function slice(x: NDArray, ...index: readonly Index[]): NDArray {
  const used = index.filter((i) => i !== null).length;
  if (used > x.ndim) throw new ShapeError('slice', `${used} indices for an array of shape ${shapeText(x.shape)}`);
  const start: number[] = [];
  const stop: number[] = [];
  const step: number[] = [];
  const reversed: number[] = [];
  const shape: ('keep' | 'drop' | 'new')[] = [];
  for (const i of [...index, ...new Array<readonly []>(x.ndim - used).fill([])]) {
    if (i === null) {
      shape.push('new');
      continue;
    }
    const axis = start.length;
    const n = x.shape[axis];
    if (typeof i === 'number') {
      if (!Number.isInteger(i) || i < -n || i >= n)
        throw new ShapeError('slice', `index ${i} is out of range for axis ${axis} of shape ${shapeText(x.shape)}`);
      const at = i < 0 ? i + n : i;
      start.push(at);
      stop.push(at + 1);
      step.push(1);
      shape.push('drop');
      continue;
    }
    const stride = i[2] ?? 1;
    if (!Number.isInteger(stride) || stride === 0)
      throw new ShapeError('slice', `the step must be a non-zero integer, got ${stride}`);
    const clamp = (k: number) => Math.min(n, Math.max(0, k < 0 ? k + n : k));
    if (stride > 0) {
      const first = clamp(i[0] ?? 0);
      start.push(first);
      stop.push(Math.max(first, clamp(i[1] ?? n)));
      step.push(stride);
    } else {
      // Backwards: the same positions forwards, then reversed.
      const first = i[0] == null ? n - 1 : Math.min(n - 1, i[0] < 0 ? i[0] + n : i[0]);
      const last = i[1] == null ? -1 : Math.max(-1, i[1] < 0 ? i[1] + n : i[1]);
      const count = Math.max(0, Math.ceil((first - last) / -stride));
      const lowest = first + (count - 1) * stride;
      start.push(count === 0 ? 0 : lowest);
      stop.push(count === 0 ? 0 : first + 1);
      step.push(-stride);
      reversed.push(axis);
    }
    shape.push('keep');
  }
  const y = p.reverse(p.slice(x, start, stop, step), reversed);
  const sizes = [...y.shape];
  return p.reshape(
    y,
    shape.flatMap((kind) => {
      if (kind === 'new') return [1];
      const size = sizes.shift()!;
      return kind === 'drop' ? [] : [size];
    }),
  );
}

/** Indices as int32 in [0, n); known ones are checked now, computed ones wrap if negative. */
function indices(operation: string, given: ArrayLike | readonly number[], n: number): NDArray {
  if (Array.isArray(given) || typeof given === 'number') {
    const list = (typeof given === 'number' ? [given] : given) as readonly number[];
    const bad = list.find((i) => !Number.isInteger(i) || i < -n || i >= n);
    if (bad !== undefined) throw new ShapeError(operation, `index ${bad} is out of range for an axis of ${n}`);
    const data = Int32Array.from(list, (i) => (i < 0 ? i + n : i));
    return constant(data, typeof given === 'number' ? [] : [data.length]);
  }
  const x = given as NDArray;
  if (!(x instanceof NDArray) || x.dtype !== 'int32')
    throw new ShapeError(operation, `indices must be int32, got ${String(given)}`);
  return where(less(x, 0), add(x, n), x);
}

/** Elements at positions along an axis; the indices' axes take its place. Without an axis: of the flattened array. */
export function take(x: NDArray, positions: NDArray | number | readonly number[], axis?: number): NDArray {
  if (axis === undefined) return take(ravel(x), positions, 0);
  const at = normalizeAxis('take', axis, x.ndim);
  return gather(x, indices('take', positions, x.shape[at]), at);
}

/** Along an axis, for every position of the other axes its own indices; shapes agree but for that axis. */
export function takeAlongAxis(x: NDArray, positions: NDArray, axis: number): NDArray {
  const at = normalizeAxis('takeAlongAxis', axis, x.ndim);
  if (positions.ndim !== x.ndim || positions.shape.some((n, i) => i !== at && n !== x.shape[i])) {
    throw new ShapeError(
      'takeAlongAxis',
      `indices of shape ${shapeText(positions.shape)} do not fit shape ${shapeText(x.shape)} beside axis ${axis}`,
    );
  }
  return gatherAlong(x, indices('takeAlongAxis', positions, x.shape[at]), at);
}

/** `x` with values added at positions along an axis; positions named twice receive both. */
export function addAt(x: NDArray, positions: NDArray | readonly number[], values: NDArray, axis = 0): NDArray {
  const at = normalizeAxis('addAt', axis, x.ndim);
  const [base, updates] = promoted(x, values);
  return scatterAdd(base, indices('addAt', positions, x.shape[at]), updates, at);
}

/** `x` with values in place of the elements at positions along an axis; no position may be named twice. */
export function setAt(x: NDArray, positions: NDArray | readonly number[], values: NDArray, axis = 0): NDArray {
  const at = normalizeAxis('setAt', axis, x.ndim);
  const [base, updates] = promoted(x, values);
  const where = indices('setAt', positions, x.shape[at]);
  const known = knownValue(where)?.data;
  const twice = known?.find((i, k) => known.indexOf(i) !== k);
  if (twice !== undefined) throw new ShapeError('setAt', `position ${twice} is named twice; addAt adds both values`);
  return scatterReplace(base, where, updates, at);
}

/** Ones at the labels: int32 of any shape -> [...shape, classes]. */
export function oneHot(labels: NDArray, classes: number, dtype: 'float32' | 'float64' = 'float32'): NDArray {
  const positions = array(Int32Array.from({ length: classes }, (_, i) => i));
  return where(equal(expandDims(labels, -1), positions), p.filled(1, [], dtype), p.filled(0, [], dtype));
}

/** Ones on and below a diagonal of an n x m matrix. */
export function tri(n: number, m: number = n, k = 0): NDArray {
  const data = new Float32Array(n * m);
  for (let i = 0; i < n; i++) for (let j = 0; j <= Math.min(m - 1, i + k); j++) data[i * m + j] = 1;
  return constant(data, [n, m]);
}

/** The lower triangle of the last two axes; elements above diagonal k become 0. */
export const tril = (x: NDArray, k = 0): NDArray => where(tri(x.shape[x.ndim - 2], x.shape[x.ndim - 1], k), x, 0);

/** The upper triangle of the last two axes; elements below diagonal k become 0. */
export const triu = (x: NDArray, k = 0): NDArray => where(tri(x.shape[x.ndim - 2], x.shape[x.ndim - 1], k - 1), 0, x);
