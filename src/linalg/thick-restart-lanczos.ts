/** Eigenpairs at an end of the spectrum in bounded memory. */
import type { NDArray } from '../array/ndarray.ts';
import * as random from '../random/index.ts';
import {
  append,
  appendAll,
  type Basis,
  clear,
  combine,
  emptyBasis,
  isRounding,
  orthogonalize,
  vectorAt,
} from './basis.ts';
import {
  checkCount,
  dtypeOf,
  normOf,
  type OnStep,
  type Operator,
  productOf,
  rowsOf,
  startNorm,
  type Vector,
  vectorOf,
} from './operator.ts';
import { defaultTolerance, type Eigenpairs, largestOf, type Which, wantedFirst } from './rayleigh-ritz.ts';

/**
 * The wanted eigenpairs of a symmetric operator by Lanczos with full reorthogonalization and thick restarts: Wu and
 * Simon, "Thick-restart Lanczos method for large symmetric eigenvalue problems", SIAM J. Matrix Anal. Appl. 22, 2000,
 * doi:10.1137/S0895479898334605. When the basis is full, the best Ritz vectors and the residual go on as the next
 * basis.
 *
 * A single start sees one vector of each eigenspace. Where the process ends early it goes on with a random vector, so
 * that multiple eigenvalues are found in exact cases; of nearly equal ones a copy can be missed when it has not grown
 * out of rounding by the time the others have converged (`lobpcg` iterates on a block and has no such gap).
 *
 * Costs at most `products` products and, for each, about 8 `basisSize` n bytes of traffic per pass over the basis;
 * memory `basisSize + count + 10` vectors.
 *
 * @param A symmetric operator
 * @param start not zero, [n]; `random.normal(key, [n])`
 * @param count number of pairs, 1 to n
 * @param options.which `largest` (default), `smallest` (most negative) or largest `magnitude`
 * @param options.tolerance of the residuals, relative to the largest eigenvalue found; default 3e-5 in float32, 1.5e-9
 *   in float64
 * @param options.products at most; default `10 * basisSize`
 * @param options.basisSize vectors kept, at least `min(count + 2, n)`; default `min(max(2 count + 10, 40), n)`
 * @param options.onStep called after each product
 * @throws UserError when the start is zero or the operator returns another shape, dtype, or numbers that are not finite
 */
export async function lanczosEigenpairs(
  A: Operator,
  start: NDArray,
  count: number,
  {
    which = 'largest',
    tolerance,
    basisSize,
    products,
    onStep = () => {},
  }: {
    readonly which?: Which;
    readonly tolerance?: number;
    readonly basisSize?: number;
    readonly products?: number;
    readonly onStep?: OnStep;
  } = {},
): Promise<Eigenpairs> {
  const name = 'lanczosEigenpairs';
  const first = await vectorOf(name, 'a start', start);
  const n = first.length;
  checkCount(name, 'a number of eigenpairs', count, 1, n);
  const m = basisSize ?? Math.min(Math.max(2 * count + 10, 40), n);
  checkCount(name, 'a basis', m, Math.min(count + 2, n), n);
  const most = products ?? 10 * m;
  checkCount(name, 'a number of products', most, m);

  const basis = emptyBasis(m, n, first);
  append(basis, first, startNorm(name, first));
  // A in the basis; row and column j are known once A has been applied to vector j.
  const projected = new Float64Array(m * m);
  let applied = 0;
  let largest = 0;
  for (let done = 1; ; done++) {
    const image = await productOf(name, A, vectorAt(basis, applied));
    const { rest, norm, coefficients } = await orthogonalize(basis, image);
    for (let i = 0; i <= applied; i++) {
      projected[i * m + applied] = projected[applied * m + i] = coefficients[i];
    }
    applied++;
    largest = Math.max(largest, normOf(image));
    onStep(done, most);
    const ended = basis.count === n || isRounding(norm, largest, first);
    if (basis.count < m) {
      if (ended) await appendRandom(basis);
      else append(basis, rest, norm);
      continue;
    }

    const { values, vectors } = wantedFirst(projected, m, which);
    const residuals = Float64Array.from({ length: count }, (_, i) =>
      Math.abs(vectors[i * m + m - 1] * (ended ? 0 : norm)),
    );
    const bound = (tolerance ?? defaultTolerance(first)) * largestOf(values);
    const converged = residuals.every((r) => r <= bound);
    // Some vectors beyond the wanted ones speed up convergence; one product at least must fit in again.
    const kept = Math.min(count + 10, Math.floor((count + m) / 2), m - 1);
    if (converged || done + m - kept > most) {
      return {
        values: values.slice(0, count),
        vectors: rowsOf(await combine(basis, vectors.subarray(0, count * m), count), count),
        residuals,
        converged,
        products: done,
      };
    }
    const restarted = await combine(basis, vectors.subarray(0, kept * m), kept);
    clear(basis);
    basis.data.set(restarted);
    basis.count = kept;
    projected.fill(0);
    for (let i = 0; i < kept; i++) projected[i * m + i] = values[i];
    applied = kept;
    if (ended) await appendRandom(basis);
    else append(basis, rest, norm);
  }
}

/** Adds a random vector. The seed of the first draw may have been the start's, hence the loop. */
async function appendRandom(basis: Basis): Promise<void> {
  const { count, size, data } = basis;
  for (let seed = count; basis.count === count; seed++) {
    const vector = random.normal(random.key(seed), [size], { dtype: dtypeOf(data) });
    await appendAll(basis, (await vector.data()) as Vector);
  }
}
