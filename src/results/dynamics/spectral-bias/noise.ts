/**
 * Label noise of one frequency, for data in any dimension (arXiv 1806.08734, Section 4, Exp. 3 and 4, Figs. 4 and 5).
 */
import { UserError } from '../../../array/errors.ts';
import { type KernelSpectrum, kernelNoise } from './kernel-spectrum.ts';

export type FrequencyNoise =
  /** sin(2 pi k |x|), k = frequency in cycles per unit of x. */
  | { readonly kind: 'radial'; readonly frequency: number; readonly amplitude: number }
  /**
   * sin(2 pi k u.x) along u = direction / |direction|. For an isotropic direction give d Gaussian numbers (the paper's
   * notebook draws them in [0, 1], which prefers the diagonal).
   */
  | {
      readonly kind: 'plane';
      readonly frequency: number;
      readonly amplitude: number;
      readonly direction: ArrayLike<number>;
    }
  /** psi = sum_n (n / N)^exponent v_n over the kernel's eigenvectors by decreasing eigenvalue (default exponent 2). */
  | {
      readonly kind: 'kernel';
      readonly amplitude: number;
      readonly spectrum: KernelSpectrum;
      readonly exponent?: number;
    };

/**
 * Labels y + amplitude x wave(X).
 *
 * @param X n x d data, row-major.
 * @param y n labels; left as they are.
 * @returns n noised labels.
 * @throws UserError for sizes that do not fit or a zero direction.
 */
export function addFrequencyNoise(
  X: ArrayLike<number>,
  n: number,
  d: number,
  y: ArrayLike<number>,
  noise: FrequencyNoise,
): Float64Array {
  if (X.length !== n * d || y.length !== n)
    throw new UserError(
      `frequency noise: ${n} points of R^${d} need ${n * d} coordinates and ${n} labels; got ${X.length} and ${y.length}.`,
    );
  const psi = wave(X, n, d, noise);
  return Float64Array.from(y, (label, i) => label + noise.amplitude * psi[i]);
}

function wave(X: ArrayLike<number>, n: number, d: number, noise: FrequencyNoise): Float64Array {
  switch (noise.kind) {
    case 'radial':
      return Float64Array.from({ length: n }, (_, i) => {
        let square = 0;
        for (let a = i * d; a < (i + 1) * d; a++) square += X[a] * X[a];
        return Math.sin(2 * Math.PI * noise.frequency * Math.sqrt(square));
      });
    case 'plane': {
      const u = unit(noise.direction, d);
      return Float64Array.from({ length: n }, (_, i) => {
        let along = 0;
        for (let a = 0; a < d; a++) along += u[a] * X[i * d + a];
        return Math.sin(2 * Math.PI * noise.frequency * along);
      });
    }
    case 'kernel': {
      if (noise.spectrum.eigenvalues.length !== n)
        throw new UserError(
          `frequency noise: the kernel spectrum is of ${noise.spectrum.eigenvalues.length} points, the data has ${n}.`,
        );
      return kernelNoise(noise.spectrum, noise.exponent);
    }
  }
}

function unit(direction: ArrayLike<number>, d: number): Float64Array {
  const length = Math.sqrt(Array.from(direction).reduce((sum, v) => sum + v * v, 0));
  if (direction.length !== d || !(length > 0 && Number.isFinite(length)))
    throw new UserError(
      `frequency noise: a plane wave in R^${d} needs ${d} finite direction components, not all 0; got ${direction.length} of length ${length}.`,
    );
  return Float64Array.from(direction, (v) => v / length);
}
