/** @file Claims I7 and I8: the same network trained with and without importance sampling, in turns on one machine. */
import type { NDArray } from '../../../../array/ndarray.ts';
import type { Tree } from '../../../../array/tree.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import type { RunContext } from '../../../contract.ts';
import { measureBackwardCost } from '../cost-ratio.ts';
import { type Examples, inChunks } from '../example-loss.ts';
import type { ScoreKind } from '../scores.ts';
import { type Budget, importanceTraining, type TrainedWithImportance, type TrainingHistory } from '../train.ts';
import { tauThreshold } from '../variance.ts';
import { loadProblem, type ProblemSettings } from './problems.ts';

/** By what a contestant draws; `constant` re-samples the pre-sample with equal scores, always on. */
export type Contestant = Exclude<ScoreKind, 'gradientNorm'> | 'constant';

export interface RaceSettings {
  readonly name: string;
  readonly problem: ProblemSettings;
  readonly contestants: readonly Contestant[];
  readonly batchSize: number;
  readonly presample: number;
  /** null: what the costs ask for. */
  readonly tauThreshold: number | null;
  /** Whether the costs are measured on this machine, or counted as one forward and two backward. */
  readonly measureCost: boolean;
  readonly budget: Budget;
  readonly learningRate: number;
  /** The learning rate is multiplied by `factor` from a share of the budget on. */
  readonly drops: readonly { readonly from: number; readonly factor: number }[];
  readonly weightDecay: number;
  /** Updates between two records, a multiple of 16. */
  readonly every: number;
  /** Examples of the training data, from the first on, whose loss is recorded; and of the test data. */
  readonly probed: number;
  /** Forward batch of the records. */
  readonly chunk: number;
}

export interface Run {
  readonly contestant: Contestant;
  /** `probes.loss`: mean training loss; `probes.error`: share of test examples that are wrong. */
  readonly history: TrainingHistory;
  readonly importanceUpdates: number;
}

/** What importance sampling drew in the first seed. */
export interface Drawn {
  /** Weights of the last updates, at most 2000. */
  readonly weights: readonly number[];
  /** How often examples were drawn, sorted; at most 500 of them, evenly spread. */
  readonly counts: readonly number[];
  /** Where the examples are images: the most and the least often drawn ones, first channel. */
  readonly images: null | {
    readonly shape: readonly [height: number, width: number];
    readonly most: readonly (readonly number[])[];
    readonly least: readonly (readonly number[])[];
  };
}

export interface RaceMeasurement {
  readonly name: string;
  readonly budget: Budget;
  readonly tauThreshold: number;
  /** c of every seed. */
  readonly backwardCost: readonly number[];
  /** [seed][contestant] */
  readonly runs: readonly (readonly Run[])[];
  readonly drawn: Drawn | null;
}

/** All races, one after the other; within a seed the contestants take turns of 16 updates. */
export async function measureRaces(
  races: readonly RaceSettings[],
  context: RunContext,
): Promise<readonly RaceMeasurement[]> {
  const results: RaceMeasurement[] = [];
  for (const race of races) {
    const seeds: Awaited<ReturnType<typeof raceOfSeed>>[] = [];
    for (let run = 0; run < context.seeds; run++) {
      seeds.push(
        await context.stage(`${race.name}, seed ${run}`, () => raceOfSeed(race, context.seed * 1000 + run, context)),
      );
    }
    results.push({
      name: race.name,
      budget: race.budget,
      tauThreshold: seeds[0].tauThreshold,
      backwardCost: seeds.map(({ backwardCost }) => backwardCost),
      runs: seeds.map(({ runs }) => runs),
      drawn: seeds[0].drawn,
    });
  }
  return results;
}

async function raceOfSeed(race: RaceSettings, seed: number, context: RunContext) {
  const { batchSize, presample, probed, chunk } = race;
  const { model, train, test, init, image } = await loadProblem(race.problem, seed);
  // Other streams than those of the checkpoints.
  const keys = random.split(random.key(3 * seed), 8);
  const params = init(np.slice(keys, 4));
  const backwardCost = race.measureCost
    ? (await measureBackwardCost({ ...model, params, ...train }, { batchSize, presample })).backwardCost
    : 2;
  // The budget counts costs as the paper does; measured ones move the threshold.
  const threshold = race.tauThreshold ?? tauThreshold(batchSize, presample, backwardCost);
  const rate = (progress: NDArray) =>
    race.drops.reduce(
      (eta: NDArray, { from, factor }) => np.where(np.less(progress, from), eta, race.learningRate * factor),
      np.array(race.learningRate),
    );
  const mean = (data: Examples, f: (x: NDArray, y: NDArray) => NDArray) =>
    np.mean(inChunks(f, firstOf(data, probed), chunk));
  const probe = (p: Tree) => ({
    loss: mean(train, (x, y) => model.loss(model.apply(p, x), y)),
    error: mean(test, (x, y) => np.astype(np.notEqual(np.argmax(model.apply(p, x), -1), y), 'float32')),
  });
  const decay = race.weightDecay;
  const penalty = (p: Tree) => np.multiply(decay / 2, np.sum(np.square(np.ravelTree(p)[0])));
  const contestants = race.contestants.map((contestant) => {
    const follow = context.follow(`${race.name}, ${contestant}, seed ${seed}`);
    return {
      contestant,
      training: importanceTraining({
        model,
        params,
        data: train,
        optimizer: (progress) => nn.momentum(() => rate(progress)),
        budget: race.budget,
        sampler: {
          batchSize,
          presample,
          score: contestant === 'constant' ? 'uniform' : contestant,
          tauThreshold: contestant === 'constant' ? 0 : threshold,
        },
        key: np.slice(keys, 5),
        probe,
        every: race.every,
        ...(decay > 0 && { penalty }),
        onRecords: follow.onRecords,
        checkpoint: follow.checkpoint,
      }),
      seconds: 0,
      result: undefined as TrainedWithImportance<Tree> | undefined,
    };
  });
  for (;;) {
    const running = contestants.filter(({ result }) => result === undefined);
    if (running.length === 0) break;
    // Whoever has had least time is next, so that a load on the machine meets all alike.
    const next = running.reduce((least, one) => (one.seconds < least.seconds ? one : least));
    const { done, value } = await next.training.next();
    if (done) next.result = value;
    else next.seconds = value;
  }
  const favourite = contestants.find(({ contestant }) => contestant === 'upperBound');
  return {
    backwardCost,
    tauThreshold: threshold,
    runs: contestants.map(
      ({ contestant, result }): Run => ({
        contestant,
        history: result!.history,
        importanceUpdates: result!.importanceUpdates,
      }),
    ),
    drawn: favourite === undefined ? null : await drawnBy(favourite.result!, train.x, image),
  };
}

const firstOf = ({ x, y }: Examples, n: number): Examples => {
  const count = Math.min(n, x.shape[0]);
  return { x: np.slice(x, [0, count]), y: np.slice(y, [0, count]) };
};

async function drawnBy(
  { counts, weights }: TrainedWithImportance<Tree>,
  x: NDArray,
  image: readonly number[] | null,
): Promise<Drawn> {
  const order = Array.from(counts.keys()).sort((i, j) => counts[j] - counts[i]);
  const spread = (list: readonly number[], most: number) => {
    const stride = Math.max(1, Math.ceil(list.length / most));
    return list.filter((_, i) => i % stride === 0);
  };
  const sorted = {
    counts: spread(
      order.map((i) => counts[i]),
      500,
    ),
    weights: spread(Array.from(weights), 2000),
  };
  if (image === null) return { ...sorted, images: null };
  const [, height, width] = image;
  const pixels = async (rows: readonly number[]) =>
    Promise.all(rows.map(async (row) => Array.from(await np.ravel(np.slice(x, row)).data()).slice(0, height * width)));
  return {
    ...sorted,
    images: { shape: [height, width], most: await pixels(order.slice(0, 8)), least: await pixels(order.slice(-8)) },
  };
}
