import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { conjugateGradients } from './conjugate-gradients.ts';
import { counted, inner, known, times } from './known-spectrum.fixture.ts';

const right = (n: number, seed: number, dtype: 'float32' | 'float64' = 'float64') =>
  random.normal(random.key(seed), [n], { dtype });

describe('conjugateGradients', () => {
  test('solves (A + damping I) x = b for any positive definite A', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.nat(100),
        fc.constantFrom(0, 0.7),
        async (values, seed, damping) => {
          const { matrix } = known(values, seed);
          const n = values.length;
          const b = right(n, seed);
          const { x, residual, status } = await conjugateGradients(counted(matrix, 'float64').A, b, { damping });
          expect(status).toBe('converged');
          expect(residual).toBeLessThan(1e-10);
          const solution = await x.data();
          const data = await b.data();
          const error = times(matrix, solution).map((y, i) => y + damping * solution[i] - data[i]);
          expect(Math.sqrt(inner(error, error) / inner(data, data))).toBeLessThan(2e-10);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('ends after as many iterations as there are different eigenvalues', async () => {
    const { matrix } = known([...Array(30).fill(1), ...Array(30).fill(4), ...Array(30).fill(9)], 2);
    const { A, products } = counted(matrix, 'float64');
    const { iterations } = await conjugateGradients(A, right(90, 1));
    expect([iterations, products()]).toEqual([3, 3]);
  });

  test('the error in the norm of A shrinks at least as its theory says', async () => {
    const values = Array.from({ length: 80 }, (_, i) => 1 + i);
    const { matrix, vectors } = known(values, 3);
    const b = right(80, 4);
    const data = await b.data();
    const spectral = times(vectors, data);
    const exact = (errorOf: (i: number) => number) =>
      Math.sqrt(values.reduce((sum, a, i) => sum + a * errorOf(i) ** 2, 0));
    const initial = exact((i) => spectral[i] / values[i]);
    const rate = (Math.sqrt(80) - 1) / (Math.sqrt(80) + 1);
    for (const iterations of [5, 10, 20]) {
      const { x, status } = await conjugateGradients(counted(matrix, 'float64').A, b, { iterations, tolerance: 0 });
      expect(status).toBe('iterations');
      const found = times(vectors, await x.data());
      expect(exact((i) => spectral[i] / values[i] - found[i])).toBeLessThan(2 * rate ** iterations * initial);
    }
  });

  test('needs one iteration with the inverse as preconditioner', async () => {
    const values = [1, 10, 100, 1000, 1e4];
    const inverse = counted(
      known(
        values.map((x) => 1 / x),
        1,
      ).matrix,
      'float64',
    ).A;
    const { A } = counted(known(values, 1).matrix, 'float64');
    expect((await conjugateGradients(A, right(5, 1), { precondition: inverse })).iterations).toBe(1);
    await expect(conjugateGradients(A, right(5, 1), { precondition: (v) => np.negative(v) })).rejects.toThrow(
      /positive definite preconditioner/,
    );
  });

  test('float32 products reach a float32 residual', async () => {
    const { matrix } = known(
      Array.from({ length: 50 }, (_, i) => 1 + i),
      3,
    );
    const b = right(50, 1, 'float32');
    const { x, status } = await conjugateGradients(counted(matrix, 'float32').A, b);
    expect([status, x.dtype]).toEqual(['converged', 'float32']);
    const data = await b.data();
    const error = times(matrix, await x.data()).map((y, i) => y - data[i]);
    expect(Math.sqrt(inner(error, error) / inner(data, data))).toBeLessThan(2e-5);
  });

  test('stops at a direction of negative curvature and leaves the best so far; damping helps', async () => {
    const { A } = counted(known([5, 4, 3, -1], 1).matrix, 'float64');
    const stopped = await conjugateGradients(A, right(4, 3));
    expect(stopped.status).toBe('curvature');
    expect((await conjugateGradients(A, right(4, 3), { damping: 2 })).status).toBe('converged');
    const zero = await conjugateGradients(A, np.zeros([4], 'float64'));
    expect([zero.status, zero.iterations, zero.residual]).toEqual(['converged', 0, 0]);
    await expect(conjugateGradients(A, right(4, 3), { damping: -1 })).rejects.toThrow(
      /damping of at least 0, found -1/,
    );
  });
});
