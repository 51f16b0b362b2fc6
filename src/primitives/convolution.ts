/**
 * @file Convolutions in any number of dimensions, as the three derivatives of one trilinear form
 *
 *   T(x, kernel, y) = sum over n, g, o, c, p, w of  x[n, gC+c, s p + d w - b]  kernel[gO+o, c, w]  y[n, gO+o, p]
 *
 * with g a group, p a position of the output, w one of the window, s the stride, d the dilation, b the zeros in front.
 * dT/dy is the convolution, dT/dx its transpose in x (transposed convolution), dT/dkernel the gradient of its kernel.
 * Each is bilinear, and the derivatives of each are the other two: the family is closed under differentiation.
 */
import { allocate } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { bind, type NDArray } from '../array/ndarray.ts';
import type { Aval, HostArray, Primitive } from '../array/primitive.ts';
import { forEachOffset, type Shape, shapeText, sizeOf, stridesOf } from '../array/shape.ts';
import { lowerConvolution } from './convolution-lowering.ts';
import { add } from './elementwise.ts';
import { checkDtype, floats } from './operand-dtypes.ts';
import { addTangents } from './rules.ts';
import { reshape, transpose } from './shape.ts';

/** The arrays of the form: x [batch, groups * C, ...space], kernel [groups * O, C, ...window], y [batch, groups * O, ...steps]. */
export type Role = 'x' | 'kernel' | 'y';

const roles: readonly Role[] = ['x', 'kernel', 'y'];

/** One entry per spatial axis; positions s p + d w - before outside of [0, space) read zero. */
export interface Geometry {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly before: readonly number[];
  readonly groups: number;
  readonly space: Shape;
  readonly window: Shape;
  readonly steps: Shape;
}

export interface ConvolutionParams extends Geometry {
  /** The array that is computed from the other two, which are the operands, in the order x, kernel, y. */
  readonly result: Role;
}

const operandRoles = (result: Role): readonly Role[] => roles.filter((role) => role !== result);

/** The sizes that the arrays share. */
interface Sizes {
  readonly batch: number;
  /** Channels of x and of y, within a group. */
  readonly channels: number;
  readonly outputs: number;
}

function sizesOf(operands: readonly Aval[], { result, groups }: ConvolutionParams): Sizes {
  const shapeOf = (role: Role) => operands[operandRoles(result).indexOf(role)]?.shape;
  const [x, kernel, y] = roles.map(shapeOf);
  return {
    batch: (x ?? y)[0],
    channels: kernel?.[1] ?? x[1] / groups,
    outputs: (kernel?.[0] ?? y[1]) / groups,
  };
}

function shapeOfRole(role: Role, { batch, channels, outputs }: Sizes, g: Geometry): number[] {
  if (role === 'x') return [batch, g.groups * channels, ...g.space];
  if (role === 'kernel') return [g.groups * outputs, channels, ...g.window];
  return [batch, g.groups * outputs, ...g.steps];
}

export const convolutionPrimitive: Primitive<ConvolutionParams> = {
  name: 'convolution',
  infer(operands, params) {
    const [a, b] = operands;
    if (a.dtype !== b.dtype) throw new ShapeError('conv', `dtypes differ: ${a.dtype} and ${b.dtype}`);
    checkDtype('conv', a.dtype, floats);
    const sizes = sizesOf(operands, params);
    if (!Object.values(sizes).every(Number.isInteger)) {
      throw new ShapeError(
        'conv',
        `the channels of shapes ${shapeText(a.shape)} and ${shapeText(b.shape)} do not divide into ${params.groups} groups`,
      );
    }
    operandRoles(params.result).forEach((role, i) => {
      const expected = shapeOfRole(role, sizes, params);
      if (shapeText(expected) !== shapeText(operands[i].shape)) {
        throw new ShapeError(
          'conv',
          `${role} of shape ${shapeText(operands[i].shape)} does not fit the other operand of shape ${shapeText(operands[1 - i].shape)} with ${params.groups} group${params.groups === 1 ? '' : 's'}: expected ${shapeText(expected)}`,
        );
      }
    });
    return [{ shape: shapeOfRole(params.result, sizes, params), dtype: a.dtype }];
  },
  evaluate(operands, params, [output]) {
    const result = allocate('float64', sizeOf(output.shape));
    const arrays = new Map<Role, HostArray>([[params.result, { ...output, data: result }]]);
    operandRoles(params.result).forEach((role, i) => {
      arrays.set(role, operands[i]);
    });
    const [x, kernel, y] = roles.map((role) => arrays.get(role)!.data);
    const target = roles.indexOf(params.result);
    forEachTerm(sizesOf(operands, params), params, (i, j, k) => {
      if (target === 0) result[i] += kernel[j] * y[k];
      else if (target === 1) result[j] += x[i] * y[k];
      else result[k] += x[i] * kernel[j];
    });
    const rounded = allocate(output.dtype, result.length);
    rounded.set(result);
    return [rounded];
  },
  jvp: ([a, b], [ta, tb], params) => [
    addTangents(ta && convolution(ta, b, params), tb && convolution(a, tb, params), add),
  ],
  transpose([ct], operands, linear, params) {
    const mine = operandRoles(params.result);
    return mine.map((role, i) => {
      if (!linear[i]) return null;
      const known = new Map<Role, NDArray>([
        [params.result, ct!],
        [mine[1 - i], operands[1 - i]],
      ]);
      const [a, b] = operandRoles(role).map((r) => known.get(r)!);
      return convolution(a, b, { ...params, result: role });
    });
  },
  batch(operands, batched, params, size) {
    const mine = operandRoles(params.result);
    const carries = (role: Role) => role === params.result || batched[mine.indexOf(role)];
    const sizes = sizesOf(
      operands.map((x, i) => (batched[i] ? { ...x, shape: x.shape.slice(1) } : x)),
      params,
    );
    // The extra axis joins the axis that the arrays which carry it share, and only they.
    const [x, kernel, y] = roles.map(carries);
    const joins: Axis = x && kernel && y ? 'groups' : x && y ? 'batch' : x ? 'channels' : 'outputs';
    const merged: ConvolutionParams = {
      ...params,
      groups: joins === 'groups' ? size * params.groups : params.groups,
    };
    const [a, b] = operands.map((x, i) => (batched[i] ? mergeAxis(mine[i], x, joins, sizes, params) : x));
    return [splitAxis(params.result, convolution(a, b, merged), joins, size, sizes, params)];
  },
  lower: (context, names, params, { operands, outputs }) => [
    lowerConvolution(context, names, params, operands, outputs[0]),
  ],
};

/** The derivative of the trilinear form named `params.result`, from the other two arrays in the order x, kernel, y. */
export const convolution = (a: NDArray, b: NDArray, params: ConvolutionParams): NDArray =>
  bind(convolutionPrimitive, [a, b], params);

/** Calls `visit` with the offsets in x, kernel and y of every term of the form that is not zero by padding. */
function forEachTerm(
  { batch, channels, outputs }: Sizes,
  { groups, space, window, steps, stride, dilation, before }: Geometry,
  visit: (x: number, kernel: number, y: number) => void,
): void {
  const strides = stridesOf(space);
  // Offsets within a plane of x, of the window and of y, for the pairs of positions that meet inside of x.
  const pairs: number[] = [];
  const counts = [...steps, ...window];
  let index = 0;
  const windowSize = sizeOf(window);
  forEachOffset(
    counts,
    counts.map((_, axis) => counts.map((__, i) => Number(i === axis))),
    (_, at) => {
      let offset = 0;
      let inside = true;
      for (let axis = 0; axis < space.length; axis++) {
        const position = stride[axis] * at[axis] + dilation[axis] * at[space.length + axis] - before[axis];
        inside &&= position >= 0 && position < space[axis];
        offset += strides[axis] * position;
      }
      if (inside) pairs.push(offset, index % windowSize, Math.floor(index / windowSize));
      index++;
    },
  );
  const [plane, stepCount] = [sizeOf(space), sizeOf(steps)];
  for (let n = 0; n < batch; n++) {
    for (let g = 0; g < groups; g++) {
      for (let o = 0; o < outputs; o++) {
        const kernelRow = (g * outputs + o) * channels;
        const yStart = (n * groups * outputs + g * outputs + o) * stepCount;
        for (let c = 0; c < channels; c++) {
          const xStart = (n * groups * channels + g * channels + c) * plane;
          const kernelStart = (kernelRow + c) * windowSize;
          for (let i = 0; i < pairs.length; i += 3) {
            visit(xStart + pairs[i], kernelStart + pairs[i + 1], yStart + pairs[i + 2]);
          }
        }
      }
    }
  }
}

/** An axis of the form that a batch axis can join. */
type Axis = 'batch' | 'groups' | 'channels' | 'outputs';

/** Shape of an array with its groups apart, and the position in front of which a batch axis joins the axis named. */
function apart(role: Role, joins: Axis, { batch, channels, outputs }: Sizes, g: Geometry) {
  const axes: Record<Role, readonly (readonly [Axis | null, number])[]> = {
    x: [['batch', batch], ['groups', g.groups], ['channels', channels], ...g.space.map((n) => [null, n] as const)],
    kernel: [
      ['groups', g.groups],
      ['outputs', outputs],
      ['channels', channels],
      ...g.window.map((n) => [null, n] as const),
    ],
    y: [['batch', batch], ['groups', g.groups], ['outputs', outputs], ...g.steps.map((n) => [null, n] as const)],
  };
  return { shape: axes[role].map(([, n]) => n), at: axes[role].findIndex(([name]) => name === joins) };
}

/** Merges the batch axis 0 of an array into the axis it joins. */
function mergeAxis(role: Role, x: NDArray, joins: Axis, sizes: Sizes, g: Geometry): NDArray {
  const { shape, at } = apart(role, joins, sizes, g);
  const size = x.shape[0];
  const split = reshape(x, [size, ...shape]);
  const rest = shape.map((_, i) => i + 1);
  const moved = transpose(split, [...rest.slice(0, at), 0, ...rest.slice(at)]);
  const wide = { ...sizes, [joins]: size * (joins === 'groups' ? g.groups : sizes[joins]) };
  return reshape(moved, shapeOfRole(role, wide, joins === 'groups' ? { ...g, groups: size * g.groups } : g));
}

/** The inverse: takes the batch axis out of the axis it joined, to the front. */
function splitAxis(role: Role, x: NDArray, joins: Axis, size: number, sizes: Sizes, g: Geometry): NDArray {
  const { shape, at } = apart(role, joins, sizes, g);
  const split = reshape(x, [...shape.slice(0, at), size, ...shape.slice(at)]);
  const rest = shape.map((_, i) => (i < at ? i : i + 1));
  return reshape(transpose(split, [at, ...rest]), [size, ...shapeOfRole(role, sizes, g)]);
}
