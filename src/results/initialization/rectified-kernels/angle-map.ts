/**
 * The depth map: what happens to the angle between two inputs layer by layer, and how many layers it takes. In double
 * precision on 1 - rho, which keeps its digits where rho is almost 1.
 */
import { UserError } from '../../../array/errors.ts';
import { type MatrixLike, matrixOf, squaredLengths, timesTransposed } from './matrix.ts';
import { checkSlope, shrinkage } from './rectifier-kernel.ts';

/** The angle whose cosine is 1 - gap. */
export const angleOfGap = (gap: number): number => Math.atan2(Math.sqrt(gap * (2 - gap)), 1 - gap);

/** sin theta - theta cos theta, by its series where the two cancel. */
export function bend(theta: number): number {
  if (theta > 0.1) return Math.sin(theta) - theta * Math.cos(theta);
  const square = theta * theta;
  return theta * square * (1 / 3 - square * (1 / 30 - square * (1 / 840 - square / 45360)));
}

/** 1 - g_a(1 - gap): one layer, for a gap 1 - rho in [0, 2], its angle, and gamma = `shrinkage(slope)`. */
export const nextGap = (gap: number, gamma: number, angle: number = angleOfGap(gap)): number =>
  Math.max(0, gap - (gamma / Math.PI) * bend(angle));

/** Cosines of the angles between all pairs of rows i < j, in the order (0, 1), (0, 2), ..., (1, 2), .... */
export async function pairwiseCosines(inputs: MatrixLike): Promise<Float64Array> {
  const x = await matrixOf('inputs', inputs);
  if (x.rows < 2) throw new UserError('inputs: expected at least two rows to have a pair, found one.');
  const norms = squaredLengths('inputs', x).map(Math.sqrt);
  return upperCosines((await timesTransposed(x, x)).data, norms);
}

/** Cosines of the pairs i < j from a Gram matrix and the lengths. */
export function upperCosines(gram: Float64Array, norms: Float64Array): Float64Array {
  const n = norms.length;
  const cosines = new Float64Array((n * (n - 1)) / 2);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      cosines[at++] = Math.min(1, Math.max(-1, gram[i * n + j] / (norms[i] * norms[j])));
    }
  }
  return cosines;
}

/** Cosine or cosines between inputs. */
export type Cosines = number | ArrayLike<number>;

function gapsOf(rho0: Cosines): Float64Array {
  const list = typeof rho0 === 'number' ? [rho0] : Array.from(rho0);
  const strange = list.findIndex((rho) => !(rho >= -1 && rho <= 1));
  if (list.length === 0 || strange >= 0) {
    throw new UserError(
      list.length === 0
        ? 'rho0: expected at least one cosine, found none.'
        : `rho0: expected cosines in [-1, 1], found ${list[strange]} at ${strange}.`,
    );
  }
  return Float64Array.from(list, (rho) => 1 - rho);
}

const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;

function checkDepth(depth: number): void {
  if (!Number.isInteger(depth) || depth < 0) {
    throw new UserError(`depth: expected a whole number of layers, found ${depth}.`);
  }
}

export interface AngleCollapse {
  /** Mean over the pairs after 0, 1, ..., depth layers of the cosine, of the angle (radians), and of 1 - cosine. */
  readonly rho: Float64Array;
  readonly theta: Float64Array;
  readonly gap: Float64Array;
}

/**
 * How collapsed inputs are after each of `depth` wide rectified layers at initialisation, whatever the law of the
 * weights: rho_j = g_a(rho_{j-1}).
 *
 * @param options.rho0 cosine between two inputs, or those of many pairs (`await pairwiseCosines(inputs)`)
 * @param options.slope default 0
 * @throws UserError when a cosine, the slope or the depth is out of range
 */
export function angleCollapse({
  rho0,
  slope = 0,
  depth,
}: {
  rho0: Cosines;
  slope?: number;
  depth: number;
}): AngleCollapse {
  const gamma = shrinkage(slope);
  checkDepth(depth);
  let gaps = gapsOf(rho0);
  const result = {
    rho: new Float64Array(depth + 1),
    theta: new Float64Array(depth + 1),
    gap: new Float64Array(depth + 1),
  };
  for (let layer = 0; layer <= depth; layer++) {
    if (layer > 0) gaps = gaps.map((gap) => nextGap(gap, gamma));
    result.gap[layer] = mean(gaps);
    result.rho[layer] = 1 - result.gap[layer];
    result.theta[layer] = mean(gaps.map(angleOfGap));
  }
  return result;
}

/** The largest number of layers that `depthForCollapse` counts. */
const mostLayers = 1e7;

/**
 * The first depth at which the mean cosine reaches a level.
 *
 * @param level below 1
 * @throws UserError when it never does (slope 1), or only after ten million layers
 */
export function depthForCollapse(rho0: Cosines, slope: number, level: number): number {
  const gamma = shrinkage(slope);
  if (!(level < 1)) {
    throw new UserError(`level: expected a cosine below 1, which no depth reaches, found ${level}.`);
  }
  let gaps = gapsOf(rho0);
  // Section on the fixed point: theta_j ~ 3 pi / (gamma j) and 1 - rho ~ theta^2 / 2.
  const expected = (3 * Math.PI) / (gamma * Math.sqrt(2 * (1 - level)));
  if (mean(gaps) > 1 - level && !(expected < mostLayers)) {
    throw new UserError(
      `depthForCollapse: with slope ${slope} the cosine ${level} takes about ${expected.toPrecision(2)} layers; more than ${mostLayers} are not counted.`,
    );
  }
  for (let depth = 0; ; depth++) {
    if (mean(gaps) <= 1 - level) return depth;
    gaps = gaps.map((gap) => nextGap(gap, gamma));
  }
}

/**
 * The smallest slope in [0, 1] for which the mean cosine after `depth` layers stays at or below a level.
 *
 * @param options.level default 0.9
 * @returns to 1e-12
 * @throws UserError when the inputs themselves lie above the level
 */
export function slopeForDepth({ rho0, depth, level = 0.9 }: { rho0: Cosines; depth: number; level?: number }): number {
  checkDepth(depth);
  const start = gapsOf(rho0);
  if (mean(start) < 1 - level) {
    throw new UserError(
      `slopeForDepth: the mean cosine of the inputs is ${(1 - mean(start)).toPrecision(4)}, already above the level ${level}; no slope lowers it (centre the inputs).`,
    );
  }
  const collapsed = (slope: number) => {
    const gamma = shrinkage(slope);
    let gaps = start;
    for (let layer = 0; layer < depth; layer++) gaps = gaps.map((gap) => nextGap(gap, gamma));
    return mean(gaps) < 1 - level;
  };
  if (!collapsed(0)) return 0;
  let [low, high] = [0, 1];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (collapsed(middle)) low = middle;
    else high = middle;
  }
  return high;
}

/** Weight variance that keeps the mean square of the activations, 2 / ((1 + a^2) fanIn), whatever the law. */
export function preservingVariance(fanIn: number, slope = 0): number {
  checkSlope(slope);
  if (!Number.isInteger(fanIn) || fanIn < 1) {
    throw new UserError(`fanIn: expected a whole number of at least 1, found ${fanIn}.`);
  }
  return 2 / ((1 + slope ** 2) * fanIn);
}
