/**
 * @file Normalisation layers. Variances are means of squared deviations from the mean: E[x^2] - E[x]^2 would lose every
 * digit where the mean is large beside the deviation.
 */
import { ShapeError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { shapeText } from '../array/shape.ts';
import * as np from '../numpy/index.ts';
import { stopGradient } from '../transforms/index.ts';

/** Parameters of gain * normalised + bias. */
export type Norm = { readonly gain: NDArray; readonly bias: NDArray };

/** Running statistics of batch normalisation, [channels] each. */
export type BatchStatistics = { readonly mean: NDArray; readonly variance: NDArray };

export interface NormOptions {
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
}

/** Gain 1 and bias 0 for features of a shape. */
export const normInit = (...shape: readonly number[]): Norm => ({ gain: np.ones(shape), bias: np.zeros(shape) });

/** Mean 0 and variance 1. */
export const batchStatisticsInit = (channels: number): BatchStatistics => ({
  mean: np.zeros([channels]),
  variance: np.ones([channels]),
});

/** [channels] in the shape that broadcasts against axis 1 of x. */
const perChannel = (values: NDArray, x: NDArray): NDArray =>
  np.reshape(values, [values.size, ...new Array<number>(x.ndim - 2).fill(1)]);

/** 1 / sqrt(variance + epsilon). */
const inverseDeviation = (variance: NDArray, epsilon: number): NDArray =>
  np.reciprocal(np.sqrt(np.add(variance, epsilon)));

function checkChannels(operation: string, { gain }: { gain: NDArray }, x: NDArray): void {
  if (x.ndim < 2 || gain.ndim !== 1 || x.shape[1] !== gain.size) {
    throw new ShapeError(
      operation,
      `x of shape ${shapeText(x.shape)} must be [batch, channels, ...] with the layer's ${gain.size} channels`,
    );
  }
}

/** Deviations from the mean over axes, that mean, and the mean of their squares; axes are kept with size 1. */
function moments(x: NDArray, axes: readonly number[]) {
  const mean = np.mean(x, axes, true);
  const deviation = np.subtract(x, mean);
  return { mean, deviation, variance: np.mean(np.square(deviation), axes, true) };
}

/**
 * Batch normalisation in training (Ioffe and Szegedy 2015): each channel of x [batch, channels, ...space] by its mean and
 * variance over the batch and space. Returns the output and the next running statistics, which follow PyTorch:
 * (1 - momentum) old + momentum new, with the unbiased variance (divided by n - 1) of the batch.
 *
 * @param options.momentum default 0.1
 */
export function batchNorm(
  params: Norm,
  statistics: BatchStatistics,
  x: NDArray,
  { epsilon = 1e-5, momentum = 0.1 }: NormOptions & { momentum?: number } = {},
): [NDArray, BatchStatistics] {
  checkChannels('batchNorm', params, x);
  const axes = x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  const n = x.size / x.shape[1];
  if (n < 2) throw new ShapeError('batchNorm', `one element a channel has no variance (shape ${shapeText(x.shape)})`);
  const { mean, deviation, variance } = moments(x, axes);
  const slope = np.multiply(perChannel(params.gain, x), inverseDeviation(variance, epsilon));
  const follow = (old: NDArray, now: NDArray, factor: number): NDArray =>
    np.add(np.multiply(1 - momentum, old), np.multiply(momentum * factor, stopGradient(np.reshape(now, old.shape))));
  return [
    np.add(np.multiply(deviation, slope), perChannel(params.bias, x)),
    {
      mean: follow(statistics.mean, mean, 1),
      variance: follow(statistics.variance, variance, n / (n - 1)),
    },
  ];
}

/** Batch normalisation in inference: each channel of x [batch, channels, ...space] by the running statistics. */
export function batchNormInference(
  params: Norm,
  { mean, variance }: BatchStatistics,
  x: NDArray,
  { epsilon = 1e-5 }: NormOptions = {},
): NDArray {
  checkChannels('batchNorm', params, x);
  const slope = np.multiply(params.gain, inverseDeviation(variance, epsilon));
  const offset = np.subtract(params.bias, np.multiply(mean, slope));
  return np.add(np.multiply(x, perChannel(slope, x)), perChannel(offset, x));
}

/** The last axes of x, as many as the gain has. */
function featureAxes(operation: string, { gain }: { gain: NDArray }, x: NDArray): number[] {
  const lead = x.ndim - gain.ndim;
  if (lead < 0 || gain.shape.some((n, i) => x.shape[lead + i] !== n)) {
    throw new ShapeError(
      operation,
      `the last axes of x (shape ${shapeText(x.shape)}) must be the layer's features ${shapeText(gain.shape)}`,
    );
  }
  return gain.shape.map((_, i) => lead + i);
}

/** Layer normalisation (Ba et al. 2016) over the last axes of x, those of the gain. */
export function layerNorm(params: Norm, x: NDArray, { epsilon = 1e-5 }: NormOptions = {}): NDArray {
  const { deviation, variance } = moments(x, featureAxes('layerNorm', params, x));
  const normalized = np.multiply(deviation, inverseDeviation(variance, epsilon));
  return np.add(np.multiply(normalized, params.gain), params.bias);
}

/** x over its root mean square along the last axes, those of the gain (Zhang and Sennrich 2019). */
export function rmsNorm(params: { readonly gain: NDArray }, x: NDArray, { epsilon = 1e-5 }: NormOptions = {}): NDArray {
  const square = np.mean(np.square(x), featureAxes('rmsNorm', params, x), true);
  return np.multiply(np.multiply(x, inverseDeviation(square, epsilon)), params.gain);
}

/**
 * Group normalisation (Wu and He 2018) of x [batch, channels, ...space]: mean and variance over each example's group of
 * neighbouring channels and space. As many groups as channels is instance normalisation, one group is layer
 * normalisation over all axes but the batch (with a gain for each channel).
 */
export function groupNorm(params: Norm, x: NDArray, groups: number, { epsilon = 1e-5 }: NormOptions = {}): NDArray {
  checkChannels('groupNorm', params, x);
  const [batch, channels, ...space] = x.shape;
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new ShapeError('groupNorm', `${channels} channels do not make ${groups} groups of equal size`);
  }
  const grouped = np.reshape(x, [batch, groups, channels / groups, ...space]);
  const { deviation, variance } = moments(
    grouped,
    grouped.shape.flatMap((_, i) => (i < 2 ? [] : [i])),
  );
  const normalized = np.reshape(np.multiply(deviation, inverseDeviation(variance, epsilon)), x.shape);
  return np.add(np.multiply(normalized, perChannel(params.gain, x)), perChannel(params.bias, x));
}
