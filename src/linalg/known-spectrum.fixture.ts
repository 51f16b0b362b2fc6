/** @file Symmetric matrices with known eigenpairs, and operators that count their products. */
import { generator } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { jit } from '../runtime/index.ts';
import type { Operator } from './operator.ts';

export interface Known {
  /** Row-major n x n. */
  readonly matrix: Float64Array;
  readonly values: readonly number[];
  /** Row i is the unit eigenvector of `values[i]`. */
  readonly vectors: Float64Array;
}

/** `V^T diag(values) V`, V a product of three random reflections. */
export function known(values: readonly number[], seed: number): Known {
  const n = values.length;
  const random = generator(seed);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let reflection = 0; reflection < 3; reflection++) {
    const u = Float64Array.from({ length: n }, () => random() - 0.5);
    const square = u.reduce((sum, x) => sum + x * x, 0);
    for (let i = 0; i < n; i++) {
      let overlap = 0;
      for (let j = 0; j < n; j++) overlap += vectors[i * n + j] * u[j];
      for (let j = 0; j < n; j++) vectors[i * n + j] -= ((2 * overlap) / square) * u[j];
    }
  }
  const matrix = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) matrix[i * n + j] += values[k] * vectors[k * n + i] * vectors[k * n + j];
    }
  }
  return { matrix, values, vectors };
}

/** Products with a dense matrix on the runtime, and how many there were. */
export function counted(matrix: Float64Array, dtype: 'float32' | 'float64'): { A: Operator; products: () => number } {
  const n = Math.sqrt(matrix.length);
  const dense = np.array(matrix, { shape: [n, n], dtype });
  const product = jit((a: np.NDArray, v: np.NDArray) => np.matmul(a, v));
  let count = 0;
  return {
    A: (v) => {
      count++;
      return product(dense, v);
    },
    products: () => count,
  };
}

/** `A v` by loops. */
export function times(matrix: Float64Array, v: ArrayLike<number>): Float64Array {
  const n = v.length;
  return Float64Array.from({ length: matrix.length / n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += matrix[i * n + j] * v[j];
    return sum;
  });
}

export const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);

/** Largest deviation of `V V^T` from the identity, for the rows of V. */
export function orthogonalityDefect(v: ArrayLike<number>, rows: number): number {
  const all = Array.from(v);
  const n = all.length / rows;
  let worst = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      const overlap = inner(all.slice(i * n, (i + 1) * n), all.slice(j * n, (j + 1) * n));
      worst = Math.max(worst, Math.abs(overlap - (i === j ? 1 : 0)));
    }
  }
  return worst;
}
