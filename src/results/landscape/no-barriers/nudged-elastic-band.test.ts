import { beforeAll, describe, expect, test } from 'vitest';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import { grad, vmap } from '../../../transforms/index.ts';
import { autoNeb } from './auto-neb.ts';
import { pathTangents, redistributePath, straightPath } from './chain.ts';
import { type BandOptions, nudgedElasticBand } from './nudged-elastic-band.ts';
import { densePathProfile, linearInterpolationBarrier } from './profile.ts';
import { eggCarton, mullerBrown, mullerBrownMinima, mullerBrownSaddle } from './test-potentials.ts';

beforeAll(() => configure({ threads: 1 }));

const potential = (f: (x: np.NDArray) => np.NDArray) => ({
  loss: (x: np.NDArray, _: null) => f(x),
  batch: () => null,
  evaluate: (x: np.NDArray) => ({ trainLoss: f(x) }),
});
const muller = potential(mullerBrown);
const [A, B] = mullerBrownMinima.map((x) => np.array([...x], { dtype: 'float32' }));
const highest = async (path: np.NDArray, f: typeof muller) =>
  Math.max(...(await densePathProfile(path, f.evaluate, { like: A })).values.trainLoss);

describe('the potentials', () => {
  test('have the stationary points of the literature', async () => {
    const points = np.array(
      [
        [-0.558224, 1.441726],
        [0.623499, 0.028038],
        [-0.050011, 0.466694],
        [-0.822002, 0.624313],
        [0.212487, 0.292988],
      ],
      { dtype: 'float64' },
    );
    const energies = await vmap(mullerBrown)(points).data();
    [-146.6995, -108.1667, -80.7678, -40.6648, -72.2489].forEach((e, i) => {
      expect(energies[i]).toBeCloseTo(e, 3);
    });
    for (const g of await vmap(grad(mullerBrown))(points).data()) expect(Math.abs(g)).toBeLessThan(0.01);
  });
});

describe('nudgedElasticBand', () => {
  const start = straightPath(A, B, 22);
  const run = (options: Partial<BandOptions<np.NDArray, null>>) =>
    nudgedElasticBand({
      ...muller,
      start: A,
      end: B,
      path: start,
      steps: 0,
      learningRate: 2e-4,
      momentum: 0,
      ...options,
    });

  test('finds the saddle between two minima of Muller and Brown', async () => {
    expect(Math.abs((await highest(start, muller)) - 12.676)).toBeLessThan(0.01);
    const line = await linearInterpolationBarrier(A, B, muller.evaluate, 401);
    expect(line.highest.trainLoss).toBeCloseTo(12.676, 2);
    for (const tangent of ['improved', 'officialCode'] as const) {
      const { path } = await run({ steps: 3000, tangent });
      expect(Math.abs((await highest(path, muller)) - mullerBrownSaddle)).toBeLessThan(0.05);
    }
  });

  test('with springs in place of redistribution finds it, too', async () => {
    const { path } = await run({ steps: 3000, springConstant: 500 });
    expect(Math.abs((await highest(path, muller)) - mullerBrownSaddle)).toBeLessThan(1);
  });

  test('takes the step of the formulas', async () => {
    const learningRate = 1e-4;
    const weightDecay = 3;
    const momentum = 0.5;
    const weights = Array.from({ length: 21 }, (_, i) => 1 + (i % 3));
    let x = start;
    let v = np.zeros([20, 2]);
    for (let k = 0; k < 3; k++) {
      x = redistributePath(x, weights);
      const inner = np.slice(x, [1, -1]);
      const g = np.add(vmap(grad(mullerBrown))(inner), np.multiply(weightDecay, inner));
      const tau = pathTangents(x, vmap(mullerBrown)(x));
      const along = np.sum(np.multiply(g, tau), 1, true);
      v = np.add(np.multiply(momentum, v), np.subtract(g, np.multiply(along, tau)));
      const next = np.subtract(inner, np.multiply(learningRate, v));
      x = np.array(await np.concatenate([np.slice(x, [0, 1]), next, np.slice(x, [-1, null])]).data(), {
        shape: [22, 2],
      });
      v = np.array(await v.data(), { shape: [20, 2] });
    }
    const expected = await x.data();
    for (const pivotsAtOnce of [undefined, 1, 7]) {
      const more = pivotsAtOnce === undefined ? {} : { pivotsAtOnce };
      const band = await run({ steps: 3, learningRate, weightDecay, momentum, weights, ...more });
      const found = await band.path.data();
      expect(band.losses).toHaveLength(22);
      for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(expected[i], 4);
      expect(Array.from(found.subarray(0, 2))).toEqual(Array.from(await A.data()));
      expect(Array.from(found.subarray(42))).toEqual(Array.from(await B.data()));
    }
  });

  test('is the same for the same key, and draws a batch for every pivot', async () => {
    const noisy = {
      loss: (x: np.NDArray, shift: np.NDArray) => np.add(np.sum(np.square(np.add(x, shift))), 0),
      batch: (key: np.NDArray) => random.normal(key, [2]),
      start: np.array([0, 0]),
      end: np.array([1, 0]),
      learningRate: 0.1,
    };
    const path = async (seed: number) =>
      Array.from(await (await nudgedElasticBand({ ...noisy, steps: 2, key: random.key(seed) })).path.data());
    expect(await path(1)).toEqual(await path(1));
    const one = await path(2);
    expect(one).not.toEqual(await path(1));
    const { losses } = await nudgedElasticBand({ ...noisy, steps: 1, key: random.key(3) });
    expect(new Set(losses).size).toBe(5);
  });

  test('refuses what it cannot walk on', async () => {
    const odd = { ...muller, steps: 1, learningRate: 0.1 };
    await expect(nudgedElasticBand({ ...odd, start: A, end: np.array([1, 2, 3]) })).rejects.toThrow(
      'end points have different parameter shapes at the array itself',
    );
    const nested = (n: number) => ({ layer: { weight: np.ones([n, 2]), bias: np.ones([2]) } });
    await expect(
      nudgedElasticBand({ ...odd, loss: () => np.array(0), start: nested(2), end: nested(3) }),
    ).rejects.toThrow('different parameter shapes at layer.weight');
    await expect(run({ momentum: 1 })).rejects.toThrow('momentum must lie in [0, 1), found 1');
    await expect(run({ weights: [1, -1] })).rejects.toThrow('positive weights');
    await expect(run({ path: np.stack([A, B]) })).rejects.toThrow('at least 3 pivots');
    await expect(run({ path: np.stack([A, A, B]) })).rejects.toThrow('pivots 0 and 1 are the same point');
    await expect(run({ springConstant: 0 })).rejects.toThrow('spring constant');
    await expect(run({ steps: 200, learningRate: 10, name: 'cycle 2' })).rejects.toThrow(
      /cycle 2: the loss is (NaN|Infinity) at pivot \d+ in step \d+/,
    );
  });
});

describe('autoNeb', () => {
  test('goes round the maximum of the egg carton by adding pivots, but not from a symmetric line', async () => {
    const carton = potential(eggCarton);
    const [start, end] = [np.array([0.5, 0.5]), np.array([1.5, 1.5])];
    const cycles = new Array(6).fill({ steps: 500, learningRate: 2e-3 });
    const go = (noise: number) => autoNeb({ ...carton, start, end, cycles, noise, momentum: 0, key: random.key(1) });
    const found = await go(1e-3);
    expect(Math.abs(found.saddleLoss)).toBeLessThan(0.05);
    expect(found.cycles).toHaveLength(6);
    expect(found.best).toBe(found.cycles[found.bestCycle]);
    expect(found.cycles.map(({ saddleLoss }) => saddleLoss)).toSatisfy((list: number[]) =>
      list.every((saddle) => saddle >= found.saddleLoss),
    );
    expect(found.best.stretch).toBeGreaterThan(1.2);
    expect((await go(0)).saddleLoss).toBeCloseTo(2, 2);
  });

  test('needs cycles and inner pivots, and names the cycle that diverges', async () => {
    const given = { ...muller, start: A, end: B };
    await expect(autoNeb({ ...given, cycles: [] })).rejects.toThrow('at least one cycle');
    await expect(autoNeb({ ...given, pivots: 0 })).rejects.toThrow('inner pivots');
    await expect(autoNeb({ ...given, cycles: [{ steps: 200, learningRate: 10 }] })).rejects.toThrow(
      'cycle 1: the loss',
    );
    await expect(autoNeb({ ...given, end: A })).rejects.toThrow('the same point');
  });
});
