import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as nn from '../nn/index.ts';
import * as np from '../numpy/index.ts';
import { grad } from '../transforms/index.ts';
import { collectGarbage } from './garbage.fixture.ts';
import { configure, jit } from './index.ts';

type NDArray = np.NDArray;

beforeAll(() => configure({ threads: 1 }));
afterAll(() => configure({ threads: 'auto', runtime: 'node' }));

/** Mebibytes in use once everything that can be collected has been. */
async function memoryInUse() {
  await collectGarbage();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { rss: rss / 2 ** 20, javascript: (heapUsed + external + arrayBuffers) / 2 ** 20 };
}

/** What is left in use after `work` of the given amount, a fifth of it having warmed up everything. */
async function growth(amount: number, work: (amount: number) => Promise<void>) {
  await work(amount / 5);
  const before = await memoryInUse();
  await work(amount);
  const after = await memoryInUse();
  return { rss: after.rss - before.rss, javascript: after.javascript - before.javascript };
}

type Params = { readonly w1: NDArray; readonly w2: NDArray };

const x = np.array(
  Float32Array.from({ length: 640 }, (_, i) => Math.sin(i)),
  { shape: [64, 10] },
);
const y = np.array(
  Float32Array.from({ length: 64 }, (_, i) => Math.cos(i)),
  { shape: [64, 1] },
);
const initial: Params = {
  w1: np.array(
    Float32Array.from({ length: 320 }, (_, i) => Math.sin(3 * i)),
    { shape: [10, 32] },
  ),
  w2: np.array(
    Float32Array.from({ length: 32 }, (_, i) => Math.sin(5 * i)),
    { shape: [32, 1] },
  ),
};
const loss = ({ w1, w2 }: Params) => np.mean(np.square(np.subtract(np.matmul(np.tanh(np.matmul(x, w1)), w2), y)));
const descend = (p: Params): Params => {
  const g = grad(loss)(p);
  return {
    w1: np.subtract(p.w1, np.multiply(0.01, g.w1)),
    w2: np.subtract(p.w2, np.multiply(0.01, g.w2)),
  };
};

describe('10,000 steps of training take no memory', () => {
  test('with one call a step, waited for or not', async () => {
    const step = jit((p: Params): [Params, NDArray] => [descend(p), loss(p)]);
    for (const wait of [true, false]) {
      const grown = await growth(10_000, async (steps) => {
        let p = initial;
        let value = np.array(0);
        for (let i = 0; i < steps; i++) {
          [p, value] = step(p);
          if (wait) await value.item();
        }
        expect(await value.item()).toBeLessThan(1);
      });
      expect(grown.javascript, `waiting: ${wait}`).toBeLessThan(3);
      expect(grown.rss, `waiting: ${wait}`).toBeLessThan(40);
    }
  });

  test('with the loop inside of nn.train', async () => {
    const grown = await growth(10_000, async (steps) => {
      const { records } = await nn.train({ step: descend, probe: loss }, initial, {}, { steps, every: 100 });
      expect(records.shape).toEqual([steps / 100 + 1]);
    });
    expect(grown.javascript).toBeLessThan(3);
    expect(grown.rss).toBeLessThan(40);
  });
});

describe.each(['node', 'web'] as const)('on the runtime %s', (runtime) => {
  beforeAll(() => configure({ runtime }));
  const size = 48;
  const matrix = (seed: number) =>
    np.array(
      Float32Array.from({ length: size * size }, (_, i) => ((i * seed) % 7) - 3),
      { shape: [size, size] },
    );

  test('many calls of several functions at the same time, some of them the first, do not disturb each other', async () => {
    const functions = [1, 2, 3, 4].map((k) => jit((a: NDArray) => np.sum(np.multiply(np.matmul(a, a), k))));
    const seeds = Array.from({ length: 80 }, (_, i) => i + 1);
    const wanted: number[] = [];
    for (const seed of seeds) wanted.push(await jit((a: NDArray) => np.sum(np.matmul(a, a)))(matrix(seed)).item());
    const found = await Promise.all(seeds.map((seed, i) => functions[i % 4](matrix(seed)).item()));
    expect(found).toEqual(wanted.map((total, i) => total * ((i % 4) + 1)));
  });

  test('a failed call leaves nothing behind', async () => {
    const pick = jit((a: NDArray, i: NDArray) => np.take(a, i));
    const a = np.array([1, 2, 3]);
    const index = (i: number) => np.array([i], { dtype: 'int32' });
    const read = async (i: number) => [...(await pick(a, index(i)).data())];
    const outcomes = await Promise.allSettled([0, 9, 1, 9, 2].map(read));
    expect(outcomes.map((o) => (o.status === 'fulfilled' ? o.value : 'failed'))).toEqual([
      [1],
      'failed',
      [2],
      'failed',
      [3],
    ]);
    expect(await read(2)).toEqual([3]);
  });

  test('functions that are forgotten take their sessions with them', async () => {
    const grown = await growth(runtime === 'node' ? 250 : 100, async (functions) => {
      for (let k = 0; k < functions; k++) {
        await jit((a: NDArray) => np.tanh(np.matmul(a, np.multiply(a, k))))(matrix(k + 1)).data();
        // Fewer at a time, so that what is measured is what stays and not how malloc spreads what comes and goes.
        if (k % 50 === 0) await collectGarbage();
      }
    });
    expect(grown.javascript).toBeLessThan(3);
    expect(grown.rss).toBeLessThan(15);
  });
});
