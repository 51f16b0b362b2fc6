import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { counted, inner, known, orthogonalityDefect, times } from './known-spectrum.fixture.ts';
import { lanczos, ritzPairs } from './lanczos.ts';

/** The three-term recurrence of the paper, orthogonalized against everything by modified Gram-Schmidt three times. */
function naive(matrix: Float64Array, start: ArrayLike<number>, steps: number) {
  const norm = Math.sqrt(inner(start, start));
  const q = [Float64Array.from(start, (x) => x / norm)];
  const alpha: number[] = [];
  const beta: number[] = [];
  for (let j = 0; j < steps; j++) {
    const w = times(matrix, q[j]);
    alpha.push(inner(w, q[j]));
    for (let i = 0; i < w.length; i++) w[i] -= alpha[j] * q[j][i] + (j > 0 ? beta[j - 1] * q[j - 1][i] : 0);
    for (let pass = 0; pass < 3; pass++) {
      for (const u of q) {
        const overlap = inner(u, w);
        for (let i = 0; i < w.length; i++) w[i] -= overlap * u[i];
      }
    }
    beta.push(Math.sqrt(inner(w, w)));
    q.push(w.map((x) => x / beta[j]));
  }
  return { alpha, beta };
}

const spectrum = (n: number, seed: number) =>
  known(
    Array.from({ length: n }, (_, i) => Math.cos(i * i + seed) * (i === 0 ? 20 : 1)),
    seed,
  );

describe('lanczos', () => {
  test('equals the recurrence of the paper', async () => {
    const { matrix } = spectrum(60, 3);
    const start = random.normal(random.key(1), [60], { dtype: 'float64' });
    const { alpha, beta, residual } = await lanczos(counted(matrix, 'float64').A, start, 40);
    const expected = naive(matrix, (await start.data()) as Float64Array, 40);
    // 40 steps on a spectrum of this kind are stable: only rounding separates the two.
    alpha.forEach((a, j) => {
      expect(a).toBeCloseTo(expected.alpha[j], 9);
    });
    beta.forEach((b, j) => {
      expect(b).toBeCloseTo(expected.beta[j], 9);
    });
    expect(residual).toBeCloseTo(expected.beta[39], 9);
  });

  test('satisfies A Q^T = Q^T T + residual q e_k^T with orthonormal Q, at any size and number of steps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 40 }),
        fc.nat(100),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (n, seed, part) => {
          const steps = Math.max(1, Math.floor(part * n));
          const { matrix } = spectrum(n, seed);
          const { A, products } = counted(matrix, 'float64');
          const result = await lanczos(A, random.normal(random.key(seed), [n], { dtype: 'float64' }), steps);
          expect(products()).toBe(steps);
          const q = (await result.basis.data()) as Float64Array;
          expect([...result.basis.shape]).toEqual([steps, n]);
          expect(orthogonalityDefect(q, steps)).toBeLessThan(1e-13);
          const row = (j: number) => q.subarray(j * n, (j + 1) * n);
          for (let j = 0; j < steps; j++) {
            const left = times(matrix, row(j));
            for (let i = 0; i < n; i++) {
              left[i] -= result.alpha[j] * row(j)[i];
              if (j > 0) left[i] -= result.beta[j - 1] * row(j - 1)[i];
              if (j + 1 < steps) left[i] -= result.beta[j] * row(j + 1)[i];
            }
            const expected = j + 1 < steps ? 0 : result.residual;
            expect(Math.abs(Math.sqrt(inner(left, left)) - expected)).toBeLessThan(1e-12);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('n steps give the whole spectrum; Ritz values interlace it and their bounds hold before', async () => {
    const { matrix, values } = spectrum(30, 2);
    const sorted = [...values].sort((a, b) => a - b);
    const start = random.normal(random.key(5), [30], { dtype: 'float64' });
    const all = ritzPairs(await lanczos(counted(matrix, 'float64').A, start, 30));
    all.values.forEach((x, i) => {
      expect(x).toBeCloseTo(sorted[i], 11);
    });
    expect(
      inner(
        all.weights,
        all.weights.map(() => 1),
      ),
    ).toBeCloseTo(1, 13);
    const some = ritzPairs(await lanczos(counted(matrix, 'float64').A, start, 12));
    some.values.forEach((x, i) => {
      expect(Math.min(...sorted.map((y) => Math.abs(x - y)))).toBeLessThan(some.bounds[i] + 1e-12);
    });
    expect(some.values[11]).toBeLessThanOrEqual(sorted[29] + 1e-12);
    expect(some.values[0]).toBeCloseTo(20 * Math.cos(2), 8);
  });

  test('the quadrature of k steps is exact for polynomials up to degree 2 k - 1 in the measure of the start', async () => {
    const { matrix } = spectrum(25, 7);
    const start = random.normal(random.key(2), [25], { dtype: 'float64' });
    const v = (await start.data()) as Float64Array;
    const { values, weights } = ritzPairs(await lanczos(counted(matrix, 'float64').A, start, 4));
    let power = v;
    for (let degree = 0; degree <= 7; degree++) {
      const exact = inner(v, power) / inner(v, v);
      const quadrature = values.reduce((sum, x, j) => sum + weights[j] * x ** degree, 0);
      expect(Math.abs(quadrature - exact)).toBeLessThan(1e-12 * Math.max(1, Math.abs(exact)));
      power = times(matrix, power);
    }
  });

  test('ends early on an invariant subspace, in both precisions', async () => {
    for (const dtype of ['float64', 'float32'] as const) {
      const { matrix } = known([4, 4, 4, -1, -1, 2, 2, 2, 2], 5);
      const result = await lanczos(counted(matrix, dtype).A, random.normal(random.key(1), [9], { dtype }), 9);
      expect(result.alpha.length).toBe(3);
      expect(result.residual).toBe(0);
      const { values } = ritzPairs(result);
      [-1, 2, 4].forEach((x, i) => {
        expect(values[i]).toBeCloseTo(x, dtype === 'float64' ? 12 : 5);
      });
    }
    const zero = await lanczos((v) => np.multiply(v, 0), np.ones([5]), 5);
    expect([[...zero.alpha], [...zero.beta], zero.residual]).toEqual([[0], [], 0]);
  });

  test('float32 stays orthogonal over a hundred steps, where converged eigenvalues would return as ghosts', async () => {
    const n = 600;
    const { matrix } = known(
      Array.from({ length: n }, (_, i) => (i < 5 ? 100 * (i + 1) : i / n)),
      1,
    );
    const result = await lanczos(counted(matrix, 'float32').A, random.normal(random.key(0), [n]), 100);
    expect(orthogonalityDefect(await result.basis.data(), 100)).toBeLessThan(1e-5);
    expect([...ritzPairs(result).values].filter((x) => x > 50).map(Math.round)).toEqual([100, 200, 300, 400, 500]);
  });

  test('refuses bad starts, operators and numbers of steps, and says which', async () => {
    const identity = (v: np.NDArray) => v;
    await expect(lanczos(identity, np.zeros([3]), 2)).rejects.toThrow(/not zero, found one of length 0/);
    await expect(lanczos(identity, np.ones([3]), 4)).rejects.toThrow(/steps of 1 to 3, found 4/);
    await expect(lanczos(identity, np.ones([3, 1]), 1)).rejects.toThrow(/shape \[n\], found float32\[3, ?1\]/);
    await expect(lanczos((v) => np.concatenate([v, v]), np.ones([3]), 1)).rejects.toThrow(/return float32\[3\]/);
    await expect(lanczos((v) => np.divide(v, 0), np.ones([3]), 1)).rejects.toThrow(/returned Infinity at index 0/);
    await expect(lanczos((v) => np.astype(v, 'float64'), np.ones([3]), 1)).rejects.toThrow(UserError);
  });
});
