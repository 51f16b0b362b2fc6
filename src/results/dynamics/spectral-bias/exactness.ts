/**
 * Is the closed form exact? The spectrum of a network from its linear regions (arXiv 1806.08734, Lemmas 1 and 2) beside
 * the same integral by brute force, and the control: the sign that the paper prints in Lemma 1.
 */
import { cutByPyramidOfEitherSign } from './compact-nets.ts';
import { type ComplexArray, magnitude } from './complex.ts';
import { transformCompact1d, transformCompact2d, transformRegions1d, transformRegions2d } from './network-transform.ts';
import { evaluate, type PiecewiseLinearNet } from './piecewise-linear-net.ts';
import { quadrature1d, quadrature2d } from './quadrature.ts';
import { linearRegions1d } from './regions.ts';
import { linearRegions2d } from './regions2d.ts';

export interface Exactness {
  readonly dim: 1 | 2;
  /** 'window': the network on [-1, 1]^dim as it is. 'compact': relu(min(+-g, pyramid)), which vanishes on the edge. */
  readonly support: 'window' | 'compact';
  /** Number of linear regions. */
  readonly regions: number;
  /** |k|, rad per unit of x. */
  readonly k: Float64Array;
  /** |F(k)| in closed form and by quadrature. */
  readonly exact: Float64Array;
  readonly quadrature: Float64Array;
  /** max_k |F - Q| / |Q|. */
  readonly relativeError: number;
  /** The same for Lemma 1 as printed, with +i; 2 if the sign is wrong. NaN for 'window' (Lemma 1 needs compact support). */
  readonly printedSignError: number;
}

/** Wave numbers of the 1-D comparison. */
const KS_1D = Float64Array.of(0.5, 1, 2.3, 5, 7.7, 13, 21, 34, 55);
/** Wave vectors of the 2-D comparison: all quarters of the plane, an axis, and |k| from 0.5 to 20. */
const KS_2D = Float64Array.of(0.5, 0.2, 1, 2, 3, -1, 5, 4, -7, 6, 10, 0, 3, 14, 17, 11);
const SQUARE = Float64Array.of(-1, -1, 1, -1, 1, 1, -1, 1);

/**
 * Both forms for a relu network R -> R: the window [-1, 1] by S1 with its boundary term, and relu(min(+-g, tent)) by the
 * sum over kinks.
 *
 * @param options.points points of the midpoint rule (default 4e5, whose own error is about 1e-8).
 */
export function exactness1d(g: PiecewiseLinearNet, options: { readonly points?: number } = {}): Exactness[] {
  const { points = 400_000 } = options;
  return (['window', 'compact'] as const).map((support) => {
    const net = support === 'window' ? g : cutByPyramidOfEitherSign(g);
    const regions = linearRegions1d(net, -1, 1);
    const exact = support === 'window' ? transformRegions1d(regions, KS_1D) : transformCompact1d(regions, KS_1D);
    const brute = quadrature1d((x) => evaluate(net, x), [-1, 1], points, KS_1D);
    return compare(1, support, regions.slopes.length, KS_1D, exact, brute);
  });
}

/**
 * Both forms for a relu network R^2 -> R: the square [-1, 1]^2 with its boundary term, and relu(min(+-g, pyramid)) by
 * Lemma 1 with Lemma 2.
 *
 * @param options.points points of the midpoint rule per axis (default 1500, whose own error is about 1e-5).
 */
export function exactness2d(g: PiecewiseLinearNet, options: { readonly points?: number } = {}): Exactness[] {
  const { points = 1500 } = options;
  const lengths = Float64Array.from({ length: KS_2D.length / 2 }, (_, q) => Math.hypot(KS_2D[2 * q], KS_2D[2 * q + 1]));
  return (['window', 'compact'] as const).map((support) => {
    const net = support === 'window' ? g : cutByPyramidOfEitherSign(g);
    const regions = linearRegions2d(net, SQUARE);
    const exact =
      support === 'window' ? transformRegions2d(regions, KS_2D) : transformCompact2d(regions, SQUARE, KS_2D);
    const brute = quadrature2d((x) => evaluate(net, x), [-1, 1], points, KS_2D);
    return compare(2, support, regions.length, lengths, exact, brute);
  });
}

function compare(
  dim: 1 | 2,
  support: 'window' | 'compact',
  regions: number,
  k: Float64Array,
  exact: ComplexArray,
  brute: ComplexArray,
): Exactness {
  const printed = { re: exact.re.map((v) => -v), im: exact.im.map((v) => -v) };
  return {
    dim,
    support,
    regions,
    k,
    exact: magnitude(exact),
    quadrature: magnitude(brute),
    relativeError: largestRelativeError(exact, brute),
    printedSignError: support === 'compact' ? largestRelativeError(printed, brute) : Number.NaN,
  };
}

function largestRelativeError(a: ComplexArray, reference: ComplexArray): number {
  const lengths = magnitude(reference);
  return lengths.reduce(
    (max, length, q) => Math.max(max, Math.hypot(a.re[q] - reference.re[q], a.im[q] - reference.im[q]) / length),
    0,
  );
}
