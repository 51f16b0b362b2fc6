/** @file Operators that give arrays another shape or order. */
import { UserError } from '../../array/errors.ts';
import type { NDArray } from '../../array/ndarray.ts';
import { broadcastShapes, normalizeAxes, normalizeAxis, shapeText, sizeOf } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import type { Index } from '../../numpy/shape.ts';
import type { Call, Operator } from '../call.ts';

const shape: Operator = (call) => {
  const { shape, ndim } = call.input(0);
  const end = (name: string, fallback: number) => {
    const at = call.attributes.int(name, fallback);
    return Math.min(ndim, Math.max(0, at < 0 ? at + ndim : at));
  };
  return np.array(Int32Array.from(shape.slice(end('start', 0), end('end', ndim))));
};

/** 0 keeps the size of the input (unless `allowzero`), -1 is computed. */
const reshape: Operator = (call) => {
  const x = call.input(0);
  const allowZero = call.attributes.int('allowzero', 0) !== 0;
  const sizes = call.numbers(1).map((n, i) => (n === 0 && !allowZero ? (x.shape[i] ?? 0) : n));
  return np.reshape(x, sizes);
};

const flatten: Operator = (call) => {
  const x = call.input(0);
  const axis = call.attributes.int('axis', 1);
  const at = axis === x.ndim ? axis : normalizeAxis('axis', axis, x.ndim);
  return np.reshape(x, [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at))]);
};

const squeeze: Operator = (call) => {
  const x = call.input(0);
  const given = call.list('axes', 1);
  if (given === undefined) return np.squeeze(x);
  const axes = normalizeAxes('axes', given, x.ndim);
  const other = axes.find((a) => x.shape[a] !== 1);
  if (other !== undefined)
    throw new UserError(`axis ${other} of shape ${shapeText(x.shape)} has size ${x.shape[other]}, not 1`);
  return np.reshape(
    x,
    x.shape.filter((_, i) => !axes.includes(i)),
  );
};

const unsqueeze: Operator = (call) => {
  const x = call.input(0);
  const given = call.list('axes', 1);
  if (given === undefined) throw new UserError('needs axes');
  const axes = normalizeAxes('axes', given, x.ndim + given.length);
  const sizes = [...x.shape];
  for (const axis of axes) sizes.splice(axis, 0, 1);
  return np.reshape(x, sizes);
};

const transpose: Operator = (call) => {
  const x = call.input(0);
  return np.transpose(x, call.attributes.has('perm') ? call.attributes.ints('perm') : undefined);
};

/** Sizes of the parts are given, or the parts are equal (the last one smaller where they cannot be). */
const split: Operator = (call) => {
  const x = call.input(0);
  const axis = call.axis(x, 0);
  const n = x.shape[axis];
  const parts = call.attributes.int('num_outputs', call.outputs);
  if (parts < 1 || parts > call.outputs)
    throw new UserError(`cannot cut into ${parts} parts for ${call.outputs} outputs`);
  const even = Math.ceil(n / parts);
  const sizes =
    call.list('split', 1) ?? Array.from({ length: parts }, (_, i) => Math.min(even, Math.max(0, n - i * even)));
  if (sizes.some((s) => s < 0) || sizes.reduce((a, b) => a + b, 0) !== n)
    throw new UserError(`parts of sizes ${shapeText(sizes)} do not fill axis ${axis} of shape ${shapeText(x.shape)}`);
  let start = 0;
  return sizes.map((size) => {
    const range: Index = [start, start + size];
    start += size;
    return np.slice(x, ...x.shape.map((_, i): Index => (i === axis ? range : [])));
  });
};

const expand: Operator = (call) => {
  const x = call.input(0);
  return np.broadcastTo(x, broadcastShapes('Expand', [x.shape, call.numbers(1)]));
};

const tile: Operator = (call) => {
  const repetitions = call.numbers(1);
  if (repetitions.some((n) => n < 0))
    throw new UserError(`repetitions must not be negative, got ${shapeText(repetitions)}`);
  return np.tile(call.input(0), repetitions);
};

/** `starts`, `ends`, `axes` and `steps` are attributes before operator set 10 and inputs from then on. */
const slice: Operator = (call) => {
  const x = call.input(0);
  const [starts, ends] = [call.list('starts', 1), call.list('ends', 2)];
  if (starts === undefined || ends === undefined) throw new UserError('needs starts and ends');
  const axes = call.list('axes', 3) ?? starts.map((_, i) => i);
  const steps = call.list('steps', 4) ?? starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length))
    throw new UserError(
      `starts, ends, axes and steps differ in length: ${[starts, ends, axes, steps].map((l) => l.length)}`,
    );
  const index: Index[] = x.shape.map(() => []);
  axes.forEach((axis, i) => {
    const at = normalizeAxis('axes', axis, x.ndim);
    // A start in front of the axis is its first element backwards, too (NumPy: nothing).
    const start = steps[i] < 0 ? Math.max(starts[i], -x.shape[at]) : starts[i];
    index[at] = [start, ends[i], steps[i]];
  });
  return np.slice(x, ...index);
};

/** Positions along an axis of size n that padding by reflection, repetition or wrapping reads. */
function sourceOf(mode: string, position: number, n: number): number {
  if (mode === 'edge') return Math.min(n - 1, Math.max(0, position));
  if (mode === 'wrap') return ((position % n) + n) % n;
  if (n === 1) return 0;
  const period = 2 * (n - 1);
  const at = ((position % period) + period) % period;
  return at < n ? at : period - at;
}

const pad: Operator = (call) => {
  const x = call.input(0);
  const { attributes } = call;
  const pads = call.list('pads', 1);
  if (pads === undefined) throw new UserError('needs pads');
  const axes =
    call.optional(3) === undefined
      ? x.shape.map((_, i) => i)
      : call.numbers(3).map((a) => normalizeAxis('axes', a, x.ndim));
  if (pads.length !== 2 * axes.length) throw new UserError(`needs ${2 * axes.length} pads, got ${pads.length}`);
  const widths = x.shape.map((): [number, number] => [0, 0]);
  axes.forEach((axis, i) => {
    widths[axis] = [pads[i], pads[axes.length + i]];
  });
  const mode = attributes.string('mode', 'constant');
  if (mode === 'constant') return padConstant(call, x, widths);
  if (!['edge', 'reflect', 'wrap'].includes(mode)) throw new UserError(`mode ${JSON.stringify(mode)} is not known`);
  return widths.reduce((y, [before, after], axis) => {
    const n = y.shape[axis];
    if (before === 0 && after === 0) return y;
    if (n === 0 || before + n + after > 2 ** 24)
      throw new UserError(`cannot pad axis ${axis} of size ${n} by ${before} and ${after}`);
    const positions = Array.from({ length: Math.max(0, before + n + after) }, (_, i) => sourceOf(mode, i - before, n));
    return np.take(y, positions, axis);
  }, x);
};

/** Negative widths cut. */
function padConstant(call: Call, x: NDArray, widths: readonly (readonly [number, number])[]): NDArray {
  const cut = np.slice(
    x,
    ...widths.map(([before, after], i): Index => [Math.max(0, -before), x.shape[i] - Math.max(0, -after)]),
  );
  const grown = widths.map(([before, after]) => [Math.max(0, before), Math.max(0, after)] as const);
  const value = call.optional(2) === undefined ? call.attributes.float('value', 0) : call.numbers(2)[0];
  return np.pad(cut, grown, value);
}

/** [batch, channels * b * b, h, w] -> [batch, channels, h * b, w * b]; the mode says which of the three comes first. */
const depthToSpace: Operator = (call) => {
  const x = call.input(0);
  const b = call.attributes.int('blocksize');
  const [batch, channels, height, width] = x.shape;
  const c = channels / (b * b);
  const depthFirst = call.attributes.string('mode', 'DCR') === 'DCR';
  const split = np.reshape(x, depthFirst ? [batch, b, b, c, height, width] : [batch, c, b, b, height, width]);
  const moved = np.transpose(split, depthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]);
  return np.reshape(moved, [batch, c, height * b, width * b]);
};

const spaceToDepth: Operator = (call) => {
  const x = call.input(0);
  const b = call.attributes.int('blocksize');
  const [batch, channels, height, width] = x.shape;
  const split = np.reshape(x, [batch, channels, height / b, b, width / b, b]);
  return np.reshape(np.transpose(split, [0, 3, 5, 1, 2, 4]), [batch, channels * b * b, height / b, width / b]);
};

export const shapes: Readonly<Record<string, Operator>> = {
  Shape: shape,
  Size: (call) => np.array(Int32Array.of(call.input(0).size), { shape: [] }),
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: (call) => np.concatenate(call.inputs, call.attributes.int('axis')),
  Split: split,
  Expand: expand,
  Tile: tile,
  Slice: slice,
  Pad: pad,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
