import { beforeAll, describe, expect, test } from 'vitest';
import { readJson, writeJson } from '../../../lab/json.ts';
import { plainContext } from '../../../lab/run-context.ts';
import { resolveSettings, settingsTable } from '../../../lab/settings.ts';
import { judgeClaims } from '../../../lab/verdict.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import type { Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { networkOf } from './measure/networks.ts';
import { permutedCopy } from './measure/permuted.ts';
import { loadTask, systemOf } from './measure/system.ts';
import { scales, settings as schema } from './settings.ts';

beforeAll(() => configure({ threads: 1 }));

describe('settings', () => {
  test.each(['smoke', 'small', 'paper'] as const)('of the scale %s are valid and fit together', (scale) => {
    const s = schema.parse(resolveSettings(experiment, scale));
    expect(s.trainSteps % s.trainEvery).toBe(0);
    expect(s.cnnTrainSteps % 10).toBe(0);
    expect(experiment.scales[scale].seeds).toBeGreaterThanOrEqual(1);
  });
  test('have a description each; the paper scale is the defaults', () => {
    expect(scales.paper.settings).toEqual({});
    for (const { name, doc } of settingsTable(experiment)) expect(doc, name).not.toBe('');
  });
  test.each([
    ['network=lenet', 'setting "network" of no-barriers: got'],
    ['xorHidden=2,3', 'must contain 2 and 4'],
  ])('refuse %s', (override, message) => {
    expect(() => resolveSettings(experiment, 'smoke', [override])).toThrow(message);
  });
});

describe('networks', () => {
  const count = (name: string, shape: number[]) => {
    const { params, state } = networkOf(name, shape, 10).init(random.key(1));
    const total = (tree: np.Tree) => np.treeLeaves(tree).reduce((sum, x) => sum + x.size, 0);
    return [total(params), total(state)];
  };
  test('have the sizes of the paper', () => {
    expect(count('mlp-32x2', [40])).toEqual([40 * 32 + 32 + 32 * 32 + 32 + 320 + 10, 0]);
    const [params, buffers] = count('resnet-20', [3, 32, 32]);
    // The authors count running statistics, and the shortcuts' as well.
    expect(params + buffers).toBe(274_042);
    expect(count('cnn-12x1', [1, 14, 14])).toEqual([12 * 25 + 12 + 24 + 588 * 256 + 256 + 512 + 2570, 24 + 512]);
    expect(() => networkOf('lenet', [1, 14, 14], 10)).toThrow('no network lenet');
  });

  test.each(['mlp-6x2', 'cnn-2x1', 'resnet-8'])('permutedCopy of %s computes the same function', async (name) => {
    const shape = [1, 8, 8];
    const network = networkOf(name, shape, 3);
    const point = network.init(random.key(2));
    const copy = permutedCopy(name, point, 5);
    const x = random.normal(random.key(3), [4, ...shape]);
    const [a, b] = await Promise.all(
      [point, copy].map(({ params, state }) => network.apply(params, state, x)[0].data()),
    );
    a.forEach((v, i) => {
      expect(b[i]).toBeCloseTo(v, 4);
    });
    const [p, q] = await Promise.all([point, copy].map((t) => np.ravelTree(t)[0].data()));
    expect(Array.from(p)).not.toEqual(Array.from(q));
  });

  test('of the deep families take a few steps with running statistics and augmented images', async () => {
    const images = random.uniform(random.key(4), [8, 3, 32, 32]);
    const set = { x: images, y: random.randint(random.key(5), [8], 0, 10) };
    const task = { train: set, test: set, shape: [3, 32, 32], classes: 10, augment: true };
    const system = systemOf('resnet-8', task, { training: 4, band: 4 });
    const { x } = system.trainingBatch(random.key(6));
    expect(x.shape).toEqual([4, 3, 32, 32]);
    const [loss] = system.landscape.loss(system.like, { x, y: np.slice(set.y, [0, 4]) }) as readonly np.NDArray[];
    expect(Number.isFinite((await loss.data())[0])).toBe(true);
  });
});

test('loadTask: test points are drawn about the same centres, other ones', async () => {
  const { train, test: other, shape } = await loadTask('clusters', { n: 20, test: 10, seed: 3 });
  expect(shape).toEqual([40]);
  expect((await train.x.data())[0]).not.toBe((await other.x.data())[0]);
  const digits = await loadTask('digits', { n: 6, test: 4, seed: 3 });
  expect(digits.shape).toEqual([1, 7, 7]);
});

describe('run at a tiny size', () => {
  const settings = schema.parse({
    ...scales.smoke.settings,
    images: 100,
    testImages: 50,
    network: 'mlp-6x1',
    trainSteps: 40,
    unit: 1,
    bandBatch: 8,
    graphUnit: 1,
    wider: ['mlp-2x1', 'mlp-3x1', 'mlp-4x1'],
    deeper: ['mlp-3x1', 'mlp-3x2'],
    sweepUnit: 1,
    cnn: 'cnn-2x1',
    cnnImages: 20,
    cnnTestImages: 10,
    cnnTrainSteps: 10,
    cnnBatch: 4,
    cnnPivots: 1,
    cnnUnit: 1,
    xorSeeds: 1,
    chainPivots: [4],
    slice: 3,
  });
  let measurements: Measurements;
  beforeAll(async () => {
    measurements = await experiment.run(settings, plainContext(0, 1));
  }, 180_000);

  test('measures what the settings ask for, as plain data that figures and claims accept', () => {
    const { landscape, wider, deeper, xor, cnn } = measurements;
    expect(landscape.pairs).toHaveLength(1);
    expect(landscape.curves).toHaveLength(3);
    expect(landscape.at).toEqual([0, 10, 20, 30, 40]);
    expect(landscape.graph.edges).toHaveLength(3);
    expect(landscape.slice.loss.flat()).toHaveLength(9);
    expect(wider.map(({ name }) => name)).toEqual(settings.wider);
    expect(deeper.map(({ name }) => name)).toEqual(settings.deeper);
    expect(xor.map(({ hidden }) => hidden)).toEqual([2, 4]);
    // Two units, none to spare.
    expect(xor[0].error[0]).toBeGreaterThanOrEqual(0.25);
    expect(cnn.reestimated[0]).toBeGreaterThan(0);
    const [pair] = landscape.pairs;
    expect(pair.best.trainLoss).toHaveLength(pair.best.at.length);
    expect(pair.saddle).toBe(Math.max(...pair.best.trainLoss));
    expect(readJson(writeJson(measurements))).toEqual(measurements);
    expect(judgeClaims(experiment, settings, measurements)).toHaveLength(10);
    expect(experiment.figures(settings, measurements)).toHaveLength(9);
  });
});
