/**
 * Fourier measurement on a uniform grid ("On the Spectral Bias of Neural Networks", arXiv 1806.08734, Section 4, Exp. 1):
 * fhat(k) = |sum_j f_j exp(-2 pi i k j / N)| / N and the captured fraction c_k = 2 fhat(k) / A_k of a target sinusoid.
 * The transform is a product with two fixed N x K matrices: any N, O(N K), and only the frequencies that one asks for.
 */
import { UserError } from '../../../array/errors.ts';

export interface FourierSpectrum {
  /** The K frequencies, in cycles over the window of N samples. */
  readonly frequency: Int32Array;
  /** |DFT_k| / N, leading axes x K, in the unit of the values. */
  readonly magnitude: Float64Array;
  /** Argument of DFT_k in (-pi, pi], leading axes x K; meaningless where the magnitude is round-off. */
  readonly phase: Float64Array;
}

/** Frequencies a real signal of n samples can carry: 0, 1, .., floor((n - 1) / 2). */
export function allFrequencies(n: number): number[] {
  return Array.from({ length: Math.floor((n - 1) / 2) + 1 }, (_, k) => k);
}

/**
 * The N x K matrices cos(2 pi k j / N) and sin(2 pi k j / N), row-major with the sample j as row.
 *
 * @throws UserError for a frequency that is not a whole number, negative, or at or above Nyquist (2 k >= N).
 */
export function fourierMatrix(
  n: number,
  frequencies: ArrayLike<number>,
): { readonly cos: Float64Array; readonly sin: Float64Array } {
  assertFrequencies(n, frequencies);
  const K = frequencies.length;
  const cos = new Float64Array(n * K);
  const sin = new Float64Array(n * K);
  for (let j = 0; j < n; j++)
    for (let c = 0; c < K; c++) {
      // k j mod N keeps the angle in [0, 2 pi): no loss of digits for large k j.
      const angle = (2 * Math.PI * ((frequencies[c] * j) % n)) / n;
      cos[j * K + c] = Math.cos(angle);
      sin[j * K + c] = Math.sin(angle);
    }
  return { cos, sin };
}

/**
 * One-sided spectrum of samples on a uniform grid.
 *
 * @param values leading axes x N, row-major: each consecutive run of `n` numbers is one signal.
 * @param options.n N, samples per signal (any positive integer).
 * @param options.window 'none' (default), or 'hann', which removes the 1/k leak of a signal that is not periodic on the
 *   window; it is divided by its mean, so a sinusoid keeps its magnitude (and spreads to k +- 1).
 * @param options.frequencies K whole frequencies below Nyquist, in cycles per window (default: all, 0..floor((N-1)/2)).
 * @throws UserError for a length that is no multiple of n, NaN or infinite values, frequencies at or above Nyquist.
 */
export function fourierSpectrum(
  values: ArrayLike<number>,
  options: { readonly n: number; readonly window?: 'none' | 'hann'; readonly frequencies?: ArrayLike<number> },
): FourierSpectrum {
  const { n, window = 'none', frequencies = allFrequencies(n) } = options;
  assertSignals(values, n);
  const { cos, sin } = fourierMatrix(n, frequencies);
  const weight = window === 'hann' ? hannOfUnitMean(n) : new Float64Array(n).fill(1);
  const K = frequencies.length;
  const signals = values.length / n;
  const magnitude = new Float64Array(signals * K);
  const phase = new Float64Array(signals * K);
  for (let b = 0; b < signals; b++) {
    const re = new Float64Array(K);
    const im = new Float64Array(K);
    for (let j = 0; j < n; j++) {
      const f = values[b * n + j] * weight[j];
      for (let c = 0; c < K; c++) {
        re[c] += f * cos[j * K + c];
        im[c] -= f * sin[j * K + c];
      }
    }
    for (let c = 0; c < K; c++) {
      magnitude[b * K + c] = Math.hypot(re[c], im[c]) / n;
      phase[b * K + c] = Math.atan2(im[c], re[c]);
    }
  }
  return { frequency: Int32Array.from(frequencies), magnitude, phase };
}

/**
 * Captured fraction c_k = 2 fhat(k) / A_k of target sinusoids of amplitude A_k (1 = learned), leading axes x K.
 *
 * @param values leading axes x N, on the grid z_j = j/N.
 * @param options.frequencies K whole frequencies, 1 <= k < N/2 (at k = 0 the factor 2 has no meaning).
 * @param options.amplitudes K positive amplitudes.
 * @throws UserError as `fourierSpectrum`, and for k = 0 or an amplitude that is not positive.
 */
export function capturedFraction(
  values: ArrayLike<number>,
  options: {
    readonly n: number;
    readonly frequencies: ArrayLike<number>;
    readonly amplitudes: ArrayLike<number>;
  },
): Float64Array {
  const { n, frequencies, amplitudes } = options;
  const K = frequencies.length;
  if (amplitudes.length !== K)
    throw new UserError(
      `captured fraction: got ${K} frequencies and ${amplitudes.length} amplitudes; give one of each.`,
    );
  for (let c = 0; c < K; c++) {
    if (!(amplitudes[c] > 0))
      throw new UserError(`captured fraction: amplitude ${c} is ${amplitudes[c]}; it must be positive.`);
    if (frequencies[c] === 0)
      throw new UserError('captured fraction: frequency 0 is a constant, not a sinusoid; ask for k >= 1.');
  }
  return fourierSpectrum(values, { n, frequencies }).magnitude.map((fhat, i) => (2 * fhat) / amplitudes[i % K]);
}

/**
 * Passes if x is an increasing, equally spaced grid: spacings agree to 1e-6 of their mean, beside the rounding of
 * positions to float32.
 *
 * @throws UserError that names the smallest and the largest spacing.
 */
export function assertUniformGrid(x: ArrayLike<number>): void {
  let smallest = Number.POSITIVE_INFINITY;
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = 1; j < x.length; j++) {
    const spacing = x[j] - x[j - 1];
    if (Number.isNaN(spacing)) throw new UserError(`spectrum grid: point ${j} or the one before it is not a number.`);
    smallest = Math.min(smallest, spacing);
    largest = Math.max(largest, spacing);
  }
  const mean = (x[x.length - 1] - x[0]) / (x.length - 1);
  const rounding = 2 ** -22 * Math.max(Math.abs(x[0]), Math.abs(x[x.length - 1]));
  if (x.length > 1 && !(smallest > 0 && largest - smallest <= 1e-6 * mean + rounding))
    throw new UserError(
      `spectrum needs equally spaced samples; got spacings from ${smallest} to ${largest}. ` +
        'Evaluate the function on z_j = j/N, or use the kernel spectrum for scattered data.',
    );
}

/** The periodic Hann window 1 - cos(2 pi j / N), whose mean is 1. */
function hannOfUnitMean(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, j) => (n === 1 ? 1 : 1 - Math.cos((2 * Math.PI * j) / n)));
}

function assertSignals(values: ArrayLike<number>, n: number): void {
  if (!Number.isInteger(n) || n < 1 || values.length === 0 || values.length % n !== 0)
    throw new UserError(`spectrum: ${values.length} values are not a whole number of signals of n = ${n} samples.`);
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new UserError(
        `spectrum: sample ${i % n} of signal ${Math.floor(i / n)} is ${values[i]}; all samples must be finite.`,
      );
}

function assertFrequencies(n: number, frequencies: ArrayLike<number>): void {
  for (let c = 0; c < frequencies.length; c++) {
    const k = frequencies[c];
    if (!Number.isInteger(k) || k < 0)
      throw new UserError(`spectrum: frequency ${k} must be a whole number >= 0 of cycles over the window.`);
    if (2 * k >= n)
      throw new UserError(
        `spectrum: frequency ${k} is above Nyquist for N = ${n} samples; take k < ${n / 2} or more samples.`,
      );
  }
}
