/** @file AutoNEB: bands that grow pivots where they need them (Section 2.3). */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { equalWeights, insertPivots, straightPath } from './chain.ts';
import { type BandDynamics, type Landscape, nudgedElasticBand } from './nudged-elastic-band.ts';
import { endPoints } from './points.ts';
import { densePathProfile, type Evaluate, type Metrics, type PathProfile } from './profile.ts';

/** One relaxation of the band. */
export interface Cycle {
  readonly steps: number;
  readonly learningRate: number;
  /** Pivots to insert before it, at most; default `insert.count`, and none before the first. */
  readonly insert?: number;
}

const repeated = (count: number, cycle: Cycle): Cycle[] => new Array<Cycle>(count).fill(cycle);

/**
 * The paper's schedule: 4 cycles of 1000 steps and 2 of 2000 at learning rate 0.1, 4 of 1000 at 0.01, 4 of 1000 at 0.001.
 *
 * @param unit steps in place of 1000
 */
export const paperCycles = (unit = 1000): Cycle[] => [
  ...repeated(4, { steps: unit, learningRate: 0.1 }),
  ...repeated(2, { steps: 2 * unit, learningRate: 0.1 }),
  ...repeated(4, { steps: unit, learningRate: 0.01 }),
  ...repeated(4, { steps: unit, learningRate: 0.001 }),
];

/** The authors' fast variant, for a band that starts with 15 inner pivots: pivots are added twice only. */
export const fastCycles = (unit = 1000): Cycle[] => [
  ...repeated(3, { steps: 2 * unit, learningRate: 0.1, insert: 0 }),
  { steps: 2 * unit, learningRate: 0.01, insert: 2 },
  { steps: 2 * unit, learningRate: 0.01, insert: 0 },
  { steps: 2 * unit, learningRate: 0.001, insert: 2 },
  { steps: 2 * unit, learningRate: 0.001, insert: 0 },
];

export interface AutoNebOptions<P extends Tree, B extends Tree, M extends Metrics>
  extends Landscape<P, B>,
    BandDynamics {
  readonly start: P;
  readonly end: P;
  /** What to record of a point, in evaluation mode, on all data or a fixed part. */
  readonly evaluate: Evaluate<P, M>;
  /** Default `paperCycles()`. */
  readonly cycles?: readonly Cycle[];
  /** Default 2 pivots of deviation above 0.1. */
  readonly insert?: { readonly count: number; readonly threshold: number };
  /** Inner pivots at the start, on the straight line; default 3. */
  readonly pivots?: number;
  /** Points inside each segment of the dense profile; default 9. */
  readonly subPivots?: number;
  /** Added to the straight line's inner pivots, deviation of each coordinate; default 0. Breaks symmetries. */
  readonly noise?: number;
  /** Draws mini-batches and noise; default `random.key(0)`. */
  readonly key?: NDArray;
  /** Called after each stretch of steps: the cycle (from 1), its steps made, and the highest mini-batch loss. */
  readonly onSteps?: (cycle: number, done: number, highest: number) => void;
}

/** What a cycle left. */
export interface CycleRecord<M extends Metrics = Metrics> {
  /** [P, p] */
  readonly path: NDArray;
  readonly weights: readonly number[];
  readonly pivots: number;
  readonly profile: PathProfile<M>;
  /** Highest training loss of the dense profile. */
  readonly saddleLoss: number;
  /** Length of the path over the distance of its ends. */
  readonly stretch: number;
}

export interface AutoNeb<M extends Metrics = Metrics> {
  /** The cycle of the lowest saddle, and its number from 0. */
  readonly best: CycleRecord<M>;
  readonly bestCycle: number;
  readonly cycles: readonly CycleRecord<M>[];
  readonly saddleLoss: number;
}

/**
 * A path of low loss between two trained networks: cycles of `nudgedElasticBand`, each followed by the dense profile, and
 * new pivots where the profile rises between two of them. The result is that of the cycle with the lowest saddle. Its
 * saddle is an upper bound: the method finds local paths of least loss.
 *
 * @throws UserError as `nudgedElasticBand`, with the cycle; for no cycles, or a dense profile that is not finite
 */
export async function autoNeb<P extends Tree, B extends Tree, M extends Metrics>(
  options: AutoNebOptions<P, B, M>,
): Promise<AutoNeb<M>> {
  const { start, end, evaluate, cycles = paperCycles(), insert = { count: 2, threshold: 0.1 }, onSteps } = options;
  const { subPivots = 9, pivots: inner = 3, noise = 0, key = random.key(0) } = options;
  if (cycles.length === 0) throw new UserError('autoNeb: needs at least one cycle');
  if (!Number.isInteger(inner) || inner < 1) throw new UserError(`autoNeb: needs inner pivots, found ${inner}`);
  const keys = random.split(key, cycles.length + 1);
  const [a, b] = endPoints(start, end);
  let path = straightPath(a, b, inner + 2);
  let weights: readonly number[] = equalWeights(inner + 2);
  if (noise > 0) {
    const shift = np.multiply(noise, random.normal(np.slice(keys, 0), [inner, a.size]));
    path = np.add(
      path,
      np.pad(shift, [
        [1, 1],
        [0, 0],
      ]),
    );
  }
  const distance = Number((await np.norm(np.subtract(a, b)).data())[0]);
  const records: CycleRecord<M>[] = [];
  for (const [c, cycle] of cycles.entries()) {
    const last = records.at(-1);
    if (last !== undefined) {
      const count = cycle.insert ?? insert.count;
      ({ path, weights } = insertPivots(
        last.path,
        last.weights,
        last.profile.values.trainLoss,
        count,
        insert.threshold,
      ));
    }
    const band = await nudgedElasticBand({
      ...options,
      path,
      weights,
      ...cycle,
      key: np.slice(keys, c + 1),
      name: `cycle ${c + 1}`,
      onSteps: (done, highest) => onSteps?.(c + 1, done, highest),
    });
    const profile = await densePathProfile(band.path, evaluate, { like: start, subPivots });
    const saddleLoss = Math.max(...profile.values.trainLoss);
    if (!Number.isFinite(saddleLoss))
      throw new UserError(`autoNeb, cycle ${c + 1}: the loss on the path is ${saddleLoss}`);
    records.push({
      path: band.path,
      weights: band.weights,
      pivots: band.path.shape[0],
      profile,
      saddleLoss,
      stretch: profile.arc[profile.arc.length - 1] / distance,
    });
  }
  const bestCycle = records.reduce((k, { saddleLoss }, i) => (saddleLoss < records[k].saddleLoss ? i : k), 0);
  const best = records[bestCycle];
  return { best, bestCycle, cycles: records, saddleLoss: best.saddleLoss };
}
