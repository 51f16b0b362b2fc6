import type { HostArray } from '../../array/primitive.ts';
import { type NodeCase, tensor } from '../files.fixture.ts';
import { type Cases, type Draw, since } from './draw.fixture.ts';

/** Axes as an attribute before operator set 13, as an input from then on. */
const withAxes = (type: string, draw: Draw, x: HostArray, axes: readonly number[], rank: number): NodeCase => {
  const opset = since(draw, 7);
  const own = opset < 11 ? axes.map((a) => (a < 0 ? a + rank : a)) : axes;
  return opset < 13
    ? { type, inputs: [x], attributes: { axes: own }, opset }
    : { type, inputs: [x, tensor(own)], opset };
};
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
export const shapeCases: Readonly<Record<string, Cases>> = {
  Shape: (draw) => ({
    type: 'Shape',
    inputs: [draw.array(draw.shape(0, 4))],
    attributes: draw.some({ start: draw.whole(-5, 5), end: draw.whole(-5, 5) }),
    opset: since(draw, 15),
  }),
  Size: (draw) => ({ type: 'Size', inputs: [draw.array(draw.shape(0, 4))], opset: since(draw, 7) }),
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
