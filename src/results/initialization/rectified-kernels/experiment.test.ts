import { beforeAll, describe, expect, test } from 'vitest';
import { drawFigure } from '../../../lab/figure.ts';
import { readJson, writeJson } from '../../../lab/json.ts';
import { plainContext } from '../../../lab/run-context.ts';
import { resolveSettings, settingsTable } from '../../../lab/settings.ts';
import { judgeClaims } from '../../../lab/verdict.ts';
import { configure } from '../../../runtime/index.ts';
import { angleCollapse } from './angle-map.ts';
import type { Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { measureInvariance } from './measure/invariance.ts';
import { scales, settings as schema } from './settings.ts';

configure({ threads: 1 });

describe('settings', () => {
  test.each(['smoke', 'small', 'paper'] as const)('of the scale %s are valid', (scale) => {
    resolveSettings(experiment, scale);
    expect(experiment.scales[scale].seeds).toBeGreaterThanOrEqual(2);
  });

  test('have a default and a description each; the paper scale is the defaults', () => {
    expect(scales.paper.settings).toEqual({});
    expect(resolveSettings(experiment, 'paper')).toEqual(schema.parse({}));
    for (const { name, doc } of settingsTable(experiment)) expect(doc, name).not.toBe('');
    for (const scale of ['smoke', 'small'] as const)
      for (const name of Object.keys(scales[scale].settings)) expect(schema.shape, scale).toHaveProperty(name);
  });

  test.each([
    ['trainDepths=4,16', 'must contain 4 and 64'],
    ['trainSlopes=0,0.5', 'must contain 0 and 0.7'],
    ['trainSteps=75', 'must be a multiple of 50'],
    ['source=imagenet', 'allowed is'],
  ])('refuse %s', (override, message) => {
    expect(() => resolveSettings(experiment, 'smoke', [override])).toThrow(message);
  });
});

describe('run at a tiny size', () => {
  const settings = schema.parse({
    source: 'rendered',
    images: 6,
    pool: 4,
    rows: 2000,
    dimensions: [40, 80],
    neurons: 200,
    width: 60,
    layers: 3,
    trainWidth: 8,
    trainDepths: [4, 64],
    trainSlopes: [0, 0.7],
    trainImages: 30,
    testImages: 20,
    trainPool: 1,
    batch: 10,
    trainSteps: 50,
    layerSource: 'rendered',
    layerImages: 20,
    layerPool: 4,
    layerNeurons: 40,
    layerStride: 2,
    layerSteps: 4,
    layerBatch: 5,
    regressionImages: 30,
    features: [20, 40],
    deepFeatures: [20, 40],
  });
  const seeds = 2;
  const stages = new Map<string, { done: number; total: number }[]>();
  let measurements: Measurements;
  beforeAll(async () => {
    measurements = await experiment.run(
      settings,
      plainContext(5, seeds, ({ stage, done, total }) => {
        stages.set(stage, [...(stages.get(stage) ?? []), { done, total }]);
      }),
    );
  });

  test('measures what it says: shapes, ranges, starting points', () => {
    const { invariance, deep, trainability, trainedLayers, randomFeatures, spread } = measurements;
    for (const { kernel } of invariance.laws) {
      expect(kernel.map((seed) => seed.map((row) => row.length))).toEqual([
        [20, 20],
        [20, 20],
      ]);
      // At angle 0 both inputs are the same.
      for (const seed of kernel) for (const row of seed) expect(row[0]).toBeCloseTo(1, 5);
    }
    expect(deep.laws.map(({ law }) => law)).toHaveLength(6);
    for (const { networks } of [...deep.laws, deep.shifted])
      for (const network of networks.flat()) {
        expect(network.cosine).toHaveLength(4);
        expect(network.cosine[0]).toBeCloseTo(deep.predicted[0][0], 5);
        expect(network.oneLayerError).toBeLessThan(0.5);
      }
    // Halved weights are the normal ones: the same angles, and -ln 2 a layer.
    deep.halved.networks.forEach(([half], seed) => {
      const [relu] = deep.laws[0].networks[seed];
      half.cosine.forEach((rho, layer) => {
        expect(rho).toBeCloseTo(relu.cosine[layer], 4);
        expect(half.logSquare[layer] - relu.logSquare[layer]).toBeCloseTo(-layer * Math.LN2, 4);
      });
    });
    expect(trainability.accuracy.map((row) => row.map((cell) => cell.length))).toEqual([
      [2, 2],
      [2, 2],
    ]);
    const { rho } = angleCollapse({ rho0: trainability.predicted[0][0], slope: 0, depth: 60 });
    expect(Math.abs(trainability.predicted[1][0] - rho[60])).toBeLessThan(0.02);
    for (const { before, shuffled, after } of trainedLayers.networks) {
      expect([before.length, after.length, shuffled.length]).toEqual([seeds, seeds, seeds]);
    }
    expect(randomFeatures.curves.map(({ law, depth }) => `${law} ${depth}`)).toEqual([
      ...['normal 1', 'Rademacher 1', 'Cauchy 1', 'normal 3', 'Rademacher 3'],
    ]);
    expect(spread).toHaveLength(20);
  });

  test('is plain data: written and read it is the same', () => {
    expect(readJson(writeJson(measurements))).toEqual(measurements);
  });

  test('gives ten claims with a verdict each, and figures that draw', () => {
    const verdicts = judgeClaims(experiment, settings, measurements);
    expect(verdicts.map(({ id }) => id)).toEqual(['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9', 'R10']);
    for (const figure of experiment.figures(settings, measurements)) {
      for (const { wide } of drawFigure(figure, experiment.name).panels) expect(wide, figure.id).toContain('<svg');
    }
  });

  test('reports its stages', () => {
    expect(stages.size).toBeGreaterThan(20);
  });
});

test('the seed decides everything: the same again, another one otherwise', async () => {
  const run = (seed: number) => measureInvariance({ inputs: 3, rows: 100, slopes: [0] }, plainContext(seed, 1));
  const first = await run(3);
  expect(await run(3)).toEqual(first);
  expect((await run(4)).laws[0].kernel).not.toEqual(first.laws[0].kernel);
});
