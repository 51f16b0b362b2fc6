/** Linear algebra: dense in double precision on the host, and matrix-free over any `v => A v`. */
export { cholesky, choleskySolve, triangularSolve } from './cholesky.ts';
export { conjugateGradients, type Solution } from './conjugate-gradients.ts';
export { gaussNewtonOperator, hessianOperator, type Jacobian, jacobianOperator } from './curvature.ts';
export { eigenvalues } from './eigenvalues.ts';
export { eigh } from './eigh.ts';
export type { Estimate } from './estimate.ts';
export { haar } from './haar.ts';
export { hutchPlusPlus } from './hutch-plus-plus.ts';
export { hutchinson, type TraceOptions } from './hutchinson.ts';
export { lanczos, type RitzPairs, ritzPairs, type Tridiagonalization } from './lanczos.ts';
export { lobpcg } from './lobpcg.ts';
export { nnls } from './nnls.ts';
export type { OnStep, Operator } from './operator.ts';
export { qr } from './qr.ts';
export type { Eigenpairs, Which } from './rayleigh-ritz.ts';
export { solve } from './solve.ts';
export {
  type SpectralDensity,
  type SpectralQuadrature,
  spectralDensity,
  spectralSum,
  stochasticLanczosQuadrature,
} from './stochastic-lanczos-quadrature.ts';
export { type IterationOptions, powerIteration, subspaceIteration } from './subspace-iteration.ts';
export { lstsq, pinv, type SingularValueDecomposition, singularValues, svd } from './svd.ts';
export { lanczosEigenpairs } from './thick-restart-lanczos.ts';
