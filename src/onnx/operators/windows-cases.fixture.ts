import { type Cases, type Draw, since } from './draw.fixture.ts';

/** Windows over 1 to 3 axes, with every kind of padding. */
function windows(draw: Draw, axes: number, size: readonly number[], opset: number, dilate = true) {
  const per = (low: number, high: number) => Array.from({ length: axes }, () => draw.whole(low, high));
  const strides = per(1, 3);
  const dilations = dilate && draw.coin() ? per(1, 2) : undefined;
  const padding = draw.pick(['NOTSET', 'NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID']);
  // ONNX Runtime wants padding smaller than the window in pools.
  const pads = [...size, ...size].map((n) => draw.whole(0, Math.min(2, n - 1)));
  return {
    strides,
    dilations: opset < 10 && !dilate ? undefined : dilations,
    ...(padding === 'NOTSET' ? { pads: draw.coin() ? pads : undefined } : { auto_pad: padding }),
  };
}

const convolution: Cases = (draw) => {
  const opset = since(draw, 7);
  const axes = draw.whole(1, 3);
  const group = draw.whole(1, 3);
  const size = Array.from({ length: axes }, () => draw.whole(1, 3));
  const [channels, out] = [group * draw.whole(1, 2), group * draw.whole(1, 2)];
  const x = draw.array([draw.whole(1, 2), channels, ...size.map((n) => 2 * n + draw.whole(0, 3))]);
  const bias = draw.coin() ? [draw.array([out])] : [];
  const attributes = { group, ...draw.some({ kernel_shape: size }), ...windows(draw, axes, size, opset) };
  return { type: 'Conv', inputs: [x, draw.array([out, channels / group, ...size]), ...bias], attributes, opset };
};

const transposedConvolution: Cases = (draw) => {
  const opset = since(draw, 11);
  const axes = draw.whole(1, 2);
  const group = draw.whole(1, 2);
  const size = Array.from({ length: axes }, () => draw.whole(1, 3));
  const [channels, out] = [group * draw.whole(1, 2), group * draw.whole(1, 2)];
  const x = draw.array([draw.whole(1, 2), channels, ...size.map(() => draw.whole(2, 4))]);
  const bias = draw.coin() ? [draw.array([out])] : [];
  const rest = windows(draw, axes, size, opset);
  const spare = rest.strides.map((s, i) => draw.whole(0, Math.max(s, rest.dilations?.[i] ?? 1) - 1));
  const wanted = size.map(
    (n, i) => (x.shape[i + 2] - 1) * rest.strides[i] + (n - 1) * (rest.dilations?.[i] ?? 1) + 1 - draw.whole(0, 1),
  );
  const extra = 'pads' in rest ? draw.some(draw.coin() ? { output_padding: spare } : { output_shape: wanted }) : {};
  const attributes = { group, ...rest, ...extra };
  return {
    type: 'ConvTranspose',
    inputs: [x, draw.array([channels, out / group, ...size]), ...bias],
    attributes,
    opset,
  };
};

const pool =
  (type: string): Cases =>
  (draw) => {
    const opset = since(draw, type === 'LpPool' ? 18 : 7);
    const axes = draw.whole(1, 3);
    const size = Array.from({ length: axes }, () => draw.whole(1, 3));
    const x = draw.array([draw.whole(1, 2), draw.whole(1, 2), ...size.map((n) => 2 * n + draw.whole(0, 3))]);
    const dilate = type === 'AveragePool' ? opset >= 19 : opset >= 10;
    const window = windows(draw, axes, size, opset, dilate);
    const attributes = {
      kernel_shape: size,
      ...window,
      // ONNX Runtime computes SAME padding of pools as if windows were not spread.
      ...('auto_pad' in window && { dilations: undefined }),
      // And in LpPool negative padding where strides are longer than windows.
      ...('auto_pad' in window && type === 'LpPool' && { strides: size }),
      ...(opset >= 10 && draw.some({ ceil_mode: 1 })),
      ...(type === 'AveragePool' && draw.some({ count_include_pad: 1 })),
      ...(type === 'LpPool' && draw.some({ p: draw.whole(1, 3) })),
    };
    return { type, inputs: [x], attributes, opset };
  };

const globalPool =
  (type: string): Cases =>
  (draw) => ({
    type,
    inputs: [draw.array([2, draw.whole(1, 3), draw.whole(1, 4), ...draw.shape(0, 2)])],
    opset: since(draw, 7),
  });

export const windowCases: Readonly<Record<string, Cases>> = {
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  MaxPool: pool('MaxPool'),
  AveragePool: pool('AveragePool'),
  LpPool: pool('LpPool'),
  GlobalMaxPool: globalPool('GlobalMaxPool'),
  GlobalAveragePool: globalPool('GlobalAveragePool'),
  GlobalLpPool: globalPool('GlobalLpPool'),
};
