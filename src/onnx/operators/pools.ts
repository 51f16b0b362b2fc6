/** @file Pools: one number for each window. */
import { UserError } from '../../array/errors.ts';
import { constant, type NDArray } from '../../array/ndarray.ts';
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

/** Sums over windows divided by the windows' size, and the windows' counts of elements: of x, or with its padding. */
function averages(
  call: Call,
  x: NDArray,
): { average: NDArray; size: number; counts: (withPadding: boolean) => NDArray } {
  const windows = windowsOf(call, x.shape);
  const extents = extentsOf(call, x, windows);
  const padding = padded(windows, extents);
  const counts = (withPadding: boolean): NDArray => {
    // Of each axis, then multiplied.
    const perAxis = extents.map(({ count }, i) => {
      const [before, after] = windows.padding[i];
      const [low, high] = withPadding ? [-before, x.shape[i + 2] + after] : [0, x.shape[i + 2]];
      const numbers = Float32Array.from({ length: count }, (_, k) => {
        const places = Array.from(
          { length: windows.size[i] },
          (_, j) => k * windows.stride[i] - before + j * windows.dilation[i],
        );
        return places.filter((at) => at >= low && at < high).length;
      });
      return constant(numbers, [count, ...new Array<number>(extents.length - 1 - i).fill(1)]);
    });
    return perAxis.reduce((a, b) => np.multiply(a, b));
  };
  const { size, stride, dilation } = windows;
  return { average: np.averagePool(x, size, { stride, dilation, padding }), size: sizeOf(size), counts };
}

const averagePool: Operator = (call) => {
  const { average, size, counts } = averages(call, call.input(0));
  const count = counts(call.attributes.int('count_include_pad', 0) !== 0);
  return np.multiply(average, np.divide(size, count));
};

/** (sum |x|^p)^(1/p) over windows; the sums are averages times the size. */
const lpPool: Operator = (call) => {
  const p = call.attributes.int('p', 2);
  if (p < 1) throw new UserError(`p must be at least 1, got ${p}`);
  const { average, size } = averages(call, np.power(np.abs(call.input(0)), p));
  return np.power(np.multiply(size, average), 1 / p);
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
