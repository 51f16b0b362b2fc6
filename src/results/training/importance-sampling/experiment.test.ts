import { beforeAll, describe, expect, test } from 'vitest';
import { drawFigure } from '../../../lab/figure.ts';
import { plainContext } from '../../../lab/run-context.ts';
import { resolveSettings, settingsTable } from '../../../lab/settings.ts';
import { judgeClaims } from '../../../lab/verdict.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure, jit } from '../../../runtime/index.ts';
import { grad } from '../../../transforms/index.ts';
import type { Scale } from '../../contract.ts';
import type { Measurements } from './claims.ts';
import { measureBackwardCost } from './cost-ratio.ts';
import { softmaxCrossEntropy } from './example-loss.ts';
import { experiment } from './experiment.ts';
import { shiftedCopies } from './measure/shifted-copies.ts';
import { wideResNet } from './measure/wide-resnet.ts';
import { numbers, smallProblem } from './problem.fixture.ts';
import { checkpointsOf, racesOf, type Settings, scales, settings as schema } from './settings.ts';

beforeAll(() => configure({ threads: 1 }));

describe('settings', () => {
  test.each(['smoke', 'small', 'paper'] as const)('of the scale %s are valid and make races', (scale: Scale) => {
    const s = resolveSettings(experiment, scale) as Settings;
    expect(experiment.scales[scale].seeds).toBeGreaterThanOrEqual(3);
    expect(checkpointsOf(s)).toHaveLength(scale === 'small' ? 2 : 1);
    const names = racesOf(s).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { presample, batchSize, every } of racesOf(s)) {
      expect(presample).toBeGreaterThan(batchSize);
      expect(every % 16).toBe(0);
    }
  });

  test('have a default and a description each; the paper scale is the defaults', () => {
    expect(scales.paper.settings).toEqual({});
    for (const { name, doc } of settingsTable(experiment)) expect(doc, name).not.toBe('');
    for (const scale of ['smoke', 'small'] as const)
      for (const name of Object.keys(scales[scale].settings)) expect(schema.shape, scale).toHaveProperty(name);
  });

  test('the paper: 128 of 640 with tau_th = 1.5, the LSTM, and fine-tuning where its files are given', () => {
    const paper = racesOf(schema.parse({ fineTuningImages: 'images', fineTuningNetwork: 'net.onnx' }));
    expect(paper.map(({ name }) => name)).toEqual([
      'equal updates',
      'CIFAR-100 at equal cost',
      'CIFAR-10 at equal cost',
      'clusters, limited by updates',
      'LSTM on permuted MNIST',
      'fine-tuning',
    ]);
    expect(paper[1]).toMatchObject({ batchSize: 128, presample: 640, tauThreshold: 1.5, weightDecay: 5e-4 });
    expect(paper[1].budget).toEqual({ costUnits: 3 * 128 * 50_000 });
  });

  test.each([
    ['steps=510', 'must be a multiple of `every`'],
    ['fullAt=100,500', 'must contain 0'],
    ['fullAt=0,30', 'must be multiples of `every`'],
    ['samples=100', 'must be at least `largeBatch`'],
    ['largeBatch=200', 'must be at least 3 times `batchSize`'],
    ['racePresample=64', 'must be larger than `raceBatch`'],
    ['raceEvery=100', 'must be a multiple of 16'],
    ['fineTuningImages=folder', 'both or neither'],
  ])('refuse %s', (override, message) => {
    expect(() => resolveSettings(experiment, 'smoke', [override])).toThrow(message);
  });
});

describe('run at a tiny size', () => {
  const settings = schema.parse({
    ...scales.smoke.settings,
    samples: 200,
    hidden: 8,
    batchSize: 16,
    largeBatch: 128,
    draws: 60,
    steps: 100,
    every: 50,
    fullAt: [0, 100],
    raceSamples: 300,
    raceBatch: 8,
    racePresample: 24,
    raceUpdates: 48,
    raceEvery: 16,
    costUnits: 6000,
  });
  const seeds = 2;
  const stages = new Map<string, { done: number; total: number }[]>();
  let measurements: Measurements;

  beforeAll(async () => {
    measurements = await experiment.run(
      settings,
      plainContext(5, seeds, ({ stage, done, total }) =>
        stages.set(stage, [...(stages.get(stage) ?? []), { done, total }]),
      ),
    );
  });

  test('measures what the settings ask for, per seed', () => {
    const [{ measured, network }] = measurements.checkpoints;
    expect(network).toBe('clusters');
    expect(measured.full.map((list) => list.map(({ step }) => step))).toEqual([
      [0, 100],
      [0, 100],
    ]);
    expect(measured.switch.map((list) => list.length)).toEqual([3, 3]);
    expect(measured.full[0]).not.toEqual(measured.full[1]);
    const [updates, noisy] = measurements.races;
    expect(updates.runs.map((runs) => runs.map(({ contestant }) => contestant))).toEqual(
      new Array(seeds).fill(['uniform', 'loss', 'upperBound', 'constant']),
    );
    for (const { contestant, importanceUpdates, history } of updates.runs[1]) {
      expect(history.updates).toEqual([0, 16, 32, 48]);
      if (contestant === 'constant') expect(importanceUpdates).toBe(48);
      if (contestant === 'uniform') expect(importanceUpdates).toBe(0);
      expect(history.probes['loss'].every(Number.isFinite)).toBe(true);
    }
    for (const { history } of noisy.runs[0]) expect(Math.abs(history.costUnits.at(-1)! - 6000)).toBeLessThan(3100);
  });

  test('what is drawn agrees with the formulas, in every network', () => {
    for (const c of measurements.checkpoints[0].measured.full.flat())
      for (const { standardErrors, varianceRatio } of Object.values(c.monteCarlo)) {
        expect(standardErrors).toBeLessThan(4);
        // 60 draws.
        expect(Math.abs(varianceRatio - 1)).toBeLessThan(0.4);
        expect(c.bound!.largestRatio).toBeLessThan(1);
      }
  });

  test('gives verdicts and figures', () => {
    expect(judgeClaims(experiment, settings, measurements)).toHaveLength(8);
    for (const figure of experiment.figures(settings, measurements)) {
      for (const { wide } of drawFigure(figure, 'importance-sampling').panels) expect(wide).not.toContain('NaN');
    }
  });

  test('tells how far it is', () => {
    for (const [stage, updates] of stages) {
      const done = updates.map((update) => update.done);
      expect(done, stage).toEqual([...done].sort((a, b) => a - b));
    }
    expect(stages.size).toBeGreaterThan(10);
  });
});

describe('wide residual network', () => {
  test('WRN-28-2 has the parameters of the paper’s architecture, and learns', async () => {
    const net = wideResNet(10, 1, 5);
    const params = net.init(random.key(1));
    const x = random.normal(random.key(2), [3, 3, 8, 8]);
    const y = np.array(Int32Array.of(0, 3, 4));
    const loss = (p: typeof params) => np.mean(softmaxCrossEntropy(net.apply(p, x), y));
    const slope = jit((p: typeof params) => np.ravelTree(grad(loss)(p))[0])(params);
    expect((await numbers(slope)).filter((g) => g !== 0).length).toBeGreaterThan(0.5 * slope.size);
    const big = wideResNet(28, 2, 100).init(random.key(1));
    // Stem 432; per stage and block 9 (in out + out^2), projections, two normalisations; head.
    let expected = 27 * 16 + 2 * 128 + 128 * 100 + 100;
    for (const [stage, out] of [32, 64, 128].entries())
      for (let b = 0; b < 4; b++) {
        const inputs = b > 0 ? out : stage === 0 ? 16 : out / 2;
        expected += 9 * (inputs * out + out * out) + 2 * inputs + 2 * out + (b === 0 ? inputs * out : 0);
      }
    expect(np.ravelTree(big)[0].size).toBe(expected);
    expect(() => wideResNet(20, 2, 10)).toThrow('the depth must be 6 n + 4');
  });

  test('examples do not see one another', async () => {
    const net = wideResNet(10, 1, 4);
    const params = net.init(random.key(3));
    const x = random.normal(random.key(4), [2, 3, 8, 8]);
    const both = await numbers(jit(net.apply)(params, x));
    const alone = await numbers(jit(net.apply)(params, np.slice(x, [1, 2])));
    alone.forEach((z, i) => {
      expect(both[4 + i]).toBeCloseTo(z, 4);
    });
  });
});

test('shifted copies: the image moved by at most the shift, zeros where nothing was, labels kept', () => {
  const images = Float32Array.from({ length: 2 * 9 }, (_, i) => i + 1);
  const set = { images, labels: Int32Array.of(4, 7), n: 2, shape: [1, 3, 3] as const, classNames: [] };
  expect(shiftedCopies(set, { copies: 1, shift: 0, flip: false, seed: 1 }).images).toEqual(images);
  const { images: moved, labels, n } = shiftedCopies(set, { copies: 40, shift: 1, flip: false, seed: 1 });
  expect(n).toBe(80);
  expect(Array.from(labels.subarray(0, 4))).toEqual([4, 7, 4, 7]);
  const seen = new Set<string>();
  for (let i = 0; i < n; i++) {
    const found = Array.from(moved.subarray(9 * i, 9 * i + 9));
    const original = Array.from(images.subarray(9 * (i % 2), 9 * (i % 2) + 9));
    const candidates = [-1, 0, 1].flatMap((dy) =>
      [-1, 0, 1].map((dx) =>
        Array.from({ length: 9 }, (_, k) => {
          const [y, x] = [Math.floor(k / 3) - dy, (k % 3) - dx];
          return y >= 0 && y < 3 && x >= 0 && x < 3 ? original[3 * y + x] : 0;
        }).join(),
      ),
    );
    const which = candidates.indexOf(found.join());
    expect(which).toBeGreaterThanOrEqual(0);
    seen.add(String(which));
  }
  expect(seen.size).toBe(9);
  const mirrored = shiftedCopies(set, { copies: 40, shift: 0, flip: true, seed: 2 });
  const firsts = new Set(Array.from({ length: 40 }, (_, k) => mirrored.images[9 * 2 * k]));
  expect(firsts).toEqual(new Set([1, 3]));
});

test('the cost of scoring and of training is measured', async () => {
  const { model, params, data } = smallProblem(60);
  const found = await measureBackwardCost({ ...model, params, ...data }, { batchSize: 10, presample: 40, steps: 5 });
  expect(found.score).toBeGreaterThan(0);
  expect(found.gradient).toBeGreaterThan(0);
  expect(found.backwardCost).toBeCloseTo(Math.max(0.01, found.gradient / found.score - 1), 10);
});
