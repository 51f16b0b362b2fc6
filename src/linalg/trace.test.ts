import { describe, expect, test } from 'vitest';
import * as random from '../random/index.ts';
import { hutchPlusPlus } from './hutch-plus-plus.ts';
import { hutchinson } from './hutchinson.ts';
import { counted, inner, known, times } from './known-spectrum.fixture.ts';

const n = 60;
const values = Array.from({ length: n }, (_, i) => 10 / (i + 1) ** 2);
const { matrix } = known(values, 8);
const trace = values.reduce((sum, x) => sum + x, 0);
const signs = async (key: ReturnType<typeof random.key>, p: number) =>
  (await random.rademacher(random.foldIn(key, p), [n], { dtype: 'float64' }).data()) as Float64Array;

/** Modified Gram-Schmidt on vectors, twice. */
function orthonormal(vectors: Float64Array[]): Float64Array[] {
  const q: Float64Array[] = [];
  for (const v of vectors) {
    const u = v.slice();
    for (const w of [...q, ...q]) {
      const overlap = inner(w, u);
      for (let i = 0; i < n; i++) u[i] -= overlap * w[i];
    }
    const norm = Math.sqrt(inner(u, u));
    q.push(u.map((x) => x / norm));
  }
  return q;
}

const REPEATS = 40;
/** Estimates by many keys. */
async function repeated(
  estimate: (key: ReturnType<typeof random.key>) => Promise<{ value: number; standardError: number }>,
) {
  const all: { value: number; standardError: number }[] = [];
  for (let seed = 0; seed < REPEATS; seed++) all.push(await estimate(random.key(seed)));
  const mean = all.reduce((sum, x) => sum + x.value, 0) / all.length;
  const variance = all.reduce((sum, x) => sum + (x.value - mean) ** 2, 0) / (all.length - 1);
  const claimed = all.reduce((sum, x) => sum + x.standardError ** 2, 0) / all.length;
  return { mean, variance, claimed };
}

describe('hutchinson', () => {
  test('is the mean of z^T A z over random signs', async () => {
    const key = random.key(4);
    const { A, products } = counted(matrix, 'float64');
    const { value } = await hutchinson(A, n, key, 5, { dtype: 'float64' });
    expect(products()).toBe(5);
    let expected = 0;
    for (let p = 0; p < 5; p++) {
      const z = await signs(key, p);
      expected += inner(z, times(matrix, z)) / 5;
    }
    expect(value).toBeCloseTo(expected, 11);
  });

  test('is unbiased, with the variance 2 sum of squares off the diagonal, which its standard error tells', async () => {
    const { A } = counted(matrix, 'float64');
    const { mean, variance, claimed } = await repeated((key) => hutchinson(A, n, key, 10, { dtype: 'float64' }));
    const off = matrix.reduce((sum, x, i) => sum + (i % (n + 1) === 0 ? 0 : 2 * x * x), 0) / 10;
    expect(Math.abs(mean - trace)).toBeLessThan(4 * Math.sqrt(off / REPEATS));
    // A variance of so many values scatters by sqrt(2 / (REPEATS - 1)) = 23 %.
    expect(Math.abs(variance / off - 1)).toBeLessThan(4 * Math.sqrt(2 / (REPEATS - 1)));
    expect(Math.abs(claimed / off - 1)).toBeLessThan(0.3);
  });
});

describe('hutchPlusPlus', () => {
  test('equals the algorithm of the paper', async () => {
    const key = random.key(2);
    const { A, products } = counted(matrix, 'float64');
    const { value } = await hutchPlusPlus(A, n, key, 12, { dtype: 'float64' });
    expect(products()).toBe(12);
    const draws = await Promise.all(Array.from({ length: 8 }, (_, p) => signs(key, p)));
    const q = orthonormal(draws.slice(0, 4).map((s) => times(matrix, s)));
    let expected = q.reduce((sum, u) => sum + inner(u, times(matrix, u)), 0);
    for (const g of draws.slice(4)) {
      const rest = g.slice();
      for (const u of q) {
        const overlap = inner(u, g);
        for (let i = 0; i < n; i++) rest[i] -= overlap * u[i];
      }
      expected += inner(rest, times(matrix, rest)) / 4;
    }
    expect(value).toBeCloseTo(expected, 10);
  });

  test('is unbiased and far more precise than Hutchinson for a decaying spectrum at equal cost', async () => {
    const A = counted(matrix, 'float64').A;
    const plus = await repeated((key) => hutchPlusPlus(A, n, key, 18, { dtype: 'float64' }));
    const plain = await repeated((key) => hutchinson(A, n, key, 18, { dtype: 'float64' }));
    expect(Math.abs(plus.mean - trace)).toBeLessThan(4 * Math.sqrt(plus.variance / REPEATS));
    expect(plus.variance).toBeLessThan(plain.variance / 20);
    expect(Math.abs(plus.variance / plus.claimed - 1)).toBeLessThan(4 * Math.sqrt(2 / (REPEATS - 1)));
  });

  test('is exact for an operator of low rank and for as many probes as dimensions', async () => {
    const low = known([5, -3, ...Array(40).fill(0)], 1);
    const { value, standardError } = await hutchPlusPlus(counted(low.matrix, 'float64').A, 42, random.key(0), 9, {
      dtype: 'float64',
    });
    expect(value).toBeCloseTo(2, 11);
    expect(standardError).toBeLessThan(1e-12);
    const all = await hutchPlusPlus(counted(matrix, 'float32').A, n, random.key(0), 3 * n);
    expect(all.value).toBeCloseTo(trace, 4);
    expect(all.standardError).toBe(0);
  });

  test('refuses a number of products that is no multiple of 3', async () => {
    await expect(hutchPlusPlus(counted(matrix, 'float64').A, n, random.key(0), 10)).rejects.toThrow(
      /third of the number of products of at least 2/,
    );
    await expect(hutchinson(counted(matrix, 'float64').A, n, random.key(0), 1)).rejects.toThrow(/at least 2, found 1/);
  });
});
