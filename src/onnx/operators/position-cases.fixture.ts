import type { HostArray } from '../../array/primitive.ts';
import { distinct, hostArray, wholeBetween } from '../../array/testing.fixture.ts';
import { tensor } from '../files.fixture.ts';
import type { FileAttribute } from '../model.ts';
import { type Cases, type Draw, since } from './draw.fixture.ts';

const positionsIn = (draw: Draw, shape: readonly number[], n: number, opset: number): HostArray =>
  draw.array(shape, wholeBetween(opset < 11 ? 0 : -n, n - 1), 'int32');
export const positionCases: Readonly<Record<string, Cases>> = {
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
