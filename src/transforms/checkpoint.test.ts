import { beforeAll, describe, expect, test } from 'vitest';
import type { NDArray } from '../array/ndarray.ts';
import * as np from '../numpy/index.ts';
import { configure, jit } from '../runtime/index.ts';
import { checkpoint, cond, customVjp, grad, scan, vmap } from './index.ts';
import { type Loss, twinSuite } from './twins.fixture.ts';

beforeAll(() => configure({ threads: 1 }));

type Wrap = typeof checkpoint;
const squared = (x: NDArray): NDArray => np.sum(np.square(x));
const none: Wrap = (f) => f;

const losses: Record<string, (wrap: Wrap) => Loss> = {
  'a block': (wrap) => (w, h, xs) =>
    squared(
      wrap((p: NDArray, s: NDArray) => np.sin(np.matmul(p, np.tanh(np.matmul(p, s)))))(w, np.add(h, np.sum(xs, 0))),
    ),
  'blocks that close over the weights': (wrap) => (w, h, xs) => {
    const block = wrap((s: NDArray) => np.sin(np.matmul(w, np.tanh(np.matmul(w, s)))));
    return np.add(squared(block(block(block(h)))), np.sum(xs));
  },
  'a block within a block': (wrap) => (w, h, xs) => {
    const inner = wrap((s: NDArray) => np.tanh(np.matmul(w, np.sin(s))));
    const outer = wrap((s: NDArray) => inner(np.cos(inner(s))));
    return np.sum(np.matmul(xs, outer(outer(h))));
  },
  'the body of a loop': (wrap) => (w, h, xs) => {
    const step = wrap((s: NDArray, x: NDArray) => {
      const next = np.tanh(np.add(np.matmul(w, np.sin(s)), x));
      return [next, squared(next)] as const;
    });
    const [last, ys] = scan((s, x) => step(s, x), h, xs);
    return np.add(squared(last), np.sum(ys));
  },
  'a loop': (wrap) => (w, h, xs) =>
    squared(wrap((s: NDArray) => scan((t, x) => [np.sin(np.add(np.matmul(w, t), x)), null], s, xs)[0])(h)),
  'under vmap, with trees': (wrap) => (w, h, xs) =>
    squared(
      vmap(
        (x: NDArray) =>
          wrap((t: { s: NDArray; x: NDArray }) => ({ y: np.sin(np.multiply(np.matmul(w, t.s), t.x)) }))({ s: h, x }).y,
      )(xs),
    ),
  'a choice and a custom derivative': (wrap) => (w, h, xs) =>
    wrap((s: NDArray) =>
      cond(
        np.less(np.sum(s), 50),
        () =>
          squared(
            customVjp(
              (y: NDArray) => np.sin(y),
              (y) => [np.sin(y), y],
              (y, ct) => [np.multiply(np.cos(y), ct)],
            )(np.matmul(w, s)),
          ),
        () => np.sum(xs),
      ),
    )(h),
};

describe('checkpoint changes nothing but where things are computed', () =>
  twinSuite(
    Object.fromEntries(
      Object.entries(losses).map(([name, loss]) => [name, { actual: loss(checkpoint), expected: loss(none) }]),
    ),
  ));

describe('checkpoint saves memory on the runtime', () => {
  const n = 300_000;
  const times = [1, 2, 3, 4, 5, 6, 7, 8];
  const layer = (x: NDArray) => np.sin(np.multiply(x, np.add(1.1, x)));
  const block = (x: NDArray) => times.reduce(layer, x);
  const networks: Record<string, (wrap: Wrap) => (x: NDArray) => NDArray> = {
    'a deep network': (wrap) => (x) => np.sum(times.reduce((y) => wrap(block)(y), x)),
    'a long loop': (wrap) => (x) => np.sum(scan((s) => [wrap(block)(s), null], x, null, { length: times.length })[0]),
  };

  /** Bytes that the process grows by when a gradient is computed for the first time; the runtime keeps what it has had. */
  async function growth(loss: (x: NDArray) => NDArray): Promise<{ bytes: number; value: number }> {
    const x = np.array(new Float32Array(n).fill(0.3));
    const gradient = jit((y: NDArray) => grad(loss)(y));
    const before = process.memoryUsage().rss;
    const data = await gradient(x).data();
    return { bytes: process.memoryUsage().rss - before, value: data[n - 1] };
  }

  test.each(Object.entries(networks))('%s', async (_, network) => {
    const saving = await growth(network(checkpoint));
    const storing = await growth(network(none));
    expect(saving.value).toBeCloseTo(storing.value, 6);
    // Stored: 64 layers, two residuals each. Saved: the inputs of 8 blocks, and the residuals of one.
    expect(storing.bytes).toBeGreaterThan(100 * 4 * n);
    expect(saving.bytes).toBeLessThan(0.5 * storing.bytes);
  });
});
