import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DType } from '../array/dtype.ts';
import type { HostArray } from '../array/primitive.ts';
import { forEachOffset, type Shape, sizeOf, stridesOf } from '../array/shape.ts';
import {
  type ArrayFunction,
  evaluateAt,
  expectClose,
  generator,
  hostArray,
  randomArray,
  wholeBetween,
} from '../array/testing.fixture.ts';
import { nonzero, wide, withAxes } from '../primitives/records.fixture.ts';
import { configure } from '../runtime/index.ts';
import { computeAt } from '../runtime/testing.fixture.ts';
import * as np from './index.ts';

beforeAll(() => configure({ threads: 1 }));

const seed = 7;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** The lists of elements that a reduction over axes combines, in row-major order of the result. */
function groups(x: HostArray, axes: readonly number[]): number[][] {
  const rest = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const strides = stridesOf(x.shape);
  const lists: number[][] = [];
  forEachOffset(
    rest.map((i) => x.shape[i]),
    [rest.map((i) => strides[i])],
    (_, [start]) => {
      const list: number[] = [];
      forEachOffset(
        axes.map((i) => x.shape[i]),
        [axes.map((i) => strides[i])],
        (__, [offset]) => {
          list.push(x.data[start + offset]);
        },
      );
      lists.push(list);
    },
  );
  return lists;
}

const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
const mean = (xs: readonly number[]) => sum(xs) / xs.length;
const squares = (xs: readonly number[]) => sum(xs.map((x) => (x - mean(xs)) ** 2));

interface Naive {
  readonly name: string;
  readonly f: (x: np.NDArray, axis: readonly number[], keepDims: boolean) => np.NDArray;
  readonly naive: (xs: readonly number[]) => number;
  /** Without a value on an empty list. */
  readonly needsElements?: boolean;
  readonly output?: DType;
}

const reductions: readonly Naive[] = [
  { name: 'sum', f: np.sum, naive: sum },
  { name: 'prod', f: np.prod, naive: (xs) => xs.reduce((a, b) => a * b, 1) },
  { name: 'mean', f: np.mean, naive: mean, needsElements: true },
  { name: 'max', f: np.max, naive: (xs) => Math.max(...xs), needsElements: true },
  { name: 'min', f: np.min, naive: (xs) => Math.min(...xs), needsElements: true },
  { name: 'any', f: np.any, naive: (xs) => Number(xs.some((x) => x !== 0)), output: 'bool' },
  { name: 'all', f: np.all, naive: (xs) => Number(xs.every((x) => x !== 0)), output: 'bool' },
  { name: 'norm', f: np.norm, naive: (xs) => Math.sqrt(sum(xs.map((x) => x * x))) },
  {
    name: 'variance',
    f: (x, axis, keepDims) => np.variance(x, axis, { keepDims }),
    naive: (xs) => squares(xs) / xs.length,
    needsElements: true,
  },
  {
    name: 'std with ddof 0.5',
    f: (x, axis, keepDims) => np.std(x, axis, { ddof: 0.5, keepDims }),
    naive: (xs) => Math.sqrt(squares(xs) / (xs.length - 0.5)),
    needsElements: true,
  },
  {
    name: 'logsumexp',
    f: np.logsumexp,
    naive: (xs) => Math.log(sum(xs.map(Math.exp))),
    needsElements: true,
  },
];

describe('reductions over every subset of axes', () => {
  test.each(reductions)('$name agrees with a loop', ({ name, f, naive, needsElements, output }) => {
    const property = fc.property(withAxes(), fc.boolean(), fc.nat(), ({ shape, axes }, keepDims, n) => {
      fc.pre(!needsElements || axes.every((a) => shape[a] > 0));
      const values = name === 'any' || name === 'all' ? wholeBetween(-1, 1) : nonzero;
      const x = randomArray(generator(n), shape, 'float64', values);
      const [actual] = evaluateAt((y) => f(y, axes, keepDims), [x]);
      const to = shape.flatMap((m, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [m]));
      const expected = hostArray(groups(x, axes).map(naive), to, output ?? 'float64');
      const label = `${name} of [${shape}] over [${axes}]${keepDims ? ', axes kept' : ''}`;
      expectClose(label, actual, expected, { relative: 1e-12, absolute: 1e-12 });
    });
    fc.assert(property, { seed, numRuns: 60 });
  });

  test('an axis may be given once only, and must exist', () => {
    const x = np.zeros([2, 3]);
    expect(() => np.sum(x, [0, -2])).toThrow(/sum: axes \[0, 0\] repeat an axis/);
    expect(() => np.sum(x, 2)).toThrow(/sum: axis 2 is out of range for an array of 2 dimensions/);
    expect(() => np.softmax(x, -3)).toThrow(/softmax: axis -3/);
  });

  test('the extremum of nothing is an error that names the shape', () => {
    expect(() => np.max(np.zeros([2, 0]), 1)).toThrow(/max: of an empty axis has no value \(shape \[2, 0\]\)/);
    expect(() => np.argmin(np.zeros([0]))).toThrow(/of an empty axis/);
    expect(np.max(np.zeros([0, 3]), 1).shape).toEqual([0]);
  });
});

/** Both ways of computing must give these elements. */
async function expectValues(
  f: ArrayFunction,
  x: HostArray,
  expected: readonly number[],
  shape: Shape = [expected.length],
) {
  const [a] = evaluateAt(f, [x]);
  const [b] = await computeAt(f, [x]);
  const want = hostArray(expected, shape, a.dtype);
  expectClose('reference', a, want);
  expectClose('ONNX Runtime', b, want);
}
const vector = (values: readonly number[], dtype: DType = 'float32') => hostArray(values, [values.length], dtype);
const matrix = (rows: readonly (readonly number[])[], dtype: DType = 'float32') =>
  hostArray(rows.flat(), [rows.length, rows[0].length], dtype);
const floats = ['float32', 'float64'] as const;

describe.each(floats)('reductions of special values in %s', (dtype) => {
  test('NaN spreads through sums and extrema', async () => {
    const x = matrix(
      [
        [1, nan, 2],
        [-inf, 0, inf],
        [nan, nan, nan],
        [inf, 1, inf],
        [3, 2, nan],
        [nan, 5, 6],
      ],
      dtype,
    );
    await expectValues((y) => np.sum(y, 1), x, [nan, nan, nan, inf, nan, nan]);
    await expectValues((y) => np.max(y, 1), x, [nan, inf, nan, inf, nan, nan]);
    await expectValues((y) => np.min(y, 1), x, [nan, -inf, nan, 1, nan, nan]);
    await expectValues((y) => np.max(y, 0), x, [nan, nan, nan]);
  });

  test('argmax and argmin take the first of equals', async () => {
    const x = matrix(
      [
        [1, 3, 3],
        [2, 2, 2],
        [inf, inf, -inf],
        [0, -0, 0],
        [-inf, -inf, -inf],
      ],
      dtype,
    );
    await expectValues((y) => np.argmax(y, 1), x, [1, 0, 0, 0, 0]);
    await expectValues((y) => np.argmin(y, 1), x, [0, 0, 2, 0, 0]);
  });

  test('logsumexp of infinities', async () => {
    const x = matrix(
      [
        [-inf, -inf],
        [inf, 0],
        [-inf, 3],
        [1000, 1000],
        [-1000, -1000],
        [inf, -inf],
        [nan, 0],
      ],
      dtype,
    );
    const two = Math.LN2;
    await expectValues((y) => np.logsumexp(y, 1), x, [-inf, inf, 3, 1000 + two, -1000 + two, inf, nan]);
  });

  test('softmax and logSoftmax do not overflow', async () => {
    const x = matrix(
      [
        [1e4, 1e4],
        [-1e4, -1e4],
        [-inf, 0],
      ],
      dtype,
    );
    const half = Math.log(0.5);
    await expectValues((y) => np.softmax(y), x, [0.5, 0.5, 0.5, 0.5, 0, 1], [3, 2]);
    await expectValues((y) => np.logSoftmax(y), x, [half, half, half, half, -inf, 0], [3, 2]);
  });

  test('cumsum along either axis and of the flattened array', async () => {
    const x = matrix(
      [
        [1, 2],
        [3, inf],
        [-1, -inf],
      ],
      dtype,
    );
    await expectValues((y) => np.cumsum(y, 0), x, [1, 2, 4, inf, 3, nan], [3, 2]);
    await expectValues((y) => np.cumsum(y, -1), x, [1, 3, 3, inf, -1, -inf], [3, 2]);
    await expectValues((y) => np.cumsum(y), x, [1, 3, 6, inf, inf, nan]);
  });
});

describe('reductions of other dtypes', () => {
  test('integers wrap around', async () => {
    const x = vector([2 ** 31 - 1, 1, 5], 'int32');
    await expectValues((y) => np.sum(y), x, [-(2 ** 31) + 5], []);
    await expectValues((y) => np.cumsum(y), x, [2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 5]);
    await expectValues((y) => np.prod(y), vector([65536, 65537, 3], 'int32'), [3 * 65536], []);
  });

  test('booleans count as 0 and 1', async () => {
    const x = hostArray([1, 0, 1, 1], [4], 'bool');
    const [total] = evaluateAt((y) => np.sum(y), [x]);
    expect(total.dtype).toBe('int32');
    await expectValues((y) => np.sum(y), x, [3], []);
    await expectValues((y) => np.mean(y), x, [0.75], []);
    await expectValues((y) => np.cumsum(y), x, [1, 1, 2, 3]);
    await expectValues((y) => np.argmin(y), x, [1], []);
  });

  test('the mean of integers is a float', () => {
    expect(evaluateAt((y) => np.mean(y), [vector([1, 2], 'int32')])[0]).toEqual(hostArray([1.5], [], 'float32'));
  });
});

describe('derivatives where values coincide or vanish', () => {
  test('reductions with an axis of size 0 in the result', () => {
    const x = randomArray(generator(1), [0, 3], 'float32', wide);
    for (const f of [np.sum, np.max, np.mean, np.softmax, np.logsumexp]) {
      const [y] = evaluateAt((a) => f(a, 1), [x]);
      expect(sizeOf(y.shape)).toBe(0);
    }
  });
});
