/** @file Random nodes of every operator, with attributes and operator sets as files have them. */
import type { DType } from '../../array/dtype.ts';
import type { HostArray } from '../../array/primitive.ts';
import { between, distinct, hostArray, randomArray, type Values, wholeBetween } from '../../array/testing.fixture.ts';
import { type NodeCase, tensor } from '../files.fixture.ts';
import type { FileAttribute } from '../model.ts';

/** Draws of one seed. */
export class Draw {
  readonly random: () => number;
  constructor(random: () => number) {
    this.random = random;
  }
  /** Whole number in [low, high]. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }
  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)];
  }
  coin(): boolean {
    return this.random() < 0.5;
  }
  shape(low: number, high: number, largest = 4): number[] {
    return Array.from({ length: this.whole(low, high) }, () => this.whole(1, largest));
  }
  array(shape: readonly number[], values: Values = between(-3, 3), dtype: DType = 'float32'): HostArray {
    return randomArray(this.random, shape, dtype, values);
  }
  /** Shapes that broadcast to one another. */
  broadcasting(): [number[], number[]] {
    const a = this.shape(0, 4);
    const b = a.slice(this.whole(0, a.length)).map((n) => (this.coin() ? n : 1));
    return this.coin() ? [a, b] : [b, a];
  }
  axis(rank: number): number {
    return this.whole(-rank, rank - 1);
  }
  axes(rank: number): number[] {
    const chosen = Array.from({ length: rank }, (_, i) => i).filter(() => this.coin());
    return chosen.map((a) => (this.coin() ? a - rank : a));
  }
  /** Attributes that are left out half of the time. */
  some(attributes: Readonly<Record<string, FileAttribute>>): Record<string, FileAttribute> {
    return Object.fromEntries(Object.entries(attributes).filter(() => this.coin()));
  }
  float(low: number, high: number): { float: number } {
    return { float: Math.fround(low + this.random() * (high - low)) };
  }
}

export type Cases = (draw: Draw) => NodeCase;

const opsets = [7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23];
const since = (draw: Draw, first: number): number => draw.pick(opsets.filter((v) => v >= first));

const unary =
  (
    type: string,
    values: Values = between(-3, 3),
    first = 7,
    attributes: (draw: Draw) => NodeCase['attributes'] = () => ({}),
  ): Cases =>
  (draw) => ({
    type,
    inputs: [draw.array(draw.shape(0, 4), values)],
    attributes: attributes(draw),
    opset: since(draw, first),
  });

const binary =
  (type: string, values: Values = between(-3, 3), dtypes: readonly DType[] = ['float32', 'int32'], first = 7): Cases =>
  (draw) => {
    const dtype = draw.pick(dtypes);
    const [a, b] = draw.broadcasting();
    return { type, inputs: [draw.array(a, values, dtype), draw.array(b, values, dtype)], opset: since(draw, first) };
  };

const variadic =
  (type: string): Cases =>
  (draw) => {
    const [a, b] = draw.broadcasting();
    const shapes = [a, b, a].slice(0, draw.whole(1, 3));
    return { type, inputs: shapes.map((s) => draw.array(s)), opset: since(draw, 8) };
  };

const reduce =
  (type: string, values: Values = between(-3, 3), inputSince = 18): Cases =>
  (draw) => {
    const opset = since(draw, 7);
    const x = draw.array(draw.shape(1, 4), values);
    const axes = draw.axes(x.shape.length);
    const attributes = draw.some({
      keepdims: draw.whole(0, 1),
      ...(opset >= inputSince && { noop_with_empty_axes: 1 }),
    });
    if (draw.coin()) return { type, inputs: [x], attributes, opset };
    if (opset >= inputSince) return { type, inputs: [x, tensor(axes)], attributes, opset };
    if (axes.length === 0) return { type, inputs: [x], attributes, opset };
    return {
      type,
      inputs: [x],
      attributes: { ...attributes, axes: opset < 11 ? axes.map((a) => (a < 0 ? a + x.shape.length : a)) : axes },
      opset,
    };
  };

const argument =
  (type: string): Cases =>
  (draw) => {
    const opset = since(draw, 7);
    const x = draw.array(draw.shape(1, 4), wholeBetween(-2, 2));
    const rank = x.shape.length;
    const axis = opset < 11 ? draw.whole(0, rank - 1) : draw.axis(rank);
    return {
      type,
      inputs: [x],
      attributes: draw.some({ axis, keepdims: draw.whole(0, 1), ...(opset >= 12 && { select_last_index: 1 }) }),
      opset,
    };
  };

const softmax =
  (type: string): Cases =>
  (draw) => {
    const opset = since(draw, 7);
    const x = draw.array(draw.shape(1, 4), type === 'Hardmax' ? distinct : between(-3, 3));
    const rank = x.shape.length;
    const axis = opset < 11 ? draw.whole(0, rank - 1) : draw.axis(rank);
    return { type, inputs: [x], attributes: rank === 1 && opset < 13 ? { axis: 0 } : draw.some({ axis }), opset };
  };

/** Axes as an attribute before operator set 13, as an input from then on. */
const withAxes = (type: string, draw: Draw, x: HostArray, axes: readonly number[], rank: number): NodeCase => {
  const opset = since(draw, 7);
  const own = opset < 11 ? axes.map((a) => (a < 0 ? a + rank : a)) : axes;
  return opset < 13
    ? { type, inputs: [x], attributes: { axes: own }, opset }
    : { type, inputs: [x, tensor(own)], opset };
};

const positionsIn = (draw: Draw, shape: readonly number[], n: number, opset: number): HostArray =>
  draw.array(shape, wholeBetween(opset < 11 ? 0 : -n, n - 1), 'int32');

const pad: Cases = (draw) => {
  const opset = since(draw, 7);
  const x = draw.array(draw.shape(1, 4));
  const mode = draw.pick(['constant', 'reflect', 'edge', ...(opset >= 19 ? ['wrap'] : [])]);
  const smallest = mode === 'constant' ? -1 : 0;
  const widths = [...x.shape, ...x.shape].map((n) =>
    draw.whole(n > 2 ? smallest : 0, mode === 'reflect' || mode === 'wrap' ? n - 1 : 3),
  );
  if (opset < 11)
    return {
      type: 'Pad',
      inputs: [x],
      attributes: { pads: widths, mode, ...draw.some({ value: draw.float(-2, 2) }) },
      opset,
    };
  const value = draw.coin() ? tensor([1.5], [], 'float32') : null;
  const inputs: (typeof value | HostArray)[] = [x, tensor(widths)];
  if (opset >= 18 && draw.coin())
    return {
      type: 'Pad',
      inputs: [x, tensor([widths[0], 2]), value, tensor([-1])],
      attributes: { mode: 'constant' },
      opset,
    };
  return { type: 'Pad', inputs: value === null ? inputs : [...inputs, value], attributes: { mode }, opset };
};

const slice: Cases = (draw) => {
  const opset = since(draw, 7);
  const x = draw.array(draw.shape(1, 4, 6));
  const axes = draw.axes(x.shape.length).map((a) => (opset < 11 && a < 0 ? a + x.shape.length : a));
  const bound = () => draw.pick([draw.whole(-8, 8), draw.whole(-3, 3), 2 ** 31 - 1, -(2 ** 31)]);
  const starts = axes.map(bound);
  const steps = axes.map(() => draw.pick([1, 1, 2, -1, -2, 3]));
  // Backwards, ONNX Runtime takes the largest end as the smallest, which ONNX does not say.
  const ends = steps.map((step) => (step < 0 ? Math.min(100, bound()) : bound()));
  if (opset < 10) return { type: 'Slice', inputs: [x], attributes: { starts, ends, axes }, opset };
  const extra = draw.coin() ? [tensor(axes), tensor(steps)] : [tensor(axes)];
  return { type: 'Slice', inputs: [x, tensor(starts), tensor(ends), ...extra], opset };
};

const split: Cases = (draw) => {
  const opset = since(draw, 7);
  const x = draw.array(draw.shape(1, 3).map((n) => n * 2));
  const axis = draw.whole(0, x.shape.length - 1);
  const n = x.shape[axis];
  if (opset >= 18 && draw.coin()) {
    const parts = draw.whole(1, n);
    return { type: 'Split', inputs: [x], attributes: { axis, num_outputs: parts }, outputs: parts, opset };
  }
  const first = draw.whole(0, n);
  if (opset < 13)
    return { type: 'Split', inputs: [x], attributes: { axis, split: [first, n - first] }, outputs: 2, opset };
  return { type: 'Split', inputs: [x, tensor([first, n - first])], attributes: { axis }, outputs: 2, opset };
};

const resize: Cases = (draw) => {
  const opset = draw.pick([11, 13, 18, 19]);
  const rank = draw.pick([3, 4]);
  const x = draw.array([
    draw.whole(1, 2),
    draw.whole(1, 2),
    ...Array.from({ length: rank - 2 }, () => draw.whole(2, 5)),
  ]);
  const mode = draw.pick(['nearest', 'linear', rank === 4 ? 'cubic' : 'linear']);
  const place = draw.pick([
    'half_pixel',
    'asymmetric',
    'align_corners',
    'pytorch_half_pixel',
    ...(opset >= 19 ? ['half_pixel_symmetric'] : []),
  ]);
  const nearest = draw.pick(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']);
  const attributes = {
    mode,
    coordinate_transformation_mode: place,
    ...(mode === 'nearest' && { nearest_mode: nearest }),
  };
  const sizes = x.shape.map((n, i) => (i < 2 ? n : draw.pick([n, 2 * n, 3 * n, n + 1, Math.ceil(n / 2)])));
  const scales = x.shape.map((_, i) => (i < 2 ? 1 : draw.pick([1, 2, 3, 0.5, 1.5])));
  const roi = opset >= 13 ? null : tensor([], [0], 'float32');
  const inputs = draw.coin()
    ? [x, roi, tensor([], [0], 'float32'), tensor(sizes)]
    : [x, roi, tensor(scales, [rank], 'float32')];
  return { type: 'Resize', inputs, attributes, opset };
};

const recurrent =
  (type: string, gates: number): Cases =>
  (draw) => {
    const opset = since(draw, 7);
    const [time, batch, size, hidden] = [draw.whole(1, 4), draw.whole(1, 3), draw.whole(1, 3), draw.whole(1, 3)];
    const direction = draw.pick(['forward', 'reverse', 'bidirectional']);
    const directions = direction === 'bidirectional' ? 2 : 1;
    const weights = (...shape: number[]) => draw.array([directions, ...shape], between(-1, 1));
    const optional = <T>(x: T): T | null => (draw.coin() ? x : null);
    const lengths = hostArray(
      Array.from({ length: batch }, () => draw.whole(1, time)),
      [batch],
      'int32',
    );
    const lstm = type === 'LSTM';
    const inputs = [
      draw.array([time, batch, size]),
      weights(gates * hidden, size),
      weights(gates * hidden, hidden),
      optional(weights(2 * gates * hidden)),
      optional(lengths),
      optional(weights(batch, hidden)),
      ...(lstm ? [optional(weights(batch, hidden)), optional(weights(3 * hidden))] : []),
    ];
    const other = { RNN: ['Relu'], GRU: ['HardSigmoid', 'Softsign'], LSTM: ['HardSigmoid', 'Tanh', 'Sigmoid'] }[type]!;
    const attributes = {
      hidden_size: hidden,
      direction,
      ...draw.some({
        clip: { float: 0.75 },
        activations: { strings: [...other, ...other].slice(0, other.length * directions) },
      }),
      ...(type === 'GRU' && draw.some({ linear_before_reset: 1 })),
    };
    return { type, inputs, attributes, outputs: lstm ? 3 : 2, opset };
  };

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

const norms: Readonly<Record<string, Cases>> = {
  BatchNormalization: (draw) => {
    const opset = since(draw, 7);
    const x = draw.array([2, draw.whole(1, 3), ...draw.shape(0, 2)]);
    const perChannel = (low: number, high: number) => draw.array([x.shape[1]], between(low, high));
    const training = opset >= 14 && draw.coin();
    const attributes = {
      ...draw.some({ epsilon: { float: 0.01 }, momentum: { float: 0.7 } }),
      ...(training && { training_mode: 1 }),
    };
    const inputs = [x, perChannel(-1, 1), perChannel(-1, 1), perChannel(-1, 1), perChannel(0.5, 2)];
    return { type: 'BatchNormalization', inputs, attributes, outputs: training ? 3 : 1, opset };
  },
  InstanceNormalization: (draw) => {
    const x = draw.array([2, draw.whole(1, 3), draw.whole(2, 4), ...draw.shape(0, 1)]);
    return {
      type: 'InstanceNormalization',
      inputs: [x, draw.array([x.shape[1]]), draw.array([x.shape[1]])],
      attributes: draw.some({ epsilon: { float: 0.01 } }),
      opset: since(draw, 7),
    };
  },
  LayerNormalization: (draw) => {
    const x = draw.array(draw.shape(1, 4, 5));
    const axis = draw.axis(x.shape.length);
    const inner = x.shape.slice(axis);
    const bias = draw.coin() ? [draw.array(inner)] : [];
    return {
      type: 'LayerNormalization',
      inputs: [x, draw.array(inner), ...bias],
      attributes: { axis, ...draw.some({ epsilon: { float: 0.01 } }) },
      outputs: draw.pick([1, 3]),
      opset: since(draw, 17),
    };
  },
  RMSNormalization: (draw) => {
    const x = draw.array(draw.shape(1, 4, 5));
    const axis = draw.axis(x.shape.length);
    return { type: 'RMSNormalization', inputs: [x, draw.array(x.shape.slice(axis))], attributes: { axis }, opset: 23 };
  },
  GroupNormalization: (draw) => {
    const opset = draw.pick([18, 21]);
    const groups = draw.whole(1, 3);
    const x = draw.array([2, groups * draw.whole(1, 2), draw.whole(2, 3), ...draw.shape(0, 1)]);
    const count = opset >= 21 ? x.shape[1] : groups;
    return {
      type: 'GroupNormalization',
      inputs: [x, draw.array([count]), draw.array([count])],
      attributes: { num_groups: groups, ...draw.some({ epsilon: { float: 0.01 } }) },
      opset,
    };
  },
  LpNormalization: (draw) => {
    const x = draw.array(draw.shape(1, 3));
    return {
      type: 'LpNormalization',
      inputs: [x],
      attributes: draw.some({ axis: draw.axis(x.shape.length), p: 1 }),
      opset: since(draw, 7),
    };
  },
  MeanVarianceNormalization: (draw) => ({
    type: 'MeanVarianceNormalization',
    inputs: [draw.array([3, 2, 3, 2])],
    attributes: draw.some({ axes: [0, 2] }),
    opset: since(draw, 9),
  }),
  LRN: (draw) => ({
    type: 'LRN',
    inputs: [draw.array([2, draw.whole(1, 6), 2, 2])],
    attributes: {
      size: draw.pick([1, 3, 5, 7]),
      ...draw.some({ alpha: { float: 0.1 }, beta: { float: 0.5 }, bias: { float: 2 } }),
    },
    opset: since(draw, 7),
  }),
  Dropout: (draw) => ({
    type: 'Dropout',
    inputs: [draw.array(draw.shape(0, 3))],
    outputs: draw.pick([1, 2]),
    opset: since(draw, 12),
  }),
};

const shapes: Readonly<Record<string, Cases>> = {
  Shape: (draw) => ({
    type: 'Shape',
    inputs: [draw.array(draw.shape(0, 4))],
    attributes: draw.some({ start: draw.whole(-5, 5), end: draw.whole(-5, 5) }),
    opset: since(draw, 15),
  }),
  Size: unary('Size'),
  Reshape: (draw) => {
    const x = draw.array([draw.whole(1, 3), 2, draw.whole(1, 3), 6]);
    const target = draw.pick([[0, -1], [-1], [0, 0, -1], [-1, 3, 2], [2, -1], [0, 2, -1, 6, 1]]);
    return { type: 'Reshape', inputs: [x, tensor(target)], opset: since(draw, 7) };
  },
  Flatten: (draw) => {
    const opset = since(draw, 7);
    const x = draw.array(draw.shape(1, 4));
    return {
      type: 'Flatten',
      inputs: [x],
      attributes: draw.some({ axis: draw.whole(opset < 11 ? 0 : -x.shape.length, x.shape.length) }),
      opset,
    };
  },
  Squeeze: (draw) => {
    const shape = draw.shape(1, 4, 2);
    const ones = shape.flatMap((n, i) => (n === 1 ? [draw.coin() ? i : i - shape.length] : []));
    if (ones.length === 0 || draw.coin())
      return { type: 'Squeeze', inputs: [draw.array(shape)], opset: since(draw, 7) };
    return withAxes('Squeeze', draw, draw.array(shape), ones, shape.length);
  },
  Unsqueeze: (draw) => {
    const shape = draw.shape(0, 3);
    const axes = draw.pick([[0], [-1], [0, shape.length + 1], [1, 0]]).filter((a) => a <= shape.length + 1);
    return withAxes(
      'Unsqueeze',
      draw,
      draw.array(shape),
      shape.length === 0 && axes.length === 1 ? [0] : axes,
      shape.length + axes.length,
    );
  },
  Transpose: (draw) => {
    const shape = draw.shape(0, 4);
    const perm = shape.map((_, i) => i).sort(() => draw.random() - 0.5);
    return { type: 'Transpose', inputs: [draw.array(shape)], attributes: draw.some({ perm }), opset: since(draw, 7) };
  },
  Concat: (draw) => {
    const opset = since(draw, 7);
    const shape = draw.shape(1, 4);
    const axis = opset < 11 ? draw.whole(0, shape.length - 1) : draw.axis(shape.length);
    const at = axis < 0 ? axis + shape.length : axis;
    return {
      type: 'Concat',
      inputs: Array.from({ length: draw.whole(1, 3) }, () =>
        draw.array(shape.map((n, i) => (i === at ? draw.whole(1, 3) : n))),
      ),
      attributes: { axis },
      opset,
    };
  },
  Split: split,
  Expand: (draw) => {
    const [a, b] = draw.broadcasting();
    return { type: 'Expand', inputs: [draw.array(a), tensor(b)], opset: since(draw, 9) };
  },
  Tile: (draw) => {
    const x = draw.array(draw.shape(1, 3));
    return { type: 'Tile', inputs: [x, tensor(x.shape.map(() => draw.whole(1, 3)))], opset: since(draw, 7) };
  },
  Slice: slice,
  Pad: pad,
  DepthToSpace: (draw) => {
    const opset = since(draw, 11);
    const b = draw.whole(1, 3);
    return {
      type: 'DepthToSpace',
      inputs: [draw.array([2, b * b * draw.whole(1, 2), 2, 3])],
      attributes: { blocksize: b, ...draw.some({ mode: 'CRD' }) },
      opset,
    };
  },
  SpaceToDepth: (draw) => {
    const b = draw.whole(1, 3);
    return {
      type: 'SpaceToDepth',
      inputs: [draw.array([2, draw.whole(1, 2), 2 * b, b])],
      attributes: { blocksize: b },
      opset: since(draw, 7),
    };
  },
  Resize: resize,
  Upsample: (draw) => {
    const opset = draw.pick([7, 9]);
    const x = draw.array([1, 2, 3, 2]);
    const mode = draw.pick(['nearest', 'linear']);
    const scales = [1, 1, draw.pick([1, 2, 2.5]), draw.pick([1, 2, 3])];
    if (opset === 7) return { type: 'Upsample', inputs: [x], attributes: { mode, scales: { floats: scales } }, opset };
    return { type: 'Upsample', inputs: [x, tensor(scales, [4], 'float32')], attributes: { mode }, opset };
  },
};

const positions: Readonly<Record<string, Cases>> = {
  Gather: (draw) => {
    const opset = since(draw, 7);
    const x = draw.array(draw.shape(1, 3));
    const axis = opset < 11 ? draw.whole(0, x.shape.length - 1) : draw.axis(x.shape.length);
    const n = x.shape.at(axis)!;
    const where = draw.coin()
      ? tensor([draw.whole(opset < 11 ? 0 : -n, n - 1)], [])
      : positionsIn(draw, draw.shape(0, 2), n, opset);
    return {
      type: 'Gather',
      inputs: [x, where],
      attributes: draw.some({ axis }).axis === undefined && axis !== 0 ? { axis } : { axis },
      opset,
    };
  },
  GatherElements: (draw) => {
    const x = draw.array(draw.shape(1, 3));
    const axis = draw.axis(x.shape.length);
    const at = axis < 0 ? axis + x.shape.length : axis;
    const shape = x.shape.map((n, i) => (i === at ? draw.whole(1, 4) : draw.whole(1, n)));
    return {
      type: 'GatherElements',
      inputs: [x, positionsIn(draw, shape, x.shape[at], 11)],
      attributes: { axis },
      opset: since(draw, 11),
    };
  },
  GatherND: (draw) => {
    const n = draw.whole(1, 3);
    const batch = draw.whole(0, 1);
    const x = draw.array([2, n, n, 2]);
    const k = draw.whole(1, 2);
    const values = Array.from({ length: 2 * 3 * k }, (_, i) =>
      batch === 0 && i % k === 0 ? draw.whole(-2, 1) : draw.whole(-n, n - 1),
    );
    return {
      type: 'GatherND',
      inputs: [x, tensor(values, [2, 3, k])],
      attributes: { batch_dims: batch },
      opset: since(draw, 12),
    };
  },
  ScatterElements: (draw) => {
    const opset = since(draw, 11);
    const x = draw.array([3, 4]);
    const axis = draw.axis(2);
    const n = x.shape.at(axis)!;
    const other = draw.whole(1, 7 - n);
    // Every row of positions names each at most once.
    const list = Array.from({ length: other }, () => {
      const first = draw.whole(0, n - 1);
      return [first - (draw.coin() ? n : 0), (first + 1) % n];
    });
    const isRows = axis === 1 || axis === -1;
    const shape = isRows ? [other, 2] : [2, other];
    const values = isRows ? list.flat() : [...list.map(([a]) => a), ...list.map(([, b]) => b)];
    const reduction = opset >= 16 && draw.coin() ? { reduction: 'add' } : {};
    return {
      type: 'ScatterElements',
      inputs: [x, hostArray(values, shape, 'int32'), draw.array(shape)],
      attributes: { axis, ...reduction },
      opset,
    };
  },
  ScatterND: (draw) => {
    const opset = since(draw, 11);
    const add = opset >= 16 && draw.coin();
    const rows = draw.coin();
    const tuples = rows
      ? tensor(add ? [1, 1, -1] : [1, 0, -1], [3, 1])
      : tensor(add ? [0, 1, 2, -1, 0, 1] : [0, 1, 2, -1, 1, 1], [3, 2]);
    return {
      type: 'ScatterND',
      inputs: [draw.array([3, 2]), tuples, draw.array(rows ? [3, 2] : [3])],
      attributes: add ? { reduction: 'add' } : {},
      opset,
    };
  },
  OneHot: (draw) => {
    const opset = since(draw, 9);
    const shape = draw.shape(0, 2);
    const where = tensor(Array.from(draw.array(shape, wholeBetween(opset < 11 ? 0 : -3, 4), 'int32').data), shape);
    return {
      type: 'OneHot',
      inputs: [where, tensor([draw.whole(1, 5)], []), tensor([2, -3], [2], 'float32')],
      attributes: draw.some({ axis: draw.whole(opset < 11 ? 0 : -1, shape.length) }),
      opset,
    };
  },
  TopK: (draw) => {
    const opset = draw.pick([10, 11, 13]);
    const x = draw.array(draw.shape(1, 3, 5), draw.coin() ? distinct : wholeBetween(-2, 2));
    const axis = opset < 11 ? draw.whole(0, x.shape.length - 1) : draw.axis(x.shape.length);
    return {
      type: 'TopK',
      inputs: [x, tensor([draw.whole(1, x.shape.at(axis)!)])],
      attributes: { axis, ...(opset >= 11 && draw.some({ largest: 0 })) },
      outputs: 2,
      opset,
    };
  },
  NonZero: (draw) => ({
    type: 'NonZero',
    inputs: [tensor([0, 1, 2, 0, 0, -1], draw.pick([[6], [2, 3], [3, 1, 2]]))],
    opset: since(draw, 9),
  }),
  Compress: (draw) => ({
    type: 'Compress',
    inputs: [draw.array([2, 3]), tensor([0, 1, 1].slice(0, draw.whole(1, 2)), undefined, 'bool')],
    attributes: draw.some({ axis: draw.axis(2) }),
    opset: since(draw, 11),
  }),
  CumSum: (draw) => {
    const x = draw.array(draw.shape(1, 3));
    return {
      type: 'CumSum',
      inputs: [x, tensor([draw.axis(x.shape.length)], [])],
      attributes: draw.some({ exclusive: 1, reverse: 1 }),
      opset: since(draw, 11),
    };
  },
  Trilu: (draw) => {
    const x = draw.array([...draw.shape(0, 1), draw.whole(1, 4), draw.whole(1, 4)]);
    const k = draw.coin() ? [tensor([draw.whole(-5, 5)], [])] : [];
    return { type: 'Trilu', inputs: [x, ...k], attributes: draw.some({ upper: 0 }), opset: since(draw, 14) };
  },
  EyeLike: (draw) => ({
    type: 'EyeLike',
    inputs: [draw.array([draw.whole(1, 4), draw.whole(1, 4)])],
    attributes: draw.some({ k: draw.whole(-3, 3), dtype: 6 }),
    opset: since(draw, 9),
  }),
  Range: (draw) => ({
    type: 'Range',
    inputs: draw
      .pick([
        [0, 5, 1],
        [3, -4, -2],
        [2, 2, 1],
        [-1, 7, 3],
      ])
      .map((n) => tensor([n], [])),
    opset: since(draw, 11),
  }),
  ConstantOfShape: (draw) => ({
    type: 'ConstantOfShape',
    inputs: [tensor(draw.shape(0, 3))],
    attributes: draw.some({ value: tensor([2.5], [1], 'float32') }),
    opset: since(draw, 9),
  }),
  Constant: (draw) => ({
    type: 'Constant',
    inputs: [],
    attributes: draw.pick<Record<string, FileAttribute>>([
      { value: tensor([1, 2], [2, 1], 'float32') },
      { value: tensor([-(2 ** 31), 5]) },
      { value_float: { float: 1.5 } },
      { value_floats: { floats: [1.5, 2] } },
      { value_int: 3 },
      { value_ints: [3, 4] },
    ]),
    opset: since(draw, 12),
  }),
};

const others: Readonly<Record<string, Cases>> = {
  Pow: (draw) => {
    const [a, b] = draw.broadcasting();
    const whole = draw.coin();
    const base = draw.array(a, whole ? wholeBetween(-3, 3) : between(0.2, 3));
    return {
      type: 'Pow',
      inputs: [
        base,
        draw.array(b, whole ? wholeBetween(0, 3) : between(-2, 2), whole && draw.coin() ? 'int32' : 'float32'),
      ],
      opset: since(draw, 13),
    };
  },
  Mod: (draw) => {
    const [a, b] = draw.broadcasting();
    const dtype = draw.pick<DType>(['int32', 'float32']);
    const values = dtype === 'int32' ? wholeBetween(-9, 9) : between(-5, 5);
    return {
      type: 'Mod',
      inputs: [draw.array(a, values, dtype), draw.array(b, between(-5, 5, 0.5), dtype)],
      attributes: dtype === 'float32' || draw.coin() ? { fmod: 1 } : {},
      opset: since(draw, 10),
    };
  },
  Clip: (draw) => {
    const opset = since(draw, 7);
    const x = draw.array(draw.shape(0, 3));
    const [low, high] = [draw.float(-2, 0), draw.float(0, 2)];
    if (opset < 11) return { type: 'Clip', inputs: [x], attributes: draw.some({ min: low, max: high }), opset };
    const bound = ({ float }: { float: number }) => (draw.coin() ? tensor([float], [], 'float32') : null);
    return { type: 'Clip', inputs: [x, bound(low), bound(high)], opset };
  },
  Cast: (draw) => ({
    type: 'Cast',
    inputs: [draw.array(draw.shape(0, 3), draw.pick([between(-3, 3), wholeBetween(-1, 1)]))],
    attributes: { to: draw.pick([1, 6, 7, 9, 11]) },
    opset: since(draw, 9),
  }),
  CastLike: (draw) => ({
    type: 'CastLike',
    inputs: [
      draw.array(draw.shape(0, 3)),
      draw.array([1], between(0, 1), draw.pick<DType>(['int32', 'float32', 'bool', 'float64'])),
    ],
    opset: since(draw, 15),
  }),
  Where: (draw) => {
    const [a, b] = draw.broadcasting();
    return {
      type: 'Where',
      inputs: [draw.array(a, wholeBetween(0, 1), 'bool'), draw.array(b), draw.array(a)],
      opset: since(draw, 9),
    };
  },
  IsInf: (draw) => ({
    type: 'IsInf',
    inputs: [hostArray([1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0], [5], 'float32')],
    attributes: draw.some({ detect_positive: 0, detect_negative: 0 }),
    opset: since(draw, 10),
  }),
  IsNaN: (draw) => ({
    type: 'IsNaN',
    inputs: [hostArray([1, Number.POSITIVE_INFINITY, Number.NaN, 0], [4], 'float32')],
    opset: since(draw, 9),
  }),
  PRelu: (draw) => {
    const x = draw.array([2, 3, ...draw.shape(0, 2)]);
    const slope = draw.pick([[1], [3, ...x.shape.slice(2).map(() => 1)], x.shape]);
    return { type: 'PRelu', inputs: [x, draw.array(slope)], opset: since(draw, 7) };
  },
  Gemm: (draw) => {
    const [n, k, m] = [draw.whole(1, 4), draw.whole(1, 4), draw.whole(1, 4)];
    const [transA, transB] = [draw.whole(0, 1), draw.whole(0, 1)];
    const opset = since(draw, 7);
    const c = opset < 11 || draw.coin() ? [draw.array(draw.pick([[m], [1, m], [n, 1], [n, m], [1]]))] : [];
    return {
      type: 'Gemm',
      inputs: [draw.array(transA ? [k, n] : [n, k]), draw.array(transB ? [m, k] : [k, m]), ...c],
      attributes: { transA, transB, ...draw.some({ alpha: { float: 0.5 }, beta: { float: -2 } }) },
      opset,
    };
  },
  MatMul: (draw) => {
    const k = draw.whole(1, 4);
    const [a, b] = draw.broadcasting();
    const vector = draw.whole(0, 3);
    const left = vector === 1 ? [k] : [...a.slice(-2), draw.whole(1, 3), k];
    const right = vector === 2 ? [k] : [...b.slice(-2), k, draw.whole(1, 3)];
    return { type: 'MatMul', inputs: [draw.array(left), draw.array(right)], opset: since(draw, 7) };
  },
  Einsum: (draw) => ({
    type: 'Einsum',
    ...draw.pick([
      { inputs: [draw.array([2, 3, 4]), draw.array([2, 4, 5])], attributes: { equation: 'bij, bjk -> bik' } },
      { inputs: [draw.array([3, 3])], attributes: { equation: 'ii->i' } },
      { inputs: [draw.array([2, 3, 4])], attributes: { equation: '...ij->...ji' } },
      { inputs: [draw.array([2, 3]), draw.array([3]), draw.array([2])], attributes: { equation: 'ij,j,i' } },
    ]),
    opset: since(draw, 12),
  }),
};

export const cases: Readonly<Record<string, Cases>> = {
  ...Object.fromEntries(
    [
      'Identity',
      'Neg',
      'Abs',
      'Exp',
      'Floor',
      'Ceil',
      'Sin',
      'Cos',
      'Tanh',
      'Sigmoid',
      'Relu',
      'Softplus',
      'Softsign',
      'Atan',
    ].map((type) => [type, unary(type)]),
  ),
  Sign: unary('Sign', wholeBetween(-2, 2), 9),
  Round: unary('Round', wholeBetween(-3, 3), 11),
  Sinh: unary('Sinh', undefined, 9),
  Cosh: unary('Cosh', undefined, 9),
  Asinh: unary('Asinh', between(-30, 30), 9),
  Acosh: unary('Acosh', between(1.01, 5), 9),
  Atanh: unary('Atanh', between(-0.95, 0.95), 9),
  Tan: unary('Tan', between(-1.3, 1.3)),
  Asin: unary('Asin', between(-0.95, 0.95)),
  Acos: unary('Acos', between(-0.95, 0.95)),
  Erf: unary('Erf', undefined, 9),
  Log: unary('Log', between(0.1, 5)),
  Sqrt: unary('Sqrt', between(0, 5)),
  Reciprocal: unary('Reciprocal', between(-3, 3, 0.2)),
  LeakyRelu: unary('LeakyRelu', undefined, 7, (d) => d.some({ alpha: { float: 0.2 } })),
  ThresholdedRelu: unary('ThresholdedRelu', undefined, 10, (d) => d.some({ alpha: { float: 0.5 } })),
  Elu: unary('Elu', undefined, 7, (d) => d.some({ alpha: { float: 1.5 } })),
  Selu: unary('Selu', undefined, 7, (d) => d.some({ alpha: { float: 1.5 }, gamma: { float: 2 } })),
  Celu: unary('Celu', undefined, 12, (d) => d.some({ alpha: { float: 1.5 } })),
  HardSigmoid: unary('HardSigmoid', undefined, 7, (d) => d.some({ alpha: { float: 0.3 }, beta: { float: 0.4 } })),
  HardSwish: unary('HardSwish', between(-5, 5), 14),
  Mish: unary('Mish', undefined, 18),
  Gelu: unary('Gelu', undefined, 20, (d) => d.some({ approximate: 'tanh' })),
  Swish: (draw) => ({
    type: 'Swish',
    inputs: [draw.array(draw.shape(0, 3))],
    attributes: draw.some({ alpha: { float: 1.5 } }),
    opset: 24,
  }),
  Shrink: unary('Shrink', undefined, 9, (d) => d.some({ lambd: { float: 1 }, bias: { float: 0.5 } })),
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  Div: binary('Div', between(-9, 9, 1)),
  Equal: binary('Equal', wholeBetween(-2, 2)),
  Less: binary('Less', wholeBetween(-2, 2), undefined, 9),
  LessOrEqual: binary('LessOrEqual', wholeBetween(-2, 2), undefined, 12),
  Greater: binary('Greater', wholeBetween(-2, 2), undefined, 9),
  GreaterOrEqual: binary('GreaterOrEqual', wholeBetween(-2, 2), undefined, 12),
  And: binary('And', wholeBetween(0, 1), ['bool']),
  Or: binary('Or', wholeBetween(0, 1), ['bool']),
  Xor: binary('Xor', wholeBetween(0, 1), ['bool']),
  Not: (draw) => ({
    type: 'Not',
    inputs: [draw.array(draw.shape(0, 3), wholeBetween(0, 1), 'bool')],
    opset: since(draw, 7),
  }),
  Max: variadic('Max'),
  Min: variadic('Min'),
  Sum: variadic('Sum'),
  Mean: variadic('Mean'),
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  MaxPool: pool('MaxPool'),
  AveragePool: pool('AveragePool'),
  LpPool: pool('LpPool'),
  GlobalMaxPool: globalPool('GlobalMaxPool'),
  GlobalAveragePool: globalPool('GlobalAveragePool'),
  GlobalLpPool: globalPool('GlobalLpPool'),
  ...others,
  ...norms,
  ...shapes,
  ...positions,
  ReduceSum: reduce('ReduceSum', undefined, 13),
  ...Object.fromEntries(
    [
      'ReduceMean',
      'ReduceMax',
      'ReduceMin',
      'ReduceProd',
      'ReduceL1',
      'ReduceL2',
      'ReduceSumSquare',
      'ReduceLogSumExp',
    ].map((type) => [type, reduce(type)]),
  ),
  ReduceLogSum: reduce('ReduceLogSum', between(0.2, 3)),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Softmax: softmax('Softmax'),
  LogSoftmax: softmax('LogSoftmax'),
  Hardmax: softmax('Hardmax'),
  RNN: recurrent('RNN', 1),
  GRU: recurrent('GRU', 3),
  LSTM: recurrent('LSTM', 4),
};
