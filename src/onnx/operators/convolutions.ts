/** @file Convolutions and their transposes. */
import { ShapeError, UserError } from '../../array/errors.ts';
import type { NDArray } from '../../array/ndarray.ts';
import { shapeText } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import type { Call, Operator } from '../call.ts';
import { span, windowsOf } from './windows.ts';

/** One number per channel. */
export const perChannel = (values: NDArray, rank: number): NDArray =>
  np.reshape(values, [values.size, ...new Array<number>(rank - 2).fill(1)]);

const plusBias = (y: NDArray, bias: NDArray | undefined): NDArray =>
  bias === undefined ? y : np.add(y, perChannel(bias, y.ndim));

const conv: Operator = (call) => {
  const [x, kernel] = [call.input(0), call.input(1)];
  const { stride, dilation, padding } = windowsOf(call, x.shape, kernel.shape.slice(2));
  const groups = call.attributes.int('group', 1);
  return plusBias(np.conv(x, kernel, { stride, dilation, padding, groups }), call.optional(2));
};

const convTranspose: Operator = (call) => {
  const [x, kernel] = [call.input(0), call.input(1)];
  const windows = windowsOf(call, x.shape, kernel.shape.slice(2));
  const { stride, dilation } = windows;
  const outputPadding = [
    ...call.attributes.ints(
      'output_padding',
      stride.map(() => 0),
    ),
  ];
  const padding = transposedPadding(call, x, windows, outputPadding);
  const groups = call.attributes.int('group', 1);
  return plusBias(np.convTranspose(x, kernel, { stride, dilation, padding, groups, outputPadding }), call.optional(2));
};

/** What is cut from the full result; a wanted size of the result may be reached by padding it instead. */
function transposedPadding(
  call: Call,
  x: NDArray,
  windows: ReturnType<typeof windowsOf>,
  outputPadding: number[],
): readonly (readonly [number, number])[] {
  const auto = call.attributes.string('auto_pad', 'NOTSET');
  const isSame = auto === 'SAME_UPPER' || auto === 'SAME_LOWER';
  if (!call.attributes.has('output_shape') && !isSame) return windows.padding;
  const { stride } = windows;
  const same = stride.map((s, i) => s * x.shape[i + 2]);
  const wanted = call.attributes.ints('output_shape', same).slice(-stride.length);
  if (wanted.length !== stride.length)
    throw new ShapeError('output_shape', `needs one size for each of ${stride.length} axes, got ${shapeText(wanted)}`);
  return stride.map((s, i): [number, number] => {
    const total = s * (x.shape[i + 2] - 1) + outputPadding[i] + span(windows, i) - wanted[i];
    // ONNX Runtime leaves the result smaller where strides are longer than windows.
    if (total < 0 && isSame) return [0, 0];
    if (total < 0) {
      if (-total >= Math.max(s, 2))
        throw new UserError(`output_shape ${shapeText(wanted)} is larger than the windows reach`);
      outputPadding[i] -= total;
      return [0, 0];
    }
    const small = Math.floor(total / 2);
    return auto === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
  });
}

export const convolutions: Readonly<Record<string, Operator>> = { Conv: conv, ConvTranspose: convTranspose };
