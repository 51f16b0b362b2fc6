import { describe, expect, it } from 'vitest';
import { kernelMatrix, kernelNoise, kernelSpectrum, project } from './kernel-spectrum.ts';
import { normals } from './normals.fixture.ts';

describe('kernelSpectrum', () => {
  const [n, d, sigma] = [30, 4, 1.25];
  const normal = normals(1);
  const X = Float64Array.from({ length: n * d }, normal);
  const spectrum = kernelSpectrum(X, n, d, sigma);

  it('diagonalises exp(-|x_i - x_j|^2 / (2 sigma^2)), largest eigenvalue first', () => {
    const { eigenvalues, eigenvectors } = spectrum;
    for (let m = 1; m < n; m++) expect(eigenvalues[m]).toBeLessThanOrEqual(eigenvalues[m - 1]);
    expect(eigenvalues.reduce((a, b) => a + b, 0)).toBeCloseTo(n, 10);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const square = Array.from({ length: d }, (_, a) => (X[i * d + a] - X[j * d + a]) ** 2).reduce(
          (a, b) => a + b,
          0,
        );
        const rebuilt = eigenvalues.reduce(
          (sum, v, m) => sum + v * eigenvectors[i * n + m] * eigenvectors[j * n + m],
          0,
        );
        expect(rebuilt).toBeCloseTo(Math.exp(-square / (2 * sigma * sigma)), 11);
      }
  });

  it('projects: modes to unit vectors, energy conserved, several functions at once', () => {
    const { eigenvectors } = spectrum;
    const third = Float64Array.from({ length: n }, (_, i) => eigenvectors[i * n + 2]);
    const random = Float64Array.from({ length: n }, normal);
    const coefficients = project(spectrum, Float64Array.of(...third, ...random));
    for (let m = 0; m < n; m++) expect(coefficients[m]).toBeCloseTo(m === 2 ? 1 : 0, 11);
    const energy = (v: Float64Array) => v.reduce((sum, x) => sum + x * x, 0);
    expect(energy(coefficients.subarray(n))).toBeCloseTo(energy(random), 10);
  });

  it('psi has the profile (m/N)^gamma and |psi|^2 near N / (2 gamma + 1)', () => {
    const psi = kernelNoise(spectrum);
    project(spectrum, psi).forEach((c, m) => {
      expect(c).toBeCloseTo(((m + 1) / n) ** 2, 11);
    });
    expect(psi.reduce((sum, v) => sum + v * v, 0) / (n / 5)).toBeCloseTo(1, 0);
    expect(project(spectrum, kernelNoise(spectrum, 0.5))[3]).toBeCloseTo(Math.sqrt(4 / n), 11);
  });

  it('on a grid of the circle orders sinusoids by frequency', () => {
    const N = 16;
    const circle = Float64Array.from({ length: 2 * N }, (_, i) =>
      i % 2 ? Math.sin((Math.PI * (i - 1)) / N) : Math.cos((Math.PI * i) / N),
    );
    const onCircle = kernelSpectrum(circle, N, 2, 0.5);
    for (let k = 1; k < 8; k++) {
      const wave = Float64Array.from({ length: N }, (_, j) => Math.sin((2 * Math.PI * k * j) / N + 0.3));
      const coefficients = project(onCircle, wave);
      const inPair = coefficients[2 * k - 1] ** 2 + coefficients[2 * k] ** 2;
      expect(inPair).toBeCloseTo(N / 2, 9);
    }
  });

  it('refuses sizes that do not fit, NaN, sigma <= 0 and more than 5000 points', () => {
    expect(() => kernelMatrix([1, 2, 3], 2, 2, 1)).toThrow('need 4 numbers; got 3');
    expect(() => kernelMatrix([1, Number.NaN], 1, 2, 1)).toThrow('coordinate 1 of point 0 is NaN');
    expect(() => kernelMatrix([1, 2], 2, 1, 0)).toThrow('sigma = 0 must be positive');
    expect(() => kernelSpectrum(new Float64Array(5001), 5001, 1, 1)).toThrow('take a random subset');
    expect(() => project(spectrum, new Float64Array(31))).toThrow('31 values are not a whole number of functions');
  });
});
