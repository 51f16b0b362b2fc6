import { beforeAll, describe, expect, test } from 'vitest';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import { historySampler } from './history-sampler.ts';
import { samplingPlan, variantSizes, variantThreshold } from './plan.ts';
import { numbers } from './problem.fixture.ts';
import { importanceSampler } from './sampler.ts';

beforeAll(() => configure({ threads: 1 }));

const n = 40;
const data = {
  x: np.array(
    Float32Array.from({ length: 2 * n }, (_, i) => i),
    { shape: [n, 2] },
  ),
  y: np.array(Int32Array.from({ length: n }, (_, i) => i)),
};
/** Rows from 36 on are a hundred times as important. */
const steep = (_: np.NDArray, y: np.NDArray) => np.where(np.greaterEqual(y, 36), 100, 1);

describe('the plan', () => {
  test('has the defaults B = 3b, tau_th = 2, a = 0.9, c = 2', () => {
    expect(samplingPlan({ batchSize: 8 })).toEqual({
      batchSize: 8,
      presample: 24,
      tauThreshold: 2,
      smoothing: 0.9,
      backwardCost: 2,
    });
    expect(samplingPlan({ batchSize: 8, backwardCost: 3 }).tauThreshold).toBe(1.75);
  });

  test.each([
    [{ batchSize: 8, presample: 8 }, 'must be larger than the batch, found B = 8 and b = 8'],
    [{ batchSize: 8, presample: 8, tauThreshold: 2 }, 'must be larger than the batch'],
    [{ batchSize: 8, tauThreshold: 0.5 }, 'at least 1 (or 0: always on), found 0.5'],
    [{ batchSize: 8, smoothing: 1 }, 'smoothing: expected [0, 1), found 1'],
    [{ batchSize: 8, backwardCost: 0 }, 'backwardCost: expected a ratio above 0'],
  ])('%j is refused', (options, message) => {
    expect(() => samplingPlan(options)).toThrow(message);
  });

  test('constant variance: threshold 2.14 for c = 2, and 1/tau + 0.2 of the batch', () => {
    const plan = samplingPlan({ batchSize: 100 });
    expect(variantThreshold('constantVariance', plan)).toBeCloseTo(2.1429, 4);
    expect(variantThreshold('presample', plan)).toBe(2);
    expect(variantSizes('constantVariance', 2.5, plan)).toEqual({ scored: 100, drawn: 60 });
    expect(variantSizes('constantVariance', 1, plan)).toEqual({ scored: 100, drawn: 100 });
    expect(() => variantThreshold('constantVariance', samplingPlan({ batchSize: 8, backwardCost: 0.2 }))).toThrow(
      'scoring cannot pay',
    );
  });

  test('constant time: scores and draws cost what a uniform step does', () => {
    for (const tau of [2.1, 3, 8])
      for (const backwardCost of [1.5, 2, 3]) {
        const plan = samplingPlan({ batchSize: 120, backwardCost });
        const { scored, drawn } = variantSizes('constantTime', tau, plan);
        const cost = scored + (1 + backwardCost) * drawn;
        expect(Math.abs(cost - (1 + backwardCost) * 120)).toBeLessThan(1 + backwardCost);
        expect(scored).toBeGreaterThan(drawn);
      }
    // b = 120, tau = 3: a = 40, B = 120 + (360 - 120 - 120) / 2 = 180, and (360 - 180) / 3 = 60 drawn.
    expect(variantSizes('constantTime', 3, samplingPlan({ batchSize: 120 }))).toEqual({ scored: 180, drawn: 60 });
  });
});

describe('the sampler', () => {
  test('is uniform at first and has the rows that it names', async () => {
    const { indices, weights, x, y, state } = await importanceSampler(data, steep, { batchSize: 4 }).next();
    expect(state).toMatchObject({ on: false, tau: 0, threshold: 2, cost: 12, effectiveSampleSize: 4 });
    expect(await numbers(weights)).toEqual([1, 1, 1, 1]);
    expect(await numbers(y)).toEqual(await numbers(indices));
    expect(await numbers(x)).toEqual((await numbers(indices)).flatMap((i) => [2 * i, 2 * i + 1]));
  });

  test('switches on where the running tau passes the threshold: with tau = 2 and 1.5 after 14 updates', async () => {
    const sampler = importanceSampler(data, steep, { batchSize: 4, tauThreshold: 1.5 });
    // B sum g^2 = 4 for one score of four.
    const scores = np.array([1, 0, 0, 0]);
    let updates = 0;
    while (!(await sampler.next()).state.on) {
      await sampler.update(scores);
      updates++;
    }
    expect(updates).toBe(14);
  });

  test('on, it draws what scores high, with weights that undo it, and moves tau itself', async () => {
    const sampler = importanceSampler(data, steep, { batchSize: 8, presample: 40, tauThreshold: 0, smoothing: 0 });
    let [high, total, mass] = [0, 0, 0];
    const rounds = 60;
    for (let k = 0; k < rounds; k++) {
      const { y, weights, state } = await sampler.next();
      expect(state).toMatchObject({ on: true, cost: 64 });
      const [labels, w] = [await numbers(y), await numbers(weights)];
      labels.forEach((label, i) => {
        if (label >= 36) high++;
        total += w[i];
        if (label >= 36) mass += w[i];
      });
    }
    expect(high / (8 * rounds)).toBeGreaterThan(0.8);
    // Unbiased: the mean weight is 1, and the rare rows have their tenth of it (binomial noise of the pre-samples).
    expect(total / (8 * rounds)).toBeGreaterThan(0.7);
    expect(total / (8 * rounds)).toBeLessThan(1.3);
    expect(mass / (8 * rounds)).toBeGreaterThan(0.07);
    expect(mass / (8 * rounds)).toBeLessThan(0.13);
    expect((await sampler.next()).state.tau).toBeGreaterThan(1.8);
  });

  test('is an endless iterable, and the key decides everything', async () => {
    const firstThree = async (key: np.NDArray) => {
      const found: number[][] = [];
      for await (const { indices } of importanceSampler(data, steep, { batchSize: 4, tauThreshold: 0, key })) {
        found.push(await numbers(indices));
        if (found.length === 3) break;
      }
      return found;
    };
    const once = await firstThree(random.key(9));
    expect(await firstThree(random.key(9))).toEqual(once);
    expect(await firstThree(random.key(10))).not.toEqual(once);
    expect(new Set(once.map(String)).size).toBe(3);
  });

  test('falls back to uniform where all scores are 0, and says so', async () => {
    const sampler = importanceSampler(data, (_, y) => np.zeros(y.shape), { batchSize: 4, tauThreshold: 0 });
    const { weights, state } = await sampler.next();
    expect(state.allScoresZero).toBe(true);
    (await numbers(weights)).forEach((w) => {
      expect(w).toBeCloseTo(1, 5);
    });
  });

  test('variants draw fewer; bias and smoothing act on weights and probabilities', async () => {
    const always = { batchSize: 10, presample: 30, tauThreshold: 0, smoothing: 0 };
    const less = importanceSampler(data, steep, { ...always, variant: 'constantTime' });
    await less.update(np.array([1, 0, 0, 0, 0, 0, 0, 0, 0]));
    const { state, weights } = await less.next();
    // tau = 3: B = 15 are scored and 5 drawn, at the cost of a uniform step.
    expect(state.cost).toBe(30);
    expect(weights.shape).toEqual([5]);
    const ratio = async (options: { bias?: number; additive?: number }) => {
      const { y, weights: w } = await importanceSampler(data, steep, { ...always, presample: 40, ...options }).next();
      const [labels, values] = [await numbers(y), await numbers(w)];
      const of = (which: (label: number) => boolean) => values[labels.findIndex(which)];
      return of((label) => label < 36) / of((label) => label >= 36);
    };
    const key = 100;
    expect(await ratio({ additive: 1000 })).toBeCloseTo(1, 1);
    const plain = await ratio({ additive: 0.5 });
    expect(plain).toBeGreaterThan(1);
    expect(plain).toBeLessThan(key);
    expect(await ratio({ additive: 0.5, bias: 0.5 })).toBeCloseTo(Math.sqrt(plain), 3);
  });

  test('refuses scores that cannot be, and a pre-sample larger than the data', async () => {
    const sampler = importanceSampler(data, steep, { batchSize: 4 });
    await expect(sampler.update(np.array([1, -1]))).rejects.toThrow('found -1 at 1');
    await expect(sampler.update(np.array([Number.NaN]))).rejects.toThrow('found NaN at 0');
    expect(() => importanceSampler(data, steep, { batchSize: 20 })).toThrow('a pre-sample of 60 from 40 examples');
  });
});

describe('history', () => {
  test('by rank: p falls by the pressure from the largest to the smallest loss', () => {
    const sampler = historySampler(3, { kind: 'rank', pressure: 8 });
    sampler.update([0, 1, 2], [0.5, 2, 1]);
    const p = sampler.probabilities();
    expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(p[1] / p[2]).toBeCloseTo(2, 10);
    expect(p[2] / p[0]).toBeCloseTo(2, 10);
    sampler.update([0], [9]);
    expect(sampler.probabilities()[0]).toBeGreaterThan(p[1] * 0.99);
  });

  test('proportional: loss^exponent; what was not seen counts like the largest', () => {
    const sampler = historySampler(3, { kind: 'proportional', exponent: 2 });
    expect(Array.from(sampler.probabilities())).toEqual([1 / 3, 1 / 3, 1 / 3]);
    sampler.update([0, 1], [3, 1]);
    const p = sampler.probabilities();
    expect(p[0]).toBeCloseTo(9 / 19, 10);
    expect(p[1]).toBeCloseTo(1 / 19, 10);
    expect(p[2]).toBeCloseTo(9 / 19, 10);
  });

  test('refuses rules and losses that cannot be', () => {
    expect(() => historySampler(3, { kind: 'rank', pressure: 0.5 })).toThrow('at least 1, found 0.5');
    expect(() => historySampler(3, { kind: 'proportional', exponent: -1 })).toThrow('at least 0, found -1');
    expect(() => historySampler(3, { kind: 'rank', pressure: 2 }).update([0], [-1])).toThrow('found -1');
  });
});
