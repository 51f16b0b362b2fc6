/** @file One pair of minima: the straight line, AutoNEB, and what lies on both, as plain data. */
import type { NDArray } from '../../../../array/ndarray.ts';
import * as np from '../../../../numpy/index.ts';
import { autoNeb, type Cycle, fastCycles, paperCycles } from '../auto-neb.ts';
import type { NetworkPoint } from '../batch-norm.ts';
import { barrierOf, linearInterpolationBarrier, type PathProfile } from '../profile.ts';
import type { BatchNormMode, System } from './system.ts';

/** Values along a path; `at` is the share of its length. */
export interface Curve {
  readonly at: readonly number[];
  readonly trainLoss: readonly number[];
  readonly testLoss: readonly number[];
  readonly trainError: readonly number[];
  readonly testError: readonly number[];
}

export interface ConnectedPair {
  readonly line: Curve;
  readonly first: Curve;
  readonly best: Curve;
  /** Points of `best` at pivots: shares of its length. */
  readonly pivots: readonly number[];
  readonly bestCycle: number;
  readonly cycles: readonly { readonly pivots: number; readonly saddle: number; readonly stretch: number }[];
  /** Gradients computed. */
  readonly gradients: number;
  readonly saddle: number;
  readonly barrier: number;
  readonly linearHighest: number;
  readonly linearBarrier: number;
  readonly residualFraction: number;
  /** Highest test error on the path above the higher end. */
  readonly testRise: number;
  readonly linearTestRise: number;
}

export interface Connecting {
  readonly cycles: readonly Cycle[];
  readonly pivots: number;
  readonly weightDecay: number;
  readonly pivotsAtOnce: number;
  readonly bnMode: BatchNormMode;
}

export const scheduleOf = (schedule: 'paper' | 'fast', unit: number): Pick<Connecting, 'cycles' | 'pivots'> =>
  schedule === 'paper' ? { cycles: paperCycles(unit), pivots: 3 } : { cycles: fastCycles(unit), pivots: 15 };

type Look = 'trainLoss' | 'testLoss' | 'trainError' | 'testError';

const curveOf = ({ arc, values }: PathProfile): Curve => {
  const of = values as Readonly<Record<Look, readonly number[]>>;
  const { trainLoss, testLoss, trainError, testError } = of;
  return { at: arc.map((s) => s / arc[arc.length - 1]), trainLoss, testLoss, trainError, testError };
};

/** @param report told the share of the work that is done */
export async function connectPair(
  { landscape, evaluate }: System,
  [start, end]: readonly [NetworkPoint, NetworkPoint],
  { cycles, pivots, bnMode, ...dynamics }: Connecting,
  key: NDArray,
  report: (done: number, total: number) => void,
): Promise<{ pair: ConnectedPair; path: NDArray }> {
  const look = evaluate[bnMode];
  const line = await linearInterpolationBarrier(start, end, look);
  const total = cycles.reduce((sum, { steps }) => sum + steps, 0);
  const before = (cycle: number) => cycles.slice(0, cycle - 1).reduce((sum, { steps }) => sum + steps, 0);
  const found = await autoNeb({
    ...landscape,
    ...dynamics,
    start,
    end,
    evaluate: look,
    cycles,
    pivots,
    key,
    onSteps: (cycle, done) => report(before(cycle) + done, total),
  });
  const { best } = found;
  const curve = curveOf(best.profile);
  const barrier = barrierOf(curve.trainLoss);
  return {
    path: best.path,
    pair: {
      line: { ...(line.values as unknown as Omit<Curve, 'at'>), at: line.at },
      first: curveOf(found.cycles[0].profile),
      best: curve,
      pivots: curve.at.filter((_, i) => i % 10 === 0),
      bestCycle: found.bestCycle,
      cycles: found.cycles.map(({ pivots: p, saddleLoss, stretch }) => ({ pivots: p, saddle: saddleLoss, stretch })),
      gradients: found.cycles.reduce((sum, { pivots: p }, c) => sum + (p - 2) * cycles[c].steps, 0),
      saddle: found.saddleLoss,
      barrier,
      linearHighest: line.highest.trainLoss,
      linearBarrier: line.barrier.trainLoss,
      residualFraction: barrier / line.barrier.trainLoss,
      testRise: barrierOf(curve.testError),
      linearTestRise: barrierOf(line.values.testError),
    },
  };
}

/** Loss on the plane through both ends and the middle of a path. */
export interface Slice {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** [iy][ix] */
  readonly loss: readonly (readonly number[])[];
  /** Pivots of the path, projected. */
  readonly path: readonly (readonly [number, number])[];
}

/** A grid of `side` x `side` points around the path; units are those of the parameters. */
export async function sliceThrough({ evaluate, like }: System, path: NDArray, side: number): Promise<Slice> {
  const [pivots, p] = path.shape;
  const data = Float64Array.from(await path.data());
  const row = (i: number) => data.subarray(i * p, (i + 1) * p);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, k) => sum + v * b[k], 0);
  const scaled = (a: Float64Array, c: number) => a.map((v) => v * c);
  const minus = (a: Float64Array, b: Float64Array) => a.map((v, k) => v - b[k]);
  const origin = row(0);
  const along = minus(row(pivots - 1), origin);
  const u = scaled(along, 1 / Math.sqrt(dot(along, along)));
  const up = minus(row(Math.floor(pivots / 2)), origin);
  const across = minus(up, scaled(u, dot(up, u)));
  const v = scaled(across, 1 / Math.sqrt(dot(across, across)));
  const projected = Array.from({ length: pivots }, (_, i): [number, number] => {
    const d = minus(row(i), origin);
    return [dot(d, u), dot(d, v)];
  });
  const range = (values: readonly number[]) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const margin = 0.25 * (high - low);
    return Array.from({ length: side }, (_, i) => low - margin + (i / (side - 1)) * (high - low + 2 * margin));
  };
  const x = range(projected.map(([a]) => a));
  const y = range(projected.map(([, b]) => b));
  const unravel = np.ravelTree(like)[1];
  const at = (a: number, b: number) => unravel(np.array(Float32Array.from(origin, (o, k) => o + a * u[k] + b * v[k])));
  const loss: number[][] = [];
  for (const b of y) {
    const { values } = await linearInterpolationBarrier(at(x[0], b), at(x[side - 1], b), evaluate.interpolate, side);
    loss.push([...values.trainLoss]);
  }
  return { x, y, loss, path: projected };
}
