import { beforeAll, describe, expect, test } from 'vitest';
import type { LoopState } from '../../../nn/index.ts';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure, jit } from '../../../runtime/index.ts';
import { grad } from '../../../transforms/index.ts';
import { samplingPlan } from './plan.ts';
import { numbers, smallProblem } from './problem.fixture.ts';
import { importanceWeights, samplingProbabilities } from './sampling.ts';
import { scoreComparison } from './score-comparison.ts';
import { gradientNormUpperBound, type ScoreKind } from './scores.ts';
import { importanceStep } from './step.ts';
import { trainWithImportanceSampling } from './train.ts';

beforeAll(() => configure({ threads: 1 }));

const { data, params, model, net } = smallProblem(60);
const optimizer = nn.sgd(0.1);
const flat = (tree: typeof params) => numbers(np.ravelTree(tree)[0]);

describe('one update', () => {
  const plan = samplingPlan({ batchSize: 5, presample: 20, tauThreshold: 1.5 });
  const u = random.uniform(random.key(2), [25]);
  const step = (tau: number, score: ScoreKind, penalty?: (p: typeof params) => np.NDArray) =>
    jit((p: typeof params, t: np.NDArray, randomness: np.NDArray) =>
      importanceStep(
        { ...model, optimizer, plan, score, ...(penalty && { penalty }) },
        { params: p, optimizer: optimizer.init(p), tau: t },
        data,
        randomness,
      ),
    )(params, np.array(tau), u);

  test('on: the weighted gradient of rows drawn by their scores, written out step by step', async () => {
    const [state, record] = step(2, 'upperBound');
    const us = await numbers(u);
    const candidates = us.slice(0, 20).map((v) => Math.floor(60 * v));
    const at = (rows: number[]) => ({ x: np.take(data.x, rows, 0), y: np.take(data.y, rows, 0) });
    const scores = gradientNormUpperBound({ ...model, params, ...at(candidates) });
    const p = await numbers(samplingProbabilities(scores));
    const local = us.slice(20).map((v) => {
      let k = 0;
      for (let sum = p[0]; v >= sum; sum += p[k]) k++;
      return k;
    });
    expect(await numbers(record.indices)).toEqual(local.map((k) => candidates[k]));
    const w = importanceWeights(scores, np.array(Int32Array.from(local)));
    const expectedWeights = await numbers(w);
    (await numbers(record.weights)).forEach((weight, i) => {
      expect(weight).toBeCloseTo(expectedWeights[i], 4);
    });
    expect(await record.on.item()).toBe(1);
    const drawn = at(local.map((k) => candidates[k]));
    const loss = (q: typeof params) => np.mean(np.multiply(w, model.loss(model.apply(q, drawn.x), drawn.y)));
    expect(await record.loss.item()).toBeCloseTo(await loss(params).item(), 5);
    const expected = await flat(optimizer.update(grad(loss)(params), optimizer.init(params), params)[0]);
    (await flat(state.params)).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
    const tau = Math.sqrt(20 * p.reduce((sum, q) => sum + q * q, 0));
    expect(await state.tau.item()).toBeCloseTo(0.9 * 2 + 0.1 * tau, 4);
  });

  test('off: an ordinary update of uniform rows, and tau from their own scores', async () => {
    const [state, record] = step(1.5, 'upperBound');
    const rows = (await numbers(u)).slice(0, 5).map((v) => Math.floor(60 * v));
    expect(await numbers(record.indices)).toEqual(rows);
    expect(await numbers(record.weights)).toEqual([1, 1, 1, 1, 1]);
    const batch = { x: np.take(data.x, rows, 0), y: np.take(data.y, rows, 0) };
    const loss = (q: typeof params) => np.mean(model.loss(model.apply(q, batch.x), batch.y));
    const expected = await flat(optimizer.update(grad(loss)(params), optimizer.init(params), params)[0]);
    (await flat(state.params)).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
    const p = await numbers(samplingProbabilities(gradientNormUpperBound({ ...model, params, ...batch })));
    const tau = Math.sqrt(5 * p.reduce((sum, q) => sum + q * q, 0));
    expect(await state.tau.item()).toBeCloseTo(0.9 * 1.5 + 0.1 * tau, 4);
  });

  test('a penalty is not weighted; other scores work too', async () => {
    const penalty = (p: typeof params) => np.multiply(0.5, np.sum(np.square(np.ravelTree(p)[0])));
    const [plain, decayed] = [step(2, 'upperBound')[0], step(2, 'upperBound', penalty)[0]];
    const [a, b, start] = [await flat(plain.params), await flat(decayed.params), await flat(params)];
    b.forEach((value, i) => {
      expect(value).toBeCloseTo(a[i] - 0.1 * start[i], 5);
    });
    for (const score of ['loss', 'gradientNorm', 'uniform'] as const) {
      const [state] = step(2, score);
      expect((await flat(state.params)).every(Number.isFinite)).toBe(true);
    }
    expect(await numbers(step(2, 'uniform')[1].weights)).toEqual([1, 1, 1, 1, 1].map((w) => expect.closeTo(w, 5)));
  });
});

describe('training', () => {
  const options = {
    model,
    params,
    data,
    optimizer: () => nn.momentum(0.05),
    sampler: { batchSize: 5, presample: 15, tauThreshold: 1.2 },
    key: random.key(3),
    probe: (p: typeof params) => ({ loss: np.mean(model.loss(net.apply(p, data.x), data.y)) }),
    every: 32,
    stretch: 16,
  };

  test('by updates: as many as asked for, with a record every so often, and the loss falls', async () => {
    const { history, importanceUpdates, counts, weights } = await trainWithImportanceSampling({
      ...options,
      budget: { updates: 200 },
    });
    expect(history.updates).toEqual([0, 32, 64, 96, 128, 160, 192, 200]);
    expect(importanceUpdates).toBeGreaterThan(20);
    expect(history.costUnits.at(-1)).toBe(15 * 200 + 15 * importanceUpdates);
    expect(history.probes['loss'].at(-1)!).toBeLessThan(0.5 * history.probes['loss'][0]);
    expect(history.tau[0]).toBe(0);
    expect(history.tau.at(-1)).toBeGreaterThan(1.2);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(1000);
    expect(weights).toHaveLength(5 * 32);
    expect(history.seconds.at(-1)).toBeGreaterThan(0);
  });

  test('by cost and by seconds: until the budget is spent', async () => {
    const byCost = await trainWithImportanceSampling({ ...options, budget: { costUnits: 2400 } });
    expect(Math.abs(byCost.history.costUnits.at(-1)! - 2400)).toBeLessThanOrEqual(16 * 30 * 0.5);
    const uniform = { ...options.sampler, score: 'uniform' as const };
    const plain = await trainWithImportanceSampling({ ...options, sampler: uniform, budget: { costUnits: 2400 } });
    expect(plain.importanceUpdates).toBe(0);
    expect(plain.history.updates.at(-1)).toBe(160);
    const bySeconds = await trainWithImportanceSampling({ ...options, budget: { seconds: 0.05 } });
    expect(bySeconds.history.seconds.at(-1)).toBeGreaterThan(0.02);
  });

  test('interrupted and gone on with ends where it would have', async () => {
    const whole = await trainWithImportanceSampling({ ...options, budget: { updates: 128 } });
    let kept: LoopState | undefined;
    const keep = (until: number) => ({
      restore: () => kept,
      keep: async (take: () => Promise<LoopState>) => {
        const state = await take();
        if (state.made <= until) kept = structuredClone(state);
      },
    });
    await trainWithImportanceSampling({ ...options, budget: { updates: 128 }, checkpoint: keep(64) });
    expect(kept?.made).toBe(64);
    const resumed = await trainWithImportanceSampling({ ...options, budget: { updates: 128 }, checkpoint: keep(999) });
    const timeless = ({ history: { seconds: _, ...rest } }: typeof whole) => rest;
    expect(timeless(resumed)).toEqual(timeless(whole));
    expect(resumed.counts).toEqual(whole.counts);
    expect(resumed.importanceUpdates).toBe(whole.importanceUpdates);
    expect(await flat(resumed.params)).toEqual(await flat(whole.params));
  });

  test.each([
    [{ budget: { updates: 0 } }, 'budget: expected updates above 0'],
    [{ budget: { updates: 16 }, every: 24 }, 'every: expected a multiple of the stretch'],
    [{ budget: { updates: 16 }, sampler: { batchSize: 50 } }, 'a pre-sample of 150 from 60 examples'],
  ])('%j is refused', async (change, message) => {
    await expect(trainWithImportanceSampling({ ...options, ...change })).rejects.toThrow(message);
  });
});

test('the comparison of scores: exact variances, correlations with the truth, and what tau predicts', async () => {
  const found = await scoreComparison(model, params, data, 4);
  const { gradientNorm, uniform, upperBound, loss } = found;
  expect(gradientNorm).toMatchObject({ pearson: expect.closeTo(1, 10), squaredError: 0 });
  expect(uniform.pearson).toBeNaN();
  expect(uniform.tau).toBeCloseTo(1, 5);
  for (const one of [uniform, upperBound, loss]) {
    expect(one.variance).toBeGreaterThanOrEqual(gradientNorm.variance * (1 - 1e-6));
    expect(one.varianceRatio).toBeCloseTo(one.tau ** 2, 4);
  }
  expect(found.noiseToSignal).toBeCloseTo(uniform.variance / found.meanGradientNorm ** 2, 8);
});
