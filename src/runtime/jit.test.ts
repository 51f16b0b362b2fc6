import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listOf } from '../array/testing.fixture.ts';
import type { Tree } from '../array/tree.ts';
import * as np from '../numpy/index.ts';
import { grad, scan, vmap } from '../transforms/index.ts';
import { configure, jit, runtimeVersion } from './index.ts';

beforeEach(() => configure({ threads: 1 }));
afterEach(() => configure({ threads: 'auto' }));

type NDArray = np.NDArray;
const list = async (x: NDArray): Promise<number[]> => [...(await x.data())];

/** A compiled function that counts how often it is traced. */
function counted<A extends readonly unknown[], R>(f: (...args: A) => R, options?: { static?: readonly number[] }) {
  const counter = { traces: 0 };
  const compiled = jit((...args: A): R => {
    counter.traces++;
    return f(...args);
  }, options);
  return { compiled, counter };
}

describe('jit traces once for each', () => {
  test('combination of shapes and dtypes', async () => {
    const { compiled, counter } = counted((x: NDArray) => np.multiply(x, 2));
    for (const x of [np.ones([2]), np.zeros([2]), np.array([5, 6])]) await compiled(x).data();
    expect(counter.traces).toBe(1);
    compiled(np.ones([3]));
    compiled(np.ones([2, 1]));
    compiled(np.ones([2], 'float64'));
    expect(counter.traces).toBe(4);
    expect(await list(compiled(np.array([7, 8])))).toEqual([14, 16]);
    expect(counter.traces).toBe(4);
  });

  test('tree structure', async () => {
    const { compiled, counter } = counted((p: Record<string, NDArray>) =>
      Object.values(p).reduce((a, b) => np.add(a, b)),
    );
    const x = np.ones([2]);
    expect(await list(compiled({ a: x, b: x }))).toEqual([2, 2]);
    compiled({ b: x, a: x });
    expect(counter.traces).toBe(1);
    compiled({ a: x, c: x });
    compiled({ a: x });
    expect(counter.traces).toBe(3);
  });

  test('static argument', async () => {
    const { compiled, counter } = counted(
      (x: NDArray, n: unknown) => np.add(x, Number.isNaN(n) ? -1 : Number(n ?? -2)),
      {
        static: [1],
      },
    );
    const x = np.array(0);
    const statics = [1, 2, '1', true, null, Number.NaN, Number.POSITIVE_INFINITY, -0, 0];
    const found: number[] = [];
    for (const s of [...statics, ...statics]) found.push(await compiled(x, s).item());
    expect(counter.traces).toBe(statics.length);
    const once = [1, 2, 1, 1, -2, -1, Number.POSITIVE_INFINITY, 0, 0];
    expect(found.map((y) => y + 0)).toEqual([...once, ...once]);
  });

  test('static list and object, but nothing that cannot be compared', () => {
    const { compiled, counter } = counted((x: NDArray, s: { axes: number[] }) => np.sum(x, s.axes), { static: [1] });
    compiled(np.ones([2, 3]), { axes: [0] });
    compiled(np.ones([2, 3]), { axes: [0] });
    compiled(np.ones([2, 3]), { axes: [1] });
    expect(counter.traces).toBe(2);
    expect(() => compiled(np.ones([2]), Math.sin as never)).toThrow(
      /jit: static argument 1 must be made of .* found a Function/,
    );
    expect(() => compiled(np.ones([2]), { axes: new Map() } as never)).toThrow(/found a Map/);
  });
});

describe('a compiled function', () => {
  test('takes and returns trees', async () => {
    const f = jit((p: { w: NDArray; b: NDArray | null }, xs: readonly NDArray[]) => ({
      y: [np.multiply(p.w, xs[0]), xs[1]] as const,
      none: p.b,
    }));
    const { y, none } = f({ w: np.array([2]), b: null }, [np.array([3]), np.array([4])]);
    expect([await list(y[0]), await list(y[1]), none]).toEqual([[6], [4], null]);
  });

  test('gives constants, its arguments, and one result several times', async () => {
    const f = jit((x: NDArray) => [x, np.array([1, 2]), np.add(x, 1), np.add(x, 1)]);
    const results = await Promise.all(f(np.array([5])).map(list));
    expect(results).toEqual([[5], [1, 2], [6], [6]]);
  });

  test('without arguments', async () => {
    expect(await list(jit(() => np.add(np.ones([600]), 1))()).then((y) => y[599])).toBe(2);
  });

  test('accepts arrays that are not computed yet', async () => {
    const lazy = np.matmul(np.ones([30, 30]), np.ones([30, 30]));
    const f = jit((x: NDArray) => np.sum(x));
    expect(await f(lazy).item()).toBe(27_000);
    expect(await f(np.multiply(lazy, 2)).item()).toBe(54_000);
    expect(await jit((x: NDArray) => np.multiply(x, 3))(f(lazy)).item()).toBe(81_000);
  });

  test('closes over arrays, computed or not, small or large', async () => {
    const large = np.matmul(np.ones([50, 50]), np.ones([50, 50]));
    const small = np.array(2);
    const f = jit((x: NDArray) => np.sum(np.add(np.multiply(x, large), small)));
    expect(await f(np.array(1)).item()).toBe(2500 * 52);
  });

  test('is pure: results stay what they were when it is called again with them', async () => {
    const step = jit((x: NDArray) => np.add(np.multiply(x, 2), 1));
    const states = [np.array([1, 2, 3])];
    for (let i = 0; i < 12; i++) states.push(step(states[i]));
    const all = await Promise.all(states.map(list));
    all.forEach((state, i) => {
      expect(state).toEqual([1, 2, 3].map((x) => (x + 1) * 2 ** i - 1));
    });
  });

  test('does not mix results of calls that run at the same time', async () => {
    const f = jit((x: NDArray) => np.sum(np.matmul(x, x)));
    const inputs = Array.from({ length: 20 }, (_, i) => np.full([8, 8], i));
    const found = await Promise.all(inputs.map((x) => f(x).item()));
    expect(found).toEqual(inputs.map((_, i) => 512 * i * i));
  });

  test('composes with the transformations, inside and outside', async () => {
    const f = jit((x: NDArray) => np.sum(np.sin(x)));
    const x = np.array([0.5, 1], { dtype: 'float64' });
    const want = [Math.cos(0.5), Math.cos(1)];
    for (const g of [grad(f), jit(grad(f)), jit(grad((y: NDArray) => f(y))), vmap(grad(f), 0)]) {
      (await list(g(x))).forEach((y, i) => {
        expect(y).toBeCloseTo(want[i], 14);
      });
    }
    const rows = np.array(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: 'float64' },
    );
    const sums = await list(vmap(f)(rows));
    (await list(jit(vmap(f))(rows))).forEach((y, i) => {
      expect(y).toBeCloseTo(sums[i], 14);
    });
    const [last] = scan((s: NDArray) => [jit((y: NDArray) => np.multiply(y, 2))(s), null], np.array(1), null, {
      length: 3,
    });
    expect(await last.item()).toBe(8);
    expect(await list(jit(jit(f))(rows))).toHaveLength(1);
  });

  test('returns bool and int32 as such', async () => {
    const f = jit((x: NDArray) => [np.less(x, 2), np.argmax(x), np.isnan(x)]);
    const [less, at, nan] = f(np.array([1, 3]));
    expect([less.dtype, at.dtype, await list(less), await at.item(), await list(nan)]).toEqual([
      'bool',
      'int32',
      [1, 0],
      1,
      [0, 0],
    ]);
  });

  test('handles empty arrays', async () => {
    const f = jit((x: NDArray) => [np.sum(x), np.multiply(x, 2), np.matmul(np.transpose(x), x)]);
    const [total, twice, product] = f(np.zeros([0, 2]));
    expect([await total.item(), [...twice.shape], await list(product)]).toEqual([0, [0, 2], [0, 0, 0, 0]]);
  });
});

describe('errors', () => {
  test('asking for data of a traced array says where and what to do', async () => {
    const asked: Promise<unknown>[] = [];
    const ask = (x: NDArray) => {
      asked.push(np.add(x, 1).data(), x.data());
      return np.sum(x);
    };
    jit(ask)(np.ones([2]));
    grad(ask)(np.ones([2]));
    vmap(ask)(np.ones([2, 2]));
    expect(asked).toHaveLength(6);
    for (const promise of asked) {
      await expect(promise).rejects.toThrow(
        /the data of float32\[2\] was asked for inside of a traced function .* return it and read it outside/,
      );
    }
  });

  test('a leaf that is not an array', () => {
    const f = jit((x: Tree) => x);
    expect(() => f([np.ones([1]), 3 as never])).toThrow(/the arguments\[0\]\[1\] must be an array .* found number 3/);
    expect(() => jit(() => 3)()).toThrow(/the result of the function must be an array/);
    expect(() => jit(() => undefined)()).toThrow(/found undefined/);
  });

  test('a failed trace leaves nothing behind', async () => {
    let fail = true;
    const f = jit((x: NDArray) => {
      if (fail) throw new Error('not yet');
      return np.add(x, 1);
    });
    expect(() => f(np.array(1))).toThrow('not yet');
    fail = false;
    expect(await f(np.array(1)).item()).toBe(2);
  });

  test('configure refuses a number of threads that is none', () => {
    for (const threads of [0, 1.5, -1, Number.NaN, '2']) {
      expect(() => configure({ threads: threads as number })).toThrow(/threads must be a positive integer or auto/);
    }
  });
});

describe('threads', () => {
  const deep = (x: NDArray, w: NDArray) => {
    let y = x;
    for (let i = 0; i < 3; i++) y = np.tanh(np.matmul(y, w));
    return [
      y,
      np.sum(y),
      np.softmax(y),
      np.sum(y, 0),
      grad((v: NDArray) => np.sum(np.square(np.tanh(np.matmul(x, v)))))(w),
    ];
  };
  const size = 192;
  const noise = (n: number) => np.sin(np.multiply(np.reshape(np.arange(size * size), [size, size]), n));

  test.each(['float32', 'float64'] as const)('one and two give the same bits in %s', async (dtype) => {
    const results: Uint8Array[][] = [];
    for (const threads of [1, 2]) {
      configure({ threads });
      const [x, w] = [noise(0.3), noise(0.7)].map((a) => np.divide(np.astype(a, dtype), 8));
      const out = jit(deep)(x, w);
      results.push(await Promise.all(out.map(async (y) => new Uint8Array((await y.data()).buffer.slice(0)))));
    }
    results[0].forEach((bytes, i) => {
      expect(Buffer.compare(bytes, results[1][i]), `result ${i}`).toBe(0);
    });
  });

  test('auto finds its number by timing, and answers alike meanwhile', async () => {
    configure({ threads: 'auto' });
    const f = jit((x: NDArray) => np.matmul(x, x));
    const x = noise(0.5);
    const first = await list(f(x));
    for (let i = 0; i < 15; i++) {
      const again = await list(f(x));
      expect(again[777]).toBeCloseTo(first[777], 4);
    }
  });
});

test('the runtime says its name and version', async () => {
  expect(await runtimeVersion()).toMatch(/^onnxruntime-(node|web) \d+\.\d+/);
  expect(listOf(np.array([1]))).toEqual([1]);
});
