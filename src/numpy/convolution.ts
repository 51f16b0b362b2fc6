/**
 * @file Convolutions and pooling over any number of spatial axes, in the layout of ONNX and PyTorch: x [batch, channels,
 * …space], kernel [outputs, channels / groups, …window].
 */
import { ShapeError } from '../array/errors.ts';
import { constant, type NDArray } from '../array/ndarray.ts';
import { forEachOffset, type Shape, shapeText, sizeOf } from '../array/shape.ts';
import { convolution, type Geometry } from '../primitives/convolution.ts';
import { cast, multiply, relu, reluPrimitive } from '../primitives/elementwise.ts';
import { maxPool as maxPoolWithPlaces } from '../primitives/pooling.ts';
import { filled, reshape } from '../primitives/shape.ts';
import { promoted } from './create.ts';

/**
 * Zeros at both ends of the spatial axes: one number for all, or one entry (a number, or [before, after]) per axis, or
 * 'same': as many as keep ceil(size / stride) positions, the odd one behind.
 */
export type Padding = number | readonly (number | readonly [before: number, after: number])[] | 'same';

/** Numbers are for all spatial axes, lists have one entry per axis. */
export interface ConvOptions {
  /** Default 1. */
  readonly stride?: number | readonly number[];
  /** Default 0. */
  readonly padding?: Padding;
  /** Distance between neighbours in the window; default 1. */
  readonly dilation?: number | readonly number[];
  /** Channels and outputs are cut into so many groups that do not see each other; default 1. */
  readonly groups?: number;
}

/** One whole number per spatial axis. */
function perAxis(operation: string, what: string, given: number | readonly number[], rank: number, least: number) {
  const list = typeof given === 'number' ? new Array<number>(rank).fill(given) : [...given];
  if (list.length !== rank || list.some((n) => !Number.isInteger(n) || n < least)) {
    throw new ShapeError(
      operation,
      `${what} must be a whole number of at least ${least}, or one per spatial axis (${rank}), got ${JSON.stringify(given)}`,
    );
  }
  return list;
}

/** [before, after] of every spatial axis. */
function widths(
  operation: string,
  padding: Padding,
  space: Shape,
  reach: readonly number[],
  stride: readonly number[],
): readonly (readonly [number, number])[] {
  if (padding === 'same') {
    return space.map((n, i) => {
      const total = Math.max(0, (Math.ceil(n / stride[i]) - 1) * stride[i] + reach[i] - n);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
  }
  const list = typeof padding === 'number' ? space.map(() => padding) : padding;
  const pairs = list.map((entry) => (typeof entry === 'number' ? ([entry, entry] as const) : entry));
  if (
    pairs.length !== space.length ||
    pairs.some((p) => p.length !== 2 || p.some((n) => !Number.isInteger(n) || n < 0))
  ) {
    throw new ShapeError(
      operation,
      `padding must be 'same', a whole number of at least 0, or one number or [before, after] per spatial axis (${space.length}), got ${JSON.stringify(padding)}`,
    );
  }
  return pairs;
}

/** How a window moves over the spatial axes. */
function slidingWindow(
  operation: string,
  space: Shape,
  window: Shape,
  { stride = 1, padding = 0, dilation = 1 }: Omit<ConvOptions, 'groups'>,
): Omit<Geometry, 'groups'> {
  const rank = space.length;
  const strides = perAxis(operation, 'stride', stride, rank, 1);
  const dilations = perAxis(operation, 'dilation', dilation, rank, 1);
  if (window.some((n) => n < 1)) throw new ShapeError(operation, `the window ${shapeText(window)} is empty`);
  const reach = window.map((n, i) => dilations[i] * (n - 1) + 1);
  const pads = widths(operation, padding, space, reach, strides);
  const steps = space.map((n, i) => Math.floor((n + pads[i][0] + pads[i][1] - reach[i]) / strides[i]) + 1);
  if (steps.some((n) => n < 1)) {
    throw new ShapeError(
      operation,
      `a window that reaches over ${shapeText(reach)} does not fit the spatial axes ${shapeText(space)} with padding ${JSON.stringify(pads)}`,
    );
  }
  return { stride: strides, dilation: dilations, before: pads.map(([b]) => b), space, window, steps };
}

function checkRank(operation: string, x: NDArray): number {
  if (x.ndim < 3) {
    throw new ShapeError(
      operation,
      `x must be [batch, channels, …at least one spatial axis], got ${shapeText(x.shape)}`,
    );
  }
  return x.ndim - 2;
}

function checkKernel(operation: string, x: NDArray, kernel: NDArray): void {
  if (kernel.ndim !== x.ndim) {
    throw new ShapeError(
      operation,
      `x of shape ${shapeText(x.shape)} needs a kernel of as many axes, got shape ${shapeText(kernel.shape)}`,
    );
  }
}

/**
 * y[n, o, p] = sum over c, w of kernel[o, c, w] x[n, c, stride p + dilation w - before]: what networks call convolution
 * (the kernel is not reversed).
 *
 * @param x [batch, channels, …space], one spatial axis or more
 * @param kernel [outputs, channels / groups, …window]
 * @returns [batch, outputs, …steps] with steps = floor((space + padding - dilation (window - 1) - 1) / stride) + 1
 */
export function conv(x: NDArray, kernel: NDArray, options: ConvOptions = {}): NDArray {
  checkRank('conv', x);
  checkKernel('conv', x, kernel);
  const groups = perAxis('conv', 'groups', options.groups ?? 1, 1, 1)[0];
  if (x.shape[1] !== groups * kernel.shape[1] || kernel.shape[0] % groups !== 0) {
    throw new ShapeError(
      'conv',
      `x of shape ${shapeText(x.shape)} has ${x.shape[1]} channels, a kernel of shape ${shapeText(kernel.shape)} in ${groups} group${groups === 1 ? '' : 's'} needs ${groups * kernel.shape[1]}${kernel.shape[0] % groups === 0 ? '' : `, and its ${kernel.shape[0]} outputs do not divide into groups`}`,
    );
  }
  const [a, b] = promoted(x, kernel);
  const moves = slidingWindow('conv', x.shape.slice(2), kernel.shape.slice(2), options);
  return convolution(a, b, { ...moves, groups, result: 'y' });
}

/**
 * The transpose of `conv` in x (PyTorch's conv_transpose, "deconvolution"): spreads every element over a window.
 *
 * @param x [batch, channels, …steps]
 * @param kernel [channels, outputs / groups, …window]
 * @param options.outputPadding elements that the result has beyond what the window reaches, for the sizes that a
 *   stride does not determine; default 0. 'same' gives steps * stride.
 * @returns [batch, outputs, …space] with space = stride (steps - 1) + dilation (window - 1) + 1 - padding + outputPadding
 */
export function convTranspose(
  x: NDArray,
  kernel: NDArray,
  options: ConvOptions & { readonly outputPadding?: number | readonly number[] } = {},
): NDArray {
  const operation = 'convTranspose';
  const rank = checkRank(operation, x);
  checkKernel(operation, x, kernel);
  const groups = perAxis(operation, 'groups', options.groups ?? 1, 1, 1)[0];
  if (x.shape[1] !== kernel.shape[0] || x.shape[1] % groups !== 0) {
    throw new ShapeError(
      operation,
      `x of shape ${shapeText(x.shape)} has ${x.shape[1]} channels, which must be the first size of the kernel, got ${shapeText(kernel.shape)}, and divide into ${groups} group${groups === 1 ? '' : 's'}`,
    );
  }
  const stride = perAxis(operation, 'stride', options.stride ?? 1, rank, 1);
  const dilation = perAxis(operation, 'dilation', options.dilation ?? 1, rank, 1);
  const extra = perAxis(operation, 'outputPadding', options.outputPadding ?? 0, rank, 0);
  const steps = x.shape.slice(2);
  const window = kernel.shape.slice(2);
  const full = steps.map((n, i) => stride[i] * (n - 1) + dilation[i] * (window[i] - 1) + 1);
  const wanted = steps.map((n, i) => n * stride[i]);
  const pads =
    options.padding === 'same'
      ? full.map((n, i): [number, number] => [Math.max(0, Math.floor((n - wanted[i]) / 2)), 0])
      : widths(operation, options.padding ?? 0, full, window, stride);
  const space = options.padding === 'same' ? wanted : full.map((n, i) => n - pads[i][0] - pads[i][1] + extra[i]);
  if (space.some((n) => n < 1)) {
    throw new ShapeError(operation, `nothing is left of ${shapeText(full)} after padding ${JSON.stringify(pads)}`);
  }
  const [a, b] = promoted(x, kernel);
  const before = pads.map(([n]) => n);
  return convolution(b, a, { stride, dilation, before, groups, space, window, steps, result: 'x' });
}

/** How a pooling window moves; `stride` defaults to the window's size. */
export type PoolOptions = Omit<ConvOptions, 'groups'>;

/**
 * The largest element of every window. Its derivative goes to the first of equal elements (as PyTorch).
 *
 * @param x [batch, channels, …space], 1 to 3 spatial axes
 * @param window one size for all spatial axes, or one per axis
 * @param options padding counts as -infinity and is smaller than the window's reach
 */
export function maxPool(x: NDArray, window: number | readonly number[], options: PoolOptions = {}): NDArray {
  const sizes = perAxis('maxPool', 'window', window, checkRank('maxPool', x), 1);
  const moves = slidingWindow('maxPool', x.shape.slice(2), sizes, { stride: sizes, ...options });
  // relu is monotone: behind the pooling there is less of it to do, forward and backward.
  if (x.node.primitive === reluPrimitive) return relu(maxPool(x.node.operands[0], window, options));
  const { stride, dilation, before, space, steps } = moves;
  const after = space.map((n, i) =>
    Math.max(0, stride[i] * (steps[i] - 1) + dilation[i] * (sizes[i] - 1) + 1 - n - before[i]),
  );
  return maxPoolWithPlaces(x, { window: sizes, stride, dilation, before, after })[0];
}

/**
 * The mean of every window.
 *
 * @param x [batch, channels, …space]
 * @param window one size for all spatial axes, or one per axis
 * @param options.countPadding whether zeros of the padding count as elements; default true (as PyTorch)
 */
export function averagePool(
  x: NDArray,
  window: number | readonly number[],
  options: PoolOptions & { readonly countPadding?: boolean } = {},
): NDArray {
  const rank = checkRank('averagePool', x);
  const sizes = perAxis('averagePool', 'window', window, rank, 1);
  const { countPadding = true, ...rest } = options;
  const moves = slidingWindow('averagePool', x.shape.slice(2), sizes, { stride: sizes, ...rest });
  const [batch, channels, ...space] = x.shape;
  // A convolution of every plane on its own with one constant kernel.
  const plane = reshape(x, [batch * channels, 1, ...space]);
  const kernel = filled(countPadding ? 1 / sizeOf(sizes) : 1, [1, 1, ...sizes], x.dtype);
  const sums = convolution(plane, kernel, { ...moves, groups: 1, result: 'y' });
  const y = reshape(sums, [batch, channels, ...moves.steps]);
  return countPadding ? y : multiply(y, cast(reciprocalCounts(moves), x.dtype));
}

/** 1 / number of elements of x in each window, [...steps]. */
function reciprocalCounts({ steps, window, space, stride, dilation, before }: Omit<Geometry, 'groups'>): NDArray {
  const inside = (axis: number, p: number) =>
    Array.from({ length: window[axis] }, (_, w) => stride[axis] * p + dilation[axis] * w - before[axis]).filter(
      (at) => at >= 0 && at < space[axis],
    ).length;
  const counts = new Float64Array(sizeOf(steps));
  const unit = steps.map((_, i) => steps.map((__, k) => Number(i === k)));
  forEachOffset(steps, unit, (index, at) => {
    counts[index] = 1 / at.reduce((product, p, axis) => product * inside(axis, p), 1);
  });
  return constant(counts, steps);
}
