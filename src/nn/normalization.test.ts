import { describe, expect, test } from 'vitest';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { scan } from '../transforms/index.ts';
import {
  type BatchStatistics,
  batchNorm,
  batchNormInference,
  batchStatisticsInit,
  groupNorm,
  layerNorm,
  type Norm,
  normInit,
  rmsNorm,
} from './index.ts';
import { expectReference, expectTree, reference } from './reference.fixture.ts';

describe('values and gradients are PyTorch’s', () => {
  test('layerNorm over two axes', () => expectReference<Norm>('layerNorm', (p, x) => layerNorm(p, x)));
  test('groupNorm', () => expectReference<Norm>('groupNorm', (p, x) => groupNorm(p, x, 2)));
  test('instance normalisation', () => expectReference<Norm>('instanceNorm', (p, x) => groupNorm(p, x, 3)));
  test('rmsNorm', () => expectReference<{ gain: np.NDArray }>('rmsNorm', (p, x) => rmsNorm(p, x)));
  test('batchNorm in training', () =>
    expectReference<Norm>('batchNormTraining', (p, x, { state }) => batchNorm(p, state as BatchStatistics, x)[0]));
  test('batchNorm in inference', () =>
    expectReference<Norm>('batchNormInference', (p, x, { state }) =>
      batchNormInference(p, state as BatchStatistics, x),
    ));
  test('the running statistics after a step', () => {
    const { params, x, state, nextState } = reference<Norm>('batchNormTraining');
    return expectTree('statistics', batchNorm(params, state as BatchStatistics, x)[1], nextState);
  });
});

const spread = async (x: np.NDArray) => [await np.mean(x).item(), await np.std(x).item()];

test.each([
  ['layerNorm', (x: np.NDArray) => layerNorm(normInit(64), x)],
  ['groupNorm', (x: np.NDArray) => groupNorm(normInit(64), x, 4)],
  ['batchNorm', (x: np.NDArray) => batchNorm(normInit(64), batchStatisticsInit(64), x)[0]],
] as const)('%s keeps its digits where the mean is a thousand deviations', async (_, f) => {
  const x = np.add(1000, random.normal(random.key(0), [256, 64]));
  const [mean, deviation] = await spread(f(x));
  expect(Math.abs(mean)).toBeLessThan(1e-3);
  // E[x^2] - E[x]^2 in float32 would be wrong by about 0.1.
  expect(deviation).toBeCloseTo(1, 3);
});

test('running statistics follow the batches', async () => {
  const draws = random.normal(random.key(1), [80, 500, 2]);
  const xs = np.add(np.multiply(2, draws), np.array([3, -1]));
  const step = (state: BatchStatistics, x: np.NDArray) => [batchNorm(normInit(2), state, x)[1], null] as const;
  const [state] = scan(step, batchStatisticsInit(2), xs);
  const [mean, variance] = [await state.mean.data(), await state.variance.data()];
  // Averages over about 20 batches of 500: standard errors 0.02 and 0.06.
  [3, -1].forEach((expected, i) => {
    expect(Math.abs(mean[i] - expected)).toBeLessThan(0.08);
    expect(Math.abs(variance[i] - 4)).toBeLessThan(0.24);
  });
});

test('shapes that do not fit are named', () => {
  expect(() => batchNorm(normInit(3), batchStatisticsInit(3), np.ones([4, 2]))).toThrow(
    "x of shape [4, 2] must be [batch, channels, ...] with the layer's 3 channels",
  );
  expect(() => batchNorm(normInit(2), batchStatisticsInit(2), np.ones([1, 2]))).toThrow('no variance');
  expect(() => groupNorm(normInit(4), np.ones([2, 4]), 3)).toThrow('4 channels do not make 3 groups');
  expect(() => layerNorm(normInit(3), np.ones([3, 2]))).toThrow('must be the layer');
});
