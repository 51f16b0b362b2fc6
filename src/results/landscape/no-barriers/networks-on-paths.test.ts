/** Two networks of one architecture, given as files or with running statistics, connected. */
import { beforeAll, describe, expect, test } from 'vitest';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import { exportOnnx, importOnnx } from '../../../onnx/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import { grad } from '../../../transforms/index.ts';
import { autoNeb } from './auto-neb.ts';
import { batchNormLandscape, reestimateStatistics } from './batch-norm.ts';
import { curveConnect, curvePoint } from './curve-connect.ts';
import { nudgedElasticBand } from './nudged-elastic-band.ts';
import { densePathProfile, linearInterpolationBarrier } from './profile.ts';

beforeAll(() => configure({ threads: 1 }));

const n = 64;
const x = random.normal(random.key(1), [n, 4]);
const y = np.astype(np.greater(np.sum(np.square(x), 1), 3.4), 'int32');
const net = nn.mlp([4, 16, 2]);
const lossOf = (params: readonly nn.Dense[]) => nn.crossEntropy(net.apply(params, x), y);

async function trained(seed: number) {
  const optimizer = nn.adam(0.02);
  const params = net.init(random.key(seed));
  type State = { params: readonly nn.Dense[]; optimizer: ReturnType<typeof optimizer.init> };
  const step = ({ params: p, optimizer: o }: State): State => {
    const [next, state] = optimizer.update(gradOf(p), o, p);
    return { params: next, optimizer: state };
  };
  const { state } = await nn.train(
    { step, probe: ({ params: p }: State) => lossOf(p) },
    { params, optimizer: optimizer.init(params) },
    null,
    { steps: 300, every: 300 },
  );
  return state.params;
}
const gradOf = grad(lossOf);

describe('two trained networks', () => {
  let ends: readonly (readonly nn.Dense[])[];
  beforeAll(async () => {
    ends = [await trained(2), await trained(3)];
  });
  const landscape = { loss: (params: readonly nn.Dense[], _: null) => lossOf(params), batch: () => null };
  const evaluate = (params: readonly nn.Dense[]) => ({ trainLoss: lossOf(params) });

  test('are joined by autoNeb far below the straight line, and by a trained curve', async () => {
    const [start, end] = ends;
    const line = await linearInterpolationBarrier(start, end, evaluate);
    const cycles = new Array(4).fill({ steps: 150, learningRate: 0.1 });
    const found = await autoNeb({ ...landscape, evaluate, start, end, cycles });
    expect(line.barrier.trainLoss).toBeGreaterThan(0.1);
    expect(found.saddleLoss).toBeLessThan(0.3 * line.highest.trainLoss);
    expect(found.cycles.at(-1)!.pivots).toBeGreaterThan(5);
    for (const kind of ['bezier', 'polygon'] as const) {
      const { path, bend } = await curveConnect({ ...landscape, start, end, kind, steps: 400, learningRate: 0.05 });
      const profile = await densePathProfile(path, evaluate, { like: bend, subPivots: 1 });
      expect(Math.max(...profile.values.trainLoss)).toBeLessThan(0.6 * line.highest.trainLoss);
    }
  });

  test('may come from two ONNX files of one architecture', async () => {
    const files = await Promise.all(ends.map((params) => exportOnnx(net.apply, params, x)));
    const [a, b] = files.map((bytes) => importOnnx(bytes));
    const ofFile = (params: np.Tree) => nn.crossEntropy(Object.values(a.apply(params, { input: x }))[0], y);
    const line = await linearInterpolationBarrier(a.params, b.params, (p) => ({ trainLoss: ofFile(p) }), 11);
    const direct = await linearInterpolationBarrier(ends[0], ends[1], evaluate, 11);
    line.values.trainLoss.forEach((v, i) => {
      expect(v).toBeCloseTo(direct.values.trainLoss[i], 4);
    });
    const start = a.params;
    const band = await nudgedElasticBand({
      loss: ofFile,
      batch: () => null,
      start,
      end: b.params,
      steps: 5,
      learningRate: 0.1,
    });
    expect(band.path.shape).toEqual([5, 4 * 16 + 16 + 16 * 2 + 2]);
  });
});

test('curvePoint has the ends of the curve, and its bend in the middle of the polygon', async () => {
  const [a, bend, b] = [np.array([0, 0]), np.array([2, 4]), np.array([4, 0])];
  const at = async (kind: 'bezier' | 'polygon', t: number) =>
    Array.from(await curvePoint(kind, a, bend, b, np.array(t)).data());
  for (const kind of ['bezier', 'polygon'] as const) {
    expect(await at(kind, 0)).toEqual([0, 0]);
    expect(await at(kind, 1)).toEqual([4, 0]);
  }
  expect(await at('polygon', 0.5)).toEqual([2, 4]);
  expect(await at('polygon', 0.25)).toEqual([1, 2]);
  expect(await at('bezier', 0.5)).toEqual([2, 2]);
});

describe('running statistics', () => {
  const model = nn.vgg({ classes: 2, channels: 1, size: [4, 4], blocks: [[3]], normalization: 'batch' });
  const images = random.normal(random.key(5), [40, 1, 4, 4]);
  const labels = np.astype(np.greater(np.mean(images, [1, 2, 3]), 0), 'int32');
  const batch = (key: np.NDArray) => {
    const rows = random.randint(key, [16], 0, 40);
    return { x: np.take(images, rows, 0), y: np.take(labels, rows, 0) };
  };
  const [start, end] = [6, 7].map((seed) => model.init(random.key(seed)));
  const landscape = batchNormLandscape(model, start, batch, nn.crossEntropy);

  test('are coordinates without a gradient, refreshed at the inner pivots, and spared by weight decay', async () => {
    const band = await nudgedElasticBand({ ...landscape, start, end, steps: 3, learningRate: 0.05, weightDecay: 0.1 });
    const unravel = np.ravelTree(start)[1];
    const at = async (pivot: number) => {
      const [statistics] = unravel(np.slice(band.path, pivot)).state[0];
      return Array.from(await statistics!.variance.data());
    };
    expect(await at(0)).toEqual([1, 1, 1]);
    // Three passes of momentum 0.1 towards the variances of the activations, which are not 1.
    const inner = await at(2);
    for (const v of inner) {
      expect(v).toBeGreaterThan(0.5);
      expect(v).not.toBe(1);
    }
  });

  test('reestimateStatistics gives those of the training set for the weights at hand', async () => {
    const whole = () => ({ x: images, y: labels });
    const { state } = reestimateStatistics(model, start, whole, random.key(8), 80);
    const [found] = state[0];
    const convolved = nn.conv(start.params.blocks[0][0].conv, images, { padding: 1 });
    const mean = await np.mean(convolved, [0, 2, 3]).data();
    const variance = await np.variance(convolved, [0, 2, 3], { ddof: 1 }).data();
    (await found!.mean.data()).forEach((v, i) => {
      expect(v).toBeCloseTo(mean[i], 2);
    });
    (await found!.variance.data()).forEach((v, i) => {
      expect(v).toBeCloseTo(variance[i], 2);
    });
  });
});
