/** @file A network and its data as a landscape: mini-batches, training loss, and what is looked at in a point. */
import type { NDArray } from '../../../../array/ndarray.ts';
import {
  clusteredClasses,
  downscale,
  type LabelledImages,
  loadCifar10,
  loadCifar100,
  loadMnist,
  renderedDigits,
} from '../../../../data/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { scan } from '../../../../transforms/index.ts';
import { batchNormLandscape, type LabelledBatch, type NetworkPoint, reestimateStatistics } from '../batch-norm.ts';
import type { Landscape } from '../nudged-elastic-band.ts';
import type { Evaluate } from '../profile.ts';
import { type Network, networkOf } from './networks.ts';

export type Source = 'clusters' | 'digits' | 'mnist' | 'cifar10' | 'cifar100';

/** Training and test set on the engine. */
export interface Task {
  readonly train: LabelledBatch;
  readonly test: LabelledBatch;
  /** Of one input. */
  readonly shape: readonly number[];
  readonly classes: number;
  /** Pad by 4, crop and flip images of the training set. */
  readonly augment: boolean;
}

/** Far from the seeds that people give, so that test images are never training images of another run. */
const testSeeds = 2 ** 40;

/**
 * `clusters`: 40 dimensions, 10 classes of 3 clusters each. `digits`: generated images of 7 x 7. `mnist`: 14 x 14.
 *
 * @param n training examples
 */
export async function loadTask(
  source: Source,
  { n, test, seed, augment = false }: { n: number; test: number; seed: number; augment?: boolean },
): Promise<Task> {
  const arrays = (values: Float32Array, labels: Int32Array, shape: readonly number[]): LabelledBatch => ({
    x: np.array(values, { shape: [labels.length, ...shape] }),
    y: np.array(labels),
  });
  if (source === 'clusters') {
    const [train, other] = [n, test].map((size, sample) =>
      clusteredClasses({ n: size, separation: 2.2, seed, sample }),
    );
    const set = (s: typeof train) => arrays(s.inputs, s.labels, [s.dimension]);
    return { train: set(train), test: set(other), shape: [train.dimension], classes: 10, augment: false };
  }
  const load = async (split: 'train' | 'test', limit: number): Promise<LabelledImages> => {
    if (source === 'digits')
      return downscale(renderedDigits({ n: limit, seed: split === 'train' ? seed : seed + testSeeds }), 4);
    if (source === 'mnist') return downscale(await loadMnist({ split, limit }), 2);
    return source === 'cifar10' ? loadCifar10({ split, limit }) : loadCifar100({ split, limit });
  };
  const [train, other] = [await load('train', n), await load('test', test)];
  const set = (s: LabelledImages) => arrays(s.images, s.labels, s.shape);
  return { train: set(train), test: set(other), shape: train.shape, classes: train.classNames.length, augment };
}

/** Each image [B, c, h, w] shifted by up to 4 pixels (zeros come in) and flipped or not. */
function augmented(key: NDArray, x: NDArray): NDArray {
  const [b, c, h, w] = x.shape;
  const keys = random.split(key, 3);
  const at = (i: number, size: number) =>
    np.add(np.expandDims(random.randint(np.slice(keys, i), [b], 0, 9), 1), np.arange(0, size, 1, 'int32'));
  const padded = np.pad(x, [
    [0, 0],
    [0, 0],
    [4, 4],
    [4, 4],
  ]);
  const rows = np.broadcastTo(np.reshape(at(0, h), [b, 1, h, 1]), [b, c, h, w + 8]);
  const columns = np.broadcastTo(np.reshape(at(1, w), [b, 1, 1, w]), [b, c, h, w]);
  const cropped = np.takeAlongAxis(np.takeAlongAxis(padded, rows, 2), columns, 3);
  const flip = np.reshape(random.bernoulli(np.slice(keys, 2), 0.5, [b]), [b, 1, 1, 1]);
  return np.where(flip, np.flip(cropped, 3), cropped);
}

/** A batch drawn from the training set, with replacement. */
const drawn =
  ({ train, augment }: Task, size: number) =>
  (key: NDArray): LabelledBatch => {
    const keys = random.split(key);
    const rows = random.randint(np.slice(keys, 0), [size], 0, train.y.size);
    const x = np.take(train.x, rows, 0);
    return { x: augment ? augmented(np.slice(keys, 1), x) : x, y: np.take(train.y, rows, 0) };
  };

/** Examples that one step of an evaluation reads. */
const rowsAtOnce = 500;

/** Mean loss and share of errors over a set, in evaluation mode. */
function lossAndError(network: Network, { params, state }: NetworkPoint, { x, y }: LabelledBatch): [NDArray, NDArray] {
  const n = y.size;
  const size = Array.from({ length: rowsAtOnce }, (_, i) => rowsAtOnce - i).find((k) => n % k === 0)!;
  const cut = (a: NDArray) => np.reshape(a, [n / size, size, ...a.shape.slice(1)]);
  const of = (some: LabelledBatch) => {
    const [outputs] = network.apply(params, state, some.x);
    const wrong = np.notEqual(np.argmax(outputs, -1), some.y);
    return np.stack([nn.crossEntropy(outputs, some.y), np.mean(np.astype(wrong, 'float32'))]);
  };
  const [, parts] = scan((none: null, some: LabelledBatch) => [none, of(some)] as const, null, {
    x: cut(x),
    y: cut(y),
  });
  const means = np.mean(parts, 0);
  return [np.slice(means, 0), np.slice(means, 1)];
}

export type Look = { trainLoss: NDArray; trainError: NDArray; testLoss: NDArray; testError: NDArray };
export type BatchNormMode = 'interpolate' | 'reestimate';

export interface System {
  readonly network: Network;
  readonly landscape: Landscape<NetworkPoint, LabelledBatch>;
  /** Mini-batches for the training of minima. */
  readonly trainingBatch: (key: NDArray) => LabelledBatch;
  /** With statistics interpolated along the path as published, or found anew at each point. */
  readonly evaluate: Readonly<Record<BatchNormMode, Evaluate<NetworkPoint, Look>>>;
  /** Any point, for the shapes. */
  readonly like: NetworkPoint;
  /** Parameters, without running statistics. */
  readonly size: number;
}

/** @param batch sizes of the mini-batches of training and of bands */
export function systemOf(name: string, task: Task, batch: { training: number; band: number }): System {
  const network = networkOf(name, task.shape, task.classes);
  const like = network.init(random.key(0));
  const look = (point: NetworkPoint): Look => {
    const [trainLoss, trainError] = lossAndError(network, point, task.train);
    const [testLoss, testError] = lossAndError(network, point, task.test);
    return { trainLoss, trainError, testLoss, testError };
  };
  const bandBatch = drawn(task, batch.band);
  return {
    network,
    landscape: batchNormLandscape(network, like, bandBatch, nn.crossEntropy),
    trainingBatch: drawn(task, batch.training),
    evaluate: {
      interpolate: look,
      reestimate: (point) =>
        look(point.state === null ? point : reestimateStatistics(network, point, bandBatch, random.key(0))),
    },
    like,
    size: np.treeLeaves(like.params).reduce((sum, x) => sum + x.size, 0),
  };
}
