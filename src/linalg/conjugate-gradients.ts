/** Linear systems with a symmetric positive definite operator. */
import { UserError } from '../array/errors.ts';
import { constant, type NDArray } from '../array/ndarray.ts';
import {
  checkCount,
  dotOf,
  dtypeOf,
  epsilonOf,
  normOf,
  type OnStep,
  type Operator,
  productOf,
  vectorOf,
} from './operator.ts';

export interface Solution {
  /** [n], in the dtype of the right side. */
  readonly x: NDArray;
  /** |b - A x - damping x| / |b|, from the recurrence of the method; 0 for b = 0. */
  readonly residual: number;
  readonly iterations: number;
  /**
   * `iterations` when they ran out, `curvature` when a direction d with `d^T A d <= 0` was met: A is not positive
   * definite there, more damping makes it so. In both cases x is the best so far.
   */
  readonly status: 'converged' | 'iterations' | 'curvature';
}

/**
 * `(A + damping I) x = b` by conjugate gradients: Hestenes and Stiefel, "Methods of conjugate gradients for solving
 * linear systems", J. Res. Nat. Bur. Standards 49, 1952, doi:10.6028/jres.049.044; preconditioned as in Golub and Van
 * Loan, "Matrix computations", 4th ed., algorithm 11.5.1. The error shrinks by `(sqrt(kappa) - 1) / (sqrt(kappa) + 1)`
 * an iteration.
 *
 * For a matrix J that is not symmetric solve the normal equations, `v => J^T J v` and `b = J^T c`, which square kappa.
 * Vectors are kept in float64, products have the dtype of b: from float32 products expect a true residual of about
 * `1e-7 kappa`.
 *
 * @param A symmetric operator
 * @param b right side, [n]
 * @param options.damping default 0
 * @param options.precondition approximates `r => (A + damping I)^-1 r`, symmetric positive definite; default identity
 * @param options.tolerance of the residual relative to b; default 1e-5 in float32, 1e-10 in float64
 * @param options.iterations at most; default `min(10 n, 1000)`
 * @param options.onStep called after each iteration
 */
export async function conjugateGradients(
  A: Operator,
  b: NDArray,
  {
    damping = 0,
    precondition,
    tolerance,
    iterations,
    onStep = () => {},
  }: {
    readonly damping?: number;
    readonly precondition?: Operator;
    readonly tolerance?: number;
    readonly iterations?: number;
    readonly onStep?: OnStep;
  } = {},
): Promise<Solution> {
  const name = 'conjugateGradients';
  const right = await vectorOf(name, 'a right side', b);
  const n = right.length;
  const most = iterations ?? Math.min(10 * n, 1000);
  checkCount(name, 'a number of iterations', most, 0);
  if (!(damping >= 0)) throw new UserError(`${name}: expected a damping of at least 0, found ${damping}.`);
  const Vectors = dtypeOf(right) === 'float32' ? Float32Array : Float64Array;
  const target = (tolerance ?? (epsilonOf(right) > 1e-10 ? 1e-5 : 1e-10)) * normOf(right);

  const x = new Float64Array(n);
  const r = Float64Array.from(right);
  const p = new Float64Array(n);
  let rz = 0;
  let status: Solution['status'] = normOf(r) <= target ? 'converged' : 'iterations';
  let k = 0;
  for (; status === 'iterations' && k < most; k++) {
    const z = precondition === undefined ? r : await productOf(name, precondition, Vectors.from(r));
    const next = dotOf(r, Float64Array.from(z));
    if (!(next > 0))
      throw new UserError(`${name}: expected a positive definite preconditioner, found r^T M r = ${next}.`);
    const beta = k === 0 ? 0 : next / rz;
    rz = next;
    for (let i = 0; i < n; i++) p[i] = z[i] + beta * p[i];
    const image = await productOf(name, A, Vectors.from(p));
    let curvature = 0;
    for (let i = 0; i < n; i++) curvature += p[i] * (image[i] + damping * p[i]);
    if (!(curvature > 0)) {
      status = 'curvature';
      break;
    }
    const step = rz / curvature;
    for (let i = 0; i < n; i++) {
      x[i] += step * p[i];
      r[i] -= step * (image[i] + damping * p[i]);
    }
    if (normOf(r) <= target) status = 'converged';
    onStep(k + 1, most);
  }
  const length = normOf(right);
  return { x: constant(Vectors.from(x), [n]), residual: length === 0 ? 0 : normOf(r) / length, iterations: k, status };
}
