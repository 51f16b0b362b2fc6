/**
 * @module The method of "On the Spectral Bias of Neural Networks" (arXiv 1806.08734): which frequencies a network has
 * learned, how fast, how robustly, and the exact spectrum of the network one has.
 */
export { spectralDecayExponent } from './decay.ts';
export { experiment } from './experiment.ts';
export { allFrequencies, assertUniformGrid, capturedFraction, fourierMatrix, fourierSpectrum } from './fourier.ts';
export { piecewiseLinearNet } from './from-dense.ts';
export { type KernelSpectrum, kernelMatrix, kernelNoise, kernelSpectrum, project } from './kernel-spectrum.ts';
export { type LearningOrder, learningOrder } from './learning-order.ts';
export { type PredictedTimes, predictedTimes } from './learning-times.ts';
export { lipschitzBounds } from './lipschitz.ts';
export {
  arcLength,
  besselJ,
  type Curve,
  circle,
  circleTransfer,
  curveEmbedding,
  curveTransfer,
  embed,
  jacobianBand,
  reachableBand,
} from './manifold.ts';
export { networkFourierTransform } from './network-transform.ts';
export { addFrequencyNoise, type FrequencyNoise } from './noise.ts';
export { isotropicDirection, parameterRobustness, type Robustness } from './parameter-robustness.ts';
export { evaluate, type PiecewiseLinearNet } from './piecewise-linear-net.ts';
export { polytopeFourierTransform } from './polytope-transform.ts';
export { linearRegions1d, linearRegionsOnSegment } from './regions.ts';
export { linearRegions2d } from './regions2d.ts';
export { capturedFractions, type SpectralTrace, spectralNorms, spectralTrace } from './spectral-trace.ts';
export { predictedLearningTimes, tangentKernel } from './tangent-kernel.ts';
