import { beforeAll, describe, expect, test } from 'vitest';
import * as np from '../numpy/index.ts';
import { add, exp, multiply, negative } from '../primitives/elementwise.ts';
import { configure } from '../runtime/index.ts';
import { evaluate, normalize, substitute, topological } from './graph.ts';
import { input, knownValue, type NDArray, sharingNodes } from './ndarray.ts';
import { hostArray } from './testing.fixture.ts';

beforeAll(() => configure({ threads: 1 }));

describe('arrays', () => {
  test('say what they are', () => {
    const x = np.zeros([2, 0], 'int32');
    expect([x.size, x.ndim, String(x)]).toEqual([0, 2, 'int32[2, 0]']);
  });

  test('give their data and single elements', async () => {
    expect([...(await np.add(np.array([1, 2]), 1).data())]).toEqual([2, 3]);
    expect(await np.array([[5]]).item()).toBe(5);
    expect(await np.array(true).item()).toBe(1);
    await expect(np.zeros([2]).item()).rejects.toThrow(/item: needs an array of one element, got shape \[2\]/);
    await expect(np.zeros([0]).item()).rejects.toThrow(/item: .*shape \[0\]/);
  });

  test('of any size are computed when asked, and once only', async () => {
    const x = np.add(np.full([100, 100], 1), np.reshape(np.arange(10_000), [100, 100]));
    const product = np.matmul(x, x);
    expect(knownValue(product)).toBeUndefined();
    const [first, second] = [await product.data(), await product.data()];
    expect(first).toBe(second);
    expect(first).toHaveLength(10_000);
    const sum = np.sum(np.multiply(x, 2));
    expect(await sum.item()).toBe(2 * 50_005_000);
  });

  test('asked for at the same time are the same', async () => {
    const x = np.sin(np.add(np.full([30_000], 1), 1));
    const [a, b] = await Promise.all([x.data(), x.data()]);
    expect(a[0]).toBe(b[0]);
    expect(a[29_999]).toBeCloseTo(Math.sin(2), 6);
  });

  test('share the data of a reshaped array without harm', async () => {
    const x = np.array([1, 2, 3, 4]);
    const y = np.reshape(x, [2, 2]);
    expect([...(await np.add(y, 1).data())]).toEqual([2, 3, 4, 5]);
    expect([...(await x.data())]).toEqual([1, 2, 3, 4]);
  });
});

describe('the graph', () => {
  const x = input({ shape: [3], dtype: 'float32' });

  test('shares equal nodes within a trace, and none between traces', () => {
    const make = () => sharingNodes(() => [exp(add(x, x)), exp(add(x, x))]);
    const [a, b] = make();
    const [c] = make();
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  test('does not share constants that differ in sign of zero or in NaN', () => {
    const zeros = sharingNodes(() => [np.array(0), np.array(-0), np.array(Number.NaN), np.array(Number.NaN)]);
    expect(zeros[0].node).not.toBe(zeros[1].node);
    expect(Object.is(evaluate([zeros[1]])[0].data[0], -0)).toBe(true);
    expect(evaluate([zeros[3]])[0].data[0]).toBeNaN();
  });

  test('simplifies by identities', () => {
    expect(negative(negative(x))).toBe(x);
    expect(np.multiply(x, 1)).toBe(x);
    expect(np.add(0, x)).toBe(x);
    expect(np.subtract(x, 0)).toBe(x);
    expect(np.divide(x, 1)).toBe(x);
    expect(np.power(x, 1)).toBe(x);
    expect(np.transpose(np.transpose(np.expandDims(x, 0))).node.operands[0]).toBe(x);
    expect(np.reshape(np.reshape(x, [3, 1]), [3])).toBe(x);
    expect(np.sum(x, [])).toBe(x);
    expect(np.slice(x, [0, 3])).toBe(x);
    expect(np.pad(x, [[0, 0]])).toBe(x);
    expect(np.concatenate([x])).toBe(x);
    expect(np.astype(x, 'float32')).toBe(x);
    expect(np.broadcastTo(x, [3])).toBe(x);
  });

  test('keeps the shape where a neutral element is wider', () => {
    expect(np.multiply(x, np.ones([1, 1])).shape).toEqual([1, 3]);
    expect(np.add(np.zeros([1, 1]), x).shape).toEqual([1, 3]);
    expect(np.power(x, np.ones([1, 1])).shape).toEqual([1, 3]);
    expect(np.multiply(x, np.ones([2, 3])).shape).toEqual([2, 3]);
  });

  test('replaces arrays and leaves what does not depend on them', () => {
    const y = exp(x);
    const untouched = exp(add(np.array([1, 2, 3]), y));
    const z = add(y, multiply(x, x));
    const other = input({ shape: [3], dtype: 'float32' });
    const [replaced, same] = substitute([z, untouched], new Map([[y, other]]));
    const names = topological([replaced]).map((n) => n.primitive.name);
    expect(names).not.toContain('exp');
    expect(same).not.toBe(untouched);
    const [kept] = substitute([exp(other)], new Map([[y, other]]));
    expect(kept.node.operands[0]).toBe(other);
  });

  test('is evaluated after normalization as before', () => {
    const f = (v: NDArray) => np.sum(np.multiply(np.add(exp(v), 0), np.subtract(1, np.square(v))));
    const value = hostArray([0.1, -2, 3], [3], 'float32');
    const [a] = evaluate([f(x)], new Map([[x, value]]));
    const [b] = evaluate(normalize([f(x)]), new Map([[x, value]]));
    expect(b.data[0]).toBeCloseTo(a.data[0], 5);
  });

  test('may be deeper than the call stack', () => {
    let y = input({ shape: [], dtype: 'float64' });
    const start = y;
    for (let i = 0; i < 100_000; i++) y = i % 2 === 0 ? exp(y) : np.log(y);
    const [z] = evaluate([y], new Map([[start, hostArray([0.5], [], 'float64')]]));
    expect(z.data[0]).toBeCloseTo(0.5, 8);
  });
});
