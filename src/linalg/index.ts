/** Linear algebra: dense in double precision on the host, and matrix-free over any `v => A v`. */
export { conjugateGradients, type Solution } from './conjugate-gradients.ts';
export { gaussNewtonOperator, hessianOperator, type Jacobian, jacobianOperator } from './curvature.ts';
export { eigh } from './eigh.ts';
export type { Estimate } from './estimate.ts';
export { hutchPlusPlus } from './hutch-plus-plus.ts';
export { hutchinson, type TraceOptions } from './hutchinson.ts';
export { lanczos, type RitzPairs, ritzPairs, type Tridiagonalization } from './lanczos.ts';
export { lobpcg } from './lobpcg.ts';
export type { OnStep, Operator } from './operator.ts';
export type { Eigenpairs, Which } from './rayleigh-ritz.ts';
export {
  type SpectralDensity,
  type SpectralQuadrature,
  spectralDensity,
  spectralSum,
  stochasticLanczosQuadrature,
} from './stochastic-lanczos-quadrature.ts';
export { type IterationOptions, powerIteration, subspaceIteration } from './subspace-iteration.ts';
export { lanczosEigenpairs } from './thick-restart-lanczos.ts';
