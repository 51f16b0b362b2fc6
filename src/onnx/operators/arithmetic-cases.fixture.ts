/** @file Random nodes of elementwise functions, products and reductions. */
import type { DType } from '../../array/dtype.ts';
import { between, distinct, hostArray, type Values, wholeBetween } from '../../array/testing.fixture.ts';
import { type NodeCase, tensor } from '../files.fixture.ts';
import { type Cases, type Draw, since } from './draw.fixture.ts';

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
export const arithmeticCases: Readonly<Record<string, Cases>> = {
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
  ...others,
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
};
