/** The Lanczos process with full reorthogonalization. */
import type { NDArray } from '../array/ndarray.ts';
import { append, emptyBasis, isRounding, orthogonalizeOnce, vectorAt } from './basis.ts';
import {
  checkCount,
  dotOf,
  normOf,
  type OnStep,
  type Operator,
  productOf,
  rowsOf,
  startNorm,
  type Vector,
  vectorOf,
} from './operator.ts';
import { tridiagonalQl } from './tridiagonal-ql.ts';

/** `A Q^T = Q^T T + residual q e_k^T`, rows of Q orthonormal, T tridiagonal. */
export interface Tridiagonalization {
  /** Diagonal of T (k). */
  readonly alpha: Float64Array;
  /** Off-diagonal of T (k - 1). */
  readonly beta: Float64Array;
  /** Length of what the last product had beyond the basis; 0 where the basis spans an invariant subspace. */
  readonly residual: number;
  /** Q, [k, n]; its first row is the start, normalized. */
  readonly basis: NDArray;
}

/**
 * `steps` steps of Lanczos, "An iteration method for the solution of the eigenvalue problem", J. Res. Nat. Bur.
 * Standards 45, 1950, doi:10.6028/jres.045.026; as in Golub and Van Loan, "Matrix computations", 4th ed., section 10.1.
 * After the recurrence each new vector is orthogonalized against all before it: without that, copies of converged
 * eigenvalues appear.
 *
 * Fewer vectors come back where the process ends early, because what it has found is invariant under A.
 *
 * Costs `steps` products and for each a pass to and fro over the vectors before; memory `steps * n` numbers of the
 * start's dtype.
 *
 * @param A symmetric operator; nothing checks that
 * @param start not zero, [n]; its dtype is that of all vectors
 * @param steps 1 to n
 * @param options.onStep called after each product
 * @throws UserError when the start is zero or the operator returns another shape, dtype, or numbers that are not finite
 */
export async function lanczos(
  A: Operator,
  start: NDArray,
  steps: number,
  { onStep = () => {} }: { readonly onStep?: OnStep } = {},
): Promise<Tridiagonalization> {
  const first = await vectorOf('lanczos', 'a start', start);
  checkCount('lanczos', 'a number of steps', steps, 1, first.length);
  const basis = emptyBasis(steps, first.length, first);
  append(basis, first, startNorm('lanczos', first));
  const alpha: number[] = [];
  const beta: number[] = [];
  for (;;) {
    const image = await productOf('lanczos', A, vectorAt(basis, basis.count - 1));
    const last = basis.count - 1;
    const near = image.slice() as Vector;
    alpha.push(dotOf(vectorAt(basis, last), image));
    subtract(near, alpha[last], vectorAt(basis, last));
    if (last > 0) subtract(near, beta[last - 1], vectorAt(basis, last - 1));
    const { rest, norm } = await orthogonalizeOnce(basis, near);
    onStep(basis.count, steps);
    const ended = basis.count === first.length || isRounding(norm, normOf(image), first);
    if (ended || basis.count === steps) {
      return {
        alpha: Float64Array.from(alpha),
        beta: Float64Array.from(beta),
        residual: ended ? 0 : norm,
        basis: rowsOf(basis.data.subarray(0, basis.count * basis.size) as Vector, basis.count),
      };
    }
    beta.push(norm);
    append(basis, rest, norm);
  }
}

/** `target -= factor v`. */
function subtract(target: Vector, factor: number, v: Vector): void {
  for (let i = 0; i < v.length; i++) target[i] -= factor * v[i];
}

/** Eigenpairs of T, the Rayleigh-Ritz approximations of A's, ascending. */
export interface RitzPairs {
  readonly values: Float64Array;
  /** Squared first entries of T's eigenvectors: the weights of Gauss quadrature in the start's spectral measure. */
  readonly weights: Float64Array;
  /** |residual s_k|, s_k the last entry of the eigenvector: an eigenvalue of A lies that near. */
  readonly bounds: Float64Array;
  /** Eigenvectors of T, row-major k x k, column j to `values[j]`; `Q^T` times it approximates the eigenvector of A. */
  readonly vectors: Float64Array;
}

/** Golub and Welsch, "Calculation of Gauss quadrature rules", Math. Comp. 23, 1969, doi:10.2307/2004418. */
export function ritzPairs({ alpha, beta, residual }: Omit<Tridiagonalization, 'basis'>): RitzPairs {
  const k = alpha.length;
  const diagonal = alpha.slice();
  const offDiagonal = new Float64Array(k);
  offDiagonal.set(beta, 1);
  const s = new Float64Array(k * k);
  for (let i = 0; i < k; i++) s[i * k + i] = 1;
  tridiagonalQl(diagonal, offDiagonal, s);
  const order = Uint32Array.from(diagonal.keys()).sort((i, j) => diagonal[i] - diagonal[j]);
  const vectors = new Float64Array(k * k);
  for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) vectors[i * k + j] = s[i * k + order[j]];
  return {
    values: Float64Array.from(order, (j) => diagonal[j]),
    weights: Float64Array.from(order, (j) => s[j] ** 2),
    bounds: Float64Array.from(order, (j) => Math.abs(residual * s[(k - 1) * k + j])),
    vectors,
  };
}
