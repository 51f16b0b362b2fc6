import { describe, expect, it } from 'vitest';
import { kernelNoise, kernelSpectrum } from './kernel-spectrum.ts';
import { addFrequencyNoise } from './noise.ts';
import { normals } from './normals.fixture.ts';

describe('addFrequencyNoise', () => {
  const [n, d] = [12, 3];
  const normal = normals(1);
  const X = Float64Array.from({ length: n * d }, normal);
  const y = Float64Array.from({ length: n }, normal);
  const row = (i: number) => Array.from(X.subarray(i * d, (i + 1) * d));

  it('radial: y + beta sin(2 pi k |x|)', () => {
    const noised = addFrequencyNoise(X, n, d, y, { kind: 'radial', frequency: 0.3, amplitude: 2 });
    for (let i = 0; i < n; i++)
      expect(noised[i]).toBeCloseTo(y[i] + 2 * Math.sin(2 * Math.PI * 0.3 * Math.hypot(...row(i))), 12);
  });

  it('plane: the direction is normalised', () => {
    const noised = addFrequencyNoise(X, n, d, y, { kind: 'plane', frequency: 0.5, amplitude: 1, direction: [0, 3, 4] });
    for (let i = 0; i < n; i++)
      expect(noised[i]).toBeCloseTo(y[i] + Math.sin(Math.PI * (0.6 * row(i)[1] + 0.8 * row(i)[2])), 12);
  });

  it('kernel: adds psi; the labels given stay as they are', () => {
    const spectrum = kernelSpectrum(X, n, d, 1);
    const before = y.slice();
    const noised = addFrequencyNoise(X, n, d, y, { kind: 'kernel', amplitude: 0.5, spectrum, exponent: 1 });
    const psi = kernelNoise(spectrum, 1);
    for (let i = 0; i < n; i++) expect(noised[i]).toBeCloseTo(y[i] + 0.5 * psi[i], 12);
    expect(y).toEqual(before);
  });

  it('refuses sizes and directions that do not fit', () => {
    const wave = { kind: 'plane', frequency: 1, amplitude: 1 } as const;
    expect(() => addFrequencyNoise(X, n, 2, y, { ...wave, direction: [1, 0] })).toThrow('12 points of R^2 need 24');
    expect(() => addFrequencyNoise(X, n, d, y, { ...wave, direction: [0, 0, 0] })).toThrow('not all 0');
    expect(() => addFrequencyNoise(X, n, d, y, { ...wave, direction: [1] })).toThrow('got 1 of length 1');
    const small = kernelSpectrum([0, 1], 2, 1, 1);
    expect(() => addFrequencyNoise(X, n, d, y, { kind: 'kernel', amplitude: 1, spectrum: small })).toThrow(
      'is of 2 points',
    );
  });
});
