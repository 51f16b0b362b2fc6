/** @file What the theory of wide random rectified layers says about a finished network: how far its layers are from random ones. */
import * as Plot from '@observablehq/plot';
import * as np from '../../../numpy/index.ts';
import {
  type Analysis,
  type CardNumber,
  type Finding,
  type FinishedNetwork,
  inputsOf,
  type NetworkLayer,
} from '../../analysis.ts';
import type { Figure } from '../../contract.ts';
import { numberText, percent } from '../../words.ts';
import { angleCollapse, pairwiseCosines } from './angle-map.ts';
import { compareKernels } from './empirical-kernel.ts';
import { imagePatches } from './image-patches.ts';
import type { Matrix } from './matrix.ts';
import { measureAngles } from './measure-angles.ts';
import { checkUniversality, type Hypothesis } from './universality.ts';

export interface RandomLayersCard {
  readonly n: number;
  readonly layers: readonly LayerCheck[];
  readonly angles: {
    readonly names: readonly string[];
    /** After 0, 1, … layers. */
    readonly measured: readonly number[];
    readonly spread: readonly number[];
    /** Of wide random rectified layers on the same inputs. */
    readonly predicted: readonly number[];
  } | null;
  readonly limits: readonly string[];
}

interface LayerCheck {
  readonly name: string;
  readonly kind: 'dense' | 'convolution';
  readonly neurons: number;
  readonly inputs: number;
  readonly verdict: string;
  readonly hypotheses: readonly Hypothesis[];
  readonly excessKurtosis: number;
  readonly anisotropy: number;
  /** Normalized kernels of pairs of inputs as random weights would give them, and as these do; null for other activations than ReLU. */
  readonly kernel: {
    readonly pairs: readonly (readonly [predicted: number, measured: number])[];
    readonly relativeError: number;
    /** NaN for fewer than 20 neurons. */
    readonly samplingError: number;
  } | null;
}

const examples = 200;
const mostLayers = 8;
const mostRows = 300;

export const rectifiedKernels: Analysis<RandomLayersCard> = {
  name: 'random-layers',
  title: 'The layers against wide random ones',
  question:
    'Wide rectified layers with random weights all have the same kernel, whatever their law. What has training changed?',
  citations: [
    {
      authors: ['Russell Tsuchida', 'Farbod Roosta-Khorasani', 'Marcus Gallagher'],
      title: 'Invariance of Weight Distributions in Rectified MLPs',
      venue: 'International Conference on Machine Learning (ICML)',
      year: 2018,
      arxiv: '1711.09090',
    },
  ],
  obstacle: ({ layers, sample }) => {
    if (layers.length === 0) return 'the model has no dense or convolutional layer whose weights are parameters';
    return sample.n < 2 ? 'it needs at least two examples' : undefined;
  },
  async measure(network, { progress }) {
    const n = Math.min(examples, network.sample.n);
    const inputs = inputsOf(
      network.sample,
      Int32Array.from({ length: n }, (_, i) => i),
    );
    const chosen = network.layers.slice(0, mostLayers);
    const limits: string[] = [];
    if (chosen.length < network.layers.length) {
      limits.push(`Only the first ${mostLayers} of ${network.layers.length} layers are looked at one by one.`);
    }
    const inner = [...new Set(chosen.map(({ input }) => input))];
    const values = network.values(inner)(network.params, inputs);
    const layers: LayerCheck[] = [];
    for (const layer of chosen) {
      progress(layers.length, chosen.length + 1);
      try {
        layers.push(await checkLayer(layer, values[layer.input]));
      } catch (error) {
        limits.push(`Layer ${layer.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    if (chosen.some(({ bias }) => bias !== undefined))
      limits.push('Biases are left out of the layers’ kernels, as in the theory.');
    const angles = await anglesOf(network, inputs, limits);
    return { n, layers, angles, limits };
  },
  describe: describeLayers,
};

async function checkLayer(layer: NetworkLayer, given: np.NDArray): Promise<LayerCheck> {
  const { name, kind, weight, followedBy } = layer;
  const [neurons] = weight.shape;
  const m = weight.size / neurons;
  const weights = np.reshape(weight, [neurons, m]);
  const inputs = kind === 'dense' ? await rowsInto(given, m) : await patchesInto(given, weight.shape);
  const { verdict, hypotheses, weights: found } = await checkUniversality({ weights, inputs });
  const { excessKurtosis, anisotropy } = found;
  const base = { name, kind, neurons, inputs: m, verdict, hypotheses, excessKurtosis, anisotropy };
  if (followedBy !== 'Relu') return { ...base, kernel: null };
  const { predicted, measured, relativeError, samplingError } = await compareKernels(weights, inputs);
  const N = predicted.rows;
  const normal = ({ data }: Matrix, i: number, j: number) =>
    data[i * N + j] / Math.sqrt(data[i * N + i] * data[j * N + j]);
  const pairs: [number, number][] = [];
  const stride = Math.max(1, Math.floor((N * (N - 1)) / 2 / 600));
  let at = 0;
  for (let i = 0; i < N; i++) {
    for (let j = i + 1; j < N; j++)
      if (at++ % stride === 0) pairs.push([normal(predicted, i, j), normal(measured, i, j)]);
  }
  return { ...base, kernel: { pairs: pairs.filter(([, k]) => Number.isFinite(k)), relativeError, samplingError } };
}

/** [N, …, m] as rows of m numbers, without those that are all zero. */
async function rowsInto(x: np.NDArray, m: number): Promise<Matrix> {
  const flat = x.shape.at(-1) === m ? x : np.reshape(x, [x.shape[0], x.size / x.shape[0]]);
  if (flat.shape.at(-1) !== m)
    throw new Error(`its inputs have shape [${x.shape.join(', ')}], its weights take ${m} numbers`);
  return evenly(Float64Array.from(await flat.data()), m);
}

/** The windows that a convolution with a square kernel reads. */
async function patchesInto(x: np.NDArray, [, channels, height, width]: readonly number[]): Promise<Matrix> {
  if (x.ndim !== 4 || x.shape[1] !== channels || height !== width) {
    throw new Error('only convolutions in two dimensions with square kernels and one group are looked at');
  }
  const [n, , h, w] = x.shape;
  const few = Math.min(n, 50);
  const images = Float32Array.from((await x.data()).subarray(0, few * channels * h * w));
  const side = Math.max(1, Math.floor(Math.sqrt((h * w * few) / mostRows / 4)));
  const { data, columns } = imagePatches({ images, n: few, shape: [channels, h, w] }, { window: height, stride: side });
  return evenly(data, columns);
}

/** Some of the rows that are not zero, evenly spread. */
function evenly(data: Float64Array, columns: number): Matrix {
  const all = Array.from({ length: data.length / columns }, (_, i) => data.subarray(i * columns, (i + 1) * columns));
  const alive = all.filter((row) => row.some((v) => v !== 0));
  if (alive.length < 2) throw new Error('hardly any of its inputs are other than zero');
  const stride = Math.max(1, Math.floor(alive.length / mostRows));
  const kept = alive.filter((_, i) => i % stride === 0).slice(0, mostRows);
  const matrix = new Float64Array(kept.length * columns);
  kept.forEach((row, i) => {
    matrix.set(row, i * columns);
  });
  return { data: matrix, rows: kept.length, columns };
}

/** Cosines between examples after each rectified layer. */
async function anglesOf(
  network: FinishedNetwork,
  inputs: np.NDArray,
  limits: string[],
): Promise<RandomLayersCard['angles']> {
  const rectified = network.layers.filter(
    ({ followedBy, activated }) => followedBy === 'Relu' && activated !== undefined,
  );
  if (rectified.length === 0) {
    limits.push('No layer is followed by a ReLU, so the angles through depth have no prediction.');
    return null;
  }
  const names = [...new Set(rectified.map(({ activated }) => activated!))];
  const values = network.values(names)(network.params, inputs);
  const [n] = inputs.shape;
  const flat = (x: np.NDArray) => np.astype(np.reshape(x, [n, x.size / n]), 'float64');
  const x = flat(inputs);
  try {
    const measured = await measureAngles(() => names.map((name) => flat(values[name])), x);
    const predicted = angleCollapse({ rho0: await pairwiseCosines(x), depth: names.length });
    return {
      names: rectified.slice(0, names.length).map(({ name }) => name),
      measured: [...measured.cosineMean],
      spread: [...measured.cosineSd],
      predicted: [...predicted.rho],
    };
  } catch (error) {
    limits.push(`The angles through depth: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

export function describeLayers(m: RandomLayersCard): Finding {
  const numbers: CardNumber[] = [];
  const reading: string[] = [];
  for (const { name, neurons, inputs, verdict, kernel, excessKurtosis } of m.layers) {
    numbers.push({
      quantity: `${name}: distance of its kernel from that of random weights`,
      value: kernel === null ? null : kernel.relativeError,
      note: `${neurons} neurons of ${inputs} inputs; ${kernel === null ? 'no ReLU follows' : `relative; ${neuronsAlone(kernel.samplingError)}`}; excess kurtosis of the weights ${numberText(excessKurtosis)}; hypotheses of the theorems: ${verdict}`,
    });
  }
  const [first] = m.layers;
  let headline = 'No layer could be compared with random ones.';
  if (first !== undefined) {
    const failing = first.hypotheses.filter(({ holds }) => !holds).map(({ name }) => name);
    const applies = !first.verdict.startsWith('neither');
    reading.push(
      applies
        ? `In the first layer (${first.name}) the hypotheses of the theory are met (${first.verdict}): seen from its weights and inputs it could still be a random layer.`
        : `The first layer (${first.name}) is no random layer any more, or its inputs are too uneven for the theory: it does not have ${failing.join(', ')}.`,
    );
    const seen = m.layers.filter(({ kernel }) => kernel !== null);
    if (seen.length > 0) {
      const far = seen.filter(({ kernel }) => kernel!.relativeError > 3 * kernel!.samplingError);
      const most = seen.reduce((a, b) => (b.kernel!.relativeError > a.kernel!.relativeError ? b : a));
      const { relativeError, samplingError } = most.kernel!;
      reading.push(
        far.length > 0
          ? `In ${far.length} of ${seen.length} ${seen.length === 1 ? 'layer' : 'layers'} with ReLU the kernel, which inputs a layer takes for similar, differs from that of random weights by more than three times what the number of neurons explains; most in ${most.name} (${percent(relativeError)}). There, training has changed what the layer compares.`
          : `${seen.length === 1 ? 'The kernel of the one layer with ReLU differs' : `The kernels of the ${seen.length} layers with ReLU differ`} from random weights’ by no more than three times what chance does (most in ${most.name}: ${percent(relativeError)}, ${neuronsAlone(samplingError)}): ${!(samplingError <= 0.3) ? 'this says little.' : 'training has hardly moved what they compare.'}`,
      );
      headline =
        far.length > 0
          ? `${far.length} of ${seen.length} rectified layers compare inputs otherwise than random ones would (up to ${percent(relativeError)}).`
          : 'No rectified layer compares inputs clearly otherwise than random ones would.';
    } else
      headline = applies
        ? 'The first layer could still be a random one.'
        : 'The first layer is no random layer any more.';
  }
  const figures: Figure[] = [];
  const drawn = m.layers.filter(({ kernel }) => kernel !== null).slice(0, 6);
  if (drawn.length > 0) figures.push(kernelFigure(drawn));
  if (m.angles !== null) {
    const { measured, predicted } = m.angles;
    const [end, expected] = [measured[measured.length - 1], predicted[predicted.length - 1]];
    numbers.push(
      { quantity: 'mean cosine between examples, inputs', value: measured[0] },
      {
        quantity: `mean cosine after ${measured.length - 1} rectified layers`,
        value: end,
        note: `random layers would give ${numberText(expected)}`,
      },
    );
    reading.push(
      `Random rectified layers make all examples look more alike with every layer: the mean cosine between two examples would go from ${numberText(measured[0], 2)} to ${numberText(expected, 2)} after ${measured.length - 1}. In this network it ends at ${numberText(end, 2)}: ${end < expected - 0.05 ? 'training has pulled examples apart against that' : end > expected + 0.05 ? 'examples are even more alike than that' : 'as random layers would have it'}.`,
    );
    figures.push(angleFigure(m.angles));
  }
  return { headline, numbers, reading, figures, limits: m.limits };
}

const neuronsAlone = (error: number): string =>
  Number.isNaN(error)
    ? 'too few neurons to say what is chance'
    : `the number of neurons alone would give ${percent(error)}`;

function kernelFigure(layers: readonly LayerCheck[]): Figure {
  return {
    id: 'kernels',
    title: 'What each layer takes for similar, against random weights',
    caption:
      'Each dot is a pair of inputs of the layer (patches for convolutions): how similar a wide random layer would find them, and how similar this one does. On the dashed line training has changed nothing; dots below it are inputs that the layer has learned to tell apart.',
    panels: layers.map(({ name, kernel }) => ({
      title: name,
      plot: {
        height: 316,
        x: { label: 'random weights', domain: [0, 1] },
        y: { label: 'this layer', domain: [0, 1] },
        marks: [
          Plot.line(
            [
              [0, 0],
              [1, 1],
            ],
            { stroke: 'currentColor', strokeDasharray: '3 3' },
          ),
          Plot.dot(kernel!.pairs, { x: '0', y: '1', r: 1.5, fill: '#4269d0', fillOpacity: 0.4, clip: true }),
        ],
      },
    })),
  };
}

function angleFigure({ measured, spread, predicted }: NonNullable<RandomLayersCard['angles']>): Figure {
  const kinds = ['this network', 'wide random rectified layers'];
  const data = [measured, predicted].flatMap((values, k) =>
    values.map((value, layer) => ({ layer, value, kind: kinds[k] })),
  );
  const band = measured.map((value, layer) => ({
    layer,
    low: Math.max(-1, value - spread[layer]),
    high: Math.min(1, value + spread[layer]),
  }));
  return {
    id: 'angles',
    title: 'How alike the examples look, layer by layer',
    caption:
      'Mean cosine between two examples after each layer with ReLU (band: its standard deviation over the pairs). Random layers push all examples together (towards 1); a trained network holds classes apart. The prediction is for wide dense layers; for convolutions it is only a comparison.',
    panels: [
      {
        plot: {
          color: { legend: true, domain: kinds, range: ['#4269d0', '#9498a0'] },
          x: { label: 'layers with ReLU passed', ticks: Math.min(10, measured.length - 1), tickFormat: 'd' },
          y: { label: 'mean cosine', domain: [Math.min(0, ...band.map(({ low }) => low)), 1] },
          marks: [
            Plot.areaY(band, { x: 'layer', y1: 'low', y2: 'high', fill: '#4269d0', fillOpacity: 0.15 }),
            Plot.line(data, { x: 'layer', y: 'value', stroke: 'kind', strokeWidth: 2 }),
            Plot.dot(data, { x: 'layer', y: 'value', fill: 'kind', r: 3 }),
          ],
        },
      },
    ],
  };
}
