/** @file Claim R9: the first layer of a dense and of a convolutional network, before and after training. */
import { batches } from '../../../../data/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { valueAndGrad } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { compareKernels } from '../empirical-kernel.ts';
import type { Matrix } from '../matrix.ts';
import { rectifierInit } from '../rectifier-init.ts';
import { checkUniversality, type Hypothesis } from '../universality.ts';

/** Images as their patches: a dense layer has one per image, a convolutional one many. */
export interface PatchedImages {
  /** n x positions x m. */
  readonly patches: Float32Array;
  readonly labels: Int32Array;
  readonly n: number;
  readonly positions: number;
  readonly m: number;
}

export interface TrainedLayersSettings {
  readonly networks: readonly { readonly name: string; readonly train: PatchedImages; readonly compared: Matrix }[];
  readonly neurons: number;
  readonly learningRate: number;
  readonly batch: number;
  readonly steps: number;
}

/** How far a layer is from theory. */
export interface LayerReport {
  readonly relativeError: number;
  readonly centredError: number;
  readonly samplingError: number;
  readonly verdict: string;
  readonly failing: readonly Hypothesis['name'][];
}

export interface TrainedLayer {
  readonly name: string;
  /** Per seed. `shuffled`: the trained weights in random order over the whole layer. */
  readonly before: LayerReport[];
  readonly after: LayerReport[];
  readonly shuffled: LayerReport[];
  readonly trainAccuracy: number[];
}

export interface TrainedLayers {
  readonly networks: readonly TrainedLayer[];
}

const classes = 10;

type Params = { readonly weights: np.NDArray; readonly readout: nn.Dense };

/** Patches [B, P, m] -> mean over the positions of relu(w.patch) -> logits: with one position a dense network, else a convolutional one. */
const logits = ({ weights, readout }: Params, patches: np.NDArray): np.NDArray =>
  nn.dense(readout, np.mean(np.relu(np.matmul(patches, np.transpose(weights))), 1));

export async function measureTrainedLayers(
  settings: TrainedLayersSettings,
  context: RunContext,
): Promise<TrainedLayers> {
  const keys = random.split(random.foldIn(random.key(context.seed), 6), context.seeds);
  const networks: TrainedLayer[] = [];
  for (const [k, { name, train, compared }] of settings.networks.entries()) {
    const found: TrainedLayer = { name, before: [], after: [], shuffled: [], trainAccuracy: [] };
    for (let seed = 0; seed < context.seeds; seed++) {
      const own = random.foldIn(np.slice(keys, seed), k);
      const stage = `first layer of a ${name} network, seed ${seed}`;
      const one = await context.stage(stage, () => trainOne(settings, train, compared, own, context, stage));
      found.before.push(one.before);
      found.after.push(one.after);
      found.shuffled.push(one.shuffled);
      found.trainAccuracy.push(one.accuracy);
    }
    networks.push(found);
  }
  return { networks };
}

async function trainOne(
  { neurons, learningRate, batch, steps }: TrainedLayersSettings,
  train: PatchedImages,
  compared: Matrix,
  key: np.NDArray,
  context: RunContext,
  stage: string,
) {
  const keys = random.split(key, 3);
  const weights = rectifierInit({ fanIn: train.m, fanOut: neurons, key: np.slice(keys, 0) });
  const readout = nn.denseInit(np.slice(keys, 1), neurons, classes);
  const images = np.array(train.patches, { shape: [train.n, train.positions, train.m] });
  const labels = np.array(train.labels);
  const optimizer = nn.adam(learningRate);
  const update = jit((params: Params, state: ReturnType<typeof optimizer.init>, rows: np.NDArray) => {
    const [x, y] = [np.take(images, rows, 0), np.take(labels, rows, 0)];
    const [loss, gradient] = valueAndGrad((p: Params) => nn.crossEntropy(logits(p, x), y))(params);
    return [...optimizer.update(gradient, state, params), loss] as const;
  });
  let params: Params = { weights, readout };
  let state = optimizer.init(params);
  let made = 0;
  const epochSeed = await np.slice(keys, 2, 0).item();
  for (let epoch = 0; made < steps; epoch++) {
    for (const rows of batches(train.n, batch, Math.abs(epochSeed), epoch, { dropLast: true })) {
      if (made === steps) break;
      [params, state] = update(params, state, np.array(rows));
      made++;
      if (made % 20 === 0 || made === steps) {
        await params.readout.bias.data();
        context.progress({ stage, done: made, total: steps });
      }
    }
  }
  const trained = params.weights;
  const order = np.array(Int32Array.from([...batches(trained.size, trained.size, Math.abs(epochSeed), 0)][0]));
  const shuffled = np.reshape(np.take(trained, order), trained.shape);
  const rows = np.array(Int32Array.from({ length: Math.min(train.n, 500) }, (_, i) => i));
  const right = np.equal(np.argmax(logits(params, np.take(images, rows, 0)), -1), np.take(labels, rows, 0));
  return {
    before: await report(weights, compared),
    after: await report(trained, compared),
    shuffled: await report(shuffled, compared),
    accuracy: await np.mean(np.astype(right, 'float32')).item(),
  };
}

async function report(weights: np.NDArray, inputs: Matrix): Promise<LayerReport> {
  const { relativeError, samplingError, centred } = await compareKernels(weights, inputs);
  const { verdict, hypotheses } = await checkUniversality({ weights, inputs });
  const failing = hypotheses.filter(({ holds }) => !holds).map(({ name }) => name);
  return { relativeError, centredError: centred.relativeError, samplingError, verdict, failing };
}
