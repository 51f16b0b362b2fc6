import { beforeAll, describe, expect, test } from 'vitest';
import { drawFigure } from '../../../lab/figure.ts';
import { readJson, writeJson } from '../../../lab/json.ts';
import { resolveSettings, settingsTable } from '../../../lab/settings.ts';
import { judgeClaim } from '../../../lab/verdict.ts';
import type { Scale } from '../../contract.ts';
import type { Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { scales, settings as schema, type Settings } from './settings.ts';

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
    measurements = await experiment.run(settings, {
      seed: 0,
      seeds,
      progress: ({ stage, done, total }) => stages.set(stage, [...(stages.get(stage) ?? []), { done, total }]),
    });
  });

  test('x', () => { console.log([...stages.keys()]); });
});
