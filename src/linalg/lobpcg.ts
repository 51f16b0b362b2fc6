/** Extreme eigenpairs of a symmetric operator, by blocks and with a preconditioner. */
import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { appendAll, type Basis, clear, combine, emptyBasis, isRounding, vectorAt } from './basis.ts';
import { blockOf, checkCount, dotOf, normOf, type Operator, productOf, rowsOf, type Vector } from './operator.ts';
import { defaultTolerance, type Eigenpairs, largestOf, type RitzBlock, rayleighRitz } from './rayleigh-ritz.ts';
import type { IterationOptions } from './subspace-iteration.ts';

/**
 * LOBPCG: Knyazev, "Toward the optimal preconditioned eigensolver: locally optimal block preconditioned conjugate
 * gradient method", SIAM J. Sci. Comput. 23, 2001, doi:10.1137/S1064827500366124. Each round is a Rayleigh-Ritz
 * projection on the vectors X, their preconditioned residuals W and the directions P of the last round.
 *
 * The basis is kept orthonormal as Hetmaniuk and Lehoucq propose ("Basis selection in LOBPCG", J. Comput. Phys. 218,
 * 2006, doi:10.1016/j.jcp.2006.02.007): P is orthogonalized against X in coordinates, W against both in full length,
 * and what depends on the rest is left out. Vectors that have converged stay in X but get no more residuals (soft
 * locking), so clustered and multiple eigenvalues are found together; a block larger than the cluster converges
 * fastest.
 *
 * Costs k products a round, fewer as vectors converge; memory about `10 k n` numbers of the start's dtype.
 *
 * @param A symmetric operator
 * @param start [k, n], 3 k <= n, rows linearly independent: `random.normal(key, [k, n])`
 * @param options.which `largest` (default) or `smallest`
 * @param options.precondition approximates `r => A^-1 r` for the smallest eigenvalues of a positive definite A;
 *   default: the residual itself
 * @param options.iterations default 100
 * @throws UserError when the start is unfit or the operator is not symmetric, finite and of one shape
 */
export async function lobpcg(
  A: Operator,
  start: NDArray,
  {
    which = 'largest',
    precondition,
    iterations = 100,
    tolerance,
    onStep = () => {},
  }: IterationOptions & { readonly which?: 'largest' | 'smallest'; readonly precondition?: Operator } = {},
): Promise<Eigenpairs> {
  const name = 'lobpcg';
  const block = await blockOf(name, 'a start', start);
  const [k, n] = start.shape;
  if (3 * k > n) {
    throw new UserError(
      `${name}: expected a block of at most a third of the ${n} dimensions, found ${k} vectors; use eigh.`,
    );
  }
  checkCount(name, 'a number of iterations', iterations, 0);
  const basis = emptyBasis(3 * k, n, block);
  const images = emptyBasis(3 * k, n, block);
  await appendAll(basis, block);
  if (basis.count < k) throw new UserError(`${name}: the ${k} rows of the start are linearly dependent.`);
  let products = await applyFrom(0, name, A, basis, images);
  let ritz = await rayleighRitz(name, basis, images, k, which);
  for (let round = 0; ; round++) {
    const bound = (tolerance ?? defaultTolerance(block)) * largestOf(ritz.values);
    const active = [...ritz.residuals.keys()].filter((i) => ritz.residuals[i] > bound);
    if (round > 0) onStep(round, iterations);
    if (active.length === 0 || round === iterations) {
      const { values, vectors, residuals } = ritz;
      const converged = active.length === 0;
      return { values: values.slice(0, k), vectors: rowsOf(vectors, k), residuals, converged, products };
    }
    const directions = directionsOf(ritz.coordinates, basis.count, k, active);
    const count = directions.length / basis.count;
    const next = [await combine(basis, directions, count), await combine(images, directions, count)];
    [basis, images].forEach((rows, i) => {
      clear(rows);
      rows.data.set(i === 0 ? ritz.vectors : ritz.images);
      rows.data.set(next[i], k * n);
      rows.count = k + count;
    });
    for (const i of active) {
      const residual = residualOf(ritz, i, n);
      await appendAll(basis, precondition === undefined ? residual : await productOf(name, precondition, residual));
    }
    products += await applyFrom(k + count, name, A, basis, images);
    ritz = await rayleighRitz(name, basis, images, k, which);
  }
}

/** Images of the vectors of the basis from one on; returns how many. */
async function applyFrom(from: number, name: string, A: Operator, basis: Basis, images: Basis): Promise<number> {
  for (let i = from; i < basis.count; i++) {
    images.data.set(await productOf(name, A, vectorAt(basis, i)), i * basis.size);
  }
  images.count = basis.count;
  return basis.count - from;
}

/** `A x - theta x` for pair i. */
function residualOf({ values, vectors, images }: RitzBlock, i: number, n: number): Vector {
  const theta = values[i];
  return images.slice(i * n, (i + 1) * n).map((y, j) => y - theta * vectors[i * n + j]) as Vector;
}

/**
 * Coordinates of the directions P: the new vectors without their part in the old ones (the first k coordinates),
 * orthonormal to the new vectors and to each other by Gram-Schmidt, twice; dependent ones are left out.
 */
function directionsOf(coordinates: Float64Array, count: number, k: number, active: readonly number[]): Float64Array {
  const rows = Array.from({ length: k }, (_, i) => coordinates.slice(i * count, (i + 1) * count));
  for (const i of active) {
    const p = rows[i].slice().fill(0, 0, k);
    const before = normOf(p);
    for (let pass = 0; pass < 2; pass++) {
      for (const row of rows) {
        const overlap = dotOf(row, p);
        for (let j = 0; j < count; j++) p[j] -= overlap * row[j];
      }
    }
    const norm = normOf(p);
    if (!isRounding(norm, before, p)) rows.push(p.map((x) => x / norm));
  }
  const result = new Float64Array((rows.length - k) * count);
  rows.slice(k).forEach((row, i) => {
    result.set(row, i * count);
  });
  return result;
}
