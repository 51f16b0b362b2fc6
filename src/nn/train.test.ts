import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import type { Tree } from '../array/tree.ts';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { grad, vmap } from '../transforms/index.ts';
import { adam, type Checkpoint, type Dense, type LoopState, meanSquaredError, mlp, train } from './index.ts';

type NDArray = np.NDArray;

/** Leapfrog of a pendulum: two numbers that never settle, so that a step too many or too few shows. */
const length = 0.1;
const pendulum = {
  step: ({ q, p }: { q: NDArray; p: NDArray }, { gravity }: { gravity: NDArray }) => {
    const next = np.add(q, np.multiply(length, p));
    return { q: next, p: np.subtract(p, np.multiply(length, np.multiply(gravity, np.sin(next)))) };
  },
  probe: ({ q, p }: { q: NDArray; p: NDArray }) => ({ both: np.stack([q, p]), left: np.less(q, 0) }),
};
const start = { q: np.array(1), p: np.array(0) };
const data = { gravity: np.array(2) };

/** The same on the host: [q, p] after 0, 1, … updates. */
function plainLoop(updates: number): number[][] {
  let [q, p] = [1, 0];
  const path = [[q, p]];
  for (let t = 0; t < updates; t++) {
    q += length * p;
    p -= length * 2 * Math.sin(q);
    path.push([q, p]);
  }
  return path;
}

describe('train', () => {
  // 64 updates make a call of the compiled loop: fewer, several records a call, a rest, one record a call and more.
  test.each([
    [10, 1],
    [150, 1],
    [150, 5],
    [96, 32],
    [130, 65],
    [200, 100],
    [7, 7],
  ])('%i updates recorded every %i: the plain loop, at those steps', async (steps, every) => {
    const done: number[] = [];
    const result = await train(pendulum, start, data, { steps, every, onRecords: (made) => done.push(made) });
    const path = plainLoop(steps);
    const count = steps / every + 1;
    expect(result.steps).toEqual(Array.from({ length: count }, (_, i) => i * every));
    expect(result.records.both.shape).toEqual([count, 2]);
    const [both, left] = [await result.records.both.data(), await result.records.left.data()];
    expect(result.records.left.dtype).toBe('bool');
    result.steps.forEach((t, i) => {
      path[t].forEach((value, k) => {
        expect(both[2 * i + k], `number ${k} after ${t} updates`).toBeCloseTo(value, 4);
      });
      expect(left[i]).toBe(Number(both[2 * i] < 0));
    });
    expect(await result.state.q.item()).toBe(both[2 * count - 2]);
    expect(await result.state.p.item()).toBe(both[2 * count - 1]);
    expect(done.at(-1)).toBe(steps);
    expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
    expect(done.every((made) => made % every === 0)).toBe(true);
  });

  test('of no update returns the start and its record', async () => {
    const { steps, records, state } = await train(pendulum, start, data, { steps: 0, every: 5 });
    expect(steps).toEqual([0]);
    expect(await records.both.data()).toEqual(Float32Array.of(1, 0));
    expect(await state.q.item()).toBe(1);
  });

  test('takes random numbers from a key in the state, as the plain loop does', async () => {
    const noisy = {
      step: ({ x, key }: { x: NDArray; key: NDArray }) => {
        const keys = random.split(key);
        return { x: np.add(np.multiply(0.9, x), random.normal(np.slice(keys, 0), [3])), key: np.slice(keys, 1) };
      },
      probe: ({ x }: { x: NDArray; key: NDArray }) => x,
    };
    const first = { x: np.zeros([3]), key: random.key(5) };
    const { records } = await train(noisy, first, null, { steps: 20, every: 4 });
    const found = await records.data();
    let state = first;
    for (let t = 1; t <= 20; t++) {
      state = noisy.step(state);
      if (t % 4 === 0) {
        (await state.x.data()).forEach((value, i) => {
          expect(found[3 * (t / 4) + i], `element ${i} after ${t} updates`).toBeCloseTo(value, 4);
        });
      }
    }
  });

  test('tells the mean of every leaf of the latest record, by its place', async () => {
    const seen: [number, number, Record<string, number>][] = [];
    const onRecords = (...report: [number, number, Record<string, number>]) => seen.push(report);
    const { records } = await train(pendulum, start, data, { steps: 96, every: 32, onRecords });
    const both = await records.both.data();
    expect(seen.map(([done, total]) => [done, total])).toEqual([
      [64, 96],
      [96, 96],
    ]);
    expect(seen[1][2]).toEqual({ both: (both[6] + both[7]) / 2, left: Number(both[6] < 0) });
    const single = { step: pendulum.step, probe: ({ q }: { q: NDArray }) => q };
    await train(single, start, data, { steps: 1, every: 1, onRecords });
    expect(Object.keys(seen.at(-1)![2])).toEqual(['record']);
  });

  test('goes on from any state that was kept, bit for bit', async () => {
    const kept: LoopState[] = [];
    const lasts: boolean[] = [];
    const keeping: Checkpoint = {
      restore: () => undefined,
      keep: async (take, last) => {
        kept.push(structuredClone(await take()));
        lasts.push(last);
      },
    };
    const options = { steps: 200, every: 5 };
    const whole = await train(pendulum, start, data, { ...options, checkpoint: keeping });
    expect(kept.map(({ made }) => made)).toEqual([65, 130, 195, 200]);
    expect(lasts).toEqual([false, false, false, true]);
    for (const state of kept) {
      const checkpoint: Checkpoint = { restore: () => state, keep: () => {} };
      const rest = await train(pendulum, start, data, { ...options, checkpoint });
      expect(await rest.records.both.data()).toEqual(await whole.records.both.data());
      expect(await rest.records.left.data()).toEqual(await whole.records.left.data());
      expect(await rest.state.q.data()).toEqual(await whole.state.q.data());
    }
    const foreign: Checkpoint = { restore: () => ({ ...kept[0], state: [new Float32Array(3)] }), keep: () => {} };
    await expect(train(pendulum, start, data, { ...options, checkpoint: foreign })).rejects.toThrow(
      'the checkpoint has leaves of sizes [3], the initial state [1,1]',
    );
  });

  test('many runs in one graph are the runs one by one', async () => {
    const net = mlp([1, 8, 1]);
    const x = np.reshape(np.linspace(-1, 1, 16), [16, 1]);
    const optimizer = adam(0.02);
    type State = { params: readonly Dense[]; optimizer: ReturnType<typeof optimizer.init> };
    const loss = (params: readonly Dense[], target: NDArray) => meanSquaredError(net.apply(params, x), target);
    const loop = {
      step: ({ params, optimizer: state }: State, { target }: { target: NDArray }): State => {
        const [next, nextState] = optimizer.update(grad(loss)(params, target), state, params);
        return { params: next, optimizer: nextState };
      },
      probe: ({ params }: State, { target }: { target: NDArray }) => loss(params, target),
    };
    const begin = (k: NDArray): State => {
      const params = net.init(k);
      return { params, optimizer: optimizer.init(params) };
    };
    const keys = random.split(random.key(6), 3);
    const targets = np.stack([np.sin(np.multiply(3, x)), np.square(x), x]);
    const options = { steps: 60, every: 20 };
    const together = await train(
      { step: vmap(loop.step), probe: vmap(loop.probe) },
      vmap(begin)(keys),
      { target: targets },
      options,
    );
    expect(together.records.shape).toEqual([4, 3]);
    const losses = await together.records.data();
    for (let s = 0; s < 3; s++) {
      const alone = await train(loop, begin(np.slice(keys, s)), { target: np.slice(targets, s) }, options);
      (await alone.records.data()).forEach((value, i) => {
        expect(losses[3 * i + s], `run ${s}, record ${i}`).toBeCloseTo(value, 5);
      });
      expect(losses[9 + s]).toBeLessThan(losses[s]);
    }
  });

  test.each([
    [10, 3],
    [10, 0],
    [10, -5],
    [3, 1.5],
    [-10, 5],
    [Number.NaN, 1],
  ])('refuses %d steps recorded every %d', async (steps, every) => {
    const attempt = train(pendulum, start, data, { steps, every });
    await expect(attempt).rejects.toThrow(UserError);
    await expect(attempt).rejects.toThrow(`${steps} steps are not a whole number of stretches of ${every}`);
  });

  test('refuses a step that changes the shape of the state', async () => {
    const growing = { step: (x: NDArray): NDArray => np.concatenate([x, x]), probe: (x: NDArray): Tree => x };
    await expect(train(growing, np.zeros([2]), null, { steps: 2, every: 1 })).rejects.toThrow('must stay the same');
  });
});
