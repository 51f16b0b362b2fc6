/**
 * When will a frequency be learned? The linear-regime prediction (our addition; the standard kernel argument of
 * arXiv 1806.07572): gradient descent of step eta on (1/N) sum (f - y)^2 shrinks the residual along an eigenvector of the
 * NTK Theta by 1 - 2 eta lambda / N per step. On a uniform grid of the circle Theta is circulant in expectation, its
 * eigenvectors are the sinusoids, and
 *
 *   t_k = ln(1 - q) / ln(1 - 2 eta lambda_k / N),   lambda_k = (c' Theta c + s' Theta s) / 2,
 *
 * c and s being the unit cosine and sine of frequency k.
 */
import { UserError } from '../../../array/errors.ts';
import { fourierMatrix } from './fourier.ts';

export interface PredictedTimes {
  /** lambda_k, one per frequency. */
  readonly eigenvalues: Float64Array;
  /** t_k in steps (a real number); Infinity where lambda_k = 0. */
  readonly steps: Float64Array;
}

/**
 * Predicted step at which frequency k reaches captured fraction q, starting from 0 (so train on target + initial output).
 *
 * @param theta N x N empirical NTK at initialisation, row-major, on the training grid.
 * @param n N.
 * @param frequencies whole frequencies, 1 <= k < N/2, in cycles over the grid.
 * @param eta learning rate of plain gradient descent on the *mean* squared error.
 * @param q captured fraction in (0, 1) (default 0.5).
 * @throws UserError for sizes that do not fit, q outside (0, 1), a negative lambda_k (Theta is not an NTK), or
 *   eta lambda_k / N >= 1 (the descent diverges).
 */
export function predictedTimes(problem: {
  readonly theta: Float64Array;
  readonly n: number;
  readonly frequencies: ArrayLike<number>;
  readonly eta: number;
  readonly q?: number;
}): PredictedTimes {
  const { theta, n, frequencies, eta, q = 0.5 } = problem;
  if (theta.length !== n * n)
    throw new UserError(`learning times: Theta has ${theta.length} entries, not ${n} x ${n}.`);
  if (!(q > 0 && q < 1)) throw new UserError(`learning times: the captured fraction q = ${q} must lie in (0, 1).`);
  if (!(eta > 0)) throw new UserError(`learning times: the learning rate eta = ${eta} must be positive.`);
  const scale = theta.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  const eigenvalues = sinusoidEigenvalues(theta, n, frequencies).map((lambda, i) => {
    // Below zero by no more than the rounding of a float32 kernel: a mode without eigenvalue.
    if (!(lambda >= -1e-6 * scale))
      throw new UserError(
        `learning times: lambda = ${lambda} at frequency ${frequencies[i]}; a tangent kernel has lambda >= 0.`,
      );
    return Math.max(0, lambda);
  });
  const steps = eigenvalues.map((lambda, i) => {
    const shrink = 1 - (2 * eta * lambda) / n;
    if (shrink <= -1)
      throw new UserError(
        `learning times: eta = ${eta} diverges at frequency ${frequencies[i]} (lambda = ${lambda}); take eta < ${n / lambda}.`,
      );
    // shrink < 0 overshoots, and still shrinks by |shrink|; shrink = 1 (lambda = 0) never gets there.
    return shrink === 1 ? Number.POSITIVE_INFINITY : Math.log(1 - q) / Math.log(Math.abs(shrink));
  });
  return { eigenvalues, steps };
}

/** lambda_k: with c and s of length sqrt(N/2) before scaling, the two Rayleigh quotients and their mean. */
function sinusoidEigenvalues(theta: Float64Array, n: number, frequencies: ArrayLike<number>): Float64Array {
  const { cos, sin } = fourierMatrix(n, frequencies);
  const K = frequencies.length;
  return Float64Array.from({ length: K }, (_, c) => {
    if (frequencies[c] === 0)
      throw new UserError('learning times: frequency 0 is a constant, not a cosine and sine pair; ask for k >= 1.');
    let sum = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        sum += theta[i * n + j] * (cos[i * K + c] * cos[j * K + c] + sin[i * K + c] * sin[j * K + c]);
    return sum / n;
  });
}
