/**
 * The linear regions of a piecewise-linear network along a line, exactly: the intervals on which
 * f(t) = slope t + intercept (arXiv 1806.08734, Section 2: f(x) = W_e x + b_e on the region of activation pattern e).
 * In float64: in float32 kinks that nearly coincide are lost.
 */
import { UserError } from '../../../array/errors.ts';
import { assertScalarNet, branchSlopes, type DenseLayer, type PiecewiseLinearNet } from './piecewise-linear-net.ts';

export interface LinearRegions1d {
  /** R + 1 increasing positions: both ends of the interval and the kinks between. */
  readonly breakpoints: Float64Array;
  /** R slopes; neighbours differ. */
  readonly slopes: Float64Array;
  /** R intercepts: f(t) = slopes[j] t + intercepts[j] on [breakpoints[j], breakpoints[j+1]]. */
  readonly intercepts: Float64Array;
}

/**
 * Linear regions of a network R -> R on [a, b]. Cost O(regions x total units x width).
 *
 * @param options.maxRegions give up beyond this many pieces (default 2e6).
 * @throws UserError for a network that is not R -> R, a layer that is not piecewise linear, an empty interval, or more
 *   than maxRegions pieces.
 */
export function linearRegions1d(
  net: PiecewiseLinearNet,
  a: number,
  b: number,
  options: { readonly maxRegions?: number } = {},
): LinearRegions1d {
  assertScalarNet(net, 1);
  if (!(Number.isFinite(a) && Number.isFinite(b) && a < b))
    throw new UserError(`linear regions: the interval [${a}, ${b}] must be finite with a < b.`);
  return regionsAlongLine(net, Float64Array.of(1), Float64Array.of(0), a, b, options.maxRegions);
}

/**
 * Linear regions of a network R^d -> R along the segment x0 + t (x1 - x0), t in [0, 1]: a cut through its regions, and
 * with it the exact spectrum along a line in any dimension. Slopes are per unit of t.
 *
 * @param options.maxRegions give up beyond this many pieces (default 2e6).
 * @throws UserError as `linearRegions1d`, and if x0 and x1 differ in length or are equal.
 */
export function linearRegionsOnSegment(
  net: PiecewiseLinearNet,
  x0: ArrayLike<number>,
  x1: ArrayLike<number>,
  options: { readonly maxRegions?: number } = {},
): LinearRegions1d {
  assertScalarNet(net, x0.length);
  const direction = Float64Array.from(x0, (origin, i) => x1[i] - origin);
  if (x1.length !== x0.length || !direction.every(Number.isFinite) || direction.every((v) => v === 0))
    throw new UserError('linear regions: the segment needs two different finite end points of equal dimension.');
  return regionsAlongLine(net, direction, Float64Array.from(x0), 0, 1, options.maxRegions);
}

/** The affine maps s t + c of all units of one layer on the current interval, before and after the activation. */
interface UnitMaps {
  readonly s: Float64Array;
  readonly c: Float64Array;
}

/** Input unit i is slopes[i] t + intercepts[i]; layer by layer every interval is cut at the zeros of the pre-activations. */
function regionsAlongLine(
  net: PiecewiseLinearNet,
  slopes: Float64Array,
  intercepts: Float64Array,
  a: number,
  b: number,
  maxRegions = 2e6,
): LinearRegions1d {
  const tolerance = 1e-12 * (b - a);
  const branches = net.layers.map((_, index) => branchSlopes(net, index));
  const emptyMaps = (layer: DenseLayer): UnitMaps => ({
    s: new Float64Array(layer.outputs),
    c: new Float64Array(layer.outputs),
  });
  // Depth first, one buffer per layer: memory does not grow with the number of regions.
  const pre = net.layers.map(emptyMaps);
  const post = net.layers.map(emptyMaps);
  const found = { ends: [] as number[], slopes: [] as number[], intercepts: [] as number[] };

  const descend = (index: number, lo: number, hi: number, below: UnitMaps): void => {
    if (index === net.layers.length) {
      if (found.ends.length >= maxRegions)
        throw new UserError(
          `linear regions: more than maxRegions = ${maxRegions} on the line; shorten the interval or raise maxRegions.`,
        );
      found.ends.push(hi);
      found.slopes.push(below.s[0]);
      found.intercepts.push(below.c[0]);
      return;
    }
    const { s, c } = pre[index];
    preActivations(net.layers[index], below, pre[index]);
    const [left, right] = branches[index];
    const zeros: number[] = [];
    if (left !== right)
      for (let o = 0; o < s.length; o++) {
        const zero = -c[o] / s[o];
        if (zero > lo + tolerance && zero < hi - tolerance) zeros.push(zero);
      }
    zeros.sort((x, y) => x - y);
    let from = lo;
    for (const to of [...zeros, hi]) {
      if (to - from <= tolerance && to !== hi) continue;
      const middle = (from + to) / 2;
      for (let o = 0; o < s.length; o++) {
        const branch = s[o] * middle + c[o] > 0 ? right : left;
        post[index].s[o] = branch * s[o];
        post[index].c[o] = branch * c[o];
      }
      descend(index + 1, from, to, post[index]);
      from = to;
    }
  };
  descend(0, a, b, { s: slopes, c: intercepts });
  return mergeEqualSlopes(a, found);
}

function preActivations(layer: DenseLayer, below: UnitMaps, above: UnitMaps): void {
  const { weight, bias, inputs, outputs } = layer;
  above.s.fill(0);
  above.c.set(bias);
  for (let i = 0; i < inputs; i++) {
    const s = below.s[i];
    const c = below.c[i];
    if (s === 0 && c === 0) continue;
    for (let o = 0; o < outputs; o++) {
      above.s[o] += s * weight[i * outputs + o];
      above.c[o] += c * weight[i * outputs + o];
    }
  }
}

/** A unit may switch where the output does not see it: neighbours whose slopes agree to 1e-12 of the largest are one. */
function mergeEqualSlopes(
  a: number,
  found: { readonly ends: number[]; readonly slopes: number[]; readonly intercepts: number[] },
): LinearRegions1d {
  const largest = found.slopes.reduce((max, s) => Math.max(max, Math.abs(s)), 0);
  const breakpoints = [a];
  const slopes: number[] = [];
  const intercepts: number[] = [];
  found.ends.forEach((end, j) => {
    const same = slopes.length > 0 && Math.abs(found.slopes[j] - slopes[slopes.length - 1]) <= 1e-12 * largest;
    if (same) breakpoints[breakpoints.length - 1] = end;
    else {
      breakpoints.push(end);
      slopes.push(found.slopes[j]);
      intercepts.push(found.intercepts[j]);
    }
  });
  return {
    breakpoints: Float64Array.from(breakpoints),
    slopes: Float64Array.from(slopes),
    intercepts: Float64Array.from(intercepts),
  };
}
