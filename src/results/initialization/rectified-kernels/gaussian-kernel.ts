/** The kernel of a wide layer for any activation: an expectation over a normal pair (Theorem B). */
import { UserError } from '../../../array/errors.ts';
import { eigh } from '../../../linalg/index.ts';
import { type Activation, leakyRelu } from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';
import { angleOfGap, bend } from './angle-map.ts';
import { checkSlope, rectifiedSquare } from './rectifier-kernel.ts';

/** An activation: a rectifier by its slope for negative arguments, or any function of arrays, elementwise. */
export type LayerActivation = { readonly slope: number } | Activation;

/** 1 where x > 0, else 0. */
export const step: Activation = (x) => np.astype(np.greater(x, 0), x.dtype);

/** The activation as a function of arrays. */
export function applied(activation: LayerActivation): Activation {
  if (typeof activation === 'function') return activation;
  const { slope } = activation;
  checkSlope(slope);
  return slope === 0 ? np.relu : (x) => leakyRelu(x, slope);
}

type ClosedForm = (xx: number, xy: number, yy: number) => number;

/** sqrt(xx yy) and the angle of a normal pair. */
function polar(xx: number, xy: number, yy: number): { scale: number; theta: number } {
  const scale = Math.sqrt(xx * yy);
  return { scale, theta: scale === 0 ? 0 : angleOfGap(Math.min(2, Math.max(0, 1 - xy / scale))) };
}

/** kappa_a(theta) of Theorem A on numbers; `rectifierKernel` is the same on arrays. */
export const kappa = (theta: number, slope: number): number =>
  rectifiedSquare(slope) * Math.cos(theta) + ((1 - slope) ** 2 / (2 * Math.PI)) * bend(theta);

function closedForm(activation: LayerActivation): ClosedForm | undefined {
  const slope = activation === np.relu ? 0 : typeof activation === 'function' ? undefined : activation.slope;
  if (slope !== undefined) {
    checkSlope(slope);
    return (...covariance) => {
      const { scale, theta } = polar(...covariance);
      return scale * kappa(theta, slope);
    };
  }
  if (activation === step) return (...covariance) => 0.5 - polar(...covariance).theta / (2 * Math.PI);
  if (activation === np.erf) {
    // Williams, "Computing with infinite networks", 1997.
    return (xx, xy, yy) => (2 / Math.PI) * Math.asin((2 * xy) / Math.sqrt((1 + 2 * xx) * (1 + 2 * yy)));
  }
  return undefined;
}

/**
 * Nodes and weights with `E f(z) = sum_i weights_i f(nodes_i)` for a standard normal z, exact for polynomials below
 * degree 2 n (Golub and Welsch, Math. Comp. 23, 1969: eigenpairs of the recurrence of the Hermite polynomials).
 */
export function gaussHermite(n: number): { nodes: Float64Array; weights: Float64Array } {
  if (!Number.isInteger(n) || n < 1) throw new UserError(`nodes: expected a whole number of at least 1, found ${n}.`);
  const recurrence = new Float64Array(n * n);
  for (let k = 1; k < n; k++) {
    recurrence[k * n + k - 1] = Math.sqrt(k);
    recurrence[(k - 1) * n + k] = Math.sqrt(k);
  }
  const { values, vectors } = eigh(recurrence, n);
  return { nodes: values, weights: vectors.slice(0, n).map((first) => first * first) };
}

/** Pairs whose quadrature is one call of the engine: nodes^2 numbers each. */
const pairsPerCall = 128;

/**
 * E[s(u) s(v)] for a normal pair with variances `Sxx`, `Syy` and covariance `Sxy`: closed forms for rectifiers, the step
 * and erf, for any other activation the Gauss-Hermite rule in two dimensions (accurate for smooth activations).
 *
 * @param activation `{ slope }`, or a function of arrays such as `np.tanh` or `nn.gelu`
 * @param sxx,sxy,syy numbers, or lists of the same length
 * @param options.nodes of the rule, per dimension; default 101
 * @returns one expectation per covariance
 * @throws UserError when a covariance is not positive semidefinite (its place is named)
 */
export async function gaussianKernel(
  activation: LayerActivation,
  sxx: number | ArrayLike<number>,
  sxy: number | ArrayLike<number>,
  syy: number | ArrayLike<number>,
  { nodes: count = 101 }: { nodes?: number } = {},
): Promise<Float64Array> {
  const [xx, xy, yy] = [sxx, sxy, syy].map((s) => (typeof s === 'number' ? Float64Array.of(s) : Float64Array.from(s)));
  checkCovariances(xx, xy, yy);
  const exact = closedForm(activation);
  if (exact) return xx.map((variance, i) => exact(variance, xy[i], yy[i]));

  const s = applied(activation);
  const { nodes, weights } = gaussHermite(count);
  const z = np.array(nodes);
  const w = np.array(weights);
  // u = p z1 and v = q z1 + r z2: the Cholesky factor of the covariance.
  const expectation = jit((p: np.NDArray, q: np.NDArray, r: np.NDArray) => {
    const outer = (column: np.NDArray) => np.multiply(np.expandDims(column, 1), z);
    const inner = s(np.add(np.expandDims(outer(q), 2), np.expandDims(outer(r), 1)));
    return np.sum(np.multiply(np.multiply(w, s(outer(p))), np.matmul(inner, w)), 1);
  });
  const result = new Float64Array(xx.length);
  for (let from = 0; from < xx.length; from += pairsPerCall) {
    const take = (f: (xx: number, xy: number, yy: number) => number) =>
      np.array(xx.slice(from, from + pairsPerCall).map((v, i) => f(v, xy[from + i], yy[from + i])));
    const part = expectation(
      take((a) => Math.sqrt(a)),
      take((a, b) => (a === 0 ? 0 : b / Math.sqrt(a))),
      take((a, b, c) => Math.sqrt(Math.max(0, a === 0 ? c : c - (b * b) / a))),
    );
    result.set(await part.data(), from);
  }
  return result;
}

function checkCovariances(xx: Float64Array, xy: Float64Array, yy: Float64Array): void {
  if (xx.length !== xy.length || xx.length !== yy.length) {
    throw new UserError(
      `gaussianKernel: expected as many entries of each kind, found ${xx.length} of Sxx, ${xy.length} of Sxy and ${yy.length} of Syy.`,
    );
  }
  for (let i = 0; i < xx.length; i++) {
    // Equal inputs may miss by rounding.
    if (!(xx[i] >= 0 && yy[i] >= 0 && xy[i] ** 2 <= xx[i] * yy[i] * (1 + 1e-9))) {
      throw new UserError(
        `gaussianKernel: covariance ${i}, [[${xx[i]}, ${xy[i]}], [${xy[i]}, ${yy[i]}]], is not positive semidefinite.`,
      );
    }
  }
}
