/** Expectations over a normal variable by quadrature. */
import { UserError } from '../array/errors.ts';
import { tridiagonalQl } from '../linalg/tridiagonal-ql.ts';

/** E f(z) = sum_i weights[i] f(nodes[i]) for z ~ N(0, 1). */
export interface GaussHermite {
  /** Ascending, symmetric about 0. */
  readonly nodes: Float64Array;
  /** Positive, of sum 1. */
  readonly weights: Float64Array;
}

const known = new Map<number, GaussHermite>();

/**
 * The Gauss-Hermite rule for the standard normal density, exact for polynomials of degree 2 n - 1: nodes are the
 * eigenvalues of the Jacobi matrix of the Hermite polynomials, weights the squares of its eigenvectors' first components
 * (Golub and Welsch, "Calculation of Gauss quadrature rules", Math. Comp. 23, 1969). O(n^3) once for each n; kept.
 *
 * @param n number of nodes, at least 1
 * @throws UserError when n is no positive whole number
 */
export function gaussHermite(n: number): GaussHermite {
  if (!Number.isInteger(n) || n < 1) throw new UserError(`gaussHermite: expected at least 1 node, found ${n}.`);
  const found = known.get(n);
  if (found !== undefined) return found;
  const nodes = new Float64Array(n);
  const coupling = Float64Array.from({ length: n }, (_, i) => Math.sqrt(i));
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  tridiagonalQl(nodes, coupling, vectors);
  const order = Array.from(nodes.keys()).sort((i, j) => nodes[i] - nodes[j]);
  const rule = {
    nodes: Float64Array.from(order, (_, i) => (nodes[order[i]] - nodes[order[n - 1 - i]]) / 2),
    weights: Float64Array.from(order, (_, i) => (vectors[order[i]] ** 2 + vectors[order[n - 1 - i]] ** 2) / 2),
  };
  known.set(n, rule);
  return rule;
}
