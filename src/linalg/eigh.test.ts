import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { threefry2x32 } from '../random/threefry.ts';
import { eigh } from './eigh.ts';

fc.configureGlobal({ seed: 1 });

/** Symmetric matrix with entries uniform in [-1, 1). */
function symmetric(n: number, seed: number): Float64Array {
  const bits = threefry2x32(
    [0, seed],
    Uint32Array.from({ length: 2 * n * n }, (_, i) => i),
  );
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = bits[i * n + j] / 2 ** 31 - 1;
  }
  return a;
}

/** Largest `|A v - lambda v|` over all entries, and largest deviation of `V^T V` from the identity. */
function defects(a: Float64Array, n: number, values: Float64Array, vectors: Float64Array) {
  let residual = 0;
  let orthogonality = 0;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      let product = 0;
      let overlap = 0;
      for (let j = 0; j < n; j++) {
        product += a[i * n + j] * vectors[j * n + k];
        overlap += vectors[j * n + i] * vectors[j * n + k];
      }
      residual = Math.max(residual, Math.abs(product - values[k] * vectors[i * n + k]));
      orthogonality = Math.max(orthogonality, Math.abs(overlap - (i === k ? 1 : 0)));
    }
  }
  return { residual, orthogonality };
}

describe('eigh', () => {
  test('satisfies A V = V diag(lambda) and V^T V = I at any size, values ascending', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(1000), (n, seed) => {
        const a = symmetric(n, seed);
        const { values, vectors } = eigh(a, n);
        const { residual, orthogonality } = defects(a, n, values, vectors);
        expect(residual).toBeLessThan(1e-12);
        expect(orthogonality).toBeLessThan(1e-12);
        for (let k = 1; k < n; k++) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1]);
      }),
      { numRuns: 40 },
    );
  });

  test('agrees with ml-matrix at n = 150', () => {
    const n = 150;
    const a = symmetric(n, 1);
    const { values, vectors } = eigh(a, n);
    const oracle = new EigenvalueDecomposition(Matrix.from1DArray(n, n, a), { assumeSymmetric: true });
    for (let k = 0; k < n; k++) {
      expect(Math.abs(values[k] - oracle.realEigenvalues[k])).toBeLessThan(1e-11);
      // Random matrices have simple spectra, so the vectors agree up to sign.
      let overlap = 0;
      for (let i = 0; i < n; i++) overlap += vectors[i * n + k] * oracle.eigenvectorMatrix.get(i, k);
      expect(Math.abs(Math.abs(overlap) - 1)).toBeLessThan(1e-10);
    }
  });

  test('gives the spectrum of the path Laplacian, 2 - 2 cos(pi k / (n + 1))', () => {
    const n = 120;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = 2;
      if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
    }
    const { values, vectors } = eigh(a, n);
    for (let k = 0; k < n; k++) {
      expect(Math.abs(values[k] - (2 - 2 * Math.cos((Math.PI * (k + 1)) / (n + 1))))).toBeLessThan(1e-13);
    }
    expect(defects(a, n, values, vectors).orthogonality).toBeLessThan(1e-12);
  });

  test('keeps clustered and vanishing eigenvalues apart: a Gaussian kernel of rank far below n in double precision', () => {
    const n = 100;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j] = Math.exp(-(((i - j) / 50) ** 2));
    const { values, vectors } = eigh(a, n);
    const { residual, orthogonality } = defects(a, n, values, vectors);
    expect(residual).toBeLessThan(1e-12);
    expect(orthogonality).toBeLessThan(1e-12);
    expect(Math.abs(values.reduce((sum, x) => sum + x, 0) - n)).toBeLessThan(1e-11);
    expect(values[0]).toBeGreaterThan(-1e-13);
  });

  test('is exact on matrices that need no rotation, at the ends of the number range', () => {
    expect([...eigh(Float64Array.of(3), 1).values]).toEqual([3]);
    expect([...eigh(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
    const diagonal = Float64Array.of(5e307, 0, 0, 0, -5e307, 0, 0, 0, 1e306);
    expect([...eigh(diagonal, 3).values]).toEqual([-5e307, 1e306, 5e307]);
    for (const size of [1e300, 1e-300]) {
      const { values } = eigh(Float64Array.of(2 * size, size, size, 2 * size), 2);
      expect(values[0] / size).toBeCloseTo(1, 14);
      expect(values[1] / size).toBeCloseTo(3, 14);
    }
  });

  test('averages rounding between mirrored entries and leaves its input alone', () => {
    const a = Float64Array.of(1, 0.5, 0.5 + 1e-8, 1);
    const before = a.slice();
    expect(eigh(a, 2).values[1]).toBeCloseTo(1.5 + 0.5e-8, 14);
    expect(a).toEqual(before);
  });

  test('refuses what is not a finite symmetric n x n matrix and says where', () => {
    expect(() => eigh(new Float64Array(6), 2)).toThrow(/2 x 2 = 4 entries, found 6/);
    expect(() => eigh(Float64Array.of(1, 2, 3, 4), 2)).toThrow(/found 3 at row 1, column 0 but 2 at row 0, column 1/);
    expect(() => eigh(Float64Array.of(1, Number.NaN, 3, 4), 2)).toThrow(/found NaN at row 0, column 1/);
    expect(() => eigh(new Float64Array(0), 0)).toThrow(UserError);
  });
});
