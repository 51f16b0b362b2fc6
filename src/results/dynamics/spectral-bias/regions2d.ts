/**
 * The linear regions of a piecewise-linear network on a polygon of the plane, exactly: convex polygons P_e with
 * f(x) = W_e . x + b_e (arXiv 1806.08734, Section 2), found by cutting with the zero line of every unit, layer by layer.
 */
import { UserError } from '../../../array/errors.ts';
import { counterclockwiseConvex, cutPolygon, vertexMean } from './convex-polygon.ts';
import { assertScalarNet, branchSlopes, type DenseLayer, type PiecewiseLinearNet } from './piecewise-linear-net.ts';

export interface LinearRegion2d {
  /** Convex polygon [x0, y0, x1, y1, ..], counterclockwise. */
  readonly vertices: Float64Array;
  /** W_e. */
  readonly gradient: readonly [number, number];
  /** b_e. */
  readonly offset: number;
}

/**
 * Linear regions of a network R^2 -> R on a convex polygon. The polygons tile it; neighbours may share W_e and b_e where
 * a unit switches that the output does not see.
 *
 * @param polygon domain, [x0, y0, x1, y1, ..], convex, either orientation.
 * @param options.maxRegions give up beyond this many polygons (default 2e6).
 * @throws UserError for a network that is not R^2 -> R, a layer that is not piecewise linear, a polygon that is not
 *   convex, or more than maxRegions polygons.
 */
export function linearRegions2d(
  net: PiecewiseLinearNet,
  polygon: ArrayLike<number>,
  options: { readonly maxRegions?: number } = {},
): LinearRegion2d[] {
  const { maxRegions = 2e6 } = options;
  assertScalarNet(net, 2);
  const branches = net.layers.map((_, index) => branchSlopes(net, index));
  const domain = counterclockwiseConvex(polygon);
  const radius = domain.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
  // Depth first, one buffer of unit maps (wx, wy, c per unit) per layer, before and after the activation.
  const pre = net.layers.map((layer) => new Float64Array(3 * layer.outputs));
  const post = net.layers.map((layer) => new Float64Array(3 * layer.outputs));
  const regions: LinearRegion2d[] = [];

  const descend = (index: number, vertices: Float64Array, below: Float64Array): void => {
    if (index === net.layers.length) {
      if (regions.length >= maxRegions)
        throw new UserError(
          `linear regions: more than maxRegions = ${maxRegions} in the polygon; take a smaller one or raise maxRegions.`,
        );
      regions.push({ vertices, gradient: [below[0], below[1]], offset: below[2] });
      return;
    }
    const maps = pre[index];
    preActivations(net.layers[index], below, maps);
    const [left, right] = branches[index];
    for (const piece of left === right ? [vertices] : cutByAll(vertices, maps, radius)) {
      const [x, y] = vertexMean(piece);
      for (let o = 0; o < maps.length; o += 3) {
        const branch = maps[o] * x + maps[o + 1] * y + maps[o + 2] > 0 ? right : left;
        for (let q = o; q < o + 3; q++) post[index][q] = branch * maps[q];
      }
      descend(index + 1, piece, post[index]);
    }
  };
  descend(0, domain, Float64Array.of(1, 0, 0, 0, 1, 0));
  return regions;
}

/** Every unit's zero line cuts every piece that it crosses. */
function cutByAll(vertices: Float64Array, maps: Float64Array, radius: number): Float64Array[] {
  let pieces = [vertices];
  for (let o = 0; o < maps.length; o += 3) {
    const [wx, wy, c] = [maps[o], maps[o + 1], maps[o + 2]];
    const tolerance = 1e-12 * (Math.hypot(wx, wy) * radius + Math.abs(c));
    pieces = pieces.flatMap((piece) => cutPolygon(piece, wx, wy, c, tolerance).filter((part) => part !== null));
  }
  return pieces;
}

function preActivations(layer: DenseLayer, below: Float64Array, above: Float64Array): void {
  const { weight, bias, inputs, outputs } = layer;
  for (let o = 0; o < outputs; o++) {
    let [wx, wy, c] = [0, 0, bias[o]];
    for (let i = 0; i < inputs; i++) {
      const w = weight[i * outputs + o];
      wx += w * below[3 * i];
      wy += w * below[3 * i + 1];
      c += w * below[3 * i + 2];
    }
    above.set([wx, wy, c], 3 * o);
  }
}
