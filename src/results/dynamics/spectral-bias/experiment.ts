/** @module The experiment of "On the Spectral Bias of Neural Networks": ten claims, predicted against measured. */
import type { Experiment, RunContext } from '../../contract.ts';
import { claims, type Measurements } from './claims.ts';
import { figures } from './figures.ts';
import { measureExactSpectrum } from './measure/exact-spectrum.ts';
import { measureFrequencyOrder } from './measure/frequency-order.ts';
import { measureKernelTimes } from './measure/kernel-times.ts';
import { loadThreesAndEights, measureKernelNoise, measureLabelNoise } from './measure/label-noise.ts';
import { measureManifoldFolding } from './measure/manifold-folding.ts';
import { measureRobustness } from './measure/robustness.ts';
import { type Settings, scales, settings } from './settings.ts';

/** Images of 3 and 8 that MNIST has to train on. */
const threesAndEights = 11_982;

async function run(s: Settings, context: RunContext): Promise<Measurements> {
  const images = {
    layers: s.noiseLayers,
    width: s.noiseWidth,
    // First of all, so that missing data is noticed before anything is computed.
    digits: await loadThreesAndEights(
      s.source,
      Math.max(s.kernelImages, s.images, Math.min(s.images * context.seeds, threesAndEights)),
      context.seed,
    ),
    learningRate: s.noiseLearningRate,
    steps: s.noiseSteps,
    every: s.noiseEvery,
    amplitude: s.noiseAmplitude,
  };
  const stage = <P, M>(name: string, measure: (settings: P, context: RunContext) => Promise<M>, chosen: P) =>
    context.stage(name, () => measure(chosen, context));
  return {
    exact: await stage('exact spectra', measureExactSpectrum, {
      hidden1d: [16, 16],
      hidden2d: [8, 8],
      points1d: s.points1d,
      points2d: s.points2d,
      networks: s.networks,
    }),
    order: await stage('learning order', measureFrequencyOrder, {
      layers: s.layers,
      width: s.width,
      samples: s.samples,
      frequencies: s.frequencies,
      runs: s.runs,
      learningRate: s.learningRate,
      steps: s.steps,
      every: s.every,
      clip: s.clip,
      features: s.features,
      featureDeviation: s.featureDeviation,
    }),
    robustness: await stage('robustness', measureRobustness, {
      layers: s.robustLayers,
      width: s.robustWidth,
      samples: s.robustSamples,
      frequencies: s.robustFrequencies,
      learningRate: s.robustLearningRate,
      steps: s.robustSteps,
      norms: s.norms,
      directions: s.directions,
    }),
    noise: await stage('label noise', measureLabelNoise, {
      ...images,
      images: s.images,
      frequencies: s.noiseFrequencies,
    }),
    kernelNoise: await stage('kernel noise', measureKernelNoise, {
      ...images,
      images: s.kernelImages,
      sigma: s.sigma,
      exponent: s.exponent,
    }),
    folding: await stage('folded curves', measureManifoldFolding, {
      layers: s.layers,
      width: s.width,
      samples: s.foldSamples,
      frequencies: s.foldFrequencies,
      petals: s.petals,
      compared: 8,
      learningRate: s.foldLearningRate,
      steps: s.foldSteps,
      every: 50,
    }),
    kernelTimes: await stage('learning times', measureKernelTimes, {
      samples: 64,
      frequencies: [1, 2, 3, 4, 5, 6],
      width: s.kernelWidth,
      hiddenLayers: 2,
      amplitude: 0.1,
      steps: s.kernelSteps,
    }),
  };
}

export const experiment: Experiment<typeof settings, Measurements> = {
  name: 'spectral-bias',
  title: 'On the Spectral Bias of Neural Networks',
  summary:
    'A ReLU network is piecewise linear, so its Fourier transform is known exactly and decays at least like k^-2. Gradient descent therefore fits low frequencies first, keeps them under parameter noise, and is hurt most by label noise of low frequency. Folding the data’s manifold makes high frequencies easier.',
  citation: {
    authors: [
      'Nasim Rahaman',
      'Aristide Baratin',
      'Devansh Arpit',
      'Felix Draxler',
      'Min Lin',
      'Fred A. Hamprecht',
      'Yoshua Bengio',
      'Aaron Courville',
    ],
    title: 'On the Spectral Bias of Neural Networks',
    venue: 'International Conference on Machine Learning (ICML)',
    year: 2019,
    arxiv: '1806.08734',
  },
  settings,
  scales,
  run,
  claims,
  figures,
};
