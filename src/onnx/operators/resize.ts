/** @file Resizing by interpolation along each axis. */
import { UserError } from '../../array/errors.ts';
import { constant, type NDArray } from '../../array/ndarray.ts';
import { normalizeAxis, shapeText } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import type { Call, Operator } from '../call.ts';

/** Where the centre of output element `i` lies among `n` input elements. */
type Coordinate = (i: number, scale: number, n: number, size: number) => number;

const coordinates: Readonly<Record<string, Coordinate>> = {
  half_pixel: (i, scale) => (i + 0.5) / scale - 0.5,
  pytorch_half_pixel: (i, scale, _, size) => (size > 1 ? (i + 0.5) / scale - 0.5 : 0),
  align_corners: (i, _, n, size) => (size > 1 ? (i * (n - 1)) / (size - 1) : 0),
  asymmetric: (i, scale) => i / scale,
  half_pixel_symmetric: (i, scale, n, size) => {
    const adjustment = size / (scale * n);
    return (n / 2) * (1 - adjustment) + (i + 0.5) / scale - 0.5;
  },
};

const rounding: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function chosen<T>(table: Readonly<Record<string, T>>, attribute: string, name: string): T {
  if (!Object.hasOwn(table, name)) {
    throw new UserError(
      `${attribute} ${JSON.stringify(name)} is not supported; known are ${Object.keys(table).join(', ')}`,
    );
  }
  return table[name];
}

/** Weights of neighbours at distance d, of a cubic convolution with parameter a (Keys 1981, equation 4). */
function cubic(d: number, a: number): number {
  const t = Math.abs(d);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

/** One axis resized: rows of interpolation weights, or positions where there is one weight a row. */
function alongAxis(call: Call, x: NDArray, axis: number, size: number, scale: number): NDArray {
  const { attributes } = call;
  const n = x.shape[axis];
  const mode = attributes.string('mode', 'nearest');
  const defaults =
    call.opset < 11
      ? { place: 'asymmetric', nearest: 'floor' }
      : { place: 'half_pixel', nearest: 'round_prefer_floor' };
  const place = chosen(
    coordinates,
    'coordinate_transformation_mode',
    attributes.string('coordinate_transformation_mode', defaults.place),
  );
  const centres = Array.from({ length: size }, (_, i) => place(i, scale, n, size));
  const inside = (i: number) => Math.min(n - 1, Math.max(0, i));
  if (mode === 'nearest') {
    const round = chosen(rounding, 'nearest_mode', attributes.string('nearest_mode', defaults.nearest));
    const positions = centres.map((c) => inside(round(c)));
    const factor = size / n;
    // Whole factors repeat every element, which is cheaper to differentiate than reading at positions.
    const isRepeat = Number.isInteger(factor) && positions.every((p, i) => p === Math.floor(i / factor));
    return isRepeat ? np.repeat(x, factor, axis) : np.take(x, positions, axis);
  }
  if (size * n > 2 ** 24) throw new UserError(`cannot interpolate ${n} elements to ${size}: too many`);
  const weights = new Float64Array(size * n);
  centres.forEach((centre, i) => {
    if (mode === 'linear') {
      const c = Math.min(n - 1, Math.max(0, centre));
      const low = Math.floor(c);
      weights[i * n + low] += 1 - (c - low);
      weights[i * n + inside(low + 1)] += c - low;
      return;
    }
    const first = Math.floor(centre) - 1;
    const four = [0, 1, 2, 3].map((k) => ({
      at: first + k,
      w: cubic(centre - first - k, attributes.float('cubic_coeff_a', -0.75)),
    }));
    const used = attributes.int('exclude_outside', 0) ? four.filter(({ at }) => at >= 0 && at < n) : four;
    const total = used.reduce((sum, { w }) => sum + w, 0);
    for (const { at, w } of used) weights[i * n + inside(at)] += w / total;
  });
  const matrix = np.astype(constant(weights, [size, n]), x.dtype === 'float64' ? 'float64' : 'float32');
  return np.moveaxis(np.tensordot(x, matrix, [[axis], [1]]), -1, axis);
}

function resized(
  call: Call,
  x: NDArray,
  axes: readonly number[],
  sizes: readonly number[],
  scales: readonly number[],
): NDArray {
  const mode = call.attributes.string('mode', 'nearest');
  if (!['nearest', 'linear', 'cubic'].includes(mode))
    throw new UserError(`mode ${JSON.stringify(mode)} is not supported`);
  if (call.attributes.int('antialias', 0) !== 0) throw new UserError('antialias is not supported');
  return axes.reduce((y, axis, i) => {
    const [n, size] = [y.shape[axis], sizes[i]];
    if (!(size >= 0 && size <= 2 ** 24) || !(scales[i] > 0) || (n === 0 && size > 0))
      throw new UserError(
        `cannot resize axis ${axis} of shape ${shapeText(x.shape)} to size ${size} by factor ${scales[i]}`,
      );
    return size === n && scales[i] === 1 ? y : alongAxis(call, y, axis, size, scales[i]);
  }, x);
}

/** Sizes by factors, rounded down. */
const byScales = (call: Call, x: NDArray, axes: readonly number[], scales: readonly number[]): NDArray => {
  if (scales.length !== axes.length) throw new UserError(`needs ${axes.length} scales, got ${scales.length}`);
  const sizes = axes.map((axis, i) => Math.floor(x.shape[axis] * scales[i]));
  return resized(call, x, axes, sizes, scales);
};

const resize: Operator = (call) => {
  const x = call.input(0);
  const all = x.shape.map((_, i) => i);
  if (call.opset < 11) return byScales(call, x, all, call.numbers(1));
  const axes = call.attributes.ints('axes', all).map((a) => normalizeAxis('axes', a, x.ndim));
  const isGiven = (i: number) => call.optional(i) !== undefined && call.input(i).size > 0;
  if (isGiven(2)) return byScales(call, x, axes, call.numbers(2));
  if (call.attributes.string('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw new UserError('keep_aspect_ratio_policy other than stretch is not supported');
  const sizes = call.numbers(3);
  if (sizes.length !== axes.length) throw new UserError(`needs ${axes.length} sizes, got ${sizes.length}`);
  const scales = axes.map((axis, i) => sizes[i] / x.shape[axis]);
  return resized(call, x, axes, sizes, scales);
};

const upsample: Operator = (call) => {
  const x = call.input(0);
  const scales = call.optional(1) === undefined ? call.attributes.floats('scales') : call.numbers(1);
  return byScales(
    call,
    x,
    x.shape.map((_, i) => i),
    scales,
  );
};

export const resizing: Readonly<Record<string, Operator>> = { Resize: resize, Upsample: upsample };
