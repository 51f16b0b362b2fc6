/** @file Claims B7, B8: label noise of low frequency hurts validation, of high frequency does not (Exp. 3, 4; Figs. 4, 5). */
import { UserError } from '../../../../array/errors.ts';
import type { NDArray } from '../../../../array/ndarray.ts';
import { split, takeRows } from '../../../../data/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { vmap } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { loadDigits } from '../../../digits.ts';
import { kernelSpectrum } from '../kernel-spectrum.ts';
import { addFrequencyNoise } from '../noise.ts';
import { fullBatchTraining, type NetworkSettings, network, type TrainingState } from './network.ts';
import { byRun, rows } from './runs.ts';

interface ImageSettings extends NetworkSettings {
  readonly digits: Digits;
  /** How many of them, drawn at random. */
  readonly images: number;
  readonly learningRate: number;
  readonly steps: number;
  readonly every: number;
  readonly amplitude: number;
}

export interface LabelNoiseSettings extends ImageSettings {
  /** Of the radial noise, cycles per unit of |x|. */
  readonly frequencies: readonly number[];
}

export interface KernelNoiseSettings extends ImageSettings {
  /** Width of the Gaussian kernel and exponent of the noise. */
  readonly sigma: number;
  readonly exponent: number;
}

export interface LabelNoise {
  readonly steps: readonly number[];
  /** The noise of each curve: null is none. */
  readonly frequencies: readonly (number | null)[];
  /** [seed][curve][record] mean squared error against the clean labels of the validation images. */
  readonly validation: number[][][];
}

export interface KernelNoise {
  readonly steps: readonly number[];
  /** [seed][record] */
  readonly validation: number[][];
  /** [seed][record][bin]: |coefficients| of the outputs over those of the noised labels, by decreasing eigenvalue. */
  readonly captured: number[][][];
  /** The same with the eigenvectors in random order. */
  readonly permuted: number[][][];
  /** [bin] |coefficients| of the clean and of the noised labels. */
  readonly clean: number[];
  readonly noised: number[];
}

/** Bins of the generalised spectrum. */
export const kernelBins = 50;
const dimension = 784;

interface Split {
  readonly images: Float32Array;
  readonly labels: Float32Array;
  readonly n: number;
  readonly x: NDArray;
  readonly testX: NDArray;
  readonly testY: NDArray;
}

/** Images of 3 (label 1) and 8 (label -1). */
export interface Digits {
  readonly images: Float32Array;
  readonly labels: Float32Array;
}

/** Images of 3 and 8 to draw from. */
export async function loadThreesAndEights(source: 'mnist' | 'rendered', n: number, seed: number): Promise<Digits> {
  const { images, labels } = await loadDigits(source, { n, seed, classes: [3, 8] });
  return { images, labels: Float32Array.from(labels, (label) => (label === 3 ? 1 : -1)) };
}

/** `count` of the images at random: four fifths for training, the rest for validation. */
function divided({ images: all, labels }: Digits, count: number, seed: number): Split {
  const share = count / labels.length;
  const [train, test] = split(labels.length, [0.8 * share, 0.2 * share], seed);
  const images = takeRows(all, dimension, train);
  return {
    images,
    labels: takeRows(labels, 1, train),
    n: train.length,
    x: np.array(images, { shape: [train.length, dimension] }),
    testX: np.array(takeRows(all, dimension, test), { shape: [test.length, dimension] }),
    testY: np.array(takeRows(labels, 1, test)),
  };
}

type Data = { target: NDArray };

/** Networks that share the images and differ in labels and initial weights, trained in one graph. */
function training(settings: ImageSettings, data: Split) {
  const net = network(dimension, settings);
  const loop = fullBatchTraining<Data>(net.init, {
    outputs: (params) => net.outputs(params, data.x),
    target: ({ target }) => target,
    learningRate: settings.learningRate,
  });
  const outputs = ({ params }: TrainingState) => net.outputs(params, data.x);
  const validation = ({ params }: TrainingState) => nn.meanSquaredError(net.outputs(params, data.testX), data.testY);
  return { ...loop, outputs, validation };
}

/**
 * Every seed draws its own images of the pool; one network for every noise frequency (and none), all from the same
 * weights.
 */
export async function measureLabelNoise(settings: LabelNoiseSettings, context: RunContext): Promise<LabelNoise> {
  const frequencies: (number | null)[] = [null, ...settings.frequencies];
  const validation: number[][][] = [];
  let steps: readonly number[] = [];
  for (let s = 0; s < context.seeds; s++) {
    const data = divided(settings.digits, settings.images, context.seed + s);
    const labels = frequencies.map((frequency) =>
      frequency === null
        ? data.labels
        : addFrequencyNoise(data.images, data.n, dimension, data.labels, {
            kind: 'radial',
            frequency,
            amplitude: settings.amplitude,
          }),
    );
    const loop = training(settings, data);
    const key = random.foldIn(random.foldIn(random.key(context.seed), 3), s);
    const probe = vmap((state: TrainingState) => ({ validation: loop.validation(state) }));
    const start = loop.start(np.stack(frequencies.map(() => key)));
    const { steps: at, records } = await nn.train(
      { step: loop.step, probe },
      start,
      { target: rows(labels) },
      {
        steps: settings.steps,
        every: settings.every,
        ...context.follow(`label noise on ${data.n} images, seed ${s + 1} of ${context.seeds}`),
      },
    );
    validation.push((await byRun(records.validation)).map((run) => run.map(([value]) => value)));
    steps = at;
  }
  return { steps, frequencies, validation };
}

/** Noise that grows with the mode of the data's kernel, and what the outputs have captured of each mode. */
export async function measureKernelNoise(settings: KernelNoiseSettings, context: RunContext): Promise<KernelNoise> {
  const { steps, every, amplitude, sigma, exponent } = settings;
  const { seeds } = context;
  const data = divided(settings.digits, settings.images, context.seed);
  const { n } = data;
  if (n < kernelBins) {
    throw new UserError(
      `kernel noise: ${n} training images have fewer modes than the ${kernelBins} bins of the spectrum; take at least ${Math.ceil(kernelBins / 0.8)} images`,
    );
  }
  const spectrum = await context.stage(`eigenvectors of the kernel of ${n} images`, () =>
    kernelSpectrum(data.images, n, dimension, sigma),
  );
  const labels = addFrequencyNoise(data.images, n, dimension, data.labels, {
    kind: 'kernel',
    amplitude,
    spectrum,
    exponent,
  });

  const ordered = np.array(Float32Array.from(spectrum.eigenvectors), { shape: [n, n] });
  const [order] = split(n, [1], context.seed + 1);
  const shuffled = np.array(await np.take(ordered, np.array(order), 1).data(), { shape: [n, n] });
  // Mean |coefficient| in bins of neighbouring modes.
  const binWidth = Math.floor(n / kernelBins);
  const binned = (values: NDArray, vectors: NDArray) => {
    const coefficients = np.abs(np.matmul(values, vectors));
    return np.mean(np.reshape(np.slice(coefficients, [0, binWidth * kernelBins]), [kernelBins, binWidth]), -1);
  };
  const noised = np.array(labels, { dtype: 'float32' });
  const { start, step, validation, outputs } = training(settings, data);
  const probe = vmap((state: TrainingState) => ({
    validation: validation(state),
    captured: np.divide(binned(outputs(state), ordered), binned(noised, ordered)),
    permuted: np.divide(binned(outputs(state), shuffled), binned(noised, shuffled)),
  }));
  const target = rows(Array.from({ length: seeds }, () => labels));
  const { steps: at, records } = await nn.train(
    { step, probe },
    start(random.split(random.foldIn(random.key(context.seed), 7), seeds)),
    { target },
    {
      steps,
      every,
      ...context.follow(`kernel noise on ${n} images`),
    },
  );
  return {
    steps: at,
    validation: (await byRun(records.validation)).map((run) => run.map(([value]) => value)),
    captured: await byRun(records.captured),
    permuted: await byRun(records.permuted),
    clean: Array.from(await binned(np.array(data.labels), ordered).data()),
    noised: Array.from(await binned(noised, ordered).data()),
  };
}
