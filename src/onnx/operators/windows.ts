/** @file Sizes of the windows that convolutions and pools move over the axes behind batch and channels. */
import { ShapeError } from '../../array/errors.ts';
import { type Shape, shapeText } from '../../array/shape.ts';
import type { Call } from '../call.ts';

export interface Windows {
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** [before, after] of each axis, as the file says. */
  readonly padding: readonly (readonly [number, number])[];
}

/** Elements that a dilated window spans. */
export const span = ({ size, dilation }: Windows, axis: number): number => (size[axis] - 1) * dilation[axis] + 1;

/** Most elements that the windows along one axis see, each counted as often as it is seen. */
const mostSeen = 2 ** 28;

/** An attribute of `count` whole numbers. */
function wholes(call: Call, name: string, count: number, least: number, fallback?: readonly number[]) {
  const list = call.attributes.ints(name, fallback);
  if (list.length !== count || list.some((n) => n < least))
    throw new ShapeError(name, `needs ${count} whole numbers of at least ${least}, got ${shapeText(list)}`);
  return list;
}

/**
 * Attributes of a window node.
 *
 * @param x shape [batch, channels, ...space]
 * @param size the window where the node does not say it (the kernel's)
 */
export function windowsOf(call: Call, x: Shape, size?: Shape): Windows {
  const windows = readWindows(call, x, size);
  windows.padding.forEach(([before, after], i) => {
    if ((x[i + 2] + before + after) * span(windows, i) > mostSeen)
      throw new ShapeError('windows', `of ${windows.size[i]} elements, padding ${before} and ${after}, are too large`);
  });
  return windows;
}

function readWindows(call: Call, x: Shape, size: Shape | undefined): Windows {
  const axes = x.length - 2;
  if (axes < 1) throw new ShapeError('input', `needs shape [batch, channels, ...space], got ${shapeText(x)}`);
  const ones = new Array<number>(axes).fill(1);
  const window = size ?? wholes(call, 'kernel_shape', axes, 1);
  if (window.length !== axes)
    throw new ShapeError('kernel', `has ${window.length} axes for ${axes} axes of space (input ${shapeText(x)})`);
  const stride = wholes(call, 'strides', axes, 1, ones);
  const dilation = wholes(call, 'dilations', axes, 1, ones);
  const partial = { size: window, stride, dilation, padding: [] };
  const auto = call.attributes.string('auto_pad', 'NOTSET');
  if (auto === 'VALID') return { ...partial, padding: ones.map(() => [0, 0]) };
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    // As many windows as fit at the strides; an odd element goes behind (upper) or in front (lower).
    const padding = ones.map((_, i): [number, number] => {
      const n = x[i + 2];
      const total = Math.max(0, (Math.ceil(n / stride[i]) - 1) * stride[i] + span(partial, i) - n);
      const small = Math.floor(total / 2);
      return auto === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
    });
    return { ...partial, padding };
  }
  const pads = wholes(
    call,
    'pads',
    2 * axes,
    0,
    [...ones, ...ones].map(() => 0),
  );
  return { ...partial, padding: ones.map((_, i) => [pads[i], pads[axes + i]]) };
}
