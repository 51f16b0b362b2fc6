/** Eigenpairs of an operator restricted to a subspace: Golub and Van Loan, "Matrix computations", 4th ed., 8.1.4. */
import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import * as np from '../numpy/index.ts';
import { jit } from '../runtime/index.ts';
import { type Basis, combine } from './basis.ts';
import { eigh } from './eigh.ts';
import { epsilonOf, rowsOf, type Vector } from './operator.ts';

/** Approximate eigenpairs of a symmetric operator. */
export interface Eigenpairs {
  /** Eigenvalues (k), the most wanted first. */
  readonly values: Float64Array;
  /** Orthonormal rows, [k, n], row i to `values[i]`. */
  readonly vectors: NDArray;
  /** |A v - value v| for each: an eigenvalue of A lies that near. */
  readonly residuals: Float64Array;
  /** Whether all residuals are within the tolerance. */
  readonly converged: boolean;
  /** Products with A that were made. */
  readonly products: number;
}

/** Which end of the spectrum is wanted. */
export type Which = 'largest' | 'smallest' | 'magnitude';

/** Residual, relative to the largest eigenvalue found, that counts as converged: 3e-5 in float32, 1.5e-9 in float64. */
export const defaultTolerance = (v: Vector): number => Math.sqrt(epsilonOf(v)) / 10;

const gram = jit((a: NDArray, b: NDArray) => np.matmul(a, np.transpose(b)));

/** Products of rows that an operator which is not symmetric takes apart by more than rounding can. */
const ASYMMETRY = 1e-2;

/** Eigenpairs of the small matrix `S A S^T`, the wanted first: `vectors` k x k, row i to `values[i]`. */
export function wantedFirst(
  projected: Float64Array,
  k: number,
  which: Which,
): { values: Float64Array; vectors: Float64Array } {
  const { values, vectors } = eigh(projected, k);
  const rank = { largest: (x: number) => -x, smallest: (x: number) => x, magnitude: (x: number) => -Math.abs(x) }[
    which
  ];
  const order = Uint32Array.from(values.keys()).sort((i, j) => rank(values[i]) - rank(values[j]));
  const rows = new Float64Array(k * k);
  order.forEach((column, i) => {
    for (let j = 0; j < k; j++) rows[i * k + j] = vectors[j * k + column];
  });
  return { values: Float64Array.from(order, (i) => values[i]), vectors: rows };
}

/** Largest of the magnitudes. */
export const largestOf = (values: Float64Array): number => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** `S A S^T`, k x k, for the k orthonormal rows of S and their images; the average with its transpose. */
async function projectedOn(name: string, basis: Basis, images: Basis): Promise<Float64Array> {
  const k = basis.count;
  const rows = ({ data, size }: Basis) => rowsOf(data.subarray(0, k * size) as Vector, k);
  const product = Float64Array.from(await gram(rows(basis), rows(images)).data());
  const largest = largestOf(product);
  const result = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      const [below, above] = [product[i * k + j], product[j * k + i]];
      if (Math.abs(below - above) > ASYMMETRY * largest) {
        throw new UserError(
          `${name}: expected a symmetric operator, found u^T A v = ${below} but v^T A u = ${above} for two orthonormal vectors u and v.`,
        );
      }
      result[i * k + j] = result[j * k + i] = (below + above) / 2;
    }
  }
  return result;
}

/** Ritz pairs in a subspace: all of them in coordinates, the k most wanted as vectors. */
export interface RitzBlock {
  readonly values: Float64Array;
  /** Coordinates in the basis, count x count, row i to `values[i]`. */
  readonly coordinates: Float64Array;
  /** k x n each: the vectors and their images under A. */
  readonly vectors: Vector;
  readonly images: Vector;
  readonly residuals: Float64Array;
}

export async function rayleighRitz(
  name: string,
  basis: Basis,
  images: Basis,
  k: number,
  which: Which,
): Promise<RitzBlock> {
  const { count, size } = basis;
  const { values, vectors: coordinates } = wantedFirst(await projectedOn(name, basis, images), count, which);
  const weights = coordinates.subarray(0, k * count);
  const vectors = await combine(basis, weights, k);
  const products = await combine(images, weights, k);
  const residuals = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    let squares = 0;
    for (let at = i * size; at < (i + 1) * size; at++) squares += (products[at] - values[i] * vectors[at]) ** 2;
    residuals[i] = Math.sqrt(squares);
  }
  return { values, coordinates, vectors, images: products, residuals };
}
