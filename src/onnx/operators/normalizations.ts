/** @file Normalizations. */
import { UserError } from '../../array/errors.ts';
import type { NDArray } from '../../array/ndarray.ts';
import { normalizeAxes } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import type { Call, Operator } from '../call.ts';
import { perChannel } from './convolutions.ts';

const epsilonOf = (call: Call): number => call.attributes.float('epsilon', 1e-5);

/** 1 / sqrt(variance + epsilon) */
const inverseDeviation = (variance: NDArray, epsilon: number): NDArray =>
  np.reciprocal(np.sqrt(np.add(variance, epsilon)));

/** (x - mean) / sqrt(variance + epsilon) over the axes. */
function standardized(x: NDArray, axes: readonly number[], epsilon: number) {
  const mean = np.mean(x, axes, true);
  const centred = np.subtract(x, mean);
  const inverse = inverseDeviation(np.mean(np.square(centred), axes, true), epsilon);
  return { y: np.multiply(centred, inverse), mean, inverse };
}

/** Axes from `first` on. */
const axesFrom = (x: NDArray, first: number): number[] => x.shape.map((_, i) => i).slice(first);

/**
 * With the statistics of the file one multiplication and one addition. With those of the batch where the file says so:
 * by `training_mode`, or in older files by naming outputs for the statistics.
 */
const batchNormalization: Operator = (call) => {
  const { attributes, opset, outputs } = call;
  const [x, scale, bias, mean, variance] = [0, 1, 2, 3, 4].map((i) => call.input(i));
  if (opset < 9 && attributes.int('spatial', 1) === 0)
    throw new UserError('normalization of every element by itself (spatial = 0) is not supported');
  const isTraining =
    opset >= 14 ? attributes.int('training_mode', 0) !== 0 : outputs > 1 && attributes.int('is_test', 0) === 0;
  const spread = (values: NDArray) => perChannel(values, x.ndim);
  if (!isTraining) {
    const factor = np.multiply(scale, inverseDeviation(variance, epsilonOf(call)));
    return np.add(np.multiply(x, spread(factor)), spread(np.subtract(bias, np.multiply(mean, factor))));
  }
  const axes = x.shape.map((_, i) => i).filter((i) => i !== 1);
  const { y } = standardized(x, axes, epsilonOf(call));
  const momentum = attributes.float('momentum', 0.9);
  const running = (old: NDArray, now: NDArray) => np.add(np.multiply(momentum, old), np.multiply(1 - momentum, now));
  return [
    np.add(np.multiply(y, spread(scale)), spread(bias)),
    running(mean, np.mean(x, axes)),
    running(variance, np.variance(x, axes)),
  ];
};

const instanceNormalization: Operator = (call) => {
  const x = call.input(0);
  const { y } = standardized(x, axesFrom(x, 2), epsilonOf(call));
  return np.add(np.multiply(y, perChannel(call.input(1), x.ndim)), perChannel(call.input(2), x.ndim));
};

const layerNormalization: Operator = (call) => {
  const [x, scale, bias] = [call.input(0), call.input(1), call.optional(2)];
  const { y, mean, inverse } = standardized(x, axesFrom(x, call.axis(x, -1)), epsilonOf(call));
  const scaled = np.multiply(y, scale);
  return [bias === undefined ? scaled : np.add(scaled, bias), mean, inverse];
};

const rmsNormalization: Operator = (call) => {
  const [x, scale] = [call.input(0), call.input(1)];
  const meanSquare = np.mean(np.square(x), axesFrom(x, call.axis(x, -1)), true);
  return np.multiply(np.multiply(x, inverseDeviation(meanSquare, epsilonOf(call))), scale);
};

/** Scale and bias are one per group before operator set 21, one per channel from then on. */
const groupNormalization: Operator = (call) => {
  const [x, scale, bias] = [call.input(0), call.input(1), call.input(2)];
  const groups = call.attributes.int('num_groups');
  const [batch, channels, ...space] = x.shape;
  if (groups < 1 || channels % groups !== 0)
    throw new UserError(`${channels} channels cannot be cut into ${groups} equal groups`);
  const grouped = np.reshape(x, [batch, groups, channels / groups, ...space]);
  const { y } = standardized(grouped, axesFrom(grouped, 2), epsilonOf(call));
  if (call.opset >= 21)
    return np.add(np.multiply(np.reshape(y, x.shape), perChannel(scale, x.ndim)), perChannel(bias, x.ndim));
  const perGroup = (values: NDArray) => perChannel(values, grouped.ndim);
  return np.reshape(np.add(np.multiply(y, perGroup(scale)), perGroup(bias)), x.shape);
};

/** x / ||x||_p along an axis. */
const lpNormalization: Operator = (call) => {
  const x = call.input(0);
  const axis = call.axis(x, -1);
  const norm = call.attributes.int('p', 2) === 1 ? np.sum(np.abs(x), axis, true) : np.norm(x, axis, true);
  return np.divide(x, norm);
};

const meanVarianceNormalization: Operator = (call) => {
  const x = call.input(0);
  const axes = normalizeAxes('axes', call.attributes.ints('axes', [0, 2, 3]), x.ndim);
  const centred = np.subtract(x, np.mean(x, axes, true));
  return np.divide(centred, np.add(np.sqrt(np.mean(np.square(centred), axes, true)), 1e-9));
};

/** x / (bias + alpha / size * sum of x^2 over neighbouring channels)^beta (Krizhevsky et al. 2012). */
const localResponse: Operator = (call) => {
  const { attributes } = call;
  const x = call.input(0);
  const size = attributes.int('size');
  const channels = x.shape[1];
  if (size < 1) throw new UserError(`size must be at least 1, got ${size}`);
  // Windows wider than all channels see them all.
  const before = Math.min(channels, Math.floor((size - 1) / 2));
  const after = Math.min(channels, Math.ceil((size - 1) / 2));
  const padded = np.pad(
    np.square(x),
    x.shape.map((_, i): [number, number] => (i === 1 ? [before, after] : [0, 0])),
  );
  let sum = np.slice(padded, [], [0, channels]);
  for (let k = 1; k <= before + after; k++) sum = np.add(sum, np.slice(padded, [], [k, k + channels]));
  const base = np.add(attributes.float('bias', 1), np.multiply(attributes.float('alpha', 1e-4) / size, sum));
  return np.divide(x, np.power(base, attributes.float('beta', 0.75)));
};

/** Nothing is dropped, as when a trained model is used; the mask says so. */
const dropout: Operator = (call) => {
  const x = call.input(0);
  const isTraining = call.opset >= 12 && call.optional(2) !== undefined && call.numbers(2)[0] !== 0;
  if (isTraining && (call.optional(1) === undefined || call.numbers(1)[0] !== 0)) {
    throw new UserError(
      'drops at random (training_mode is set), which is not supported; export the model in evaluation mode',
    );
  }
  return [x, np.ones(x.shape, 'bool')];
};

export const normalizations: Readonly<Record<string, Operator>> = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  GroupNormalization: groupNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LRN: localResponse,
  Dropout: dropout,
};
