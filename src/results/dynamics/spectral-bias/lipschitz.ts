/**
 * Upper bounds on the Lipschitz constant of a network (arXiv 1806.08734, eq. of Section 3.1, "Lipschitz constant"):
 * L_f <= prod_k ||W_k||_2 <= ||theta||_inf^(L+1) sqrt(d) prod_k d_k. It limits the numerator of the spectrum (Theorem 1).
 */
import { UserError } from '../../../array/errors.ts';
import { activationLipschitz, type DenseLayer, type PiecewiseLinearNet } from './piecewise-linear-net.ts';

/** A linear map given by its products: a dense matrix, a convolution, anything. */
export interface LinearMap {
  /** Length of v. */
  readonly inputs: number;
  apply(v: Float64Array): Float64Array;
  applyTransposed(u: Float64Array): Float64Array;
}

export interface PowerIterationOptions {
  /** At most this many iterations (default 20, as in the paper's experiments). */
  readonly iterations?: number;
  /** Stop when the norm changes by less than this fraction (default 1e-6). */
  readonly tolerance?: number;
}

/** The map x -> x W of a dense layer. */
export function denseMap({ weight, inputs, outputs }: DenseLayer): LinearMap {
  return {
    inputs,
    apply: (v) => {
      const result = new Float64Array(outputs);
      for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) result[o] += v[i] * weight[i * outputs + o];
      return result;
    },
    applyTransposed: (u) => {
      const result = new Float64Array(inputs);
      for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) result[i] += u[o] * weight[i * outputs + o];
      return result;
    },
  };
}

/**
 * ||W||_2 by power iteration on W^T W (b^T W b, as in the paper's notebook, is not the norm of a W that is not symmetric).
 * The estimate approaches the norm from below: 20 iterations are within 1 % on random matrices; raise `iterations` for
 * a certified bound. Deterministic.
 */
export function spectralNorm(map: LinearMap, options: PowerIterationOptions = {}): number {
  const { iterations = 20, tolerance = 1e-6 } = options;
  // A fixed irregular start (quadratic phases): a run is reproducible, and no structured matrix is orthogonal to it.
  let v = normalised(
    Float64Array.from({ length: map.inputs }, (_, i) => Math.cos(1 + 0.7548776662466927 * (i + 1) ** 2)),
  );
  let norm = 0;
  for (let step = 0; step < iterations; step++) {
    const u = map.apply(v);
    const previous = norm;
    norm = length(u);
    if (norm === 0) return 0;
    if (!Number.isFinite(norm)) throw new UserError('spectral norm: the matrix has an entry that is NaN or infinite.');
    if (Math.abs(norm - previous) <= tolerance * norm) break;
    v = normalised(map.applyTransposed(u));
  }
  return norm;
}

/**
 * The two bounds of the paper and the layer norms they are made of. Valid for any activation that is listed in
 * `DenseLayer` (each factor is multiplied by the activation's Lipschitz constant, 1 for relu).
 *
 * @returns product prod_k ||W_k||_2; maxNorm ||theta||_inf^(L+1) sqrt(d) prod_{k<=L} d_k (for m outputs times sqrt(m)),
 *   theta being all weights and biases; layerNorms ||W_k||_2, first to last.
 * @throws UserError for an unknown activation or entries that are not finite.
 */
export function lipschitzBounds(
  net: PiecewiseLinearNet,
  options: PowerIterationOptions = {},
): { readonly product: number; readonly maxNorm: number; readonly layerNorms: Float64Array } {
  const layerNorms = Float64Array.from(net.layers, (layer) => spectralNorm(denseMap(layer), options));
  const activations = net.layers.reduce((product, _, index) => product * activationLipschitz(net, index), 1);
  const largest = net.layers.reduce(
    (max, { weight, bias }) => largestMagnitude(bias, largestMagnitude(weight, max)),
    0,
  );
  const last = net.layers[net.layers.length - 1];
  const widths = net.layers.reduce((product, { outputs }) => product * outputs, 1) / last.outputs;
  return {
    product: layerNorms.reduce((product, norm) => product * norm, activations),
    maxNorm: activations * largest ** net.layers.length * Math.sqrt(net.layers[0].inputs * last.outputs) * widths,
    layerNorms,
  };
}

function largestMagnitude(values: Float64Array, atLeast: number): number {
  return values.reduce((max, v) => Math.max(max, Math.abs(v)), atLeast);
}

function normalised(v: Float64Array): Float64Array {
  const size = length(v);
  return size === 0 ? v : v.map((x) => x / size);
}

/** A loop: `Math.hypot(...v)` would put every entry of a large layer on the stack. */
function length(v: Float64Array): number {
  return Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
}
