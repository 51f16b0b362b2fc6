/** @file Records of the NumPy functions, for the same tests as the primitives' records; see primitives/records.fixture.ts. */
import fc from 'fast-check';
import type { DType } from '../array/dtype.ts';
import type { NDArray } from '../array/ndarray.ts';
import { type Shape, sizeOf } from '../array/shape.ts';
import {
  type ArrayFunction,
  between,
  distinct,
  type Tolerance,
  type Values,
  wholeBetween,
} from '../array/testing.fixture.ts';
import {
  axisSize,
  broadcastable,
  type Case,
  elementwiseRecord,
  everyType,
  indexInto,
  nonzero,
  type OpRecord,
  positive,
  positiveSize,
  shapeOf,
  wide,
  withAxes,
  withAxis,
} from '../primitives/records.fixture.ts';
import { convolutions } from './convolution.fixture.ts';
import * as np from './index.ts';

type Options = Partial<Omit<OpRecord, 'name' | 'cases'>>;

const looser = (factor: number, cause: string): OpRecord['tolerance'] => {
  const of = (relative: number, absolute: number): Tolerance & { cause: string } => ({
    relative: relative * factor,
    absolute: absolute * factor,
    cause,
  });
  return { float32: of(2e-6, 5e-7), float64: of(2e-14, 2e-15) };
};
const chained = looser(8, 'a chain of several roundings');

const unary = (name: string, f: (x: NDArray) => NDArray, values: Values, options: Options = {}): OpRecord =>
  elementwiseRecord(`np.${name}`, f, [values], {
    dtypes: everyType,
    special: undefined,
    tolerance: chained,
    ...options,
  });
const binary = (
  name: string,
  f: (x: NDArray, y: NDArray) => NDArray,
  a: Values,
  b: Values,
  options: Options = {},
): OpRecord =>
  elementwiseRecord(`np.${name}`, f, [a, b], {
    dtypes: everyType,
    special: undefined,
    tolerance: chained,
    ...options,
  });

const zero: Options = { derivative: 'zero' };
const none: Options = { derivative: 'none' };
const thirds = wholeBetween(-1, 1);

const elementwise: readonly OpRecord[] = [
  unary('exp', np.exp, wide),
  unary('expm1', np.expm1, wide),
  unary('log', np.log, positive),
  unary('log1p', np.log1p, between(-0.8, 3)),
  unary('log2', np.log2, positive),
  unary('log10', np.log10, positive),
  unary('sqrt', np.sqrt, positive),
  unary('square', np.square, wide),
  unary('reciprocal', np.reciprocal, between(-3, 3, 0.3)),
  unary('sin', np.sin, wide),
  unary('cos', np.cos, wide),
  unary('tan', np.tan, between(-1.2, 1.2)),
  unary('arctan', np.arctan, wide),
  unary('arcsin', np.arcsin, between(-0.9, 0.9)),
  unary('arccos', np.arccos, between(-0.9, 0.9)),
  unary('sinh', np.sinh, wide),
  unary('cosh', np.cosh, wide),
  unary('tanh', np.tanh, wide),
  unary('arctanh', np.arctanh, between(-0.9, 0.9)),
  unary('sigmoid', np.sigmoid, wide),
  unary('erf', np.erf, wide),
  unary('erfinv', np.erfinv, between(-0.9, 0.9)),
  unary('floor', np.floor, wide, zero),
  unary('ceil', np.ceil, wide, zero),
  unary('round', np.round, wide, zero),
  unary('negative', np.negative, wide),
  unary('abs', np.abs, nonzero),
  unary('sign', np.sign, nonzero, zero),
  unary('relu', np.relu, nonzero),
  unary('isnan', np.isnan, wide, none),
  unary('isinf', np.isinf, wide, none),
  unary('isfinite', np.isfinite, wide, none),
  unary('logicalNot', np.logicalNot, thirds, none),
  unary('astype', (x) => np.astype(x, 'float32'), wide, none),
  unary('clip', (x) => np.clip(x, -1.5, 1), between(-3, 3)),
  binary('add', np.add, wide, wide),
  binary('subtract', np.subtract, wide, wide),
  binary('multiply', np.multiply, wide, wide),
  binary('divide', np.divide, wide, between(-3, 3, 0.5)),
  binary('floorDivide', np.floorDivide, between(-1.4, 1.4, 0.3), between(1.8, 2.2), zero),
  binary('remainder', np.remainder, between(-1.4, 1.4, 0.3), between(1.8, 2.2)),
  binary('power', np.power, positive, between(0, 2)),
  binary('maximum', np.maximum, wide, wide),
  binary('minimum', np.minimum, wide, wide),
  binary('equal', np.equal, thirds, thirds, none),
  binary('notEqual', np.notEqual, thirds, thirds, none),
  binary('less', np.less, thirds, thirds, none),
  binary('lessEqual', np.lessEqual, thirds, thirds, none),
  binary('greater', np.greater, thirds, thirds, none),
  binary('greaterEqual', np.greaterEqual, thirds, thirds, none),
  binary('logicalAnd', np.logicalAnd, thirds, thirds, none),
  binary('logicalOr', np.logicalOr, thirds, thirds, none),
  binary('logicalXor', np.logicalXor, thirds, thirds, none),
];

/** A function of arrays of the dtype under test whose shapes come with its parameters. */
function record<P extends { readonly shapes: readonly Shape[] }>(
  name: string,
  parameters: fc.Arbitrary<P>,
  f: (p: P) => ArrayFunction,
  options: Options & { readonly values?: Values } = {},
): OpRecord {
  const { values = wide, ...rest } = options;
  return {
    name: `np.${name}`,
    dtypes: everyType,
    derivative: 'smooth',
    tolerance: chained,
    ...rest,
    cases: parameters.map(
      (p): Case => ({
        operands: p.shapes.map((shape) => ({ shape, values })),
        f: f(p),
        note: JSON.stringify({ ...p, shapes: undefined }),
      }),
    ),
  };
}

const single = <P extends { readonly shape: Shape }>(p: fc.Arbitrary<P>) =>
  p.map(({ shape, ...rest }) => ({ ...rest, shapes: [shape] }));

/** One axis, several or all, counted from either end, with and without keepDims. */
const reducing = (size = axisSize) =>
  single(
    fc
      .tuple(withAxes(size), fc.boolean(), fc.constantFrom('all', 'one', 'several'), fc.boolean())
      .map(([{ shape, axes }, keepDims, kind, fromEnd]) => {
        const signed = axes.map((a) => (fromEnd ? a - shape.length : a));
        const axis = kind === 'all' ? undefined : kind === 'one' && signed.length > 0 ? signed[0] : signed;
        return { shape, axis, keepDims };
      }),
  );

type Reduction = (x: NDArray, axis?: number | readonly number[], keepDims?: boolean) => NDArray;
const reduction = (
  name: string,
  f: Reduction,
  options: Options & { readonly values?: Values } = {},
  size = axisSize,
): OpRecord =>
  record(
    name,
    reducing(size),
    ({ axis, keepDims }) =>
      (x) =>
        f(x, axis, keepDims),
    options,
  );

const axisOrAll = single(
  fc.tuple(withAxis(1, positiveSize), fc.boolean()).map(([{ shape, axis }, all]) => ({
    shape,
    axis: all ? undefined : axis,
  })),
);
const oneAxis = single(withAxis(1, positiveSize));

const reductions: readonly OpRecord[] = [
  reduction('sum', np.sum),
  reduction('mean', np.mean, {}, positiveSize),
  reduction('max', np.max, { values: distinct }, positiveSize),
  reduction('min', np.min, { values: distinct }, positiveSize),
  reduction('prod', np.prod, { values: nonzero }),
  reduction('any', np.any, { ...none, values: thirds }),
  reduction('all', np.all, { ...none, values: thirds }),
  reduction('logsumexp', np.logsumexp, { values: distinct }, positiveSize),
  reduction('norm', np.norm, { values: nonzero }, positiveSize),
  reduction(
    'variance',
    (x, axis, keepDims) => np.variance(x, axis, { keepDims }),
    { tolerance: looser(16, 'deviations from a rounded mean') },
    positiveSize,
  ),
  // With a single element the deviation is 0, where the square root has no derivative.
  record(
    'std',
    single(withAxis(1, fc.integer({ min: 2, max: 4 }))),
    ({ axis }) =>
      (x) =>
        np.std(x, axis, { ddof: 1 }),
    {
      values: distinct,
      dtypes: ['float32', 'float64', 'int32'],
      tolerance: looser(16, 'deviations from a rounded mean'),
    },
  ),
  record(
    'argmax',
    axisOrAll,
    ({ axis }) =>
      (x) =>
        np.argmax(x, axis),
    { ...none, values: wholeBetween(-2, 2) },
  ),
  record(
    'argmin',
    axisOrAll,
    ({ axis }) =>
      (x) =>
        np.argmin(x, axis),
    { ...none, values: wholeBetween(-2, 2) },
  ),
  record(
    'cumsum',
    axisOrAll,
    ({ axis }) =>
      (x) =>
        np.cumsum(x, axis),
  ),
  record(
    'argsort',
    oneAxis,
    ({ axis }) =>
      (x) =>
        np.argsort(x, axis),
    { ...none, values: wholeBetween(-2, 2) },
  ),
  record(
    'sort',
    oneAxis,
    ({ axis }) =>
      (x) =>
        np.sort(x, axis),
    { values: distinct },
  ),
  record(
    'topK',
    oneAxis,
    ({ axis }) =>
      (x) =>
        np.topK(x, Math.ceil(x.shape[axis] / 2), axis)[0],
    { values: distinct },
  ),
  record(
    'softmax',
    oneAxis,
    ({ axis }) =>
      (x) =>
        np.softmax(x, axis),
    { values: distinct },
  ),
  record(
    'logSoftmax',
    oneAxis,
    ({ axis }) =>
      (x) =>
        np.logSoftmax(x, axis),
    { values: distinct },
  ),
  record(
    'trace',
    fc.tuple(axisSize, axisSize).map((shape) => ({ shapes: [shape] })),
    () => np.trace,
  ),
  record(
    'diagonal',
    fc.tuple(axisSize, axisSize).map((shape) => ({ shapes: [shape] })),
    () => np.diagonal,
  ),
];

/** Shapes of a matrix product: vectors, matrices and stacks of them whose leading axes broadcast. */
const matmulShapes = fc
  .record({ lead: broadcastable(2, 2), n: axisSize, k: axisSize, m: axisSize, left: fc.nat(1), right: fc.nat(1) })
  .map(({ lead, n, k, m, left, right }) => ({
    shapes: [
      left === 0 && lead[0].length === 0 ? [k] : [...lead[0], n, k],
      right === 0 && lead[1].length === 0 ? [k] : [...lead[1], k, m],
    ],
  }));

/** Random subscripts: letters may repeat within an operand, be summed at once, or be shared by three operands. */
export const einsumSubscripts = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
    words: fc.array(fc.array(fc.nat(3), { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
    keep: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    turn: fc.nat(3),
    implicit: fc.boolean(),
  })
  .map(({ sizes, words, keep, turn, implicit }) => {
    const letters = words.map((w) => w.map((i) => 'ijkl'[i]).join(''));
    const used = [0, 1, 2, 3].map((i) => (i + turn) % 4).filter((i) => words.some((w) => w.includes(i)));
    const output = used.flatMap((i) => (keep[i] ? ['ijkl'[i]] : [])).join('');
    return {
      subscripts: implicit ? letters.join() : `${letters.join()}->${output}`,
      shapes: words.map((w) => w.map((i) => sizes[i])),
    };
  });

const dotShapes = fc.oneof(
  fc.tuple(shapeOf(0, 2, positiveSize)).map(([shape]) => ({ shapes: [[], shape] as Shape[] })),
  fc.tuple(shapeOf(0, 2, axisSize), axisSize, shapeOf(0, 2, axisSize), axisSize).map(([a, k, b, m]) => ({
    shapes: [
      [...a, k],
      [...b, k, m],
    ] as Shape[],
  })),
);

const products: readonly OpRecord[] = [
  record('matmul', matmulShapes, () => np.matmul),
  record('dot', dotShapes, () => np.dot),
  record(
    'vdot',
    shapeOf().map((shape) => ({ shapes: [shape, [sizeOf(shape)]] })),
    () => np.vdot,
  ),
  record(
    'outer',
    fc.tuple(shapeOf(0, 2), shapeOf(0, 2)).map((shapes) => ({ shapes })),
    () => np.outer,
  ),
  record(
    'tensordot',
    fc.tuple(shapeOf(0, 2), shapeOf(0, 2), shapeOf(0, 2)).map(([a, inner, b]) => ({
      axes: inner.length,
      shapes: [
        [...a, ...inner],
        [...inner, ...b],
      ],
    })),
    ({ axes }) =>
      (a, b) =>
        np.tensordot(a, b, axes),
  ),
  record(
    'einsum',
    einsumSubscripts,
    ({ subscripts }) =>
      (...xs) =>
        np.einsum(subscripts, ...xs),
  ),
];

const anyShape = single(shapeOf().map((shape) => ({ shape })));
const twoAxes = single(
  withAxis().chain(({ shape, axis }) => fc.nat(shape.length - 1).map((other) => ({ shape, a: axis, b: other }))),
);
const newAxis = single(shapeOf().chain((shape) => fc.nat(shape.length).map((axis) => ({ shape, axis }))));
const matrix = single(fc.tuple(shapeOf(2, 3), fc.integer({ min: -2, max: 2 })).map(([shape, k]) => ({ shape, k })));
const alike = (n: number) => withAxis().map(({ shape, axis }) => ({ shapes: new Array<Shape>(n).fill(shape), axis }));

const bound = (n: number) => fc.option(fc.integer({ min: -n - 2, max: n + 2 }), { nil: null });

/** Basic indexing of every kind: positions, ranges forwards and backwards, new axes. */
export const indexing = shapeOf(0, 3, fc.integer({ min: 0, max: 5 })).chain((shape) =>
  fc
    .tuple(
      ...shape.map((n): fc.Arbitrary<readonly np.Index[]> => {
        const range: fc.Arbitrary<np.Index> = fc
          .tuple(
            bound(n),
            bound(n),
            fc.integer({ min: -3, max: 3 }).filter((k) => k !== 0),
          )
          .map(([a, b, k]) => [a, b, k] as const);
        const kinds: fc.Arbitrary<np.Index>[] = [range, fc.constant([]), bound(n).map((a) => [a] as const)];
        if (n > 0) kinds.push(fc.integer({ min: -n, max: n - 1 }));
        return fc.tuple(fc.oneof(...kinds), fc.boolean()).map(([i, fresh]) => (fresh ? [null, i] : [i]));
      }),
    )
    .map((lists) => ({ shape, index: lists.flat() })),
);

/** Arrays with int32 positions along an axis; positions count from either end. */
function indexed(
  name: string,
  positions: (shape: Shape, axis: number) => fc.Arbitrary<Shape>,
  f: (axis: number) => ArrayFunction,
  updates?: (shape: Shape, positions: Shape, axis: number) => Shape,
  options: Options = {},
): OpRecord {
  return {
    name: `np.${name}`,
    dtypes: everyType,
    derivative: 'smooth',
    tolerance: chained,
    ...options,
    cases: withAxis(1, positiveSize).chain(({ shape, axis }) =>
      positions(shape, axis).map((at): Case => {
        const n = shape[axis];
        const extra = updates === undefined ? [] : [{ shape: updates(shape, at, axis), values: wide }];
        const between = (low: number, high: number): Values => indexFrom(low, high);
        return {
          operands: [{ shape, values: wide }, { shape: at, values: between(-n, n - 1), dtype: 'int32' }, ...extra],
          f: f(axis),
          note: `axis ${axis}`,
        };
      }),
    ),
  };
}
const indexFrom =
  (low: number, high: number): Values =>
  (random, size, dtype) =>
    indexInto(high - low + 1)(random, size, dtype).map((i) => i + low);

const numbers: readonly DType[] = ['float32', 'float64', 'int32'];

const shapes: readonly OpRecord[] = [
  record(
    'reshape',
    single(shapeOf(1).map((shape) => ({ shape }))),
    () => (x) => (x.size === 0 ? np.reshape(x, [...x.shape, 1]) : np.reshape(x, [x.shape[0], -1])),
  ),
  record('ravel', anyShape, () => np.ravel),
  record('transpose', anyShape, () => (x) => np.transpose(x)),
  record(
    'swapaxes',
    twoAxes,
    ({ a, b }) =>
      (x) =>
        np.swapaxes(x, a, b - x.ndim),
  ),
  record(
    'moveaxis',
    twoAxes,
    ({ a, b }) =>
      (x) =>
        np.moveaxis(x, a, b),
  ),
  record(
    'expandDims',
    newAxis,
    ({ axis }) =>
      (x) =>
        np.expandDims(x, axis),
  ),
  record('squeeze', anyShape, () => (x) => np.squeeze(x)),
  record('broadcastTo', anyShape, () => (x) => np.broadcastTo(x, [2, ...x.shape])),
  record(
    'concatenate',
    alike(2),
    ({ axis }) =>
      (x, y) =>
        np.concatenate([x, y, x], axis),
  ),
  record(
    'stack',
    alike(3),
    ({ axis }) =>
      (...xs) =>
        np.stack(xs, axis),
  ),
  record('split', single(withAxis(1, fc.constantFrom(0, 2, 4))), ({ axis }) => (x) => [
    ...np.split(x, 2, axis),
    ...np.split(x, [x.shape[axis] / 2], axis),
  ]),
  record(
    'flip',
    single(withAxes()),
    ({ axes }) =>
      (x) =>
        np.flip(x, axes),
  ),
  record(
    'pad',
    single(shapeOf().map((shape) => ({ shape }))),
    () => (x) =>
      np.pad(
        x,
        x.shape.map((_, i) => [i, 2] as const),
        1,
      ),
  ),
  record('tile', anyShape, () => (x) => np.tile(x, [2, 1, 3])),
  record(
    'repeat',
    single(withAxis()),
    ({ axis }) =>
      (x) =>
        np.repeat(x, 3, axis),
  ),
  record(
    'slice',
    single(indexing),
    ({ index }) =>
      (x) =>
        np.slice(x, ...index),
  ),
  indexed(
    'take',
    () => shapeOf(0, 2),
    (axis) => (x, i) => np.take(x, i, axis),
  ),
  indexed(
    'takeAlongAxis',
    (shape, axis) => positiveSize.map((n) => shape.map((m, i) => (i === axis ? n : m))),
    (axis) => (x, i) => np.takeAlongAxis(x, i, axis),
  ),
  indexed(
    'addAt',
    () => shapeOf(0, 2),
    (axis) => (x, i, updates) => np.addAt(x, i, updates, axis),
    (shape, at, axis) => [...shape.slice(0, axis), ...at, ...shape.slice(axis + 1)],
    { dtypes: numbers },
  ),
  {
    name: 'np.setAt',
    dtypes: everyType,
    derivative: 'smooth',
    cases: withAxis(1, positiveSize).map(({ shape, axis }) => ({
      operands: [
        { shape, values: wide },
        { shape: shape.map((n, i) => (i === axis ? 1 : n)), values: wide },
      ],
      f: (x, updates) => np.setAt(x, [-1], updates, axis),
      note: `axis ${axis}`,
    })),
  },
  {
    name: 'np.oneHot',
    dtypes: ['int32'],
    derivative: 'none',
    cases: shapeOf().map((shape) => ({
      operands: [{ shape, values: indexInto(5) }],
      f: (x) => np.oneHot(x, 4),
    })),
  },
  record(
    'tril',
    matrix,
    ({ k }) =>
      (x) =>
        np.tril(x, k),
  ),
  record(
    'triu',
    matrix,
    ({ k }) =>
      (x) =>
        np.triu(x, k),
  ),
  {
    name: 'np.where',
    dtypes: everyType,
    derivative: 'smooth',
    cases: broadcastable(3).map(([c, a, b]) => ({
      operands: [
        { shape: c, values: thirds, dtype: 'int32' },
        { shape: a, values: wide },
        { shape: b, values: wide },
      ],
      f: np.where,
    })),
  },
];

export const numpyRecords: readonly OpRecord[] = [
  ...elementwise,
  ...reductions,
  ...products,
  ...shapes,
  ...convolutions,
];

/** Functions that make arrays out of no array: they have tests of their own. */
export const creators: readonly string[] = [
  'arange',
  'array',
  'eye',
  'full',
  'fullLike',
  'linspace',
  'ones',
  'onesLike',
  'tri',
  'zeros',
  'zerosLike',
];
