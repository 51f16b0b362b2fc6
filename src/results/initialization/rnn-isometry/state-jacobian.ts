/** The Jacobian of one step and of many, measured on any cell. */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import * as linalg from '../../../linalg/index.ts';
import * as np from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';
import { jacfwd } from '../../../transforms/index.ts';
import type { Step } from './cells.ts';

/**
 * J[i, j] = d h'_i / d h_j of one step, by N forward passes at once.
 *
 * @param h state [N]
 * @param x input [M]
 * @returns [N, N]
 */
export const stateJacobian = <P extends Tree>(step: Step<P>, params: P, h: NDArray, x: NDArray): NDArray =>
  jacfwd((state) => step(params, state, x))(h);

/**
 * First moment m1 and variance of the squared singular values of a square matrix, without computing these:
 * tr J J^T / N and tr (J J^T)^2 / N - m1^2. In a graph; N^3 operations.
 */
export function jacobianMoments(J: NDArray): { m1: NDArray; spread: NDArray } {
  const N = J.shape[0];
  const gram = np.matmul(J, np.transpose(J));
  const m1 = np.divide(np.sum(np.square(J)), N);
  return { m1, spread: np.subtract(np.divide(np.sum(np.square(gram)), N), np.square(m1)) };
}

export interface JacobianSpectrum {
  /** Descending. */
  readonly singularValues: Float64Array;
  /** Mean of their squares. */
  readonly m1: number;
  /** Variance of their squares. */
  readonly spread: number;
}

/**
 * The singular values of a Jacobian [N, N], O(N^3) on the host.
 *
 * @throws UserError where it is not square
 */
export async function jacobianSpectrum(J: NDArray): Promise<JacobianSpectrum> {
  const [N, columns] = J.shape;
  if (J.ndim !== 2 || N !== columns) {
    throw new UserError(`jacobianSpectrum: expected a square matrix, found [${J.shape.join(', ')}].`);
  }
  const singularValues = linalg.singularValues(Float64Array.from(await J.data()), N, N);
  const squares = singularValues.map((s) => s * s);
  const m1 = squares.reduce((sum, s) => sum + s, 0) / N;
  const spread = squares.reduce((sum, s) => sum + (s - m1) ** 2, 0) / N;
  return { singularValues, m1, spread };
}

export interface ProductSpectrum {
  /** Growth rates per step (finite-time Lyapunov exponents), the largest first. */
  readonly exponents: Float64Array;
  /** ln of the mean squared singular value of the product of the first 1, 2, … T Jacobians. */
  readonly logMeanSquare: Float64Array;
}

/**
 * The product of the Jacobians along a sequence. An orthogonal factor is carried along, so that small singular values
 * keep their digits (Benettin et al., Meccanica 15, 1980): Z = J_t Q is factored into Q R at each step, and ln R_ii adds up.
 * T N^3 operations on the host.
 *
 * @param h first state [N]
 * @param xs inputs [T, M]
 */
export async function productSpectrum<P extends Tree>(
  step: Step<P>,
  params: P,
  h: NDArray,
  xs: NDArray,
): Promise<ProductSpectrum> {
  const [T] = xs.shape;
  const N = h.shape[0];
  const at = jit((p: P, state: NDArray, x: NDArray): [NDArray, NDArray] => [
    step(p, state, x),
    stateJacobian(step, p, state, x),
  ]);
  let orthogonal: Float64Array = identity(N);
  // The triangular product R_t ... R_1 with its size kept apart.
  let triangle: Float64Array = identity(N);
  let logSize = 0;
  const sums = new Float64Array(N);
  const logMeanSquare = new Float64Array(T);
  let state = h;
  for (let t = 0; t < T; t++) {
    const [next, J] = at(params, state, np.slice(xs, t));
    state = next;
    const factors = linalg.qr(product(Float64Array.from(await J.data()), orthogonal, N), N, N);
    orthogonal = factors.q;
    for (let i = 0; i < N; i++) sums[i] += Math.log(factors.r[i * N + i]);
    triangle = product(factors.r, triangle, N);
    const size = Math.sqrt(triangle.reduce((sum, x) => sum + x * x, 0));
    logSize += Math.log(size);
    triangle = triangle.map((x) => x / size);
    logMeanSquare[t] = 2 * logSize - Math.log(N);
  }
  return { exponents: sums.map((sum) => sum / T).sort((a, b) => b - a), logMeanSquare };
}

function identity(n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) result[i * n + i] = 1;
  return result;
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k];
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) result[i * n + j] += factor * b[k * n + j];
    }
  return result;
}

/**
 * What theory says about J = diag(a) + diag(b) W for given a and b [N] and W independent of them: with Gaussian W of
 * entries N(0, sw^2 / N), or W = sw times a Haar matrix. The vanilla cell has a = 0, b = phi'(e); the minimalRNN a = u,
 * b = u' (h - z).
 */
export function gatedSpectrum(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  sw: number,
  kind: 'gaussian' | 'orthogonal',
): { m1: number; spread: number } {
  const N = a.length;
  const trace = (f: (i: number) => number) => Array.from({ length: N }, (_, i) => f(i)).reduce((s, x) => s + x, 0) / N;
  const a2 = trace((i) => a[i] ** 2);
  const b2 = trace((i) => b[i] ** 2);
  const gaussian =
    trace((i) => a[i] ** 4) -
    a2 ** 2 +
    2 * sw ** 2 * trace((i) => a[i] ** 2 * b[i] ** 2) +
    sw ** 4 * trace((i) => b[i] ** 4);
  return { m1: a2 + sw ** 2 * b2, spread: kind === 'gaussian' ? gaussian : gaussian - (sw ** 2 * b2) ** 2 };
}
