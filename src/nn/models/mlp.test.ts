import { describe, expect, test } from 'vitest';
import { ShapeError, UserError } from '../../array/errors.ts';
import * as np from '../../numpy/index.ts';
import { key, normal, split } from '../../random/index.ts';
import { jit } from '../../runtime/index.ts';
import { grad, vmap } from '../../transforms/index.ts';
import { type Dense, dense, denseInit, identity, initializers, meanSquaredError, mlp, tanh } from '../index.ts';

const shapes = (params: readonly Dense[]) => params.map(({ weight, bias }) => [weight.shape, bias.shape]);

/** The network by loops over numbers. */
async function naive(params: readonly Dense[], x: readonly number[], activation: (h: number) => number) {
  let h = [...x];
  for (const [l, { weight, bias }] of params.entries()) {
    const [w, b] = [await weight.data(), await bias.data()];
    const outputs = b.length;
    h = Array.from(b, (bj, j) => h.reduce((sum, hi, i) => sum + hi * w[i * outputs + j], bj));
    if (l < params.length - 1) h = h.map(activation);
  }
  return h;
}

describe('mlp', () => {
  test('has a weight [in, out] and a bias [out] for each pair of neighbouring sizes', () => {
    expect(shapes(mlp([3, 5, 5, 2]).init(key(0)))).toEqual([
      [[3, 5], [5]],
      [[5, 5], [5]],
      [[5, 2], [2]],
    ]);
    expect(shapes(mlp([1, 1]).init(key(0)))).toEqual([[[1, 1], [1]]]);
  });

  test.each([
    ['relu by default', undefined, (h: number) => Math.max(h, 0)],
    ['tanh', tanh, Math.tanh],
    ['none', identity, (h: number) => h],
  ] as const)('is the loop over its layers, activation (%s) between them', async (_, activation, scalar) => {
    const net = mlp([3, 7, 4, 2], activation && { activation });
    const params = net.init(key(1));
    const x = normal(key(2), [5, 3]);
    const [y, given] = [await net.apply(params, x).data(), await x.data()];
    for (let i = 0; i < 5; i++) {
      const expected = await naive(params, Array.from(given.subarray(3 * i, 3 * i + 3)), scalar);
      expected.forEach((value, j) => {
        expect(y[2 * i + j]).toBeCloseTo(value, 5);
      });
    }
    // Any number of leading axes, and none.
    expect(net.apply(params, np.reshape(x, [1, 5, 1, 3])).shape).toEqual([1, 5, 1, 2]);
    const single = await net.apply(params, np.slice(x, 4)).data();
    single.forEach((value, j) => {
      expect(value).toBeCloseTo(y[8 + j], 5);
    });
  });

  test('gives every layer and every array its own random numbers', async () => {
    const params = mlp([4, 4, 4, 4], { bias: initializers.normal(1) }).init(key(3));
    const arrays = await Promise.all(params.flatMap(({ weight, bias }) => [weight.data(), bias.data()]));
    const all = arrays.flatMap((values) => Array.from(values));
    expect(new Set(all).size).toBe(all.length);
  });

  test('takes initializers with the fan-in of their layer, the biases too', async () => {
    const seen: [number, readonly number[]][] = [];
    const spy: initializers.Initializer = (_, shape, fanIn) => {
      seen.push([fanIn, shape]);
      return np.zeros(shape);
    };
    mlp([3, 5, 2], { weight: spy, bias: spy }).init(key(0));
    expect(seen).toEqual([
      [3, [3, 5]],
      [3, [5]],
      [5, [5, 2]],
      [5, [2]],
    ]);
    const [layer] = mlp([400, 100]).init(key(0));
    const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));
    // PyTorch's default: both uniform with limit 1 / sqrt(inputs).
    for (const x of [layer.weight, layer.bias]) {
      expect(largest(await x.data())).toBeLessThanOrEqual(Math.fround(1 / 20));
      expect(largest(await x.data())).toBeGreaterThan(0.9 / 20);
    }
  });

  test('initialises, runs and differentiates under jit and vmap, one network for each key', async () => {
    const net = mlp([2, 6, 1]);
    const keys = split(key(4), 3);
    const x = normal(key(5), [8, 2]);
    const loss = (params: readonly Dense[]) => meanSquaredError(net.apply(params, x), np.ones([8, 1]));
    const gradients = jit(vmap((k: np.NDArray) => grad(loss)(net.init(k))))(keys);
    expect(shapes(gradients)).toEqual([
      [
        [3, 2, 6],
        [3, 6],
      ],
      [
        [3, 6, 1],
        [3, 1],
      ],
    ]);
    for (let s = 0; s < 3; s++) {
      const alone = grad(loss)(net.init(np.slice(keys, s)));
      for (const [l, layer] of alone.entries()) {
        const [expected, found] = [await layer.weight.data(), await np.slice(gradients[l].weight, s).data()];
        found.forEach((value, i) => {
          expect(value, `seed ${s}, layer ${l}, element ${i}`).toBeCloseTo(expected[i], 5);
        });
      }
    }
  });

  test.each([[[]], [[3]], [[3, 0]], [[3, 2.5]], [[3, -1, 2]]])('refuses the sizes %j', (sizes) => {
    expect(() => mlp(sizes)).toThrow(UserError);
    expect(() => mlp(sizes)).toThrow('mlp: sizes must be at least two positive integers');
  });
});

test('dense names the shape that does not fit', () => {
  const layer = denseInit(key(0), 3, 2);
  expect(() => dense(layer, np.ones([4, 2]))).toThrow(ShapeError);
  expect(() => dense(layer, np.ones([4, 2]))).toThrow(
    "the last axis of x (shape [4, 2]) must have the layer's 3 inputs",
  );
  expect(() => dense(layer, np.array(1))).toThrow('(shape [])');
});
