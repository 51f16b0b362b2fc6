import { beforeAll, describe, expect, test } from 'vitest';
import { drawFigure } from '../../../lab/figure.ts';
import { readJson, writeJson } from '../../../lab/json.ts';
import { plainContext } from '../../../lab/run-context.ts';
import { resolveSettings, settingsTable } from '../../../lab/settings.ts';
import { judgeClaims } from '../../../lab/verdict.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import type { Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { sizesFor } from './measure/grid.ts';
import { drawn, loadSet, padded } from './measure/images.ts';
import { network } from './measure/networks.ts';
import { closedFormError } from './measure/plain-mlp.ts';
import { scales, settings as schema } from './settings.ts';

// Graphs this small gain nothing from a second thread.
beforeAll(() => configure({ threads: 1 }));

describe('settings', () => {
  test('have a default and a description each; the paper scale is the defaults, 20 sizes from 10 to 5000', () => {
    expect(scales.paper.settings).toEqual({});
    const paper = schema.parse({});
    expect(resolveSettings(experiment, 'paper')).toEqual(paper);
    for (const { name, doc } of settingsTable(experiment)) expect(doc, name).not.toBe('');
    expect(paper.gridSizes).toHaveLength(20);
    expect([paper.gridSizes[0], paper.gridSizes[3], paper.gridSizes[6], paper.gridSizes[19]]).toEqual([
      10, 26, 71, 5000,
    ]);
    expect(sizesFor('cifar100', paper.gridSizes).at(-1)).toBe(365);
    for (const scale of ['smoke', 'small'] as const) {
      resolveSettings(experiment, scale);
      for (const name of Object.keys(scales[scale].settings)) expect(schema.shape, scale).toHaveProperty(name);
    }
  });

  test.each([
    ['epochs=30,', 'epochs'],
    ['records=7', 'must be a multiple of `records`'],
    ['networks=alexnet', 'networks'],
  ])('refuse %s', (override, message) => {
    expect(() => resolveSettings(experiment, 'smoke', [override])).toThrow(message);
  });
});

describe('images', () => {
  test('drawn are balanced, sorted by class, and others for another seed', async () => {
    const set = await loadSet('rendered', 200, 0);
    const taken = drawn(set, 3, [2, 5], 1);
    expect([...taken.labels]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(taken.classNames).toEqual([set.classNames[2], set.classNames[5]]);
    expect(drawn(set, 3, [2, 5], 1)).toEqual(taken);
    expect(drawn(set, 3, [2, 5], 2).images).not.toEqual(taken.images);
    expect(() => drawn(set, 1000, [2], 1)).toThrow('expected 1000 of class 2');
  });

  test('padded have a border, mean 0 and variance 1', async () => {
    const { images, shape, n } = padded(await loadSet('rendered', 20, 0));
    expect([shape, images.length]).toEqual([[1, 32, 32], n * 1024]);
    const mean = images.reduce((sum, x) => sum + x, 0) / images.length;
    const variance = images.reduce((sum, x) => sum + (x - mean) ** 2, 0) / images.length;
    expect(Math.abs(mean)).toBeLessThan(1e-5);
    expect(variance).toBeCloseTo(1, 4);
    // The darkest value, that of the border.
    expect(images[0]).toBe(images.reduce((least, x) => Math.min(least, x), Infinity));
  });
});

// The other two of the paper's networks are tested with the models; to draw their millions of weights takes seconds.
test.each([
  ['mlp', [1, 14, 14], 59_914],
  ['narrow-mlp', [1, 14, 14], 21_770],
  ['cnn', [1, 14, 14], 16_794],
  ['densenet40', [3, 32, 32], 1_019_722],
] as const)('the network %s for images of %j has %i parameters, and logits for each image', (name, shape, count) => {
  const net = network(name, 10, shape);
  const { params, state } = net.init(random.key(0));
  expect(np.treeLeaves(params).reduce((sum, x) => sum + x.size, 0)).toBe(count);
  expect(net.apply(params, state, np.zeros([2, ...shape]))[0].shape).toEqual([2, 10]);
});

test('the case in closed form', async () => {
  expect(await closedFormError(5)).toBeLessThan(1e-12);
});

describe('run at a tiny size', () => {
  const settings = schema.parse({
    source: 'rendered',
    pool: 300,
    networks: ['narrow-mlp'],
    perClass: 2,
    epochs: 4,
    batch: 10,
    records: 2,
    directions: 1,
    lanczosSteps: 8,
    probes: 2,
    digits: 'rendered',
    digitsPerClass: 1,
    digitsEpochs: 4,
    gridSets: ['rendered'],
    gridNetworks: ['narrow-mlp'],
    gridSizes: [2, 3],
    gridEpochs: 2,
    costNetwork: 'narrow-mlp',
    costPerClass: 2,
    costRounds: 2,
  });
  const seeds = 1;
  const stages = new Map<string, { done: number; total: number }[]>();
  let measurements: Measurements;

  beforeAll(async () => {
    measurements = await experiment.run(
      settings,
      plainContext(0, seeds, ({ stage, done, total }) =>
        stages.set(stage, [...(stages.get(stage) ?? []), { done, total }]),
      ),
    );
  }, 240_000);

  test('measures what the settings ask for, per seed', () => {
    const { plain, networks, portrait, grid, cost } = measurements;
    expect(networks.map(({ labels, classes }) => [labels, classes])).toEqual([
      ['all', 10],
      ['half', 5],
      ['merged', 5],
    ]);
    for (const { trained, classes, labels, untrained, structure } of networks) {
      expect(trained).toHaveLength(seeds);
      expect([untrained.length, structure.length]).toEqual(labels === 'all' ? [seeds, seeds] : [0, 0]);
      for (const { eigenvalues, byClass, gap } of trained) {
        expect(eigenvalues).toHaveLength(3 * classes);
        expect([...eigenvalues].sort((a, b) => b - a)).toEqual(eigenvalues);
        expect(gap).toBeGreaterThanOrEqual(1);
        for (const x of [byClass.overlap, byClass.knockout]) expect(x).toBeGreaterThan(0);
        expect(byClass.overlap).toBeLessThanOrEqual(1 + 1e-6);
        // G1 is a part of G: no eigenvalue of it exceeds that of G in its place.
        for (const ratio of byClass.ratios) expect(ratio).toBeLessThan(1 + 1e-3);
      }
    }
    expect(plain.trained[0].hessian).toHaveLength(10);
    expect(plain.split.weighted).toBeLessThan(1e-10);
    expect(networks[0].split[0].weighted).toBeLessThan(1e-3);
    expect(portrait.history.map(({ epoch }) => epoch)).toEqual([0, 2, 4]);
    for (const { shares } of portrait.history) {
      expect(Object.values(shares).reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 5);
    }
    expect(portrait.embedding).toHaveLength(110);
    expect(grid.map(({ perClass }) => perClass)).toEqual([2, 3]);
    expect(cost.seeds[0].subspaceIteration.cost[0]).toBe(20);
  });

  test('is plain data, gives nine claims with a verdict each, and figures that draw', () => {
    expect(readJson(writeJson(measurements))).toEqual(measurements);
    expect(judgeClaims(experiment, settings, measurements)).toHaveLength(9);
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
