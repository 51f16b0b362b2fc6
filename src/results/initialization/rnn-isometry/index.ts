/**
 * @module The method of "Dynamical Isometry and a Mean Field Theory of RNNs" (arXiv 1806.05394): how long a recurrent
 * network remembers at initialisation, from its parameters' variances or measured on any cell, and initial weights at the
 * border between order and chaos.
 */
export { encodedMinimalStep, type InitOptions, initMinimal, initVanilla, type Step, stepOf } from './cells.ts';
export {
  type CorrelationOptions,
  correlationTrajectory,
  estimateInputSecondMoment,
  type MemoryTime,
  memoryTime,
} from './correlation.ts';
export { type CriticalChoice, type CriticalInit, criticalInit, maxTrainableLength } from './critical.ts';
export { experiment } from './experiment.ts';
export {
  type MeanField,
  type MinimalParams,
  type Phi,
  type RnnParams,
  rnnMeanField,
  rnnMeanFields,
  rnnTrajectory,
  type Stationary,
  stationary,
  type Trajectory,
  timeScale,
  type VanillaParams,
} from './mean-field.ts';
export { type Axis, type PhaseDiagram, phaseDiagram } from './phase-diagram.ts';
export {
  gatedSpectrum,
  type JacobianSpectrum,
  jacobianMoments,
  jacobianSpectrum,
  type ProductSpectrum,
  productSpectrum,
  stateJacobian,
} from './state-jacobian.ts';
