/**
 * A frequency axis for scattered data in any dimension (arXiv 1806.08734, Exp. 4): eigenvectors v_n of a Gaussian kernel
 * matrix by *decreasing* eigenvalue; the index n plays the role of frequency, fhat[n] = v_n . (f(x_1), .., f(x_N)).
 * (The text of the paper lost a minus sign and a square in the kernel; this is the kernel of its notebook.)
 */
import { UserError } from '../../../array/errors.ts';
import { eigh } from '../../../linalg/index.ts';

/** Beyond this the dense eigenproblem needs more than 8 N^2 = 200 MB per matrix and many minutes. */
const LARGEST_DENSE = 5000;

export interface KernelSpectrum {
  /** N eigenvalues, decreasing. */
  readonly eigenvalues: Float64Array;
  /** N x N row-major; column n is v_n, the eigenvector of eigenvalue n. */
  readonly eigenvectors: Float64Array;
}

/**
 * K_ij = exp(-|x_i - x_j|^2 / (2 sigma^2)), N x N row-major, symmetric.
 *
 * @param X n x d data, row-major.
 * @param sigma width in the unit of x, > 0 (the paper: 1.25 for MNIST pixels in [0, 1]).
 * @throws UserError for sizes that do not fit, values that are not finite, or sigma <= 0.
 */
export function kernelMatrix(X: ArrayLike<number>, n: number, d: number, sigma: number): Float64Array {
  if (X.length !== n * d)
    throw new UserError(`kernel matrix: ${n} points of R^${d} need ${n * d} numbers; got ${X.length}.`);
  if (!(sigma > 0)) throw new UserError(`kernel matrix: sigma = ${sigma} must be positive.`);
  const points = Float64Array.from(X);
  const bad = points.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0)
    throw new UserError(`kernel matrix: coordinate ${bad % d} of point ${Math.floor(bad / d)} is ${points[bad]}.`);
  const K = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    K[i * n + i] = 1;
    for (let j = 0; j < i; j++) {
      let square = 0;
      for (let a = 0; a < d; a++) {
        const difference = points[i * d + a] - points[j * d + a];
        square += difference * difference;
      }
      K[i * n + j] = Math.exp(-square / (2 * sigma * sigma));
      K[j * n + i] = K[i * n + j];
    }
  }
  return K;
}

/**
 * Eigenvalues and eigenvectors of the Gaussian kernel matrix of the data, by decreasing eigenvalue (dense, float64).
 * Memory 8 N^2 bytes per matrix, time O(N^3).
 *
 * @param X n x d data, row-major.
 * @param sigma width of the kernel in the unit of x.
 * @throws UserError as `kernelMatrix`, and for more than 5000 points.
 */
export function kernelSpectrum(X: ArrayLike<number>, n: number, d: number, sigma: number): KernelSpectrum {
  if (n > LARGEST_DENSE)
    throw new UserError(
      `kernel spectrum: ${n} points are more than ${LARGEST_DENSE}; all modes are needed, so take a random subset of the data.`,
    );
  const { values, vectors } = eigh(kernelMatrix(X, n, d, sigma), n);
  const eigenvectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let m = 0; m < n; m++) eigenvectors[i * n + m] = vectors[i * n + (n - 1 - m)];
  return { eigenvalues: values.slice().reverse(), eigenvectors };
}

/**
 * Generalised spectrum fhat[m] = v_m . f.
 *
 * @param values leading axes x N, row-major: each run of N numbers is one function at the data points.
 * @returns leading axes x N coefficients, by decreasing eigenvalue; sum of squares = |f|^2.
 * @throws UserError for a length that is no multiple of N.
 */
export function project(spectrum: KernelSpectrum, values: ArrayLike<number>): Float64Array {
  const { eigenvalues, eigenvectors } = spectrum;
  const n = eigenvalues.length;
  if (values.length === 0 || values.length % n !== 0)
    throw new UserError(
      `kernel projection: ${values.length} values are not a whole number of functions at ${n} points.`,
    );
  const coefficients = new Float64Array(values.length);
  for (let b = 0; b < values.length; b += n)
    for (let i = 0; i < n; i++) {
      const f = values[b + i];
      for (let m = 0; m < n; m++) coefficients[b + m] += f * eigenvectors[i * n + m];
    }
  return coefficients;
}

/** psi = sum_{m=1..N} (m/N)^exponent v_m (default exponent 2: mostly high frequency); |psi|^2 is about N / (2 exponent + 1). */
export function kernelNoise(spectrum: KernelSpectrum, exponent = 2): Float64Array {
  const { eigenvalues, eigenvectors } = spectrum;
  const n = eigenvalues.length;
  const psi = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let m = 0; m < n; m++) psi[i] += ((m + 1) / n) ** exponent * eigenvectors[i * n + m];
  return psi;
}
