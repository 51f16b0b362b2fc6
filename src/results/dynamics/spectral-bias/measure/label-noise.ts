/** @file Claims B7, B8: label noise of low frequency hurts validation, of high frequency does not (Exp. 3, 4; Figs. 4, 5). */
import { UserError } from '../../../../array/errors.ts';
import type { NDArray } from '../../../../array/ndarray.ts';
import { loadMnist, renderedDigits, split } from '../../../../data/index.ts';
import type { RunContext } from '../../../../lab/contract.ts';
import * as nn from '../../../../nn/index.ts';

import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { vmap } from '../../../../transforms/index.ts';
import { kernelSpectrum } from '../kernel-spectrum.ts';
import { addFrequencyNoise } from '../noise.ts';
import { fullBatchTraining, type NetworkSettings, network, type TrainingState } from './network.ts';
import { byRun, rows } from './runs.ts';

export interface LabelNoiseSettings extends NetworkSettings {
  /** `mnist`: the real images of 3 and 8; `rendered`: generated ones. */
  readonly source: 'mnist' | 'rendered';
  readonly images: number;
  readonly learningRate: number;
  readonly steps: number;
  readonly every: number;
  /** Frequencies of the radial noise, cycles per unit of |x|. */
  readonly noiseFrequencies: readonly number[];
  readonly noiseAmplitude: number;
  /** Width of the Gaussian kernel and exponent of the kernel noise. */
  readonly sigma: number;
  readonly exponent: number;
}

export interface LabelNoise {
  readonly steps: readonly number[];
  /** The noise of each curve: null is none. */
  readonly frequencies: readonly (number | null)[];
  /** [seed][curve][record] mean squared error against the clean labels of the validation images. */
  readonly validation: number[][][];
  readonly kernel: {
    /** [seed][record] validation error under kernel noise. */
    readonly validation: number[][];
    /** [seed][record][bin]: |coefficients| of the outputs over those of the noised labels, by decreasing eigenvalue. */
    readonly captured: number[][][];
    /** The same with the eigenvectors in random order: [seed][record][bin]. */
    readonly permuted: number[][][];
  };
}

/** Bins of the generalised spectrum. */
export const kernelBins = 50;
const dimension = 784;

interface Digits {
  readonly images: Float32Array;
  readonly labels: Float32Array;
}

async function digits({ source, images: n }: LabelNoiseSettings, seed: number): Promise<Digits> {
  const classes = [3, 8];
  const loaded =
    source === 'mnist' ? await loadMnist({ split: 'train', classes, limit: n }) : renderedDigits({ n, classes, seed });
  if (loaded.n < n) throw new UserError(`label noise: ${n} images of 3 and 8 are asked for, the data has ${loaded.n}`);
  return { images: loaded.images, labels: Float32Array.from(loaded.labels, (label) => (label === 3 ? 1 : -1)) };
}

const pick = (x: Float32Array, rowsWanted: Int32Array, width: number): Float32Array => {
  const result = new Float32Array(rowsWanted.length * width);
  rowsWanted.forEach((row, i) => {
    result.set(x.subarray(row * width, (row + 1) * width), i * width);
  });
  return result;
};

/**
 * Trains one network for each noise frequency and seed, and one for kernel noise, all in one graph: they share the images
 * and differ in labels and initial weights.
 */
export async function measureLabelNoise(settings: LabelNoiseSettings, context: RunContext): Promise<LabelNoise> {
  const { steps, every, noiseFrequencies, noiseAmplitude: amplitude, learningRate, sigma, exponent } = settings;
  const { seeds, progress } = context;
  const all = await digits(settings, context.seed);
  const count = all.labels.length;
  const [trainRows, testRows] = split(count, [0.8, 0.2], context.seed);
  const n = trainRows.length;
  const images = pick(all.images, trainRows, dimension);
  const labels = pick(all.labels, trainRows, 1);
  const x = np.array(images, { shape: [n, dimension] });
  const testX = np.array(pick(all.images, testRows, dimension), { shape: [testRows.length, dimension] });
  const testY = np.array(pick(all.labels, testRows, 1));

  progress({ stage: 'kernel eigenvectors', done: 0, total: 1 });
  const spectrum = kernelSpectrum(images, n, dimension, sigma);
  progress({ stage: 'kernel eigenvectors', done: 1, total: 1 });

  const frequencies: (number | null)[] = [null, ...noiseFrequencies];
  const noised = frequencies.map((frequency) =>
    frequency === null
      ? labels
      : addFrequencyNoise(images, n, dimension, labels, { kind: 'radial', frequency, amplitude }),
  );
  const kernelLabels = addFrequencyNoise(images, n, dimension, labels, {
    kind: 'kernel',
    amplitude,
    spectrum,
    exponent,
  });
  const curves = [...noised, kernelLabels];
  const targets = Array.from({ length: seeds }, () => curves).flat();

  // |coefficients| in bins, relative to the labels': columns of V by decreasing eigenvalue, and in random order.
  const vectors = np.array(Float32Array.from(spectrum.eigenvectors), { shape: [n, n] });
  const width = Math.floor(n / kernelBins);
  const binned = (outputs: NDArray, columns: NDArray) => {
    const coefficients = np.abs(np.matmul(outputs, columns));
    return np.mean(np.reshape(np.slice(coefficients, [0, width * kernelBins]), [kernelBins, width]), -1);
  };
  const [order] = split(n, [1], context.seed + 1);
  const shuffled = np.take(vectors, np.array(order), 1);
  const shuffledData = np.array(await shuffled.data(), { shape: [n, n] });

  const net = network(dimension, settings);
  type Data = { target: NDArray };
  const training = fullBatchTraining<Data>(net.init, {
    outputs: (params) => net.outputs(params, x),
    target: ({ target }) => target,
    learningRate,
  });
  const keys = random.split(random.foldIn(random.key(context.seed), 3), seeds);
  // All curves of a seed start from the same weights.
  const initKeys = np.repeat(keys, curves.length, 0);
  const data = { target: rows(targets) };
  const probe = vmap(({ params }: TrainingState, { target }: Data) => {
    const outputs = net.outputs(params, x);
    return {
      validation: nn.meanSquaredError(net.outputs(params, testX), testY),
      captured: np.divide(binned(outputs, vectors), binned(target, vectors)),
      permuted: np.divide(binned(outputs, shuffledData), binned(target, shuffledData)),
    };
  });
  const { steps: at, records } = await nn.train({ step: training.step, probe }, training.start(initKeys), data, {
    steps,
    every,
    onRecords: (done) =>
      progress({ stage: `label noise, ${targets.length} networks on ${n} images`, done, total: steps }),
  });
  const validation = (await byRun(records.validation)).map((run) => run.map(([value]) => value));
  const captured = await byRun(records.captured);
  const permuted = await byRun(records.permuted);
  const ofSeed = <T>(list: readonly T[], s: number) => list.slice(s * curves.length, (s + 1) * curves.length);
  const seedList = Array.from({ length: seeds }, (_, s) => s);
  const last = curves.length - 1;
  return {
    steps: at,
    frequencies,
    validation: seedList.map((s) => ofSeed(validation, s).slice(0, last)),
    kernel: {
      validation: seedList.map((s) => ofSeed(validation, s)[last]),
      captured: seedList.map((s) => ofSeed(captured, s)[last]),
      permuted: seedList.map((s) => ofSeed(permuted, s)[last]),
    },
  };
}
