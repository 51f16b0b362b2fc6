/** The eigenvalues of largest magnitude by repeated products. */
import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { reshape } from '../numpy/index.ts';
import { appendAll, clear, emptyBasis, vectorAt } from './basis.ts';
import { blockOf, checkCount, type OnStep, type Operator, productOf, rowsOf, vectorOf } from './operator.ts';
import { defaultTolerance, type Eigenpairs, largestOf, rayleighRitz } from './rayleigh-ritz.ts';

export interface IterationOptions {
  /** Rounds at most. */
  readonly iterations?: number;
  /**
   * Of the residuals, relative to the largest eigenvalue found; default 3e-5 in float32, 1.5e-9 in float64. 0 runs all
   * iterations.
   */
  readonly tolerance?: number;
  /** Called after each round. */
  readonly onStep?: OnStep;
}

/**
 * Subspace iteration with Rayleigh-Ritz projection: Golub and Van Loan, "Matrix computations", 4th ed., section 8.2.4.
 * The residual of eigenvalue i shrinks by `|lambda_(k+1) / lambda_i|` a round. `lanczosEigenpairs` and `lobpcg` need
 * far fewer products; this one is the baseline, and forgives products that change a little from call to call.
 *
 * Costs k products a round; memory `4 k n` numbers of the start's dtype.
 *
 * @param A symmetric operator
 * @param start [k, n], rows linearly independent, such as `random.normal(key, [k, n])`
 * @param options.iterations default 128
 * @returns pairs of largest magnitude, in descending magnitude
 * @throws UserError when the start is unfit or the operator is not symmetric, finite and of one shape
 */
export async function subspaceIteration(
  A: Operator,
  start: NDArray,
  { iterations = 128, tolerance, onStep = () => {} }: IterationOptions = {},
): Promise<Eigenpairs> {
  const name = 'subspaceIteration';
  const block = await blockOf(name, 'a start', start);
  checkCount(name, 'a number of iterations', iterations, 1);
  const [k, n] = start.shape;
  const basis = emptyBasis(k, n, block);
  await appendAll(basis, block);
  if (basis.count < k) throw new UserError(`${name}: the ${k} rows of the start are linearly dependent.`);
  const images = emptyBasis(k, n, block);
  images.count = k;
  for (let round = 1; ; round++) {
    for (let i = 0; i < k; i++) images.data.set(await productOf(name, A, vectorAt(basis, i)), i * n);
    const ritz = await rayleighRitz(name, basis, images, k, 'magnitude');
    const bound = (tolerance ?? defaultTolerance(block)) * largestOf(ritz.values);
    const converged = ritz.residuals.every((r) => r <= bound);
    onStep(round, iterations);
    if (converged || round === iterations) {
      const { values, residuals, vectors } = ritz;
      return { values, vectors: rowsOf(vectors, k), residuals, converged, products: round * k };
    }
    clear(basis);
    await appendAll(basis, ritz.images);
    // The images of an operator of lower rank do not span k dimensions.
    await appendAll(basis, ritz.vectors);
  }
}

/**
 * The eigenvalue of largest magnitude of a symmetric operator by the power method, which is subspace iteration with one
 * vector. For the spectral norm of a matrix J give it `v => J^T J v` and take the root.
 *
 * @param start [n], not zero, with a part along the eigenvector: `random.normal(key, [n])`
 * @param options.iterations default 128
 */
export async function powerIteration(
  A: Operator,
  start: NDArray,
  options: IterationOptions = {},
): Promise<{ value: number; vector: NDArray; residual: number; converged: boolean; products: number }> {
  const v = await vectorOf('powerIteration', 'a start', start);
  const { values, vectors, residuals, ...rest } = await subspaceIteration(A, rowsOf(v, 1), options);
  return { value: values[0], vector: reshape(vectors, [v.length]), residual: residuals[0], ...rest };
}
