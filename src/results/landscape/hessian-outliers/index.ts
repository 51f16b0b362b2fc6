/**
 * @module The method of "Measurements of Three-Level Hierarchical Structure in the Outliers in the Spectrum of Deepnet
 * Hessians" (arXiv 1901.08244): the top eigenspace of a trained classifier's Hessian from averages of gradients, and which
 * classes and confusions its curvature is made of.
 */
export {
  type ClassCentres,
  classCentres,
  classMeanLogitGradients,
  gaussNewtonTrace,
  type LogitGradientMeans,
  type MeansOptions,
  type OnSamples,
} from './class-means.ts';
export { type ClusterReport, clusterReport, deltaEmbedding, type EmbeddedMean } from './cluster-report.ts';
export { crossEntropyGaussNewton, crossEntropyHessian, curvatureFactor } from './curvature.ts';
export {
  gramOfMeans,
  type HessianOutlierDecomposition,
  hessianOutlierDecomposition,
  type MeansGram,
} from './decomposition.ts';
export { experiment } from './experiment.ts';
export {
  type Classifier,
  countSamples,
  type LabelledBatch,
  labelPartitionControl,
  type SampleCounts,
} from './samples.ts';
export {
  approximateTopSubspace,
  knockout,
  outlierCount,
  principalDirections,
  subspaceOverlap,
  type TopSubspace,
} from './top-subspace.ts';
