/**
 * @file One record per operation of the array language: operands it is defined on, and what holds of it. Every property
 * that all operations must have is tested from this table, so a new primitive needs one entry here and no test code.
 */
import fc from 'fast-check';
import type { DType } from '../array/dtype.ts';
import type { NDArray } from '../array/ndarray.ts';
import type { Shape } from '../array/shape.ts';
import {
  type ArrayFunction,
  avalText,
  between,
  distinct,
  type Tolerance,
  type Values,
  wholeBetween,
} from '../array/testing.fixture.ts';
import * as bits from '../random/bits.ts';
import { checkpoint, cond, customJvp, customVjp, scan, whileLoop } from '../transforms/index.ts';
import { barrier } from './barrier.ts';
import * as contraction from './contract.ts';
import * as e from './elementwise.ts';
import * as g from './gather.ts';
import * as along from './gather-along.ts';
import * as identity from './identity.ts';
import * as r from './reduce.ts';
import { select } from './select.ts';
import * as s from './shape.ts';
import { topK } from './sort.ts';
import { split } from './split.ts';
import { windowRecords } from './windows.fixture.ts';

export interface Operand {
  readonly shape: Shape;
  readonly values: Values;
  /** Fixed dtype; by default the dtype under test. Only operands of the dtype under test are differentiated. */
  readonly dtype?: DType;
}

/** One way to call an operation. */
export interface Case {
  readonly operands: readonly Operand[];
  readonly f: ArrayFunction;
  /** Parameters, for messages. */
  readonly note?: string;
}

export interface OpRecord {
  readonly name: string;
  readonly dtypes: readonly DType[];
  readonly cases: fc.Arbitrary<Case>;
  /**
   * `smooth`: on these operands derivatives of first and second order agree with differences; `zero`: the derivative is
   * zero where it exists; `forward`: smooth, but not to be differentiated in reverse; `none`: not differentiable, or no
   * result of the operands' dtype.
   */
  readonly derivative: 'smooth' | 'zero' | 'forward' | 'none';
  /** Looser than the defaults of a dtype, with the reason. */
  readonly tolerance?: Partial<Record<DType, Tolerance & { readonly cause: string }>>;
  /** Elementwise operations: numbers at the edges of the domain, tried in all combinations. */
  readonly special?: readonly number[];
}

export const caseText = (record: OpRecord, { operands, note }: Case, dtype: DType): string =>
  `${record.name}(${operands.map((x) => avalText({ shape: x.shape, dtype: x.dtype ?? dtype })).join(', ')})${note === undefined ? '' : ` ${note}`}`;

export const floats: readonly DType[] = ['float32', 'float64'];
export const numbers: readonly DType[] = ['float32', 'float64', 'int32'];
export const everyType: readonly DType[] = ['float32', 'float64', 'int32', 'bool'];
const integers: readonly DType[] = ['int32'];

/** Sizes of axes: mostly small, often 1, now and then 0. */
export const axisSize = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.constant(1) },
  { weight: 9, arbitrary: fc.integer({ min: 2, max: 4 }) },
);
export const positiveSize = fc.integer({ min: 1, max: 4 });
export const shapeOf = (minLength = 0, maxLength = 3, size = axisSize): fc.Arbitrary<Shape> =>
  fc.array(size, { minLength, maxLength });

/** Shapes that broadcast together: leading axes are missing, others have size 1. */
export const broadcastable = (n: number, maxRank = 3): fc.Arbitrary<readonly Shape[]> =>
  shapeOf(0, maxRank).chain((full) =>
    fc.tuple(
      ...Array.from({ length: n }, () =>
        fc
          .tuple(
            fc.nat(full.length),
            fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length }),
            fc.boolean(),
          )
          .map(([cut, repeated, whole]) =>
            whole ? full : full.map((size, i) => (repeated[i] ? 1 : size)).slice(Math.min(cut, full.length)),
          ),
      ),
    ),
  );

/** A shape and one of its axes. */
export const withAxis = (minRank = 1, size = axisSize): fc.Arbitrary<{ shape: Shape; axis: number }> =>
  shapeOf(minRank, 3, size).chain((shape) => fc.nat(shape.length - 1).map((axis) => ({ shape, axis })));

/** A shape and some of its axes, sorted. */
export const withAxes = (size = axisSize, minAxes = 0): fc.Arbitrary<{ shape: Shape; axes: number[] }> =>
  shapeOf(minAxes, 3, size).chain((shape) =>
    fc
      .subarray(
        shape.map((_, i) => i),
        { minLength: minAxes },
      )
      .map((axes) => ({ shape, axes })),
  );

const permutationOf = (n: number): fc.Arbitrary<number[]> => {
  const order = Array.from({ length: n }, (_, i) => i);
  return fc.shuffledSubarray(order, { minLength: n, maxLength: n });
};

export const wide = between(-3, 3);
/** Far enough from 0 that no difference quotient steps over it. */
export const nonzero = between(-3, 3, 0.1);
export const positive = between(0.3, 3);
export const indexInto = (n: number): Values => between(0, n - 1);

/** Edges that every elementwise function must handle as IEEE arithmetic does. */
export const edges: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  20,
  -20,
  1e-8,
  -1e-8,
  1e-4,
  100,
  -100,
  1e30,
  -1e30,
  1e-30,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const moderate = edges.filter((x) => !(Math.abs(x) > 100));

type Options = Partial<Omit<OpRecord, 'name' | 'cases'>>;

/** An elementwise function of operands that broadcast. */
export function elementwiseRecord(
  name: string,
  f: ArrayFunction,
  values: readonly Values[],
  options: Options = {},
): OpRecord {
  return {
    name,
    dtypes: floats,
    derivative: 'smooth',
    special: edges,
    ...options,
    cases: broadcastable(values.length).map((shapes) => ({
      operands: shapes.map((shape, i) => ({ shape, values: values[i] })),
      f,
    })),
  };
}

const cancels = (factor: number, cause: string): OpRecord['tolerance'] => ({
  float32: { relative: 2e-6 * factor, absolute: 5e-7 * factor, cause },
  float64: { relative: 2e-14 * factor, absolute: 2e-15 * factor, cause },
});

/** Of values near 0 that are no zeros of the operands. */
const absolute = (cause: string): OpRecord['tolerance'] => ({
  float32: { relative: 2e-6, absolute: 2e-7, cause },
  float64: { relative: 2e-14, absolute: 1e-15, cause },
});
const atZeros = absolute('the zeros of sin and cos are no floats');

const unaries: readonly OpRecord[] = [
  elementwiseRecord('exp', e.exp, [wide]),
  elementwiseRecord('log', e.log, [positive]),
  elementwiseRecord('sin', e.sin, [wide], { special: moderate, tolerance: atZeros }),
  elementwiseRecord('cos', e.cos, [wide], { special: moderate, tolerance: atZeros }),
  elementwiseRecord('tan', e.tan, [between(-1.2, 1.2)], { special: moderate.filter((x) => !(Math.abs(x) > 3)) }),
  elementwiseRecord('arctan', e.arctan, [wide]),
  elementwiseRecord('sinh', e.sinh, [wide]),
  elementwiseRecord('cosh', e.cosh, [wide]),
  elementwiseRecord('tanh', e.tanh, [wide]),
  elementwiseRecord('sigmoid', e.sigmoid, [wide], {
    tolerance: { float32: { relative: 2e-6, absolute: 2e-7, cause: 'ONNX Runtime computes (1 + tanh(x/2)) / 2' } },
  }),
  elementwiseRecord('expm1', e.expm1, [wide]),
  elementwiseRecord('log1p', e.log1p, [between(-0.8, 3)]),
  elementwiseRecord('sqrt', e.sqrt, [positive]),
  elementwiseRecord('reciprocal', e.reciprocal, [between(-3, 3, 0.3)]),
  elementwiseRecord('abs', e.abs, [nonzero], { dtypes: numbers }),
  elementwiseRecord('sign', e.sign, [nonzero], { dtypes: numbers, derivative: 'zero' }),
  elementwiseRecord('floor', e.floor, [wide], { derivative: 'zero' }),
  elementwiseRecord('ceil', e.ceil, [wide], { derivative: 'zero' }),
  elementwiseRecord('round', e.round, [wide], { derivative: 'zero' }),
  elementwiseRecord('relu', e.relu, [nonzero]),
  elementwiseRecord('erf', e.erf, [between(-6, 6)]),
  elementwiseRecord('erfinv', e.erfinv, [between(-0.9, 0.9)]),
  elementwiseRecord('negative', e.negative, [wide], { dtypes: numbers }),
  elementwiseRecord('logicalNot', e.logicalNot, [wide], { dtypes: ['bool'], derivative: 'none' }),
];

const binaries: readonly OpRecord[] = [
  elementwiseRecord('add', e.add, [wide, wide], { dtypes: numbers }),
  elementwiseRecord('subtract', e.subtract, [wide, wide], { dtypes: numbers }),
  elementwiseRecord('multiply', e.multiply, [wide, wide], { dtypes: numbers }),
  elementwiseRecord('divide', e.divide, [wide, between(-3, 3, 0.5)]),
  elementwiseRecord('floorDivideIntegers', e.floorDivideIntegers, [between(-20, 20), between(-5, 5, 1)], {
    dtypes: integers,
    derivative: 'none',
  }),
  // The quotient stays away from whole numbers, where the remainder jumps.
  elementwiseRecord('remainder', e.remainder, [between(-1.4, 1.4, 0.3), between(1.8, 2.2)], { dtypes: numbers }),
  elementwiseRecord('power', e.power, [positive, between(-2, 2)], { tolerance: cancels(4, 'exp of a rounded log') }),
  elementwiseRecord('power of integers', e.power, [between(-4, 4), between(0, 5)], {
    dtypes: integers,
    derivative: 'none',
    special: undefined,
  }),
  elementwiseRecord('maximum', e.maximum, [wide, wide], { dtypes: numbers }),
  elementwiseRecord('minimum', e.minimum, [wide, wide], { dtypes: numbers }),
  elementwiseRecord('equal', e.equal, [wholeBetween(-1, 1), wholeBetween(-1, 1)], {
    dtypes: everyType,
    derivative: 'none',
  }),
  elementwiseRecord('less', e.less, [wholeBetween(-1, 1), wholeBetween(-1, 1)], {
    dtypes: numbers,
    derivative: 'none',
  }),
  elementwiseRecord('lessEqual', e.lessEqual, [wholeBetween(-1, 1), wholeBetween(-1, 1)], {
    dtypes: numbers,
    derivative: 'none',
  }),
  elementwiseRecord('logicalAnd', e.logicalAnd, [wide, wide], { dtypes: ['bool'], derivative: 'none' }),
  elementwiseRecord('logicalOr', e.logicalOr, [wide, wide], { dtypes: ['bool'], derivative: 'none' }),
  elementwiseRecord('logicalXor', e.logicalXor, [wide, wide], { dtypes: ['bool'], derivative: 'none' }),
  elementwiseRecord('bitwiseXor', bits.bitwiseXor, [between(-50, 50), between(-50, 50)], {
    dtypes: integers,
    derivative: 'none',
  }),
];

/** Casts to every dtype; numbers that all of them hold up to truncation. */
const casts = everyType.map((to) =>
  elementwiseRecord(`cast to ${to}`, (x) => e.cast(x, to), [between(-3, 3)], {
    dtypes: everyType,
    derivative: 'none',
    special: moderate.filter((x) => !Number.isNaN(x)),
  }),
);

/** One operand and parameters made from its shape. */
function shaped<P extends { readonly shape: Shape }>(
  name: string,
  parameters: fc.Arbitrary<P>,
  f: (x: NDArray, p: P) => NDArray | readonly NDArray[],
  options: Options & { readonly values?: Values } = {},
): OpRecord {
  const { values = wide, ...rest } = options;
  return {
    name,
    dtypes: everyType,
    derivative: 'smooth',
    ...rest,
    cases: parameters.map((p) => ({
      operands: [{ shape: p.shape, values }],
      f: (x) => f(x, p),
      note: JSON.stringify({ ...p, shape: undefined }),
    })),
  };
}

/** A shape and another of as many elements. */
const reshaping = shapeOf(0, 4).chain((shape) =>
  permutationOf(shape.length).map((order) => {
    const moved = order.map((i) => shape[i]);
    const to = moved.length >= 2 && moved[0] > 0 ? [moved[0] * moved[1], ...moved.slice(2), 1] : moved;
    return { shape, to };
  }),
);

const permuting = shapeOf(0, 4).chain((shape) => permutationOf(shape.length).map((order) => ({ shape, order })));

const widening = broadcastable(2).map(([a, b]) => {
  const rank = Math.max(a.length, b.length);
  const at = (x: Shape, i: number) => x[i - rank + x.length] ?? 1;
  const to = Array.from({ length: rank }, (_, i) => (at(a, i) === 1 ? at(b, i) : at(a, i)));
  return { shape: a, to };
});

const slicing = shapeOf(0, 3, fc.integer({ min: 0, max: 6 })).chain((shape) =>
  fc.tuple(...shape.map((n) => fc.tuple(fc.nat(n), fc.nat(n), fc.integer({ min: 1, max: 3 })))).map((triples) => ({
    shape,
    start: triples.map(([a, b]) => Math.min(a, b)),
    stop: triples.map(([a, b]) => Math.max(a, b)),
    step: triples.map(([, , k]) => k),
  })),
);

const padding = shapeOf(0, 3).chain((shape) => {
  const widths = fc.array(fc.nat(2), { minLength: shape.length, maxLength: shape.length });
  return fc.record({ shape: fc.constant(shape), before: widths, after: widths, between: widths });
});

const concatenating: fc.Arbitrary<Case> = fc
  .tuple(withAxis(), fc.array(axisSize, { minLength: 1, maxLength: 3 }))
  .map(([{ shape, axis }, sizes]) => ({
    operands: sizes.map((n) => ({ shape: shape.map((m, i) => (i === axis ? n : m)), values: wide })),
    f: (...xs) => s.concatenate(xs, axis),
    note: `axis ${axis}`,
  }));

/** A shape, an axis, and parts of it that may be empty. */
const splitting = fc.tuple(withAxis(), fc.nat(1)).map(([{ shape, axis }, first]) => {
  const n = shape[axis];
  const cut = Math.min(first, n);
  return { shape, axis, sizes: n === 3 ? [1, 1, 1] : [cut, n - cut] };
});

const moves: readonly OpRecord[] = [
  shaped('reshape', reshaping, (x, { to }) => s.reshape(x, to)),
  shaped('transpose', permuting, (x, { order }) => s.transpose(x, order)),
  shaped('broadcastTo', widening, (x, { to }) => s.broadcastTo(x, to)),
  shaped('slice', slicing, (x, { start, stop, step }) => s.slice(x, start, stop, step)),
  shaped('pad', padding, (x, p) => s.pad(x, p.before, p.after, p.between)),
  shaped('reverse', withAxes(), (x, { axes }) => s.reverse(x, axes)),
  shaped('split', splitting, (x, { axis, sizes }) => split(x, axis, sizes)),
  { name: 'concatenate', dtypes: everyType, derivative: 'smooth', cases: concatenating },
  shaped(
    'alias',
    shapeOf().map((shape) => ({ shape })),
    identity.alias,
  ),
  shaped(
    'stopGradient',
    shapeOf().map((shape) => ({ shape })),
    identity.stopGradient,
    { derivative: 'zero' },
  ),
];

const reducing = (minimum = axisSize) =>
  fc.tuple(withAxes(minimum), fc.boolean()).map(([p, keepDims]) => ({ ...p, keepDims }));

const sumsInAnyOrder = cancels(4, 'the order of summation');

const reductions: readonly OpRecord[] = [
  shaped('reduceSum', reducing(), (x, { axes, keepDims }) => r.reduceSum(x, axes, keepDims), {
    dtypes: numbers,
    tolerance: sumsInAnyOrder,
  }),
  shaped('reduceMean', reducing(positiveSize), (x, { axes, keepDims }) => r.reduceMean(x, axes, keepDims), {
    dtypes: floats,
    tolerance: sumsInAnyOrder,
  }),
  shaped('reduceMax', reducing(positiveSize), (x, { axes, keepDims }) => r.reduceMax(x, axes, keepDims), {
    dtypes: numbers,
    values: distinct,
  }),
  shaped('reduceMin', reducing(positiveSize), (x, { axes, keepDims }) => r.reduceMin(x, axes, keepDims), {
    dtypes: numbers,
    values: distinct,
  }),
  shaped('argExtremum (largest)', withAxis(1, positiveSize), (x, { axis }) => r.argExtremum(x, axis, true), {
    dtypes: numbers,
    derivative: 'none',
    values: wholeBetween(-2, 2),
  }),
  shaped('argExtremum (smallest)', withAxis(1, positiveSize), (x, { axis }) => r.argExtremum(x, axis, false), {
    dtypes: numbers,
    derivative: 'none',
    values: wholeBetween(-2, 2),
  }),
  shaped('cumulativeSum', withAxis(), (x, { axis }) => r.cumulativeSum(x, axis), {
    dtypes: numbers,
    tolerance: sumsInAnyOrder,
  }),
];

const selecting: fc.Arbitrary<Case> = broadcastable(3).map(([condition, a, b]) => ({
  operands: [
    { shape: condition, values: wholeBetween(0, 1), dtype: 'bool' },
    { shape: a, values: wide },
    { shape: b, values: wide },
  ],
  f: select,
}));

const gathering: fc.Arbitrary<Case> = fc
  .tuple(withAxis(1, positiveSize), shapeOf(0, 2))
  .map(([{ shape, axis }, indices]) => ({
    operands: [
      { shape, values: wide },
      { shape: indices, values: indexInto(shape[axis]), dtype: 'int32' },
    ],
    f: (x, i) => g.gather(x, i, axis),
    note: `axis ${axis}`,
  }));

const scattering: fc.Arbitrary<Case> = fc
  .tuple(withAxis(1, positiveSize), shapeOf(0, 2))
  .map(([{ shape, axis }, indices]) => ({
    operands: [
      { shape, values: wide },
      { shape: indices, values: indexInto(shape[axis]), dtype: 'int32' },
      { shape: [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)], values: wide },
    ],
    f: (x, i, updates) => g.scatterAdd(x, i, updates, axis),
    note: `axis ${axis}`,
  }));

/** The positions of the k largest of random numbers: none of them twice, as replacing needs. */
const replacing: fc.Arbitrary<Case> = withAxis(1, positiveSize).chain(({ shape, axis }) =>
  fc.nat(shape[axis]).map((k) => ({
    operands: [
      { shape, values: wide },
      { shape: [shape[axis]], values: wide, dtype: 'int32' },
      { shape: shape.map((n, i) => (i === axis ? k : n)), values: wide },
    ],
    f: (x, order, updates) => g.scatterReplace(x, topK(order, 0, k, true), updates, axis),
    note: `axis ${axis}`,
  })),
);

/** A shape, an axis, and the shape with another size of that axis. */
const alongAxis = fc
  .tuple(withAxis(1, positiveSize), axisSize)
  .map(([{ shape, axis }, k]) => ({ shape, axis, other: shape.map((n, i) => (i === axis ? k : n)) }));

const gatheringAlong: fc.Arbitrary<Case> = alongAxis.map(({ shape, axis, other }) => ({
  operands: [
    { shape, values: wide },
    { shape: other, values: indexInto(shape[axis]), dtype: 'int32' },
  ],
  f: (x, i) => along.gatherAlong(x, i, axis),
  note: `axis ${axis}`,
}));

const scatteringAlong: fc.Arbitrary<Case> = alongAxis.map(({ shape, axis, other }) => ({
  operands: [
    { shape, values: wide },
    { shape: other, values: indexInto(shape[axis]), dtype: 'int32' },
    { shape: other, values: wide },
  ],
  f: (x, i, updates) => along.scatterAddAlong(x, i, updates, axis),
  note: `axis ${axis}`,
}));

const selectingTop = withAxis(1, positiveSize).chain(({ shape, axis }) =>
  fc.record({
    shape: fc.constant(shape),
    axis: fc.constant(axis),
    k: fc.nat(shape[axis]),
    largest: fc.boolean(),
  }),
);

/** Letters of two operands and a result: each letter in two of the three, in any order. */
const contracting: fc.Arbitrary<Case> = fc
  .array(fc.tuple(fc.constantFrom('lead', 'rows', 'columns', 'inner'), axisSize), { maxLength: 5 })
  .chain((axes) => {
    const letters = axes.map(([kind, size], i) => ({ kind, size, letter: 'abcde'[i] }));
    const pick = (...kinds: string[]) => letters.filter((l) => kinds.includes(l.kind)).map((l) => l.letter);
    const order = (list: string[]) => fc.shuffledSubarray(list, { minLength: list.length }).map((l) => l.join(''));
    const size = new Map(letters.map((l) => [l.letter, l.size]));
    const shape = (word: string) => [...word].map((l) => size.get(l)!);
    return fc
      .record({
        a: order(pick('lead', 'rows', 'inner')),
        b: order(pick('lead', 'columns', 'inner')),
        out: order(pick('lead', 'rows', 'columns')),
      })
      .map((p) => ({
        operands: [
          { shape: shape(p.a), values: wide },
          { shape: shape(p.b), values: wide },
        ],
        f: (x: NDArray, y: NDArray) => contraction.contract(x, y, p),
        note: `${p.a},${p.b}->${p.out}`,
      }));
  });

/** Scans with a constant, a carry and a slice; some leave out one of them, some carry two values. */
const scanning: fc.Arbitrary<Case> = fc
  .record({
    length: fc.integer({ min: 1, max: 4 }),
    reverse: fc.boolean(),
    shape: shapeOf(0, 2, positiveSize),
    kind: fc.constantFrom('accumulate', 'recur', 'pair', 'map'),
  })
  .map(({ length, reverse, shape, kind }) => {
    const bodies: Record<string, ArrayFunction> = {
      accumulate: (_, init, xs) => scan((c, x) => [e.add(c, x), c], init, xs, { reverse }),
      recur: (w, init, xs) =>
        scan(
          (c, x) => {
            const next = e.add(e.multiply(w, c), e.multiply(x, x));
            return [next, e.multiply(next, w)];
          },
          init,
          xs,
          { reverse },
        ),
      pair: (w, init, xs) => {
        const [[a, b], y] = scan(
          ([a, b], x) => [[b, e.add(e.multiply(a, w), x)] as const, e.subtract(a, b)],
          [init, w] as const,
          xs,
          { reverse },
        );
        return [a, b, y];
      },
      map: (w, init, xs) => {
        const [, y] = scan((c, x) => [c, e.multiply(e.multiply(x, w), init)], null, xs, { reverse });
        return y;
      },
    };
    return {
      operands: [
        { shape, values: wide },
        { shape, values: wide },
        { shape: [length, ...shape], values: wide },
      ],
      f: bodies[kind],
      note: `${kind}, ${length} steps${reverse ? ' backwards' : ''}`,
    };
  });

/** Branches that share nothing, something, or an operand; elements of the operands decide, so that vmap must choose. */
const choosing: fc.Arbitrary<Case> = fc
  .record({ shape: shapeOf(1, 2, positiveSize), kind: fc.constantFrom('smooth', 'constant', 'passed on', 'nested') })
  .map(({ shape, kind }) => {
    const holds = (x: NDArray) => e.less(r.reduceSum(x, [...x.shape.keys()]), s.filled(1, [], x.dtype));
    const f: Record<string, ArrayFunction> = {
      smooth: (p, x, y) =>
        cond(
          holds(p),
          () => e.multiply(x, e.multiply(y, y)),
          () => e.subtract(y, x),
        ),
      constant: (p, x) =>
        cond(
          holds(p),
          (a: NDArray) => s.filled(2, a.shape, a.dtype),
          (a) => e.multiply(a, a),
          x,
        ),
      'passed on': (p, x, y) => [
        ...cond(
          holds(p),
          () => [x, y] as const,
          () => [y, x] as const,
        ),
      ],
      nested: (p, x, y) =>
        cond(
          holds(p),
          () =>
            cond(
              holds(e.negative(p)),
              () => x,
              () => e.multiply(x, y),
            ),
          () => y,
        ),
    };
    return {
      operands: [
        { shape, values: wide, dtype: 'float32' },
        { shape, values: wide },
        { shape, values: wide },
      ],
      f: f[kind],
      note: kind,
    };
  });

/** Loops whose length depends on an operand that is not differentiated. */
const looping: fc.Arbitrary<Case> = shapeOf(0, 2, positiveSize).map((shape) => ({
  operands: [
    { shape: [], values: wholeBetween(0, 4), dtype: 'int32' },
    { shape, values: wide },
    { shape, values: wide },
  ],
  f: (n, w, x) =>
    whileLoop(
      ([i]: readonly [NDArray, NDArray, NDArray]) => e.less(i, n),
      ([i, a, b]) => [e.add(i, s.filled(1, [], 'int32')), b, e.add(e.multiply(w, a), x)] as const,
      [s.filled(0, [], 'int32'), x, w] as const,
    ).slice(1),
  note: 'to a bound',
}));

const wrapping = (
  name: string,
  wrap: (f: (x: NDArray, y: NDArray) => NDArray) => (x: NDArray, y: NDArray) => NDArray,
) =>
  elementwiseRecord(name, (x, y) => wrap((a, b) => e.multiply(a, e.add(a, b)))(x, y), [wide, wide], {
    dtypes: numbers,
    special: undefined,
  });

const wrappers: readonly OpRecord[] = [
  wrapping('checkpoint', checkpoint),
  wrapping('customJvp', (f) =>
    customJvp(f, ([a, b], [ta, tb]) => [f(a, b), e.add(e.multiply(ta, e.add(a, b)), e.multiply(a, e.add(ta, tb)))]),
  ),
  {
    // Of one shape: a cotangent has that of its argument.
    ...wrapping('customVjp', (f) => f),
    cases: shapeOf().map((shape) => ({
      operands: [
        { shape, values: wide },
        { shape, values: wide },
      ],
      f: customVjp(
        (a: NDArray, b: NDArray) => e.multiply(a, e.add(a, b)),
        (a, b) => [e.multiply(a, e.add(a, b)), [a, b] as const],
        ([a, b], ct) => [e.multiply(ct, e.add(e.add(a, a), b)), e.multiply(ct, a)],
      ),
    })),
  },
];

const rest: readonly OpRecord[] = [
  { name: 'select', dtypes: everyType, derivative: 'smooth', cases: selecting },
  { name: 'gather', dtypes: everyType, derivative: 'smooth', cases: gathering },
  { name: 'scatterAdd', dtypes: numbers, derivative: 'smooth', cases: scattering, tolerance: sumsInAnyOrder },
  { name: 'scatterReplace', dtypes: everyType, derivative: 'smooth', cases: replacing },
  { name: 'gatherAlong', dtypes: everyType, derivative: 'smooth', cases: gatheringAlong },
  { name: 'scatterAddAlong', dtypes: numbers, derivative: 'smooth', cases: scatteringAlong, tolerance: sumsInAnyOrder },
  // Whole numbers, so that some of them tie.
  shaped('topK', selectingTop, (x, { axis, k, largest }) => topK(x, axis, k, largest), {
    dtypes: numbers,
    derivative: 'none',
    values: wholeBetween(-2, 2),
  }),
  { name: 'contract', dtypes: numbers, derivative: 'smooth', cases: contracting, tolerance: sumsInAnyOrder },
  {
    name: 'scan',
    dtypes: numbers,
    derivative: 'smooth',
    cases: scanning,
    tolerance: cancels(10, 'each step rounds what the last one rounded'),
  },
  { name: 'cond', dtypes: numbers, derivative: 'smooth', cases: choosing },
  { name: 'whileLoop', dtypes: numbers, derivative: 'forward', cases: looping },
  ...wrappers,
  {
    name: 'barrier',
    dtypes: everyType,
    derivative: 'smooth',
    cases: shapeOf().map((shape) => ({
      operands: [
        { shape, values: wide },
        { shape: [2], values: wide, dtype: 'float32' },
      ],
      f: barrier,
    })),
  },
  elementwiseRecord('threefryBits', bits.threefryBits as ArrayFunction, new Array(4).fill(between(-50, 50)), {
    dtypes: integers,
    derivative: 'none',
    special: undefined,
  }),
  shaped(
    'shiftRight',
    shapeOf().map((shape) => ({ shape })),
    (x) => bits.shiftRight(x, 9),
    {
      dtypes: integers,
      derivative: 'none',
      values: between(-2147483648, 2147483647),
    },
  ),
];

/** Every primitive, called as the functions of this room offer it. */
export const primitiveRecords: readonly OpRecord[] = [
  ...unaries,
  ...binaries,
  ...casts,
  ...moves,
  ...reductions,
  ...rest,
  ...windowRecords(),
];
