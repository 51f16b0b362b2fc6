/** @module The experiment of "Invariance of Weight Distributions in Rectified MLPs": ten claims, predicted against measured. */
import { type LabelledImages, takeRows } from '../../../data/index.ts';
import type { Experiment, RunContext } from '../../contract.ts';
import { claims, type Measurements, slopes } from './claims.ts';
import { figures } from './figures.ts';
import { imagePatches } from './image-patches.ts';
import type { Matrix } from './matrix.ts';
import { measureCentralLimit, measureFixedPoint } from './measure/central-limit.ts';
import { measureDeepNetworks } from './measure/deep-networks.ts';
import { loadImages, pixelRows } from './measure/inputs.ts';
import { measureInvariance } from './measure/invariance.ts';
import { measureOtherActivations } from './measure/other-activations.ts';
import { measureRandomFeatures } from './measure/random-features.ts';
import { type Labelled, measureTrainability } from './measure/trainability.ts';
import { measureTrainedLayers, type PatchedImages } from './measure/trained-layers.ts';
import { type Settings, scales, settings } from './settings.ts';

/** Side of the windows of the convolutional network, pixels. */
const window = 5;
/** Patches and images on which the kernels of trained layers are compared. */
const comparedInputs = 100;

const labelled = (set: LabelledImages, scale = 1): Labelled => {
  const x = pixelRows(set);
  return { x: { ...x, data: x.data.map((v) => scale * v) }, labels: set.labels };
};

/** Every image as one patch. */
const wholeImages = ({ images, labels, n }: LabelledImages): PatchedImages => ({
  patches: images,
  labels,
  n,
  positions: 1,
  m: images.length / n,
});

/** The windows of every image. */
function windows(set: LabelledImages, stride: number): PatchedImages {
  const { data, rows, columns } = imagePatches(set, { window, stride, keepZeros: true });
  return {
    patches: Float32Array.from(data),
    labels: set.labels,
    n: set.n,
    positions: rows / set.n,
    m: columns,
  };
}

/** Rows spread evenly over a matrix. */
function someRows({ data, rows, columns }: Matrix, count: number): Matrix {
  const taken = Math.min(rows, count);
  const at = Array.from({ length: taken }, (_, i) => Math.floor((i * rows) / taken));
  return { data: takeRows(data, columns, at), rows: taken, columns };
}

async function run(s: Settings, context: RunContext): Promise<Measurements> {
  const { seed } = context;
  // First of all, so that missing data is noticed before anything is computed.
  const test = await loadImages(s.source, { n: s.images, seed, pool: s.pool, split: 'test' });
  const deepPool = s.pool * s.trainPool;
  const train = await loadImages(s.source, { n: s.trainImages, seed, pool: deepPool, split: 'train' });
  const held = await loadImages(s.source, { n: s.testImages, seed, pool: deepPool, split: 'test' });
  const regression = await loadImages(s.source, { n: s.regressionImages, seed, pool: s.pool, split: 'train' });
  const layerOptions = { n: s.layerImages, seed, pool: s.layerPool, split: 'train' } as const;
  const dense = await loadImages(s.source === 'cifar10' ? 'mnist' : s.source, { ...layerOptions, pool: 2 });
  const convolutional = await loadImages(s.layerSource, layerOptions);
  const x = pixelRows(test, s.centred);
  const stage = <P, M>(name: string, measure: (settings: P, context: RunContext) => M | Promise<M>, chosen: P) =>
    context.stage(name, () => measure(chosen, context));
  return {
    invariance: await stage('rotation invariance', measureInvariance, { inputs: s.inputs, rows: s.rows, slopes }),
    centralLimit: measureCentralLimit({ dimensions: s.dimensions, slopes }),
    fixedPoint: measureFixedPoint({ slopes: [...slopes, 1], depth: s.fixedPointDepth }),
    activations: await stage('activations', measureOtherActivations, { x, neurons: s.neurons, shift: s.shift }),
    deep: await measureDeepNetworks({ x, width: s.width, layers: s.layers, slopes, shift: s.shift }, context),
    trainability: await stage('deep networks', measureTrainability, {
      train: labelled(train, s.trainScale),
      test: labelled(held, s.trainScale),
      width: s.trainWidth,
      depths: s.trainDepths,
      slopes: s.trainSlopes,
      learningRate: s.learningRate,
      batch: s.batch,
      steps: s.trainSteps,
      every: 50,
    }),
    trainedLayers: await measureTrainedLayers(
      {
        networks: [
          { name: 'dense', train: wholeImages(dense), compared: someRows(pixelRows(dense), comparedInputs) },
          {
            name: 'convolutional',
            train: windows(convolutional, s.layerStride),
            compared: someRows(imagePatches(convolutional, { window, stride: s.layerStride }), comparedInputs),
          },
        ],
        neurons: s.layerNeurons,
        learningRate: 1e-3,
        batch: s.layerBatch,
        steps: s.layerSteps,
      },
      context,
    ),
    randomFeatures: await measureRandomFeatures(
      {
        images: labelled(regression),
        trained: Math.floor(0.8 * regression.n),
        features: s.features,
        deepFeatures: s.deepFeatures,
      },
      context,
    ),
    spread: spreadOf(pixelRows(held, s.centred)),
  };
}

/** m^(1/4) max|x_i| / |x| of every row. */
function spreadOf({ data, rows, columns }: Matrix): number[] {
  return Array.from({ length: rows }, (_, i) => {
    const row = data.subarray(i * columns, (i + 1) * columns);
    const largest = row.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    return (columns ** 0.25 * largest) / Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
  });
}

export const experiment: Experiment<typeof settings, Measurements> = {
  name: 'rectified-kernels',
  title: 'Invariance of Weight Distributions in Rectified MLPs',
  summary:
    'A wide layer of rectifiers with random weights acts as the same kernel for every rotation-invariant law of the weights, and, for inputs of high dimension, for every law of independent weights with zero mean and a finite third moment. Layer upon layer the kernel tends to a constant: deep rectified networks map all inputs to one direction at initialisation. This is why they are hard to train, and it gives initial variances that hold for all laws.',
  citation: {
    authors: ['Russell Tsuchida', 'Farbod Roosta-Khorasani', 'Marcus Gallagher'],
    title: 'Invariance of Weight Distributions in Rectified MLPs',
    venue: 'International Conference on Machine Learning (ICML)',
    year: 2018,
    arxiv: '1711.09090',
  },
  settings,
  scales,
  run,
  claims,
  figures,
};
