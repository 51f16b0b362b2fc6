import { z } from 'zod';
import type { Experiment } from '../../contract.ts';
import { sets } from './measure/images.ts';
import { networkNames } from './measure/networks.ts';

const count = z.number().int().positive();
const positive = z.number().positive();
const networks = z.array(z.enum(networkNames)).min(1);

/** 10 to 5000 in 20 equal steps of the logarithm. */
const paperSizes = Array.from({ length: 20 }, (_, k) => Math.floor(10 * 500 ** (k / 19) + 1e-9));

/** One field for everything that a user may change; the defaults are the paper's. */
export const settings = z
  .object({
    source: z.enum(sets).default('cifar10').describe('images that the networks are trained on'),
    pool: count.default(60_000).describe('images read, from which each seed draws its own'),
    networks: networks
      .default(['resnet18', 'vgg11', 'densenet40'])
      .describe('trained classifiers; the first is also trained on half of the classes, and on merged ones'),
    perClass: count.default(10).describe('training images of each class (twice as many of half of the classes)'),
    epochs: count.default(350).describe('passes over the training images, a multiple of `records`'),
    batch: count.default(128).describe('images of an update, or all if there are fewer'),
    learningRate: positive.default(0.05).describe('of SGD with momentum 0.9; a tenth after 1/3 and 2/3 of the epochs'),
    weightDecay: z.number().nonnegative().default(5e-4).describe('factor of the parameters in the gradient'),
    records: count
      .default(10)
      .describe('points of the training at which losses are recorded, and the first network measured'),
    directions: count.default(5).describe('random directions in parameter space along which the split is checked'),
    lanczosSteps: count.default(128).describe('Lanczos steps for the density of eigenvalues'),
    probes: count.default(4).describe('random starts for the density of eigenvalues'),

    digits: z
      .enum(['mnist', 'rendered'])
      .default('mnist')
      .describe('images of the plain MLP, whose matrices are formed'),
    digitsPerClass: count.default(30).describe('its training images of each class'),
    digitsEpochs: count.default(300).describe('its passes over them'),

    gridSets: z
      .array(z.enum(sets))
      .min(1)
      .default(['mnist', 'fashion-mnist', 'cifar10', 'cifar100'])
      .describe('data sets of the grid'),
    gridNetworks: networks.default(['resnet18', 'vgg11', 'densenet40']).describe('networks of the grid'),
    gridSizes: z
      .array(count)
      .min(1)
      .default(paperSizes)
      .describe('training images of each class in the grid (up to 500 with CIFAR-100)'),
    gridEpochs: count.default(350).describe('passes over the training images in the grid, a multiple of `records`'),

    costNetwork: z.enum(networkNames).default('resnet18').describe('network on which the costs are compared'),
    costPerClass: count.default(5000).describe('its training images of each class'),
    costRounds: count.default(128).describe('rounds of subspace iteration at most'),
  })
  .refine(({ epochs, records }) => epochs % records === 0, {
    path: ['epochs'],
    message: 'must be a multiple of `records`',
  })
  .refine(({ gridEpochs, records }) => gridEpochs % records === 0, {
    path: ['gridEpochs'],
    message: 'must be a multiple of `records`',
  });

export type Settings = z.output<typeof settings>;

/** The same claims in seconds on generated data, in minutes on real data, and with the paper's networks. */
export const scales: Experiment<typeof settings>['scales'] = {
  smoke: {
    seeds: 3,
    settings: {
      source: 'rendered',
      pool: 1500,
      networks: ['narrow-mlp'],
      epochs: 600,
      batch: 50,
      records: 4,
      lanczosSteps: 64,
      probes: 2,
      digits: 'rendered',
      digitsPerClass: 10,
      gridSets: ['rendered'],
      gridNetworks: ['narrow-mlp'],
      gridSizes: [10, 20],
      gridEpochs: 300,
      costNetwork: 'narrow-mlp',
      costPerClass: 10,
    },
  },
  small: {
    seeds: 3,
    settings: {
      source: 'mnist',
      pool: 10_000,
      networks: ['mlp', 'narrow-mlp', 'cnn'],
      epochs: 600,
      batch: 50,
      gridSets: ['mnist', 'fashion-mnist'],
      gridNetworks: ['mlp'],
      gridSizes: [10, 26, 71],
      gridEpochs: 300,
      costNetwork: 'cnn',
      costPerClass: 10,
    },
  },
  paper: { seeds: 3, settings: {} },
};
