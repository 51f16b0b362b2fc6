import { z } from 'zod';
import type { Experiment } from '../../contract.ts';

const count = z.number().int().positive();
const counts = z.array(count).min(2);
const positive = z.number().positive();

/** One field for everything that a user may change; the defaults are the paper's setting. */
export const settings = z
  .object({
    source: z
      .enum(['cifar10', 'mnist', 'rendered'])
      .default('cifar10')
      .describe('images: CIFAR-10, MNIST, or generated digits'),
    images: count.min(2).default(40).describe('test images whose pairs are compared'),
    pool: count.default(1).describe('side of the blocks of pixels that are averaged before anything else'),
    centred: z.boolean().default(false).describe('subtract the mean of the images from each (raw pixels otherwise)'),

    inputs: count.min(2).default(12).describe('dimension of the inputs on which rotation-invariant laws are sampled'),
    rows: count
      .multipleOf(10)
      .default(400_000)
      .describe('weight vectors drawn from each rotation-invariant law, a multiple of 10'),
    dimensions: z
      .array(count.multipleOf(20))
      .min(2)
      .default([40, 80, 160, 320, 640, 1280])
      .describe('input dimensions of the exact central-limit error, multiples of 20'),
    neurons: count.default(20_000).describe('neurons of the layers with tanh, erf, step and GELU'),
    fixedPointDepth: count.min(4096).default(4096).describe('layers to which the depth map is iterated'),

    shift: positive.default(0.1).describe('mean of the weights that break the hypotheses, in their deviations'),

    width: count.default(8000).describe('neurons of each layer of the deep random networks'),
    layers: count.min(2).default(64).describe('layers of the deep random networks'),

    trainWidth: count.default(64).describe('neurons of each layer of the trained deep networks'),
    trainDepths: counts
      .refine((list) => [4, 64].every((d) => list.includes(d)), 'must contain 4 and 64, which the claim compares')
      .default([4, 8, 16, 32, 64, 100])
      .describe('rectified layers of the trained networks; 4 and 64 enter the claim'),
    trainSlopes: z
      .array(z.number())
      .refine((list) => [0, 0.7].every((a) => list.includes(a)), 'must contain 0 and 0.7, which the claim compares')
      .default([0, 0.3, 0.7, 0.95])
      .describe('slopes for negative arguments of the trained networks; 0 and 0.7 enter the claim'),
    trainImages: count.default(8000).describe('images to train the deep networks on'),
    testImages: count.default(2000).describe('images to test the deep networks with'),
    trainPool: count.default(2).describe('side of the blocks of pixels averaged for the deep networks, after `pool`'),
    trainScale: positive.default(3).describe('factor on the pixels of the deep networks'),
    learningRate: positive.default(1e-4).describe('step size of Adam for the deep networks'),
    batch: count.default(100).describe('images per update of the deep networks'),
    trainSteps: count.default(300).describe('updates of the deep networks, a multiple of 50'),

    layerSource: z
      .enum(['cifar10', 'mnist', 'rendered'])
      .default('cifar10')
      .describe('images of the convolutional network whose first layer is compared'),
    layerImages: count.default(10_000).describe('images to train the networks whose first layer is compared'),
    layerPool: count.default(1).describe('side of the blocks of pixels averaged for these networks'),
    layerNeurons: count.min(20).default(8192).describe('neurons, or filters, of their first layer'),
    layerStride: count.default(3).describe('pixels between the 5 x 5 windows of the convolutional one'),
    layerSteps: count.default(2000).describe('updates of these networks (Adam, 1e-3)'),
    layerBatch: count.default(50).describe('images per update of these networks'),

    regressionImages: count.default(1000).describe('images of the kernel regression, four fifths to train on'),
    features: counts
      .default([256, 512, 1024, 2048, 4096, 8192, 16_384])
      .describe('numbers of random features of one layer'),
    deepFeatures: counts
      .default([512, 1024, 2048, 4096, 8192])
      .describe('numbers of random features of each of three layers'),
  })
  .refine(({ trainSteps }) => trainSteps % 50 === 0, { path: ['trainSteps'], message: 'must be a multiple of 50' });

export type Settings = z.output<typeof settings>;

/** The same claims in seconds on generated data, in minutes on real data, and as in the paper. */
export const scales: Experiment<typeof settings>['scales'] = {
  smoke: {
    seeds: 2,
    settings: {
      source: 'rendered',
      pool: 2,
      rows: 100_000,
      neurons: 40_000,
      shift: 0.2,
      width: 500,
      layers: 8,
      trainWidth: 48,
      trainDepths: [4, 16, 64],
      trainSlopes: [0, 0.3, 0.7],
      trainImages: 1000,
      testImages: 500,
      trainPool: 1,
      batch: 50,
      learningRate: 2e-4,
      trainSteps: 400,
      layerSource: 'rendered',
      layerImages: 500,
      layerPool: 2,
      layerNeurons: 8192,
      layerStride: 5,
      layerSteps: 60,
      regressionImages: 250,
      features: [128, 512, 2048],
      deepFeatures: [512, 1024, 2048],
    },
  },
  small: {
    seeds: 3,
    settings: {
      source: 'mnist',
      neurons: 40_000,
      width: 1000,
      layers: 32,
      trainDepths: [4, 16, 32, 64, 100],
      layerImages: 2000,
      layerPool: 2,
      layerNeurons: 8192,
      layerStride: 5,
      layerSteps: 200,
      features: [256, 1024, 4096, 16_384],
      deepFeatures: [512, 1024, 2048, 4096],
    },
  },
  paper: { seeds: 3, settings: {} },
};
