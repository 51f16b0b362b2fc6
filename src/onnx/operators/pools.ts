/** @file Pools: one number for each window. */
import { UserError } from '../../array/errors.ts';
import type { NDArray } from '../../array/ndarray.ts';
import { sizeOf } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import type { Call, Operator } from '../call.ts';
import { span, type Windows, windowsOf } from './windows.ts';

/** Windows of an axis, and the padding behind it that the last ones need where sizes are rounded up. */
interface Extent {
  readonly count: number;
  readonly extra: number;
}

function extentsOf(call: Call, x: NDArray, windows: Windows): Extent[] {
  const ceil = call.attributes.int('ceil_mode', 0) !== 0;
  return windows.stride.map((stride, i) => {
    const [before, after] = windows.padding[i];
    const n = x.shape[i + 2];
    const room = n + before + after - span(windows, i);
    let count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // A window that starts in the padding behind holds nothing.
    if (ceil && (count - 1) * stride >= n + before) count--;
    return { count, extra: Math.max(0, (count - 1) * stride - room) };
  });
}

/** Padding with what rounding up needs. */
const padded = ({ padding }: Windows, extents: readonly Extent[]) =>
  padding.map(([before, after], i): [number, number] => [before, after + extents[i].extra]);

const maxPool: Operator = (call) => {
  const x = call.input(0);
  const windows = windowsOf(call, x.shape);
  const { size, stride, dilation } = windows;
  const padding = padded(windows, extentsOf(call, x, windows));
  if (padding.every(([before, after], i) => Math.max(before, after) < size[i]))
    return np.maxPool(x, size, { stride, dilation, padding });
  // Spread windows may reach further into the padding than they have elements.
  const wide = np.pad(x, [[0, 0], [0, 0], ...padding], Number.NEGATIVE_INFINITY);
  return np.maxPool(wide, size, { stride, dilation });
};

const averagePool: Operator = (call) => {
  const x = call.input(0);
  const windows = windowsOf(call, x.shape);
  const { size, stride, dilation } = windows;
  const extents = extentsOf(call, x, windows);
  if (call.attributes.int('count_include_pad', 0) === 0)
    return np.averagePool(x, size, { stride, dilation, padding: padded(windows, extents), countPadding: false });
  // The padding of the file counts, what rounding up adds does not.
  const wide = np.pad(x, [[0, 0], [0, 0], ...windows.padding]);
  const padding = extents.map(({ extra }): [number, number] => [0, extra]);
  return np.averagePool(wide, size, { stride, dilation, padding, countPadding: padding.every(([, n]) => n === 0) });
};

/** (sum |x|^p)^(1/p) over windows; the sums are averages times the size. */
const lpPool: Operator = (call) => {
  const x = call.input(0);
  const p = call.attributes.int('p', 2);
  if (p < 1) throw new UserError(`p must be at least 1, got ${p}`);
  const windows = windowsOf(call, x.shape);
  const { size, stride, dilation } = windows;
  const padding = padded(windows, extentsOf(call, x, windows));
  const average = np.averagePool(np.power(np.abs(x), p), size, { stride, dilation, padding });
  return np.power(np.multiply(sizeOf(size), average), 1 / p);
};

/** Over all axes behind batch and channels. */
const global =
  (f: (x: NDArray, axes: readonly number[], call: Call) => NDArray): Operator =>
  (call) => {
    const x = call.input(0);
    return f(x, x.shape.map((_, i) => i).slice(2), call);
  };

export const pools: Readonly<Record<string, Operator>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
  GlobalMaxPool: global((x, axes) => np.max(x, axes, true)),
  GlobalAveragePool: global((x, axes) => np.mean(x, axes, true)),
  GlobalLpPool: global((x, axes, call) => {
    const p = call.attributes.int('p', 2);
    return np.power(np.sum(np.power(np.abs(x), p), axes, true), 1 / p);
  }),
};
