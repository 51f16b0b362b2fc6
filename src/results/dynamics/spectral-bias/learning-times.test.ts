import { describe, expect, it } from 'vitest';
import { capturedFraction } from './fourier.ts';
import { predictedTimes } from './learning-times.ts';

/** A circulant kernel on N points with eigenvalue lambda(k) for the sinusoids of frequency k. */
function circulant(n: number, lambda: (k: number) => number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => {
    const lag = Math.floor(i / n) - (i % n);
    let sum = 0;
    for (let k = 0; k < n; k++) sum += lambda(Math.min(k, n - k)) * Math.cos((2 * Math.PI * k * lag) / n);
    return sum / n;
  });
}

describe('predictedTimes', () => {
  const n = 32;
  const frequencies = [1, 2, 3, 5];
  const theta = circulant(n, (k) => 40 / (1 + k * k));
  const eta = n / (4 * 40);

  it('equals gradient descent in the linear regime, step by step', () => {
    const target = Float64Array.from({ length: n }, (_, j) =>
      frequencies.reduce((sum, k) => sum + Math.sin((2 * Math.PI * k * j) / n + k), 0),
    );
    // f <- f - eta Theta (2/N) (f - y): the change of the outputs under a step of size eta on the mean squared error.
    let f = new Float64Array(n);
    const measured = frequencies.map(() => Number.NaN);
    for (let step = 1; step <= 200; step++) {
      const residual = f.map((v, i) => v - target[i]);
      f = f.map((v, i) => v - ((2 * eta) / n) * residual.reduce((sum, r, j) => sum + theta[i * n + j] * r, 0));
      capturedFraction(f, { n, frequencies, amplitudes: [1, 1, 1, 1] }).forEach((captured, c) => {
        if (captured >= 0.5 && Number.isNaN(measured[c])) measured[c] = step;
      });
    }
    const { steps, eigenvalues } = predictedTimes({ theta, n, frequencies, eta, q: 0.5 });
    frequencies.forEach((k, c) => {
      expect(eigenvalues[c]).toBeCloseTo(40 / (1 + k * k), 10);
      expect(measured[c]).toBe(Math.ceil(steps[c] - 1e-9));
    });
  });

  it('never learns a mode without eigenvalue, and takes the mean of cosine and sine', () => {
    const blind = circulant(n, (k) => (k === 2 ? 0 : 1));
    expect(predictedTimes({ theta: new Float64Array(n * n), n, frequencies: [2], eta }).steps[0]).toBe(Infinity);
    expect(predictedTimes({ theta: blind, n, frequencies: [2], eta }).eigenvalues[0]).toBeCloseTo(0, 12);
    const cosineOnly = Float64Array.from(
      { length: n * n },
      (_, i) => Math.cos((2 * Math.PI * Math.floor(i / n)) / n) * Math.cos((2 * Math.PI * (i % n)) / n),
    );
    expect(predictedTimes({ theta: cosineOnly, n, frequencies: [1], eta }).eigenvalues[0]).toBeCloseTo(n / 4, 10);
  });

  it('refuses divergence, q and eta out of range, a kernel that is not one, and frequency 0', () => {
    const problem = { theta, n, frequencies, eta };
    expect(() => predictedTimes({ ...problem, eta: n })).toThrow('diverges at frequency 1');
    expect(() => predictedTimes({ ...problem, q: 1 })).toThrow('q = 1 must lie in (0, 1)');
    expect(() => predictedTimes({ ...problem, eta: 0 })).toThrow('eta = 0 must be positive');
    expect(() => predictedTimes({ ...problem, theta: theta.map((v) => -v) })).toThrow('lambda >= 0');
    expect(() => predictedTimes({ ...problem, n: 5 })).toThrow('not 5 x 5');
    expect(() => predictedTimes({ ...problem, frequencies: [0] })).toThrow('frequency 0 is a constant');
  });
});
