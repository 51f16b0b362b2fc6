/** Spectral densities and traces of functions of an operator, by random vectors and Lanczos. */

import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { type Estimate, estimateOf, signs } from './estimate.ts';
import { lanczos, ritzPairs } from './lanczos.ts';
import { checkCount, type OnStep, type Operator } from './operator.ts';

/** For each probe a Gauss rule of its spectral measure, whose mean over probes is the spectrum's own. */
export interface SpectralQuadrature {
  /** n, the number of eigenvalues. */
  readonly size: number;
  /** Steps asked for; a rule has fewer nodes where its probe saw fewer eigenvalues. */
  readonly steps: number;
  /** One per probe: nodes ascending, weights non-negative with sum 1. */
  readonly rules: readonly { readonly nodes: Float64Array; readonly weights: Float64Array }[];
  /** Ends of the spectrum, the outermost nodes moved out by their residual bounds. */
  readonly range: readonly [number, number];
}

/**
 * Stochastic Lanczos quadrature: Ubaru, Chen and Saad, "Fast estimation of tr(f(A)) via stochastic Lanczos quadrature",
 * SIAM J. Matrix Anal. Appl. 38, 2017, doi:10.1137/16M1104974; for Hessians Ghorbani, Krishnan and Xiao, "An
 * investigation into neural net optimization via Hessian eigenvalue density", ICML 2019, arXiv:1901.10159, and Papyan,
 * "The full spectrum of deepnet Hessians at scale", arXiv:1811.07062.
 *
 * A probe of random signs and m steps integrate polynomials up to degree 2 m - 1 exactly in the probe's measure;
 * averages over probes then converge to those over the spectrum with the standard error that `spectralSum` reports.
 * Outlying eigenvalues become nodes of their own.
 *
 * Costs `probes * steps` products; memory of one `lanczos` run.
 *
 * @param A symmetric operator on vectors of length `size`
 * @param key of `random`; used up
 * @param options.steps 1 to `size`; default 128 (Papyan's), or `size` if that is smaller
 * @param options.probes default 10 (Ghorbani's)
 * @param options.dtype of the vectors; default float32
 * @param options.onStep called after each product
 * @throws UserError as `lanczos`
 */
export async function stochasticLanczosQuadrature(
  A: Operator,
  size: number,
  key: NDArray,
  {
    steps = Math.min(128, size),
    probes = 10,
    dtype = 'float32',
    onStep = () => {},
  }: {
    readonly steps?: number;
    readonly probes?: number;
    readonly dtype?: 'float32' | 'float64';
    readonly onStep?: OnStep;
  } = {},
): Promise<SpectralQuadrature> {
  checkCount('stochasticLanczosQuadrature', 'a number of probes', probes, 1);
  const rules: { nodes: Float64Array; weights: Float64Array }[] = [];
  let [low, high] = [Infinity, -Infinity];
  for (let p = 0; p < probes; p++) {
    const result = await lanczos(A, signs(key, p, size, dtype), steps, {
      onStep: (done) => onStep(p * steps + done, probes * steps),
    });
    const { values, weights, bounds } = ritzPairs(result);
    rules.push({ nodes: values, weights });
    low = Math.min(low, values[0] - bounds[0]);
    high = Math.max(high, values[values.length - 1] + bounds[values.length - 1]);
  }
  return { size, steps, rules, range: [low, high] };
}

/**
 * The sum of `f` over all eigenvalues, tr f(A): `Math.log` gives the log-determinant, `(x) => x ** 2` the squared norm.
 */
export function spectralSum({ size, rules }: SpectralQuadrature, f: (eigenvalue: number) => number): Estimate {
  const means = rules.map(({ nodes, weights }) => nodes.reduce((sum, x, i) => sum + weights[i] * f(x), 0));
  return estimateOf(means, size);
}

/** Density of eigenvalues, of integral 1 over the line. */
export interface SpectralDensity {
  readonly grid: Float64Array;
  readonly density: Float64Array;
  /** Over the probes; NaN for one. */
  readonly standardError: Float64Array;
  /** Standard deviation of the Gaussian in place of each node, in units of the eigenvalues. */
  readonly width: number;
}

/**
 * The density on an equidistant grid, each node a Gaussian: `phi(t) = sum_j w_j N(t; theta_j, width^2)`, mean over
 * probes.
 *
 * The default grid is the range of the spectrum, widened by 5 % at both ends. The default width is Papyan's,
 * `h / sqrt(8 ln kappa)` with `h = (high - low) / (steps - 1)` and kappa = 1.25: two Gaussians h apart then have a dip
 * between them of that ratio. What is narrower than the width cannot be told from one eigenvalue.
 *
 * @param options.points of the grid, at least 2; default 1024
 * @param options.range ends of the grid
 * @param options.width of the Gaussian, positive
 */
export function spectralDensity(
  { steps, rules, range: [lowest, highest] }: SpectralQuadrature,
  {
    points = 1024,
    range,
    width,
  }: { readonly points?: number; readonly range?: readonly [number, number]; readonly width?: number } = {},
): SpectralDensity {
  checkCount('spectralDensity', 'a number of points', points, 2);
  // A spectrum of one value has a density only by convention: it gets the width of a relative rounding error.
  const margin = 0.05 * (highest - lowest) || 1e-6 * Math.abs(highest) || 1e-6;
  const [low, high] = range ?? [lowest - margin, highest + margin];
  const gap = (highest - lowest + 2 * margin) / Math.max(steps - 1, 1);
  const deviation = width ?? gap / Math.sqrt(8 * Math.log(1.25));
  if (!(low < high)) throw new UserError(`spectralDensity: expected a range [low, high], found [${low}, ${high}].`);
  if (!(deviation > 0)) throw new UserError(`spectralDensity: expected a positive width, found ${deviation}.`);
  const grid = Float64Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
  const density = new Float64Array(points);
  const standardError = new Float64Array(points);
  const scale = 1 / (deviation * Math.sqrt(2 * Math.PI));
  grid.forEach((t, i) => {
    const values = rules.map(({ nodes, weights }) =>
      nodes.reduce((sum, x, j) => sum + weights[j] * scale * Math.exp(-(((t - x) / deviation) ** 2) / 2), 0),
    );
    const estimate = estimateOf(values);
    density[i] = estimate.value;
    standardError[i] = estimate.standardError;
  });
  return { grid, density, standardError, width: deviation };
}
