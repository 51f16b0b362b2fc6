import { beforeAll, describe, expect, test } from 'vitest';
import { drawFigure } from '../../../lab/figure.ts';
import { readJson, writeJson } from '../../../lab/json.ts';
import { plainContext } from '../../../lab/run-context.ts';
import { resolveSettings, settingsTable } from '../../../lab/settings.ts';
import { judgeClaims } from '../../../lab/verdict.ts';
import { configure } from '../../../runtime/index.ts';
import type { Scale } from '../../contract.ts';
import type { Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { measureFrequencyOrder } from './measure/frequency-order.ts';
import { measureKernelTimes } from './measure/kernel-times.ts';
import { kernelBins, loadThreesAndEights, measureKernelNoise } from './measure/label-noise.ts';
import { type Settings, scales, settings as schema } from './settings.ts';

/** Lengths of nested lists, each as long as the first of its kind. */
function shapeOf(list: unknown): number[] {
  if (!Array.isArray(list)) return [];
  const shapes = list.map((item) => JSON.stringify(shapeOf(item)));
  expect(new Set(shapes).size, 'shapes of the items of a list').toBe(1);
  return [list.length, ...shapeOf(list[0])];
}

describe('settings', () => {
  test.each(['smoke', 'small', 'paper'] as const)('of the scale %s are valid and fit together', (scale: Scale) => {
    const s = resolveSettings(experiment, scale) as Settings;
    for (const [steps, every] of [
      [s.steps, s.every],
      [s.robustSteps, 10],
      [s.noiseSteps, s.noiseEvery],
      [s.foldSteps, 50],
    ])
      expect(steps % every).toBe(0);
    for (const [samples, frequencies] of [
      [s.samples, s.frequencies],
      [s.robustSamples, s.robustFrequencies],
      [s.foldSamples, s.foldFrequencies],
    ] as const)
      expect(Math.max(...frequencies)).toBeLessThan(samples / 2);
    expect(experiment.scales[scale].seeds).toBeGreaterThanOrEqual(3);
  });

  test('have a default and a description each; the paper scale is the defaults', () => {
    expect(scales.paper.settings).toEqual({});
    expect(resolveSettings(experiment, 'paper')).toEqual(schema.parse({}));
    for (const { name, doc } of settingsTable(experiment)) expect(doc, name).not.toBe('');
    for (const scale of ['smoke', 'small'] as const)
      for (const name of Object.keys(scales[scale].settings)) expect(schema.shape, scale).toHaveProperty(name);
  });

  test.each([
    ['noiseFrequencies=0.1,0.2,1', 'must contain 0.1, 0.2, 0.5 and 1'],
    ['petals=0,4', 'must contain 0 and 8'],
    ['threshold=1', 'a number > 0 and < 1'],
    ['source=cifar', 'mnist or rendered'],
    ['robustSteps=25', 'must be a multiple of 10'],
    ['noiseSteps=303', 'must be a multiple of `noiseEvery`'],
    ['steps=3005', 'must be a multiple of `every`'],
    ['foldSteps=20', 'must be a multiple of 50'],
  ])('refuse %s', (override, message) => {
    expect(() => resolveSettings(experiment, 'smoke', [override])).toThrow(message);
  });
});

describe('run at a tiny size', () => {
  const settings = schema.parse({
    samples: 16,
    frequencies: [1, 2, 3],
    layers: 3,
    width: 8,
    runs: 2,
    learningRate: 0.01,
    steps: 40,
    every: 10,
    features: 8,
    featureDeviation: 3,
    robustSamples: 16,
    robustLayers: 2,
    robustWidth: 8,
    robustFrequencies: [1, 2],
    robustSteps: 20,
    norms: [0.5, 1],
    directions: 4,
    source: 'rendered',
    images: 20,
    kernelImages: 70,
    noiseLayers: 2,
    noiseWidth: 4,
    noiseSteps: 4,
    noiseEvery: 2,
    foldSamples: 40,
    foldFrequencies: [2, 4],
    petals: [0, 8],
    foldSteps: 50,
    kernelWidth: 16,
    kernelSteps: 20,
    points1d: 2000,
    points2d: 60,
    networks: 1,
  });
  const seeds = 2;
  const stages = new Map<string, { done: number; total: number }[]>();
  let measurements: Measurements;

  beforeAll(async () => {
    // Graphs this small gain nothing from a second thread.
    configure({ threads: 1 });
    measurements = await experiment.run(
      settings,
      plainContext(0, seeds, ({ stage, done, total }) =>
        stages.set(stage, [...(stages.get(stage) ?? []), { done, total }]),
      ),
    );
  });

  test('measures what the settings ask for, per seed', () => {
    const { exact, order, robustness, noise, kernelNoise, folding, kernelTimes } = measurements;
    for (const list of [exact.line, exact.plane, exact.cutLine, exact.smoothLine, exact.cutPlane])
      expect(list).toHaveLength(seeds);
    expect(order.equal.steps).toEqual([0, 10, 20, 30, 40]);
    expect(order.features.steps).toHaveLength(101);
    for (const runs of [order.equal, order.growing, order.clipped, order.features]) {
      const records = runs.steps.length;
      expect(shapeOf(runs.captured)).toEqual([seeds, records, 3]);
      expect(shapeOf(runs.norms)).toEqual([seeds, records, 3]);
      expect(shapeOf(runs.loss)).toEqual([seeds, records, 1]);
    }
    expect(order.fit.output).toHaveLength(16);
    expect(robustness.relativeLoss).toHaveLength(seeds);
    expect(shapeOf(robustness.robustness.map((r) => r.meanMagnitude))).toEqual([seeds, 2, 2]);
    expect(robustness.control.frequencies).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(noise.frequencies).toEqual([null, 0.1, 0.2, 0.5, 1]);
    expect(shapeOf(noise.validation)).toEqual([seeds, 5, 3]);
    expect(shapeOf(kernelNoise.captured)).toEqual([seeds, 3, kernelBins]);
    expect(shapeOf(kernelNoise.permuted)).toEqual([seeds, 3, kernelBins]);
    expect(folding.curves.map((c) => c.petals)).toEqual([0, 8, 10, null]);
    for (const curve of folding.curves) expect(shapeOf(curve.captured)).toEqual([seeds, 2, 2]);
    for (const times of [kernelTimes.circle, kernelTimes.interval]) {
      expect(shapeOf(times.predicted)).toEqual([seeds, 6]);
      expect(shapeOf(times.measured)).toEqual([seeds, 6]);
    }
    expect(shapeOf(kernelTimes.residual)).toEqual([21, 6]);
  });

  test('what it measures is possible: losses fall, clipped weights stay clipped, spectra are exact', () => {
    const { exact, order, folding, kernelTimes, kernelNoise } = measurements;
    for (const runs of [order.equal, order.growing, order.features])
      for (const loss of runs.loss) expect(loss.at(-1)![0]).toBeLessThan(loss[0][0]);
    // ||W|| <= sqrt(inputs x outputs) max |W|, from the first update on.
    const sizes = [1 * 8, 8 * 8, 8 * 1];
    for (const records of order.clipped.norms)
      for (const norms of records.slice(1))
        norms.forEach((norm, layer) => {
          expect(norm).toBeLessThanOrEqual(settings.clip * Math.sqrt(sizes[layer]) * 1.0001);
        });
    for (const rows of exact.line) for (const row of rows) expect(row.relativeError).toBeLessThan(0.05);
    // Both targets start from the same weights.
    expect(order.growing.norms.map((records) => records[0])).toEqual(order.equal.norms.map((records) => records[0]));
    for (const residual of kernelTimes.residual[0]) expect(residual).toBe(1);
    for (const row of kernelTimes.circle.predicted)
      for (let k = 1; k < row.length; k++)
        expect(row[k], `predicted time of frequency ${k + 1}`).toBeGreaterThan(row[k - 1]);
    for (const { loss } of folding.curves) for (const value of loss) expect(value).toBeGreaterThan(0);
    // The noised labels have all of the noise in addition, which grows with the mode.
    expect(kernelNoise.noised.at(-1)!).toBeGreaterThan(kernelNoise.clean.at(-1)!);
  });

  test('is plain data: written and read it is the same', () => {
    expect(readJson(writeJson(measurements))).toEqual(measurements);
  });

  test('gives ten claims with a verdict each, and figures that draw', () => {
    const verdicts = judgeClaims(experiment, settings, measurements);
    expect(verdicts.map(({ id }) => id)).toEqual(['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8', 'B9', 'B10']);
    for (const { id, checks, control } of verdicts)
      for (const check of [...checks, ...control.checks]) {
        const some = check.quantity.startsWith('slopes of the pyramid') || id === 'B6' ? 1 : seeds;
        expect(check.n, `${id} ${check.quantity}`).toBeGreaterThanOrEqual(some);
      }
    for (const figure of experiment.figures(settings, measurements)) {
      for (const { wide } of drawFigure(figure, experiment.name).panels) expect(wide, figure.id).toContain('<svg');
    }
  });

  test('reports progress that grows to the total of each stage', () => {
    expect(stages.size).toBeGreaterThan(8);
    for (const [stage, updates] of stages) {
      const done = updates.map((update) => update.done);
      expect(done, stage).toEqual([...done].sort((a, b) => a - b));
      expect(done.at(-1), stage).toBe(updates.at(-1)!.total);
    }
  });
});

test('the clipped control of a seed is the first of its runs: same weights and phases', async () => {
  const tiny = {
    layers: 2,
    width: 4,
    samples: 8,
    frequencies: [1, 2],
    runs: 2,
    learningRate: 0.01,
    steps: 1,
    every: 1,
  };
  const settings = { ...tiny, clip: 1e3, features: 2, featureDeviation: 1 };
  const { equal, clipped } = await measureFrequencyOrder(settings, plainContext(1, 2));
  // A clip that never acts, and twice as many seeds of one run each: run 2 s of those is the first run of seed s.
  const single = await measureFrequencyOrder({ ...settings, runs: 1 }, plainContext(1, 4));
  for (const what of ['captured', 'norms', 'loss'] as const)
    for (const s of [0, 1]) {
      clipped[what][s].flat().forEach((value, i) => {
        const [a, b] = [2 * s, 2 * s + 1].map((run) => single.equal[what][run].flat()[i]);
        expect(value, `${what} of seed ${s}`).toBeCloseTo(a, 5);
        expect(equal[what][s].flat()[i], `mean ${what} of seed ${s}`).toBeCloseTo((a + b) / 2, 5);
      });
    }
});

test('the seed decides everything: the same again, another one otherwise', async () => {
  const tiny = { samples: 16, frequencies: [1, 2], width: 8, hiddenLayers: 1, amplitude: 0.1, steps: 5 };
  const run = (seed: number) => measureKernelTimes(tiny, plainContext(seed, 2));
  const first = await run(3);
  expect(await run(3)).toEqual(first);
  expect((await run(4)).circle.predicted).not.toEqual(first.circle.predicted);
});

test('fewer images than bins of the kernel spectrum are refused', async () => {
  const digits = await loadThreesAndEights('rendered', 60, 0);
  const network = { layers: 2, width: 4, learningRate: 0.1, steps: 1, every: 1 };
  const noise = { amplitude: 1, sigma: 1, exponent: 2 };
  const context = plainContext(0, 1);
  const attempt = measureKernelNoise({ ...network, ...noise, digits, images: 60 }, context);
  await expect(attempt).rejects.toThrow('kernel noise: 48 training images have fewer modes than the 50 bins');
});
