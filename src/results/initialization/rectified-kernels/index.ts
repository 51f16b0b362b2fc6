/**
 * @module The method of "Invariance of Weight Distributions in Rectified MLPs" (arXiv 1711.09090): the kernel of a wide
 * rectified layer, which is the same for all laws of the weights, what depth does to it, and whether a layer and its
 * data are within reach of the theory.
 */
export {
  type AngleCollapse,
  angleCollapse,
  type Cosines,
  depthForCollapse,
  pairwiseCosines,
  preservingVariance,
  slopeForDepth,
} from './angle-map.ts';
export { type DeepKernelOptions, type DeepKernels, deepKernelMatrix, layerKernelMatrix } from './deep-kernel.ts';
export { compareKernels, empiricalKernel, type KernelComparison, type LayerOptions } from './empirical-kernel.ts';
export { gaussHermite, gaussianKernel, type LayerActivation, step } from './gaussian-kernel.ts';
export { imagePatches } from './image-patches.ts';
export type { Matrix, MatrixLike } from './matrix.ts';
export { type Activations, type AngleMeasurement, chain, measureAngles } from './measure-angles.ts';
export { enumeratedRademacherKernel, rademacherCorrection, rademacherKernel } from './rademacher-kernel.ts';
export { rectifierInit, studentT, unitWeights, type WeightLaw } from './rectifier-init.ts';
export {
  angleOf,
  normalizedRectifierKernel,
  normalizedRectifierKernelDerivative,
  type RectifierOptions,
  rectifierKernel,
  shrinkage,
} from './rectifier-kernel.ts';
export {
  checkUniversality,
  type Hypothesis,
  hillIndex,
  type InputStatistics,
  type Quantiles,
  type Universality,
  type WeightStatistics,
} from './universality.ts';
