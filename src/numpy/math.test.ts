import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DType } from '../array/dtype.ts';
import { difference, evaluateAt, expectClose, hostArray, listOf } from '../array/testing.fixture.ts';
import { configure } from '../runtime/index.ts';
import { computeAt } from '../runtime/testing.fixture.ts';
import * as np from './index.ts';

beforeAll(() => configure({ threads: 1 }));

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
type Binary = (a: np.NDArray, b: np.NDArray) => np.NDArray;

/** Both ways of computing must give this table of results. */
async function expectTable(f: Binary, rows: readonly (readonly [number, number, number])[], dtype: DType) {
  const column = (k: 0 | 1 | 2) => rows.map((r) => r[k]);
  const operands = [hostArray(column(0), [rows.length], dtype), hostArray(column(1), [rows.length], dtype)];
  for (const [way, [y]] of [
    ['reference', evaluateAt(f, operands)],
    ['ONNX Runtime', await computeAt(f, operands)],
  ] as const) {
    rows.forEach(([a, b, want], i) => {
      const one = (x: number) => hostArray([x], [], y.dtype);
      const problem = difference(one(y.data[i]), one(want), { relative: 1e-6, absolute: 0 });
      expect(problem, `${way}: f(${a}, ${b}) in ${dtype}`).toBeUndefined();
    });
  }
}

// Computed by Python 3 and NumPy 2.
const quotients: readonly (readonly [number, number, number, number])[] = [
  [7, 2, 3, 1],
  [-7, 2, -4, 1],
  [7, -2, -4, -1],
  [-7, -2, 3, -1],
  [6, 3, 2, 0],
  [-6, 3, -2, 0],
  [0, 5, 0, 0],
  [1, 5, 0, 1],
  [-1, 5, -1, 4],
  [1, -5, -1, -4],
];

describe('floorDivide and remainder have the signs of Python', () => {
  test.each(['int32', 'float32', 'float64'] as const)('%s', async (dtype) => {
    await expectTable(
      np.floorDivide,
      quotients.map(([a, b, q]) => [a, b, q]),
      dtype,
    );
    await expectTable(
      np.remainder,
      quotients.map(([a, b, , r]) => [a, b, r]),
      dtype,
    );
  });

  test('for every pair of small integers, a = q b + r and r is between 0 and b', () => {
    const property = fc.property(fc.integer({ min: -60, max: 60 }), fc.integer({ min: -9, max: 9 }), (a, b) => {
      fc.pre(b !== 0);
      const [q] = listOf(np.floorDivide(np.array([a], { dtype: 'int32' }), b));
      const [r] = listOf(np.remainder(np.array([a], { dtype: 'int32' }), b));
      expect([q * b + r, q]).toEqual([a, Math.floor(a / b) + 0]);
    });
    fc.assert(property, { seed: 3, numRuns: 100 });
  });

  test('integers: division by zero gives 0, and the largest negative number divides by -1', async () => {
    const low = -(2 ** 31);
    await expectTable(
      np.floorDivide,
      [
        [5, 0, 0],
        [0, 0, 0],
        [-5, 0, 0],
        [low, -1, low],
        [low, 7, -306783379],
      ],
      'int32',
    );
    await expectTable(
      np.remainder,
      [
        [5, 0, 0],
        [0, 0, 0],
        [-5, 0, 0],
        [low, -1, 0],
        [low, 7, 5],
      ],
      'int32',
    );
  });

  test('floats: exact remainders, infinite divisors, division by zero', async () => {
    const rows = [
      [5.5, 2, 1.5],
      [-5.5, 2, 0.5],
      [5, inf, 5],
      [-5, inf, inf],
      [inf, 2, nan],
      [5, 0, nan],
      [nan, 2, nan],
    ];
    await expectTable(np.remainder, rows as [number, number, number][], 'float64');
    await expectTable(
      np.remainder,
      [
        [1, 0.1, 1 % 0.1],
        [1e17, 3, 1e17 % 3],
      ],
      'float64',
    );
  });
});

describe('integers overflow by wrapping around', () => {
  const top = 2 ** 31 - 1;
  test.each([
    ['add', np.add, [top, 1, -top - 1]],
    ['subtract', np.subtract, [-top - 1, 1, top]],
    ['multiply', np.multiply, [top, top, 1]],
    ['multiply', np.multiply, [65537, 65537, 131073]],
    ['multiply', np.multiply, [-top - 1, -1, -top - 1]],
  ] as [string, Binary, [number, number, number]][])('%s', (_, f, row) => expectTable(f, [row], 'int32'));

  test('negative and abs of the smallest integer', () => {
    const low = np.array([-top - 1], { dtype: 'int32' });
    expect([...listOf(np.negative(low)), ...listOf(np.abs(low))]).toEqual([-top - 1, -top - 1]);
  });
});

describe('dtypes', () => {
  const of = (dtype: DType) => np.ones([1], dtype);
  test.each([
    ['bool', 'bool', 'int32'],
    ['bool', 'int32', 'int32'],
    ['int32', 'int32', 'int32'],
    ['bool', 'float32', 'float32'],
    ['int32', 'float32', 'float32'],
    ['float32', 'float64', 'float64'],
    ['int32', 'float64', 'float64'],
  ] as const)('%s + %s is %s', (a, b, sum) => {
    expect(np.add(of(a), of(b)).dtype).toBe(sum);
    expect(np.add(of(b), of(a)).dtype).toBe(sum);
  });

  test('numbers take the dtype of the array beside them; fractions make integers floats', () => {
    expect(np.add(of('float64'), 0.5).dtype).toBe('float64');
    expect(np.add(0.5, of('float32')).dtype).toBe('float32');
    expect(np.add(of('int32'), 2).dtype).toBe('int32');
    expect(np.add(of('int32'), 0.5).dtype).toBe('float32');
    expect(np.multiply(of('bool'), 2).dtype).toBe('int32');
    expect(np.add(1, 2).dtype).toBe('float32');
    expect(np.maximum(of('int32'), true).dtype).toBe('int32');
  });

  test('true division and float functions of integers are float32', () => {
    expect([
      np.divide(of('int32'), of('int32')).dtype,
      ...listOf(np.divide(np.array([1], { dtype: 'int32' }), 4)),
    ]).toEqual(['float32', 0.25]);
    expect(np.exp(of('bool')).dtype).toBe('float32');
    expect(np.exp(of('float64')).dtype).toBe('float64');
  });

  test('comparisons and tests give bool', () => {
    for (const y of [np.less(of('int32'), 2), np.isnan(of('float32')), np.logicalAnd(of('float32'), true)]) {
      expect(y.dtype).toBe('bool');
    }
  });

  test('astype truncates floats, compares with zero for bool, and rounds float64', () => {
    expect(listOf(np.astype(np.array([1.9, -1.9, 0]), 'int32'))).toEqual([1, -1, 0]);
    expect(listOf(np.astype(np.array([0.1, 0, nan]), 'bool'))).toEqual([1, 0, 1]);
    expect(listOf(np.astype(np.array([0.1], { dtype: 'float64' }), 'float32'))).toEqual([Math.fround(0.1)]);
  });
});

describe('single functions', () => {
  const values = (x: np.NDArray) => listOf(x);
  const double = (...xs: number[]) => np.array(xs, { dtype: 'float64' });

  test('round goes to the even neighbour', () => {
    expect(values(np.round(double(0.5, 1.5, 2.5, -0.5, -1.5, 2.4999, -2.6)))).toEqual([0, 2, 2, -0, -2, 2, -3]);
  });

  test('sign, and NaN is not a sign', () => {
    expect(values(np.sign(double(-2, 0, 3, nan)))).toEqual([-1, 0, 1, nan]);
  });

  test('clip with one side open, and with arrays as limits', () => {
    expect(values(np.clip(double(-5, 0, 5), -1, null))).toEqual([-1, 0, 5]);
    expect(values(np.clip(double(-5, 0, 5), null, 1))).toEqual([-5, 0, 1]);
    expect(values(np.clip(double(-5, 0, 5), double(-2, 1, 0), double(0, 2, 1)))).toEqual([-2, 1, 1]);
  });

  test('where takes any dtype as condition and promotes the branches', () => {
    expect(values(np.where(double(0, 2, nan), 1, 2))).toEqual([2, 1, 1]);
    expect(np.where(np.array([true]), np.ones([1], 'int32'), 0.5).dtype).toBe('float32');
    expect(np.where(np.array([[true], [false]]), np.zeros([3]), 1).shape).toEqual([2, 3]);
  });

  test('comparisons with NaN are false, and isnan, isinf, isfinite tell them apart', () => {
    const x = double(nan, inf, -inf, 1);
    expect(values(np.equal(x, x))).toEqual([0, 1, 1, 1]);
    expect(values(np.greaterEqual(x, nan))).toEqual([0, 0, 0, 0]);
    expect(values(np.isnan(x))).toEqual([1, 0, 0, 0]);
    expect(values(np.isinf(x))).toEqual([0, 1, 1, 0]);
    expect(values(np.isfinite(x))).toEqual([0, 0, 0, 1]);
  });

  test('maximum and minimum spread NaN', () => {
    expect(values(np.maximum(double(nan, 1), double(1, nan)))).toEqual([nan, nan]);
    expect(values(np.minimum(double(nan, 1), double(1, nan)))).toEqual([nan, nan]);
  });

  test('functions made of others: logs, arcs', () => {
    const x = double(0.1, 0.5, 0.99, 1);
    const near = (y: np.NDArray, f: (x: number) => number) =>
      expectClose(f.name, hostArray(values(y), [4], 'float64'), hostArray(values(x).map(f), [4], 'float64'), {
        relative: 1e-14,
        absolute: 4e-16,
      });
    near(np.log2(x), Math.log2);
    near(np.log10(x), Math.log10);
    near(np.arcsin(x), Math.asin);
    near(np.arccos(x), Math.acos);
    near(np.arctanh(x), Math.atanh);
  });

  test('power of integers and of zero', async () => {
    await expectTable(
      np.power,
      [
        [2, 10, 1024],
        [-2, 3, -8],
        [7, 0, 1],
        [0, 0, 1],
      ],
      'int32',
    );
    await expectTable(
      np.power,
      [
        [0, 0, 1],
        [0, 2, 0],
        [0, -1, inf],
        [-8, 1 / 3, nan],
        [4, 0.5, 2],
      ],
      'float64',
    );
  });

  test('erf and its inverse', () => {
    const near = (y: np.NDArray, want: readonly number[]) =>
      expectClose('erf', hostArray(values(y), [want.length], 'float64'), hostArray(want, [want.length], 'float64'));
    // Abramowitz and Stegun, table 7.1, to 10 places; here to full precision.
    near(
      np.erf(double(0.5, 1, 2, -3)),
      [0.5204998778130465, 0.8427007929497148, 0.9953222650189527, -0.9999779095030014],
    );
    near(np.erfinv(double(0.5, 0.9, -0.99)), [0.4769362762044699, 1.1630871536766743, -1.8213863677184496]);
  });
});
