import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allFrequencies, assertUniformGrid, capturedFraction, fourierMatrix, fourierSpectrum } from './fourier.ts';

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true });

describe('fourierSpectrum', () => {
  it('is |sum_j f_j exp(-2 pi i k j / N)| / N for k = 0..floor((N-1)/2), signal by signal', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 24 })
          .chain((n) => fc.tuple(fc.constant(n), fc.array(finite, { minLength: 2 * n, maxLength: 2 * n }))),
        ([n, values]) => {
          const spectrum = fourierSpectrum(values, { n });
          const K = Math.floor((n - 1) / 2) + 1;
          expect(Array.from(spectrum.frequency)).toEqual(Array.from({ length: K }, (_, k) => k));
          for (let b = 0; b < 2; b++)
            for (let k = 0; k < K; k++) {
              let [re, im] = [0, 0];
              for (let j = 0; j < n; j++) {
                re += values[b * n + j] * Math.cos((2 * Math.PI * k * j) / n);
                im -= values[b * n + j] * Math.sin((2 * Math.PI * k * j) / n);
              }
              const magnitude = spectrum.magnitude[b * K + k];
              expect(magnitude).toBeCloseTo(Math.hypot(re, im) / n, 8);
              expect(magnitude * Math.cos(spectrum.phase[b * K + k])).toBeCloseTo(re / n, 8);
              expect(magnitude * Math.sin(spectrum.phase[b * K + k])).toBeCloseTo(im / n, 8);
            }
        },
      ),
    );
  });

  it('keeps Parseval: the full two-sided spectrum holds the mean square', () => {
    const values = Float64Array.from({ length: 35 }, (_, j) => Math.sin(j * j));
    const { magnitude } = fourierSpectrum(values, { n: 35 });
    const twoSided = magnitude.reduce((sum, m, k) => sum + (k === 0 ? 1 : 2) * m * m, 0);
    expect(twoSided).toBeCloseTo(values.reduce((sum, v) => sum + v * v, 0) / 35, 12);
  });

  it('with a Hann window keeps a sinusoid and removes the leak of an aperiodic ramp', () => {
    const n = 64;
    const wave = Float64Array.from({ length: n }, (_, j) => 3 * Math.cos((2 * Math.PI * 7 * j) / n));
    expect(fourierSpectrum(wave, { n, window: 'hann', frequencies: [7] }).magnitude[0]).toBeCloseTo(1.5, 12);
    const ramp = Float64Array.from({ length: n }, (_, j) => j / n);
    const at20 = (window: 'none' | 'hann') => fourierSpectrum(ramp, { n, window, frequencies: [20] }).magnitude[0];
    expect(at20('hann')).toBeLessThan(0.01 * at20('none'));
  });

  it('refuses frequencies at or above Nyquist, fractions, NaN and lengths that do not fit', () => {
    const values = new Float64Array(8);
    expect(() => fourierSpectrum(values, { n: 8, frequencies: [4] })).toThrow('frequency 4 is above Nyquist for N = 8');
    expect(() => fourierSpectrum(values, { n: 8, frequencies: [1.5] })).toThrow('whole number');
    expect(() => fourierSpectrum(values, { n: 3 })).toThrow('8 values are not a whole number of signals of n = 3');
    expect(() => fourierSpectrum([0, 0, 0, Number.NaN], { n: 2 })).toThrow('sample 1 of signal 1 is NaN');
  });
});

describe('fourierMatrix', () => {
  it('has orthogonal columns of square length N/2', () => {
    const n = 21;
    const { cos, sin } = fourierMatrix(n, allFrequencies(n).slice(1));
    const K = 10;
    for (let a = 0; a < K; a++)
      for (let b = 0; b < K; b++) {
        let [cc, cs] = [0, 0];
        for (let j = 0; j < n; j++) {
          cc += cos[j * K + a] * cos[j * K + b];
          cs += cos[j * K + a] * sin[j * K + b];
        }
        expect(cc).toBeCloseTo(a === b ? n / 2 : 0, 10);
        expect(cs).toBeCloseTo(0, 10);
      }
  });
});

describe('capturedFraction', () => {
  it('recovers the share of each target sinusoid, whatever its phase', () => {
    const share = fc.double({ min: 0, max: 2, noNaN: true });
    const angle = fc.double({ min: 0, max: 6.28, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 11, max: 40 }),
        fc.tuple(share, share),
        fc.tuple(angle, angle),
        (n, shares, phases) => {
          const frequencies = [2, 5];
          const amplitudes = [0.5, 3];
          const values = Float64Array.from({ length: n }, (_, j) =>
            frequencies.reduce(
              (sum, k, i) => sum + shares[i] * amplitudes[i] * Math.sin((2 * Math.PI * k * j) / n + phases[i]),
              0,
            ),
          );
          const captured = capturedFraction(values, { n, frequencies, amplitudes });
          for (let i = 0; i < 2; i++) expect(captured[i]).toBeCloseTo(shares[i], 10);
        },
      ),
    );
  });

  it('refuses amplitudes that are not positive or too few, and frequency 0', () => {
    const values = new Float64Array(8);
    expect(() => capturedFraction(values, { n: 8, frequencies: [1], amplitudes: [0] })).toThrow('must be positive');
    expect(() => capturedFraction(values, { n: 8, frequencies: [1, 2], amplitudes: [1] })).toThrow(
      '2 frequencies and 1',
    );
    expect(() => capturedFraction(values, { n: 8, frequencies: [0], amplitudes: [1] })).toThrow('constant');
  });
});

describe('assertUniformGrid', () => {
  it('accepts float32 grids and refuses uneven ones with their spacings', () => {
    expect(() => assertUniformGrid(Float32Array.from({ length: 200 }, (_, j) => j / 200))).not.toThrow();
    expect(() => assertUniformGrid([0, 0.1, 0.3])).toThrow(
      /spectrum needs equally spaced samples; got spacings from 0.1 to 0.19/,
    );
    expect(() => assertUniformGrid([2, 1, 0])).toThrow('got spacings from -1 to -1');
    expect(() => assertUniformGrid([0, Number.NaN, 1])).toThrow('not a number');
  });
});
