/** @file Classifiers of all seeds trained together: SGD with momentum, weight decay, and a rate that falls twice. */
import { batches, type LabelledImages } from '../../../../data/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import { type NDArray, type Tree, treeMap } from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { grad, vmap } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import type { Classifier, LabelledBatch } from '../samples.ts';
import type { Network } from './networks.ts';

export interface TrainingSettings {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Records of loss and accuracy, which divide the epochs. */
  readonly records: number;
}

/** A network of one seed with parameters and running statistics, ready to be measured. */
export interface Fitted {
  readonly model: Classifier<Tree, NDArray>;
  readonly params: Tree;
  readonly data: readonly LabelledBatch<NDArray>[];
}

export interface TrainedNetworks {
  /** [seed], before training: batch normalisation by mean 0 and variance 1. */
  readonly untrained: readonly Fitted[];
  readonly trained: readonly Fitted[];
  /** [seed] share of the training images whose largest logit is that of their class. */
  readonly accuracy: readonly number[];
  readonly loss: readonly number[];
  /** Of the first seed: epoch and network of each record, where they are kept. */
  readonly history: readonly { readonly epoch: number; readonly fitted: Fitted }[];
}

/** Samples that one call of a model sees when it is measured. */
const measuredBatch = 128;

type State = { readonly params: Tree; readonly statistics: Tree; readonly optimizer: Tree };
type Data = { readonly x: NDArray; readonly y: NDArray; readonly order: NDArray };

/**
 * Trains one network on the images of each seed.
 *
 * @param images [seed], of one size
 * @param key of the initial parameters
 * @param keep keeps the networks of all records for the first seed
 */
export async function trainNetworks(
  net: Network,
  images: readonly LabelledImages[],
  settings: TrainingSettings,
  context: RunContext,
  { name, key, keep = false }: { readonly name: string; readonly key: NDArray; readonly keep?: boolean },
): Promise<TrainedNetworks> {
  const { epochs, learningRate, weightDecay, records } = settings;
  const [{ n, shape }] = images;
  const size = Math.min(settings.batch, n);
  const perEpoch = Math.floor(n / size);
  const steps = epochs * perEpoch;
  const optimizer = nn.momentum((step) => {
    const after = (share: number) => np.astype(np.greaterEqual(step, share * steps), 'float32');
    return np.multiply(learningRate, np.power(0.1, np.add(after(1 / 3), after(2 / 3))));
  });
  const init = (k: NDArray): State => {
    const { params, state } = net.init(k);
    return { params, statistics: state, optimizer: optimizer.init(params) };
  };
  const initial = vmap(init)(random.split(key, images.length));
  const stacked = (part: (set: LabelledImages) => Float32Array | Int32Array, sizes: readonly number[]) =>
    np.stack(images.map((set) => np.array(part(set), { shape: sizes })));
  const orders = images.map((_, s) => {
    const rows = new Int32Array(steps * size);
    let at = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const row of batches(n, size, context.seed * images.length + s, epoch, { dropLast: true })) {
        rows.set(row, at);
        at += size;
      }
    }
    return np.array(rows, { shape: [steps, size] });
  });
  const data: Data = {
    x: stacked((set) => set.images, [n, ...shape]),
    y: stacked((set) => set.labels, [n]),
    order: np.stack(orders),
  };

  const step = ({ params, statistics, optimizer: memory }: State, { x, y, order }: Data): State => {
    const now = np.astype((memory as { step: NDArray }).step, 'int32');
    const rows = np.take(order, now, 0);
    const [inputs, labels] = [np.take(x, rows, 0), np.take(y, rows, 0)];
    const loss = (p: Tree) => nn.crossEntropy(net.apply(p, statistics, inputs, { training: true })[0], labels);
    const gradients = treeMap((g, p) => np.add(g, np.multiply(weightDecay, p)), grad(loss)(params), params);
    const [next, updated] = optimizer.update(gradients, memory as ReturnType<typeof optimizer.init>, params);
    return {
      params: next,
      statistics: net.apply(params, statistics, inputs, { training: true })[1],
      optimizer: updated,
    };
  };
  const few = Math.min(n, 1000);
  const probe = ({ params, statistics }: State, { x, y }: Data) => {
    const [inputs, labels] = [np.slice(x, [0, few]), np.slice(y, [0, few])];
    const logits = net.apply(params, statistics, inputs)[0];
    const right = np.equal(np.argmax(logits, -1), labels);
    const measured = { loss: nn.crossEntropy(logits, labels), accuracy: np.mean(np.astype(right, 'float32')) };
    return keep ? { ...measured, parameters: np.ravelTree({ params, statistics })[0] } : measured;
  };
  const loop = { step: vmap(step), probe: vmap(probe) };
  const every = steps / records;
  const {
    state,
    records: seen,
    steps: at,
  } = await nn.train(loop, initial, data, {
    steps,
    every,
    ...context.follow(name),
  });

  const measured = images.map((set) => measuredBatches(set));
  const fitted = ({ params, statistics }: Pick<State, 'params' | 'statistics'>, s: number): Fitted => ({
    model: (p, x) => net.apply(p, statistics, x)[0],
    params,
    data: measured[s],
  });
  const of = async (all: State) =>
    Promise.all(
      images.map(async (_, s) => {
        const own = await resolved({ params: all.params, statistics: all.statistics }, s);
        return fitted(own, s);
      }),
    );
  const last = async (x: NDArray) => Array.from((await x.data()).slice(-images.length));
  const unravel = keep
    ? np.ravelTree(await resolved({ params: initial.params, statistics: initial.statistics }, 0))[1]
    : undefined;
  return {
    untrained: await of(initial),
    trained: await of(state),
    accuracy: await last(seen.accuracy),
    loss: await last(seen.loss),
    history:
      unravel === undefined
        ? []
        : at.map((made, r) => ({
            epoch: made / perEpoch,
            fitted: fitted(unravel(np.slice((seen as { parameters: NDArray }).parameters, r, 0)), 0),
          })),
  };
}

const entry = jit((x: NDArray, s: NDArray) => np.take(x, s, 0));

/** The tree of one seed, as data. */
async function resolved<T extends Tree>(tree: T, s: number): Promise<T> {
  const own = treeMap((x) => entry(x, np.array(s, { dtype: 'int32' })), tree);
  return own;
}

/** Images of one seed as batches to measure with. */
export function measuredBatches({ images, labels, n, shape }: LabelledImages): LabelledBatch<NDArray>[] {
  const width = images.length / n;
  return Array.from({ length: Math.ceil(n / measuredBatch) }, (_, b) => {
    const [from, to] = [b * measuredBatch, Math.min((b + 1) * measuredBatch, n)];
    return {
      x: np.array(images.subarray(from * width, to * width), { shape: [to - from, ...shape] }),
      labels: labels.subarray(from, to),
    };
  });
}
