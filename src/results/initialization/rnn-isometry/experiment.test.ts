import { beforeAll, describe, expect, test } from 'vitest';
import { drawFigure } from '../../../lab/figure.ts';
import { readJson, writeJson } from '../../../lab/json.ts';
import { plainContext } from '../../../lab/run-context.ts';
import { resolveSettings, settingsTable } from '../../../lab/settings.ts';
import { judgeClaims } from '../../../lab/verdict.ts';
import { configure } from '../../../runtime/index.ts';
import type { Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { imageOrder, shuffled } from './measure/loop.ts';
import { learnMemory, loadTaskData } from './measure/memory-task.ts';
import { measureSequential } from './measure/sequential.ts';
import { madeUpMeasurements, madeUpSettings } from './measurements.fixture.ts';
import { scales, settings as schema } from './settings.ts';

beforeAll(() => configure({ threads: 1 }));

describe('settings', () => {
  test.each(['smoke', 'small', 'paper'] as const)('of the scale %s are valid', (scale) => {
    expect(() => resolveSettings(experiment, scale)).not.toThrow();
    for (const name of Object.keys(scales[scale].settings)) expect(schema.shape, scale).toHaveProperty(name);
  });

  test('have a default and a description each; the paper scale is the defaults', () => {
    expect(resolveSettings(experiment, 'paper')).toEqual(schema.parse({}));
    for (const { name, doc } of settingsTable(experiment)) expect(doc, name).not.toBe('');
  });

  test.each([
    ['deviations=1,1.05', 'must contain 0.9 and 1.05'],
    ['criticalSteps=30', 'must be a multiple of 4'],
    ['sequentialSteps=150', 'must be a multiple of 100'],
    ['lengths=10,5', 'must be ascending'],
    ['images=10', 'must be at least `batch`'],
  ])('refuse %s', (override, message) => {
    expect(() => resolveSettings(experiment, 'smoke', [override])).toThrow(message);
  });
});

describe('run at a tiny size', () => {
  const settings = schema.parse({
    ...scales.smoke.settings,
    grid: 2,
    simulatedUnits: 20,
    simulatedNetworks: 2,
    simulatedSteps: 30,
    spectrumUnits: 12,
    images: 20,
    trainImages: 40,
    testImages: 20,
    units: 6,
    batch: 10,
    criticalLength: 3,
    criticalSteps: 4,
    sweepPoints: 3,
    sweepLength: 2,
    sweepSteps: 2,
    sweepRates: [1e-3],
    lengths: [2, 3],
    lengthBiases: [-1, 0],
    lengthSteps: 2,
  });
  const stages = new Set<string>();
  let measurements: Measurements;
  beforeAll(async () => {
    measurements = await experiment.run(
      settings,
      plainContext(3, 2, ({ stage }) => stages.add(stage)),
    );
  }, 240_000);

  test('measures what the settings ask for, per seed', () => {
    const { trajectories, spectra, critical, sweep, lengths, sequential, language } = measurements;
    expect(trajectories.map((t) => t.mub)).toEqual([-3, 2, 5.5]);
    for (const t of trajectories) {
      expect(t.untied.map((row) => row.length)).toEqual([30, 30]);
      for (const c of t.same.flat()) expect(c).toBeCloseTo(1, 5);
    }
    expect(spectra).toHaveLength(8);
    for (const s of spectra) expect([s.m1.length, s.singularValues.length]).toEqual([2, 12]);
    expect(critical.vanilla.map((c) => `${c.value} ${c.kind}`)).toEqual([
      '0.9 gaussian',
      '0.9 orthogonal',
      '1.05 gaussian',
      '1.05 orthogonal',
    ]);
    expect(critical.minimal.map((c) => c.permuted)).toEqual([false, false, true]);
    for (const c of critical.minimal) expect(c.accuracy.map((row) => row.length)).toEqual([5, 5]);
    expect(sweep.map((s) => s.accuracy.length)).toEqual([3, 3]);
    expect(lengths.accuracy.map((row) => row.length)).toEqual([2, 2]);
    expect([sequential, language]).toEqual([null, null]);
    expect(stages.size).toBeGreaterThan(10);
  });

  test('is plain data: written and read it is the same', () => {
    expect(readJson(writeJson(measurements))).toEqual(measurements);
  });

  test('gives twelve claims with a verdict each', () => {
    expect(judgeClaims(experiment, settings, measurements)).toHaveLength(12);
  });

  test('figures draw', () => {
    for (const [s, m] of [
      [settings, measurements],
      [madeUpSettings, madeUpMeasurements()],
    ] as const)
      for (const figure of experiment.figures(s, m)) {
        for (const { wide } of drawFigure(figure, experiment.name).panels) expect(wide, figure.id).toContain('<svg');
      }
  });
});

describe('the memory task', () => {
  const R = 0.46;
  const data = loadTaskData('rendered', { train: 200, test: 100, seed: 5, R });

  test('images have mean 0 and mean square R', async () => {
    const { images } = (await data).train;
    const mean = images.reduce((sum, x) => sum + x, 0) / images.length;
    expect(mean).toBeCloseTo(0, 4);
    expect(images.reduce((sum, x) => sum + x * x, 0) / images.length).toBeCloseTo(R, 4);
  });

  test('is learned over a few steps, and not with labels in random order or without a rate', async () => {
    const theory = { cell: 'minimal', sw: 6.88, sv: 1.39, mub: 0, R } as const;
    const run = { theory, kind: 'gaussian', rate: 1e-3, seed: 0 } as const;
    const settings = { N: 24, T: 3, batch: 20, steps: 80, every: 40, images: 200 };
    const runs = [run, { ...run, permuted: true }, { ...run, rate: 0 }];
    const { accuracy, steps } = await learnMemory('try', runs, settings, await data, plainContext(1, 1), 1);
    expect(steps).toEqual([0, 40, 80]);
    expect(accuracy[0][2]).toBeGreaterThan(0.6);
    expect(accuracy[1][2]).toBeLessThan(0.35);
    expect(accuracy[2][2]).toBe(accuracy[2][0]);
  });

  test('read piece by piece it starts, for both cells', async () => {
    const settings = { R, N: 6, pixels: 49, steps: 2, every: 1, batch: 10, images: 100, rate: 1e-3 };
    const curves = await measureSequential(settings, await data, plainContext(1, 1));
    expect(curves).toHaveLength(10);
    for (const { accuracy, steps } of curves) expect([accuracy.length, steps.length]).toEqual([1, 3]);
  });
});

test('imageOrder: each seed goes through its own images, each once per epoch', () => {
  const order = imageOrder(100, { images: 20, steps: 4, batch: 10 }, 2, 7);
  const sorted = (part: Int32Array) => [...part].sort((a, b) => a - b);
  const own = Array.from({ length: 20 }, (_, i) => 40 + i);
  expect(sorted(order.slice(0, 20))).toEqual(own);
  expect(sorted(order.slice(20))).toEqual(own);
  expect([...order.slice(0, 20)]).not.toEqual([...order.slice(20)]);
});

test('shuffled labels are the same ones', () => {
  const labels = Int32Array.from({ length: 50 }, (_, i) => i % 10);
  const random = shuffled(labels, 3);
  expect([...random]).not.toEqual([...labels]);
  expect([...random].sort()).toEqual([...labels].sort());
});
