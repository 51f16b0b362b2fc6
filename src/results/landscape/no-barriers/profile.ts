/** @file What lies on a path: losses and errors at its pivots and between them, and barriers (Section 2.2, Fig. 1). */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import { jit } from '../../../runtime/index.ts';
import { vmap } from '../../../transforms/index.ts';
import { once } from './once.ts';
import { endPoints, stackedTrees } from './points.ts';

/**
 * What is looked at in a point, in evaluation mode: numbers by name, traced. `trainLoss` is what barriers are made of;
 * `testLoss`, `trainError`, `testError` are the others of the paper.
 */
export type Metrics = { readonly trainLoss: NDArray; readonly [name: string]: NDArray };
export type Evaluate<P extends Tree, M extends Metrics = Metrics> = (point: P) => M;
/** One value for each point of a path. */
export type Values<M extends Metrics> = { readonly [K in keyof M]: readonly number[] };

/** Points evaluated in one call. */
const pointsAtOnce = 8;

/**
 * Evaluates points, rows of a matrix [m, p], some at a time.
 *
 * @param at fills the row of point i
 */
async function evaluateRows<P extends Tree, M extends Metrics>(
  evaluate: Evaluate<P, M>,
  like: P,
  m: number,
  p: number,
  at: (i: number, row: Float32Array) => void,
): Promise<Values<M>> {
  const all = once(evaluate, ['rows'], () => jit(vmap(evaluate)));
  const values: Record<string, number[]> = {};
  for (let from = 0; from < m; from += pointsAtOnce) {
    // The last call repeats its last point, so that every call has one size.
    const rows = new Float32Array(pointsAtOnce * p);
    const count = Math.min(pointsAtOnce, m - from);
    for (let i = 0; i < pointsAtOnce; i++) at(from + Math.min(i, count - 1), rows.subarray(i * p, (i + 1) * p));
    const metrics = all(stackedTrees(rows, pointsAtOnce, like));
    for (const [name, x] of Object.entries(metrics)) {
      values[name] ??= [];
      values[name].push(...(await x.data()).subarray(0, count));
    }
  }
  return values as Values<M>;
}

export interface PathProfile<M extends Metrics = Metrics> {
  /** At each point, (P - 1)(subPivots + 1) + 1 of them. */
  readonly values: Values<M>;
  /** Arc length from the start to each point, in the parameters' units. */
  readonly arc: readonly number[];
}

/**
 * Everything `evaluate` says of each pivot of a path and of equally spaced points between them. The highest loss of a
 * path must be looked for here and never only at its pivots.
 *
 * @param path [P, p]
 * @param evaluate in evaluation mode, on the whole set (or a fixed part of it)
 * @param options.like any network of the shape, e.g. the start
 * @param options.subPivots points inside each segment; default 9
 */
export async function densePathProfile<P extends Tree, M extends Metrics>(
  path: NDArray,
  evaluate: Evaluate<P, M>,
  { like, subPivots = 9 }: { readonly like: P; readonly subPivots?: number },
): Promise<PathProfile<M>> {
  const [pivots, p] = path.shape;
  if (path.ndim !== 2 || pivots < 2)
    throw new UserError(`densePathProfile: the path must be [pivots, p], found ${path}`);
  if (!Number.isInteger(subPivots) || subPivots < 0) {
    throw new UserError(`densePathProfile: subPivots must be a whole number, found ${subPivots}`);
  }
  const data = await path.data();
  const pivot = (i: number) => data.subarray(i * p, (i + 1) * p);
  const stride = subPivots + 1;
  const values = await evaluateRows(evaluate, like, (pivots - 1) * stride + 1, p, (i, row) => {
    const segment = Math.min(Math.floor(i / stride), pivots - 2);
    const a = i / stride - segment;
    const [left, right] = [pivot(segment), pivot(segment + 1)];
    for (let k = 0; k < p; k++) row[k] = (1 - a) * left[k] + a * right[k];
  });
  const arc = [0];
  for (let j = 0; j + 1 < pivots; j++) {
    const [left, right] = [pivot(j), pivot(j + 1)];
    let square = 0;
    for (let k = 0; k < p; k++) square += (right[k] - left[k]) ** 2;
    const begin = arc[arc.length - 1];
    for (let k = 1; k <= stride; k++) arc.push(begin + (k / stride) * Math.sqrt(square));
  }
  return { values, arc };
}

/** The highest value of a profile above the higher of its two ends, at least 0. */
export const barrierOf = (profile: readonly number[]): number =>
  Math.max(...profile) - Math.max(profile[0], profile[profile.length - 1]);

export interface LinearBarrier<M extends Metrics = Metrics> {
  /** Share of the way from a to b of each point. */
  readonly at: readonly number[];
  readonly values: Values<M>;
  /** Of each metric: highest value on the segment. */
  readonly highest: { readonly [K in keyof M]: number };
  /** Of each metric: highest value above the higher end. */
  readonly barrier: { readonly [K in keyof M]: number };
}

/**
 * Losses on the straight line between two networks, the paper's baseline.
 *
 * @param points on the segment, ends included; default 51
 * @throws UserError for end points of different shapes
 */
export async function linearInterpolationBarrier<P extends Tree, M extends Metrics>(
  a: P,
  b: P,
  evaluate: Evaluate<P, M>,
  points = 51,
): Promise<LinearBarrier<M>> {
  if (!Number.isInteger(points) || points < 2) {
    throw new UserError(`linearInterpolationBarrier: needs at least 2 points, found ${points}`);
  }
  const [start, end] = await Promise.all(endPoints(a, b).map((x) => x.data()));
  const at = Array.from({ length: points }, (_, i) => i / (points - 1));
  const values = await evaluateRows(evaluate, a, points, start.length, (i, row) => {
    for (let k = 0; k < row.length; k++) row[k] = (1 - at[i]) * start[k] + at[i] * end[k];
  });
  const each = (f: (profile: readonly number[]) => number) =>
    Object.fromEntries(Object.entries(values).map(([name, profile]) => [name, f(profile)]));
  return {
    at,
    values,
    highest: each((profile) => Math.max(...profile)) as LinearBarrier<M>['highest'],
    barrier: each(barrierOf) as LinearBarrier<M>['barrier'],
  };
}

export interface BarrierMeasures {
  /** Highest value on the path: an upper bound of the true saddle. */
  readonly saddle: number;
  /** The saddle above the higher end. */
  readonly barrier: number;
  /** The same on the straight line. */
  readonly linearBarrier: number;
  /** barrier / linearBarrier; NaN where the line has none. */
  readonly residualFraction: number;
}

/** Barriers of a path against those of the straight line, from the profiles of one metric along both. */
export function barrierMeasures(profile: readonly number[], linear: readonly number[]): BarrierMeasures {
  const barrier = barrierOf(profile);
  const linearBarrier = barrierOf(linear);
  return {
    saddle: Math.max(...profile),
    barrier,
    linearBarrier,
    residualFraction: linearBarrier > 0 ? barrier / linearBarrier : Number.NaN,
  };
}
