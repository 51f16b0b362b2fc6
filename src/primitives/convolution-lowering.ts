/**
 * @file ONNX nodes for convolutions. ONNX Runtime has Conv and ConvTranspose, in float32 only, and nothing for the gradient
 * of the kernel: that one, and float64, are matrix products with shifted copies of x. The choices are by measurement, see
 * docs/performance.md.
 */
import type { Aval, Lowering } from '../array/primitive.ts';
import { type Shape, sizeOf } from '../array/shape.ts';
import type { ConvolutionParams, Geometry } from './convolution.ts';

/** A named tensor while nodes are being written. */
interface Tensor {
  readonly name: string;
  readonly shape: Shape;
}

export function lowerConvolution(
  context: Lowering,
  names: readonly string[],
  params: ConvolutionParams,
  operands: readonly Aval[],
  output: Aval,
): string {
  const [a, b] = names.map((name, i): Tensor => ({ name, shape: operands[i].shape }));
  const write = writer(context);
  // A sum of nothing.
  if (operands.some((x) => sizeOf(x.shape) === 0)) return write.zeros(output);
  const native = output.dtype === 'float32';
  switch (params.result) {
    case 'y':
      return native ? conv(write, a, b, params) : productWithPatches(write, a, b, params).name;
    case 'x': {
      if (native && params.stride.some((s) => s > 1) && reached(params).every((n) => n > 0)) {
        return convTranspose(write, a, b, params);
      }
      const [y, kernel, forward] = asForward(write, a, b, params);
      return native ? conv(write, y, kernel, forward) : productWithPatches(write, y, kernel, forward).name;
    }
    case 'kernel':
      return kernelGradient(write, a, b, params);
  }
}

/** Zeros (or, if negative, elements too many) behind x, so that the last step of the window just fits. */
const behind = ({ stride, dilation, before, space, window, steps }: Geometry): number[] =>
  space.map((n, i) => stride[i] * (steps[i] - 1) + dilation[i] * (window[i] - 1) + 1 - n - before[i]);

/** x with what the window reads and nothing else: padded or cut at both ends of every spatial axis. */
function fitted(write: Writer, x: Tensor, g: Geometry): Tensor {
  return write.pad(x, [0, 0, ...g.before], [0, 0, ...behind(g)]);
}

function conv(write: Writer, x: Tensor, kernel: Tensor, g: Geometry): string {
  // Fewer elements too many than the stride change nothing.
  const after = behind(g).map((n, i) => (n < 0 && -n < g.stride[i] ? 0 : n));
  const pads = [...g.before, ...after];
  const cuts = pads.some((n) => n < 0);
  const input = cuts ? fitted(write, x, g) : x;
  const attributes = {
    kernel_shape: g.window,
    strides: g.stride,
    dilations: g.dilation,
    group: g.groups,
    pads: cuts ? pads.map(() => 0) : pads,
  };
  const block = write.channelBlock;
  const [outputs, channels] = kernel.shape;
  const work = 2 * sizeOf(kernel.shape) * x.shape[0] * sizeOf(g.steps);
  if (block > 1 && g.window.length === 2 && g.groups === 1 && outputs % block === 0 && channels % block === 0) {
    if (work > worthReordering) return blockedConv(write, input, kernel, block, attributes);
  }
  return write.op('Conv', [input, kernel], attributes);
}

/** Fewer operations than this are done before the arrays are reordered. */
const worthReordering = 2e6;

/**
 * Conv in ONNX Runtime's layout for its direct convolution, blocks of channels innermost: a fifth to a third faster than
 * by products. The runtime's own optimizer only does this to kernels that are constants, which trained ones are not.
 */
function blockedConv(
  write: Writer,
  x: Tensor,
  kernel: Tensor,
  block: number,
  attributes: Parameters<Lowering['op']>[2],
): string {
  const [outputs, channels, ...window] = kernel.shape;
  const apart = write.reshape(kernel, [outputs / block, block, channels / block, block, ...window]);
  const reordered = write.reshape(write.transpose(apart, [0, 2, 4, 5, 3, 1]), kernel.shape);
  const blocked = { name: write.op('com.microsoft.nchwc:ReorderInput', [x]), shape: x.shape };
  const y = write.op('com.microsoft.nchwc:Conv', [blocked, reordered], attributes);
  return write.op('com.microsoft.nchwc:ReorderOutput', [{ name: y, shape: [] }], { channels: outputs });
}

/** Size of the part of x that lies within the windows. */
const reached = (g: Geometry): number[] => {
  const after = behind(g);
  return g.space.map((n, i) => n + Math.min(0, g.before[i]) + Math.min(0, after[i]));
};

function convTranspose(write: Writer, kernel: Tensor, y: Tensor, g: Geometry): string {
  const after = behind(g);
  const name = write.op('ConvTranspose', [y, kernel], {
    kernel_shape: g.window,
    strides: g.stride,
    dilations: g.dilation,
    group: g.groups,
    pads: [...g.before, ...after].map((n) => Math.max(0, n)),
  });
  const missing = (n: number) => Math.max(0, -n);
  const [front, back] = [g.before.map(missing), after.map(missing)];
  const shape = [y.shape[0], g.groups * kernel.shape[1], ...reached(g)];
  return write.pad({ name, shape }, [0, 0, ...front], [0, 0, ...back]).name;
}

/**
 * The transpose in x as a convolution of y, spread by the stride, with the kernel reversed and its channels exchanged:
 * x[m] = sum over w of kernel[w] y[(m + b - d w) / s], where that is whole.
 */
function asForward(write: Writer, kernel: Tensor, y: Tensor, g: Geometry): [Tensor, Tensor, Geometry] {
  const rank = g.window.length;
  const outputs = kernel.shape[0] / g.groups;
  const channels = kernel.shape[1];
  const apart = write.reshape(kernel, [g.groups, outputs, channels, ...g.window]);
  const exchanged = write.transpose(apart, [0, 2, 1, ...g.window.map((_, i) => 3 + i)]);
  const swapped = write.reshape(exchanged, [g.groups * channels, outputs, ...g.window]);
  const axes = g.window.flatMap((n, i) => (n > 1 ? [2 + i] : []));
  return [
    write.spread(y, g.stride),
    write.reverse(swapped, axes),
    {
      ...g,
      stride: new Array<number>(rank).fill(1),
      before: g.window.map((n, i) => g.dilation[i] * (n - 1) - g.before[i]),
      space: g.steps.map((n, i) => (n - 1) * g.stride[i] + 1),
      steps: g.space,
    },
  ];
}

/** For every position w of the window the elements of x that it meets, x[…, s p + d w - b] for all p; `axes` are the last. */
function shifted(write: Writer, x: Tensor, g: Geometry, axes: readonly number[]): Tensor[] {
  const pick = (list: readonly number[]) => axes.map((axis) => list[axis]);
  const [window, dilation, steps, stride] = [g.window, g.dilation, g.steps, g.stride].map(pick);
  return Array.from({ length: sizeOf(window) }, (_, i) => {
    let rest = i;
    const at = window.map(() => 0);
    for (let k = at.length - 1; k >= 0; k--) {
      at[k] = rest % window[k];
      rest = Math.floor(rest / window[k]);
    }
    const start = at.map((w, k) => dilation[k] * w);
    return write.slice(x, x.shape.length - axes.length, start, steps, stride);
  });
}

/** Convolution as a product: kernel [groups, O, window * C] times patches [batch, groups, window * C, steps]. */
function productWithPatches(write: Writer, x: Tensor, kernel: Tensor, g: Geometry): Tensor {
  const [batch, channels, outputs] = [x.shape[0], kernel.shape[1], kernel.shape[0] / g.groups];
  const [count, steps] = [sizeOf(g.window), sizeOf(g.steps)];
  const parts = shifted(write, fitted(write, x, g), g, allAxes(g)).map((s) =>
    write.reshape(s, [batch, g.groups, channels, steps]),
  );
  const patches = write.concat(parts, 2);
  const apart = write.reshape(kernel, [g.groups, outputs, channels, count]);
  const rows = write.reshape(write.transpose(apart, [0, 1, 3, 2]), [g.groups, outputs, count * channels]);
  const y = write.matmul(rows, patches);
  return write.reshape(y, [batch, g.groups * outputs, ...g.steps]);
}

const allAxes = (g: Geometry): number[] => g.window.map((_, i) => i);

/** From this many positions of an example on, examples are multiplied apart and then summed. */
const manyPositions = 256;

/** From this many channels on the first spatial axis is shifted in y. */
const manyChannels = 16;

/**
 * dT/dkernel[o, c, w] = sum over examples and positions of x[n, c, s p + d w - b] y[n, o, p]: a product of shifted copies.
 * Copies cost as much as the product, so where it can the window's first axis shifts y and the others x, and a 3 x 3
 * window makes 3 copies of each instead of 9 of x.
 */
function kernelGradient(write: Writer, x: Tensor, y: Tensor, g: Geometry): string {
  const { groups } = g;
  const [batch, channels, outputs] = [x.shape[0], x.shape[1] / groups, y.shape[1] / groups];
  const split = g.window.length > 1 && g.window[0] > 1 && g.stride[0] === 1 && channels >= manyChannels;
  const onX = split ? allAxes(g).slice(1) : allAxes(g);
  const positions = [...(split ? [g.space[0]] : []), ...onX.map((i) => g.steps[i])];
  const size = sizeOf(positions);
  const apart = batch === 1 || size >= manyPositions;

  // Apart: [batch, groups, copies * channels, positions]; else examples lie behind the channels: [groups, …, batch * positions].
  const stacked = (copies: readonly Tensor[], each: number): Tensor => {
    const shape = apart ? [batch, groups, each, size] : [groups, each, batch * size];
    return write.concat(
      copies.map((copy) => write.reshape(copy, shape)),
      apart ? 2 : 1,
    );
  };
  const front = (z: Tensor) => (apart ? z : write.transpose(z, [1, 0, ...g.space.map((_, i) => 2 + i)]));
  const edges = (list: readonly number[]) => [0, 0, ...list.map((n, i) => (onX.includes(i) ? n : 0))];
  const whole = write.pad(front(x), edges(g.before), edges(behind(g)));
  const left = stacked(shifted(write, whole, g, onX), channels);
  const right = stacked(split ? shiftedRows(write, front(y), g) : [front(y)], outputs);
  const transposed = write.transpose(right, apart ? [0, 1, 3, 2] : [0, 2, 1]);
  const products = write.matmul(left, transposed);
  const sum = apart ? write.sum(products, 0) : products;

  const [rows, columns] = split ? [g.window[0], sizeOf(g.window.slice(1))] : [1, sizeOf(g.window)];
  const parts = write.reshape(sum, [groups, columns, channels, rows, outputs]);
  const kernel = write.transpose(parts, [0, 4, 2, 3, 1]);
  return write.reshape(kernel, [groups * outputs, channels, ...g.window]).name;
}

/** For every position w along the window's first axis, y at the place that it has in x: y[…, m + b - d w] for every m. */
function shiftedRows(write: Writer, y: Tensor, { window, dilation, before, space, steps }: Geometry): Tensor[] {
  const none = y.shape.map(() => 0);
  const along = (n: number) => none.map((_, axis) => (axis === 2 ? n : 0));
  return Array.from({ length: window[0] }, (_, w) => {
    const front = dilation[0] * w - before[0];
    return write.pad(y, along(front), along(space[0] - steps[0] - front));
  });
}

/** Operations on named tensors that keep track of shapes and leave out what changes nothing. */
interface Writer {
  readonly channelBlock: number;
  op(type: string, inputs: readonly Tensor[], attributes?: Parameters<Lowering['op']>[2]): string;
  zeros(output: Aval): string;
  reshape(x: Tensor, shape: Shape): Tensor;
  transpose(x: Tensor, permutation: readonly number[]): Tensor;
  /** Zeros added at the ends of the axes; negative: elements taken away. */
  pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor;
  /** `count` elements from `start` in steps, along the axes from `axis` on. */
  slice(x: Tensor, axis: number, start: readonly number[], count: Shape, step: readonly number[]): Tensor;
  reverse(x: Tensor, axes: readonly number[]): Tensor;
  /** step - 1 zeros between the elements of the axes from 2 on. */
  spread(x: Tensor, step: readonly number[]): Tensor;
  concat(parts: readonly Tensor[], axis: number): Tensor;
  matmul(a: Tensor, b: Tensor): Tensor;
  /** Sum over an axis, which vanishes. */
  sum(x: Tensor, axis: number): Tensor;
}

function writer(context: Lowering): Writer {
  const int64 = (values: readonly number[]) => context.constant(values, [values.length], 'int64');
  const slice = (x: Tensor, axes: readonly number[], start: Shape, stop: Shape, step: Shape, shape: Shape): Tensor => {
    const kept = axes.map((_, i) => i).filter((i) => start[i] !== 0 || stop[i] !== x.shape[axes[i]] || step[i] !== 1);
    if (kept.length === 0) return x;
    const pick = (values: readonly number[]) => int64(kept.map((i) => values[i]));
    return { name: context.op('Slice', [x.name, pick(start), pick(stop), pick(axes), pick(step)]), shape };
  };
  const self: Writer = {
    channelBlock: context.channelBlock,
    op: (type, inputs, attributes) =>
      context.op(
        type,
        inputs.map((x) => x.name),
        attributes,
      ),
    zeros: ({ shape, dtype }) => context.op('Expand', [context.constant([0], [], dtype), int64(shape)]),
    reshape: (x, shape) => ({ name: context.reshape(x.name, x.shape, shape), shape }),
    transpose(x, permutation) {
      const shape = permutation.map((axis) => x.shape[axis]);
      const moved = permutation.filter((axis) => x.shape[axis] !== 1);
      if (moved.every((axis, i) => i === 0 || moved[i - 1] < axis)) return self.reshape(x, shape);
      return { name: context.op('Transpose', [x.name], { perm: permutation }), shape };
    },
    pad(x, before, after) {
      const widths = [...before, ...after].map((n) => Math.max(0, n));
      const grown = x.shape.map((n, i) => n + Math.max(0, before[i]) + Math.max(0, after[i]));
      const padded = widths.every((n) => n === 0)
        ? x
        : { name: context.op('Pad', [x.name, int64(widths)]), shape: grown };
      const start = before.map((n) => Math.max(0, -n));
      const stop = grown.map((n, i) => n + Math.min(0, after[i]));
      const count = stop.map((n, i) => n - start[i]);
      const axes = x.shape.map((_, i) => i);
      const one = axes.map(() => 1);
      return slice(padded, axes, start, stop, one, count);
    },
    slice(x, axis, start, count, step) {
      const axes = count.map((_, i) => axis + i);
      const stop = count.map((n, i) => start[i] + (n - 1) * step[i] + 1);
      return slice(x, axes, start, stop, step, [...x.shape.slice(0, axis), ...count]);
    },
    reverse(x, axes) {
      if (axes.length === 0) return x;
      const all = (value: number) => int64(axes.map(() => value));
      return { name: context.op('Slice', [x.name, all(-1), all(-(2 ** 31)), int64(axes), all(-1)]), shape: x.shape };
    },
    spread(x, step) {
      if (step.every((s) => s === 1)) return x;
      // Each spatial axis gets a trailing partner that is filled up with zeros; merged, and the tail cut off.
      const lead = x.shape.slice(0, 2);
      const space = x.shape.slice(2);
      const pairs = self.reshape(x, [...lead, ...space.flatMap((n) => [n, 1])]);
      const none = pairs.shape.map(() => 0);
      const filled = self.pad(pairs, none, [0, 0, ...step.flatMap((s) => [0, s - 1])]);
      const merged = self.reshape(filled, [...lead, ...space.map((n, i) => n * step[i])]);
      return self.pad(merged, [0, 0, ...step.map(() => 0)], [0, 0, ...step.map((s) => 1 - s)]);
    },
    concat(parts, axis) {
      if (parts.length === 1) return parts[0];
      const length = parts.reduce((sum, x) => sum + x.shape[axis], 0);
      return {
        name: self.op('Concat', parts, { axis }),
        shape: parts[0].shape.map((n, i) => (i === axis ? length : n)),
      };
    },
    matmul(a, b) {
      const lead = (a.shape.length > b.shape.length ? a : b).shape.slice(0, -2);
      return { name: self.op('MatMul', [a, b]), shape: [...lead, a.shape.at(-2)!, b.shape.at(-1)!] };
    },
    sum(x, axis) {
      const shape = x.shape.filter((_, i) => i !== axis);
      if (x.shape[axis] === 1) return self.reshape(x, shape);
      return { name: context.op('ReduceSum', [x.name, int64([axis])], { keepdims: 0 }), shape };
    },
  };
  return self;
}
