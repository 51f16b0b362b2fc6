/**
 * How fast do spectra decay? Theorem 1 of arXiv 1806.08734 predicts |F(k)| ~ k^-2 along facet normals and in 1-D, and
 * k^-(d+1) in all other directions; the control, a network of the same weights with tanh, decays faster than any power.
 */
import { cutByPyramidOfEitherSign, pyramidNet } from './compact-nets.ts';
import { type ComplexArray, magnitude } from './complex.ts';
import { spectralDecayExponent } from './decay.ts';
import { facets, mostGenericDirection, strongestNormals } from './facets.ts';
import { transformCompact1d, transformCompact2d } from './network-transform.ts';
import { evaluate, type PiecewiseLinearNet } from './piecewise-linear-net.ts';
import { type BatchFunction, quadrature1d, quadrature2d } from './quadrature.ts';
import { linearRegions1d } from './regions.ts';
import { type LinearRegion2d, linearRegions2d } from './regions2d.ts';

/** |F| along one direction, for the log-log plot, with its exponent. */
export interface DecayCurve {
  readonly direction: 'line' | 'generic' | 'facet normal';
  /** Angle of the direction in the plane (rad); 0 on the line. */
  readonly angle: number;
  /** What Theorem 1 says: -2, or -(d + 1) = -3; -Infinity for a smooth network. */
  readonly predicted: number;
  /** Measured slope of the upper envelope, 8 bins per decade. */
  readonly exponent: number;
  /** |k|, rad per unit of x. */
  readonly k: Float64Array;
  readonly magnitude: Float64Array;
}

/**
 * k from 20 to 4000. Twelve samples in each of the envelope's bins: the lowest bins hold only a few independent values of
 * an oscillating F, and the largest of many more at high k would flatten the slope.
 */
const WAVE_NUMBERS = Float64Array.from({ length: 222 }, (_, i) => 20 * (4000 / 20) ** (i / 221));
const SQUARE = Float64Array.of(-1, -1, 1, -1, 1, 1, -1, 1);
/** Where the generic direction is chosen for earliest k^-3: the middle of the range, sqrt(20 x 4000). */
const MIDDLE = 283;

/** The pyramid: its four facet normals, and eight directions evenly spaced over the middle 60 % between two of them. */
export function pyramidDecay(): DecayCurve[] {
  const regions = linearRegions2d(pyramidNet(2), SQUARE);
  const normals = [0, 1, 2, 3].map((quarter) => (quarter * Math.PI) / 4);
  const generic = Array.from({ length: 8 }, (_, i) => (Math.PI / 4) * (0.2 + (0.6 * i) / 7));
  return [
    ...normals.map((angle) => exactCurve2d(regions, 'facet normal', angle)),
    ...generic.map((angle) => exactCurve2d(regions, 'generic', angle)),
  ];
}

/**
 * relu(min(+-g, pyramid)) of a relu network g: R^2 -> R along its strongest facet normals and its most generic direction.
 * The sign is that of `cutByPyramidOfEitherSign`.
 *
 * @param options.normals how many facet normals (default 2).
 * @throws UserError if g is zero, or no relu network R^2 -> R.
 */
export function cutNetworkDecay2d(g: PiecewiseLinearNet, options: { readonly normals?: number } = {}): DecayCurve[] {
  const { normals = 2 } = options;
  const net = cutByPyramidOfEitherSign(g);
  const regions = linearRegions2d(net, SQUARE);
  const found = facets(net, regions);
  return [
    ...strongestNormals(found, normals).map((angle) => exactCurve2d(regions, 'facet normal', angle)),
    exactCurve2d(regions, 'generic', mostGenericDirection(found, MIDDLE)),
  ];
}

/** relu(min(+-g, tent)) of a relu network g: R -> R. @throws UserError as `cutNetworkDecay2d`. */
export function cutNetworkDecay1d(g: PiecewiseLinearNet): DecayCurve {
  const regions = linearRegions1d(cutByPyramidOfEitherSign(g), -1, 1);
  return curve('line', 0, -2, WAVE_NUMBERS, transformCompact1d(regions, WAVE_NUMBERS));
}

/**
 * The control: g and its tanh twin (equal weights), both times the same Gaussian window (std 0.11, round-off at the ends
 * of [-1, 1]), by quadrature. Only the activation differs: the relu network keeps its kinks and k^-2, the tanh network
 * has no power law. Its curve ends where |F| falls below 1e-12 of |F(0)|, the round-off of the quadrature.
 *
 * @param g relu network R -> R or R^2 -> R. In 2-D only the tanh twin is measured (a grid cannot follow kinks to k = 4000).
 * @param angle direction in the plane, e.g. a facet normal of g (2-D only, default 0).
 */
export function smoothControl(g: PiecewiseLinearNet, angle = 0): { relu: DecayCurve | null; tanh: DecayCurve } {
  const tanh: PiecewiseLinearNet = {
    layers: g.layers.map((layer) => (layer.activation === 'relu' ? { ...layer, activation: 'tanh' } : layer)),
  };
  return g.layers[0].inputs === 1
    ? { relu: windowedCurve1d(g, -2), tanh: windowedCurve1d(tanh, Number.NEGATIVE_INFINITY) }
    : { relu: null, tanh: windowedCurve2d(tanh, angle) };
}

function exactCurve2d(
  regions: readonly LinearRegion2d[],
  direction: 'generic' | 'facet normal',
  angle: number,
): DecayCurve {
  const F = transformCompact2d(regions, SQUARE, along(angle, WAVE_NUMBERS));
  return curve(direction, angle, direction === 'generic' ? -3 : -2, WAVE_NUMBERS, F);
}

/** Steps of the 1-D quadrature: k h = 0.12 at k = 4000, an error of 1e-3 there. */
const STEPS_1D = 2 ** 16;
/** Steps per axis in 2-D: exact to round-off for a smooth f and k below 100 (half the sampling rate is 628). */
const STEPS_2D = 400;

function windowedCurve1d(net: PiecewiseLinearNet, predicted: number): DecayCurve {
  const f = timesGaussian((x) => evaluate(net, x), 1);
  const F = quadrature1d(f, [-1, 1], STEPS_1D, Float64Array.of(0, ...WAVE_NUMBERS));
  return aboveRoundOff(0, 'line', predicted, WAVE_NUMBERS, F);
}

function windowedCurve2d(net: PiecewiseLinearNet, angle: number): DecayCurve {
  const k = WAVE_NUMBERS.filter((wave) => wave < 100);
  const f = timesGaussian((x) => evaluate(net, x), 2);
  const F = quadrature2d(f, [-1, 1], STEPS_2D, Float64Array.of(0, 0, ...along(angle, k)));
  return aboveRoundOff(angle, 'generic', Number.NEGATIVE_INFINITY, k, F);
}

/** F holds F(0) first; the curve stops before |F| first falls below 1e-12 |F(0)|. */
function aboveRoundOff(
  angle: number,
  direction: DecayCurve['direction'],
  predicted: number,
  k: Float64Array,
  F: ComplexArray,
): DecayCurve {
  const size = magnitude(F);
  const floor = 1e-12 * size[0];
  const below = size.findIndex((value) => value < floor);
  const end = below < 0 ? size.length : below;
  const part = { re: F.re.subarray(1, end), im: F.im.subarray(1, end) };
  return curve(direction, angle, predicted, k.slice(0, end - 1), part);
}

function timesGaussian(f: BatchFunction, d: number): BatchFunction {
  return (x) =>
    f(x).map((value, p) => {
      let square = 0;
      for (let i = p * d; i < (p + 1) * d; i++) square += x[i] * x[i];
      return value * Math.exp(-square / (2 * 0.11 * 0.11));
    });
}

function curve(
  direction: DecayCurve['direction'],
  angle: number,
  predicted: number,
  k: Float64Array,
  F: ComplexArray,
): DecayCurve {
  const size = magnitude(F);
  return { direction, angle, predicted, exponent: spectralDecayExponent(k, size), k, magnitude: size };
}

/** Wave vectors k (cos angle, sin angle), K x 2. */
function along(angle: number, k: Float64Array): Float64Array {
  return Float64Array.from({ length: 2 * k.length }, (_, i) => k[i >> 1] * (i % 2 ? Math.sin(angle) : Math.cos(angle)));
}
