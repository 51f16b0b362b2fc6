import { z } from 'zod';
import type { Experiment } from '../../contract.ts';

const count = z.number().int().positive();
const counts = z.array(count).min(1);
const positive = z.number().positive();

/** One field for everything that a user may change; the defaults are the paper's (and its notebooks'). */
export const settings = z
  .object({
    samples: count.default(200).describe('points of the grid on [0, 1)'),
    frequencies: counts
      .default([5, 10, 15, 20, 25, 30, 35, 40, 45, 50])
      .describe('target frequencies, cycles on [0, 1)'),
    layers: count.default(6).describe('affine maps of the networks on the line and on curves'),
    width: count.default(256).describe('units of a hidden layer'),
    runs: count.default(10).describe('runs of different phases and weights that one trace averages, per seed'),
    learningRate: positive.default(3e-4).describe('step size of full-batch Adam'),
    steps: count.default(80_000).describe('updates of the learning-order experiment, a multiple of `every`'),
    every: count.default(100).describe('updates between two records'),
    threshold: z.number().gt(0).lt(1).default(0.8).describe('captured fraction that counts as learned'),
    clip: positive.default(0.1).describe('largest |parameter| in the weight-clipping control'),
    features: count.default(64).describe('cosine-sine pairs of the random Fourier features control'),
    featureDeviation: positive.default(20).describe('deviation of the features’ frequencies, cycles'),

    robustSamples: count.default(200).describe('grid points of the robustness experiment'),
    robustLayers: count.default(6).describe('affine maps of the networks of the robustness experiment'),
    robustWidth: count.default(256).describe('units of a hidden layer of the networks of the robustness experiment'),
    robustFrequencies: counts
      .default([10, 15, 20, 25, 30, 35, 40, 45, 50])
      .describe('target frequencies of the robustness experiment'),
    robustLearningRate: positive
      .default(3e-4)
      .describe('first step size of the robustness experiment (cosine decay to 0)'),
    robustSteps: count.default(80_000).describe('updates of the robustness experiment, a multiple of 10'),
    norms: z
      .array(positive)
      .min(1)
      .default([0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5])
      .describe('lengths of the parameter perturbation'),
    directions: count.default(100).describe('random directions per length'),

    source: z
      .enum(['mnist', 'rendered'])
      .default('mnist')
      .describe('images of 3 and 8: the real ones, or generated ones'),
    images: count
      .default(11_982)
      .describe('images of the label-noise experiment, drawn anew by every seed; four fifths train'),
    kernelImages: count.default(2000).describe('images of the kernel-noise experiment (dense eigenvectors)'),
    noiseLayers: count.default(6).describe('affine maps of the networks on images'),
    noiseWidth: count.default(256).describe('units of a hidden layer of the networks on images'),
    noiseLearningRate: positive.default(1e-4).describe('step size of full-batch Adam on images'),
    noiseSteps: count.default(5000).describe('updates on images, a multiple of `noiseEvery`'),
    noiseEvery: count.default(10).describe('updates between two validations'),
    noiseFrequencies: z
      .array(positive)
      .refine(
        (list) => [0.1, 0.2, 0.5, 1].every((k) => list.includes(k)),
        'must contain 0.1, 0.2, 0.5 and 1, which the claim compares',
      )
      .default([0.1, 0.2, 0.5, 1])
      .describe('frequencies of the radial label noise, cycles per unit of |x|; 0.1, 0.2, 0.5 and 1 enter the claim'),
    noiseAmplitude: positive.default(1).describe('amplitude of the label noise'),
    sigma: positive.default(1.25).describe('width of the Gaussian kernel, pixels in [0, 1]'),
    exponent: positive.default(2).describe('growth of the kernel noise with the mode, (n/N)^exponent'),

    foldSamples: count.default(1000).describe('points on the folded curves'),
    foldFrequencies: counts
      .default([20, 40, 60, 80, 100, 120, 140, 160, 180, 200])
      .describe('target frequencies along the folded curves'),
    petals: z
      .array(z.number().int().nonnegative())
      .refine((list) => list.includes(0) && list.includes(8), 'must contain 0 and 8, which the claim compares')
      .default([0, 4, 8, 10, 16])
      .describe('petals L of the curves; 0 and 8 enter the claim'),
    foldLearningRate: positive.default(3e-4).describe('step size of full-batch Adam on curves'),
    foldSteps: count.default(50_000).describe('updates on curves, a multiple of 50'),

    kernelWidth: count.default(512).describe('hidden units of the tangent-kernel experiment'),
    kernelSteps: count.default(1200).describe('updates of plain gradient descent in the tangent-kernel experiment'),

    points1d: count.default(400_000).describe('points of the quadrature on the line'),
    points2d: count.default(1500).describe('points per side of the quadrature in the plane'),
    networks: count.default(8).describe('random networks per seed whose decay is averaged'),
  })
  .refine(({ steps, every }) => steps % every === 0, { path: ['steps'], message: 'must be a multiple of `every`' })
  .refine(({ robustSteps }) => robustSteps % 10 === 0, { path: ['robustSteps'], message: 'must be a multiple of 10' })
  .refine(({ noiseSteps, noiseEvery }) => noiseSteps % noiseEvery === 0, {
    path: ['noiseSteps'],
    message: 'must be a multiple of `noiseEvery`',
  })
  .refine(({ foldSteps }) => foldSteps % 50 === 0, { path: ['foldSteps'], message: 'must be a multiple of 50' });

export type Settings = z.output<typeof settings>;

/** The same claims in seconds on generated data, in minutes on real data, and as in the paper. */
export const scales: Experiment<typeof settings>['scales'] = {
  smoke: {
    seeds: 3,
    settings: {
      samples: 64,
      frequencies: [1, 2, 3, 4, 6, 8],
      layers: 4,
      width: 64,
      runs: 3,
      learningRate: 1e-3,
      steps: 3000,
      every: 10,
      threshold: 0.7,
      robustSamples: 100,
      robustLayers: 5,
      robustWidth: 128,
      robustFrequencies: [2, 4, 6, 8, 10],
      robustLearningRate: 2e-3,
      robustSteps: 3000,
      norms: [1, 2, 3, 4, 5, 6, 7, 8],
      directions: 60,
      source: 'rendered',
      images: 2800,
      kernelImages: 1600,
      noiseLayers: 4,
      noiseWidth: 128,
      noiseLearningRate: 3e-4,
      noiseSteps: 300,
      noiseEvery: 5,
      foldSamples: 200,
      foldFrequencies: [4, 8, 12, 16, 20, 24, 28, 32, 36, 40],
      petals: [0, 4, 8],
      foldLearningRate: 1e-3,
      foldSteps: 1500,
      points1d: 100_000,
      points2d: 500,
      networks: 8,
    },
  },
  small: {
    seeds: 3,
    settings: {
      samples: 100,
      // Averaging 3 and 5 runs left B3 below 0.9 in one default seed of three (0.83, 0.87); ten is the paper's number.
      frequencies: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      layers: 5,
      width: 128,
      runs: 10,
      learningRate: 1e-3,
      steps: 4000,
      every: 25,
      robustSamples: 100,
      robustLayers: 5,
      robustWidth: 128,
      robustFrequencies: [2, 4, 6, 8, 10],
      robustLearningRate: 2e-3,
      robustSteps: 3000,
      norms: [1, 2, 3, 4, 5, 6, 7, 8],
      directions: 60,
      images: 4000,
      kernelImages: 2000,
      noiseLayers: 4,
      noiseWidth: 128,
      noiseLearningRate: 3e-4,
      noiseSteps: 300,
      noiseEvery: 5,
      foldSamples: 200,
      foldFrequencies: [4, 8, 12, 16, 20, 24, 28, 32, 36, 40],
      petals: [0, 2, 4, 8, 16],
      foldLearningRate: 1e-3,
      foldSteps: 1500,
    },
  },
  paper: { seeds: 3, settings: {} },
};
