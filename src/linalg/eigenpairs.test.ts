import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { counted, inner, known, orthogonalityDefect, times } from './known-spectrum.fixture.ts';
import { lobpcg } from './lobpcg.ts';
import type { Operator } from './operator.ts';
import type { Eigenpairs, Which } from './rayleigh-ritz.ts';
import { powerIteration, subspaceIteration } from './subspace-iteration.ts';
import { lanczosEigenpairs } from './thick-restart-lanczos.ts';

type Dtype = 'float32' | 'float64';
type Solve = (A: Operator, n: number, k: number, which: Which, dtype: Dtype) => Promise<Eigenpairs>;

const start = (shape: number[], dtype: Dtype) => random.normal(random.key(11), shape, { dtype });
/** The methods, each with the ends of the spectrum that it can find. */
const methods: readonly (readonly [string, readonly Which[], Solve])[] = [
  [
    'lanczosEigenpairs',
    ['largest', 'smallest', 'magnitude'],
    (A, n, k, which, dtype) => lanczosEigenpairs(A, start([n], dtype), k, { which }),
  ],
  [
    'lobpcg',
    ['largest', 'smallest'],
    (A, n, k, which, dtype) => lobpcg(A, start([k, n], dtype), { which: which as 'largest' }),
  ],
  [
    'subspaceIteration',
    ['magnitude'],
    (A, n, k, _, dtype) => subspaceIteration(A, start([k, n], dtype), { iterations: 400 }),
  ],
];

const sorted = (values: readonly number[], which: Which): number[] =>
  [...values].sort((a, b) => (which === 'largest' ? b - a : which === 'smallest' ? a - b : Math.abs(b) - Math.abs(a)));

const n = 150;
/** Gaps at both ends and between the largest magnitudes, so that every method converges. */
const ends = [10, -9, 8, -7, 6, -5.5, 5, -4.6, 4.2, -3.9];
const values = Array.from({ length: n }, (_, i) => ends[i] ?? Math.sin(i));

describe.each(methods)('%s', (_, sides, solve) => {
  test.each(['float64', 'float32'] as const)('finds the wanted eigenpairs to its tolerance, in %s', async (dtype) => {
    const { matrix } = known(values, 2);
    const tolerance = (dtype === 'float64' ? 1.5e-9 : 3.5e-5) * 10;
    for (const which of sides) {
      const result = await solve(counted(matrix, dtype).A, n, 5, which, dtype);
      expect(result.converged).toBe(true);
      const vectors = await result.vectors.data();
      expect([...result.vectors.shape]).toEqual([5, n]);
      expect(result.vectors.dtype).toBe(dtype);
      expect(orthogonalityDefect(vectors, 5)).toBeLessThan(dtype === 'float64' ? 1e-12 : 2e-5);
      sorted(values, which)
        .slice(0, 5)
        .forEach((expected, i) => {
          expect(Math.abs(result.values[i] - expected)).toBeLessThan(dtype === 'float64' ? 1e-12 : 2e-5);
          const v = vectors.subarray(i * n, (i + 1) * n);
          const residual = times(matrix, v).map((x, j) => x - result.values[i] * v[j]);
          expect(Math.sqrt(inner(residual, residual))).toBeLessThan(1.5 * tolerance);
          expect(result.residuals[i]).toBeLessThan(tolerance);
        });
    }
  });

  test('counts its products, gives the same again and says when it has not converged', async () => {
    const { A, products } = counted(known(values, 2).matrix, 'float64');
    const result = await solve(A, n, 3, sides[0], 'float64');
    expect(products()).toBe(result.products);
    expect(await solve(A, n, 3, sides[0], 'float64')).toMatchObject({ values: result.values });
    // A flat spectrum offers nothing to hold on to.
    const flat = known(
      Array.from({ length: n }, (_, i) => 1 + i * 1e-7),
      3,
    );
    const hard = await solve(counted(flat.matrix, 'float64').A, n, 2, sides[0], 'float64');
    hard.values.forEach((x) => {
      expect(Math.abs(x - 1)).toBeLessThan(2e-5);
    });
    expect(hard.converged).toBe(hard.residuals.every((r) => r < 1.5e-9));
  });

  test('finds multiple and clustered eigenvalues, and all of an operator of low rank', async () => {
    const clustered = Array.from({ length: n }, (_, i) => (i < 3 ? 5 : i < 5 ? 4 + i * 1e-3 : i / n));
    const signed = sides[0] === 'magnitude' || sides[0] === 'largest' ? clustered : clustered.map((x) => -x);
    const { A } = counted(known(signed, 5).matrix, 'float64');
    const result = await solve(A, n, 5, sides[0], 'float64');
    if (solve === methods[0][2]) {
      // One start sees one vector of the eigenspace: the copies may be missing, but what is there is right.
      for (const x of result.values) expect(Math.min(...signed.map((y) => Math.abs(x - y)))).toBeLessThan(1e-12);
    } else
      sorted(signed, sides[0])
        .slice(0, 5)
        .forEach((x, i) => {
          expect(result.values[i]).toBeCloseTo(x, 10);
        });
    const low = known([3, 3, 1, ...Array(n - 3).fill(0)], 6);
    const ranked = await solve(counted(low.matrix, 'float64').A, n, 4, sides[0], 'float64');
    [3, 3, 1, 0].forEach((x, i) => {
      expect(ranked.values[i]).toBeCloseTo(x, 10);
    });
    expect(orthogonalityDefect(await ranked.vectors.data(), 4)).toBeLessThan(1e-12);
  });

  test('refuses operators that are not finite and of one shape', async () => {
    await expect(solve((v) => np.divide(v, 0), 9, 2, sides[0], 'float64')).rejects.toThrow(
      /operator returned -?Infinity at index 0/,
    );
    await expect(solve((v) => np.concatenate([v, v]), 9, 2, sides[0], 'float64')).rejects.toThrow(UserError);
  });
});

describe('lanczosEigenpairs', () => {
  test('stays within its basis over many restarts, and takes the whole space when that is small', async () => {
    const slow = known(
      Array.from({ length: n }, (_, i) => Math.cos((Math.PI * i) / n)),
      1,
    );
    const result = await lanczosEigenpairs(counted(slow.matrix, 'float64').A, start([n], 'float64'), 2, {
      basisSize: 12,
      products: 600,
    });
    expect(result.converged).toBe(true);
    expect(result.products).toBeGreaterThan(40);
    expect(result.values[1]).toBeCloseTo(Math.cos(Math.PI / n), 10);
    const small = known([3, 1, 2], 1);
    const all = await lanczosEigenpairs(counted(small.matrix, 'float64').A, start([3], 'float64'), 3);
    [3, 2, 1].forEach((x, i) => {
      expect(all.values[i]).toBeCloseTo(x, 13);
    });
  });

  test('refuses sizes that do not fit', async () => {
    const { A } = counted(known([1, 2, 3, 4], 1).matrix, 'float64');
    await expect(lanczosEigenpairs(A, start([4], 'float64'), 5)).rejects.toThrow(/eigenpairs of 1 to 4, found 5/);
    await expect(lanczosEigenpairs(A, start([4], 'float64'), 1, { basisSize: 2 })).rejects.toThrow(
      /basis of 3 to 4, found 2/,
    );
    await expect(lanczosEigenpairs(A, start([4], 'float64'), 1, { products: 2 })).rejects.toThrow(
      /products of at least 4/,
    );
  });
});

describe('lobpcg', () => {
  test('needs far fewer rounds with the right preconditioner, for the smallest eigenvalues of a stiff operator', async () => {
    const stiff = known(
      Array.from({ length: n }, (_, i) => (i + 1) ** 2),
      9,
    );
    const inverse = known(
      stiff.values.map((x) => 1 / x),
      9,
    );
    const { A } = counted(stiff.matrix, 'float64');
    const options = { which: 'smallest', iterations: 300 } as const;
    const plain = await lobpcg(A, start([4, n], 'float64'), options);
    const helped = await lobpcg(A, start([4, n], 'float64'), {
      ...options,
      precondition: counted(inverse.matrix, 'float64').A,
    });
    for (const { values: found } of [plain, helped])
      [1, 4, 9, 16].forEach((x, i) => {
        expect(found[i]).toBeCloseTo(x, 7);
      });
    expect(helped.products).toBeLessThan(plain.products / 4);
  });

  test('refuses a block too wide, dependent rows and an operator that is not symmetric', async () => {
    const { A } = counted(known([1, 2, 3, 4], 1).matrix, 'float64');
    await expect(lobpcg(A, start([2, 4], 'float64'))).rejects.toThrow(/third of the 4 dimensions, found 2/);
    await expect(lobpcg((v) => v, np.ones([2, 9]))).rejects.toThrow(/2 rows of the start are linearly dependent/);
    const shift: Operator = (v) => np.concatenate([np.slice(v, [1, 9]), np.slice(v, [0, 1])]);
    await expect(lobpcg(shift, start([3, 9], 'float64'))).rejects.toThrow(/expected a symmetric operator/);
  });
});

describe('powerIteration', () => {
  test('equals the plain power method, round for round', async () => {
    const { matrix } = known(values, 2);
    const v0 = start([n], 'float64');
    const { value, products, converged } = await powerIteration(counted(matrix, 'float64').A, v0, {
      iterations: 7,
      tolerance: 0,
    });
    let v: ArrayLike<number> = await v0.data();
    for (let round = 0; round < 6; round++) v = times(matrix, v);
    expect(value).toBeCloseTo(inner(v, times(matrix, v)) / inner(v, v), 11);
    expect([products, converged]).toEqual([7, false]);
  });

  test('is the spectral norm of a matrix through its Gram operator', async () => {
    const { A } = counted(known([-3, 2, 1, 0.5], 1).matrix, 'float64');
    const { value, vector, converged } = await powerIteration(async (v) => A(await A(v)), start([4], 'float64'));
    expect(Math.sqrt(value)).toBeCloseTo(3, 9);
    expect([...vector.shape, converged]).toEqual([4, true]);
  });
});
