/** @file Reading and writing at positions. */
import { UserError } from '../../array/errors.ts';
import { constant, type NDArray } from '../../array/ndarray.ts';
import { shapeText, sizeOf, stridesOf } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import type { Index } from '../../numpy/shape.ts';
import { scatterReplace } from '../../primitives/gather.ts';
import { type Call, isKnown, knownNumbers, type Operator } from '../call.ts';

/** Positions must be in [-n, n); those that are known are checked. */
function checkPositions(positions: NDArray, n: number): void {
  if (!isKnown(positions)) return;
  const bad = knownNumbers(positions, 'positions').find((i) => i < -n || i >= n);
  if (bad !== undefined) throw new UserError(`position ${bad} is outside of an axis of size ${n}`);
}

const gather: Operator = (call) => {
  const [x, positions] = [call.input(0), call.input(1)];
  const axis = call.axis(x, 0);
  checkPositions(positions, x.shape[axis]);
  // One known position is a slice, whose derivative is cheaper.
  if (positions.ndim === 0 && isKnown(positions)) {
    const at = knownNumbers(positions, 'the position')[0];
    return np.slice(x, ...x.shape.map((_, i): Index => (i === axis ? at : [])));
  }
  return np.take(x, positions, axis);
};

/** `x` cut to the sizes of the positions on every axis but one. */
const cutTo = (x: NDArray, positions: NDArray, axis: number): NDArray => {
  if (positions.ndim !== x.ndim || positions.shape.some((n, i) => i !== axis && n > x.shape[i]))
    throw new UserError(`positions of shape ${shapeText(positions.shape)} do not fit shape ${shapeText(x.shape)}`);
  return np.slice(x, ...positions.shape.map((n, i): Index => (i === axis ? [] : [0, n])));
};

const gatherElements: Operator = (call) => {
  const [x, positions] = [call.input(0), call.input(1)];
  const axis = call.axis(x, 0);
  checkPositions(positions, x.shape[axis]);
  return np.takeAlongAxis(cutTo(x, positions, axis), positions, axis);
};

/** Positions along the axes `first`, `first + 1`, … in the last axis of `tuples`, as positions in the merged axes. */
function mergedPositions(tuples: NDArray, shape: readonly number[]): NDArray {
  const strides = stridesOf(shape);
  const columns = shape.map((n, k) => {
    const column = np.slice(tuples, ...tuples.shape.slice(0, -1).map((): Index => []), k);
    checkPositions(column, n);
    return np.multiply(np.where(np.less(column, 0), np.add(column, n), column), strides[k]);
  });
  return columns.reduce((a, b) => np.add(a, b));
}

/** How many leading axes (behind `batch` shared ones) the tuples of positions go into. */
function tupleLength(x: NDArray, tuples: NDArray, batch: number): number {
  const k = tuples.shape[tuples.ndim - 1];
  if (tuples.ndim === 0 || k < 1 || batch + k > x.ndim)
    throw new UserError(`positions of shape ${shapeText(tuples.shape)} do not go into shape ${shapeText(x.shape)}`);
  return k;
}

const gatherND: Operator = (call) => {
  const [x, tuples] = [call.input(0), call.input(1)];
  const batch = call.attributes.int('batch_dims', 0);
  if (batch < 0 || batch >= tuples.ndim || tuples.shape.slice(0, batch).some((n, i) => n !== x.shape[i]))
    throw new UserError(`batch_dims ${batch} does not fit shapes ${shapeText(x.shape)} and ${shapeText(tuples.shape)}`);
  const k = tupleLength(x, tuples, batch);
  const inner = x.shape.slice(batch, batch + k);
  const rest = x.shape.slice(batch + k);
  const blocks = sizeOf(x.shape.slice(0, batch));
  const positions = np.reshape(mergedPositions(tuples, inner), [blocks, sizeOf(tuples.shape.slice(batch, -1))]);
  // One block of merged axes for each of the shared positions.
  const offsets = constant(
    Int32Array.from({ length: blocks }, (_, b) => b * sizeOf(inner)),
    [blocks, 1],
  );
  const y = np.take(np.reshape(x, [blocks * sizeOf(inner), ...rest]), np.add(positions, offsets), 0);
  return np.reshape(y, [...tuples.shape.slice(0, -1), ...rest]);
};

/** `rows` with values added to, or put in the place of, those at positions along axis 0. */
function scattered(call: Call, rows: NDArray, positions: NDArray, values: NDArray): NDArray {
  const reduction = call.attributes.string('reduction', 'none');
  if (reduction === 'add') return np.addAt(rows, positions, values);
  if (reduction !== 'none')
    throw new UserError(`reduction ${JSON.stringify(reduction)} is not supported; none and add are`);
  const updates = np.astype(values, rows.dtype);
  return scatterReplace(rows, positions, updates, 0);
}

const scatterND: Operator = (call) => {
  const [x, tuples, values] = [call.input(0), call.input(1), call.input(2)];
  const k = tupleLength(x, tuples, 0);
  const rest = x.shape.slice(k);
  const positions = np.ravel(mergedPositions(tuples, x.shape.slice(0, k)));
  const rows = np.reshape(x, [sizeOf(x.shape.slice(0, k)), ...rest]);
  return np.reshape(scattered(call, rows, positions, np.reshape(values, [positions.size, ...rest])), x.shape);
};

const scatterElements: Operator = (call) => {
  const [x, positions, values] = [call.input(0), call.input(1), call.input(2)];
  const axis = call.axis(x, 0);
  checkPositions(positions, x.shape[axis]);
  cutTo(x, positions, axis);
  // The place of every element in the flattened array: its own on the other axes, the given one on this.
  const strides = stridesOf(x.shape);
  const n = x.shape[axis];
  const along = np.multiply(np.where(np.less(positions, 0), np.add(positions, n), positions), strides[axis]);
  const places = positions.shape.reduce((sum, size, i) => {
    if (i === axis) return sum;
    const own = Int32Array.from({ length: size }, (_, k) => k * strides[i]);
    return np.add(
      sum,
      constant(
        own,
        positions.shape.map((_, j) => (j === i ? size : 1)),
      ),
    );
  }, along);
  return np.reshape(scattered(call, np.ravel(x), np.ravel(places), np.ravel(values)), x.shape);
};

/** `k` is an attribute before operator set 10. */
const topK: Operator = (call) => {
  const k = call.optional(1) === undefined ? call.attributes.int('k') : call.numbers(1)[0];
  const largest = call.attributes.int('largest', 1) !== 0;
  const x = call.input(0);
  return np.topK(x, k, call.axis(x, -1), { largest });
};

const oneHot: Operator = (call) => {
  const [positions, values] = [call.input(0), call.input(2)];
  const depth = call.numbers(1)[0];
  if (depth < 1 || depth > 2 ** 26) throw new UserError(`depth must be in [1, ${2 ** 26}], got ${depth}`);
  const axis = call.attributes.int('axis', -1);
  const whole = np.astype(positions, 'int32');
  const wrapped = np.where(np.less(whole, 0), np.add(whole, depth), whole);
  const hot = np.equal(np.expandDims(wrapped, -1), np.arange(depth));
  return np.moveaxis(np.where(hot, np.slice(values, 1), np.slice(values, 0)), -1, axis);
};

/** Shapes are static, so only of what is known when the graph is built. */
const nonZero: Operator = (call) => {
  const x = call.input(0);
  const found = knownNumbers(x, 'the input').flatMap((value, i) => (value === 0 ? [] : [i]));
  const positions = stridesOf(x.shape).flatMap((s, axis) => found.map((i) => Math.floor(i / s) % x.shape[axis]));
  return np.array(Int32Array.from(positions), { shape: [x.ndim, found.length] });
};

const compress: Operator = (call) => {
  const flat = !call.attributes.has('axis');
  const x = flat ? np.ravel(call.input(0)) : call.input(0);
  const axis = flat ? 0 : call.axis(x);
  const kept = call.numbers(1).flatMap((value, i) => (value === 0 ? [] : [i]));
  return np.take(x, kept, axis);
};

export const indexing: Readonly<Record<string, Operator>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatterElements,
  Scatter: scatterElements,
  ScatterND: scatterND,
  TopK: topK,
  OneHot: oneHot,
  NonZero: nonZero,
  Compress: compress,
};
