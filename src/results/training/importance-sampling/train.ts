/** @file Training with importance sampling on the engine, followed on three axes: updates, cost and seconds. */
import type { TypedArray } from '../../../array/dtype.ts';
import { UserError } from '../../../array/errors.ts';
import { constant, type NDArray } from '../../../array/ndarray.ts';
import { flatten, type Tree, unflatten } from '../../../array/tree.ts';
import type { Checkpoint, Optimizer } from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { jit } from '../../../runtime/index.ts';
import { scan } from '../../../transforms/index.ts';
import type { ExampleModel, Examples } from './example-loss.ts';
import { type SamplingOptions, samplingPlan } from './plan.ts';
import { checkFits } from './sampler.ts';
import type { ScoreKind } from './scores.ts';
import { importanceStep, type TrainingState } from './step.ts';
import { stepCost } from './variance.ts';

/** How long to train. Cost is counted in forward passes of one example. */
export type Budget = { readonly updates: number } | { readonly costUnits: number } | { readonly seconds: number };

export interface TrainingOptions<P extends Tree, S extends Tree> {
  readonly model: ExampleModel<P>;
  /** Initial parameters. */
  readonly params: P;
  readonly data: Examples;
  /** The optimizer at a fraction of the budget, a scalar in [0, 1): `(progress) => nn.momentum(() => rate(progress))`. */
  readonly optimizer: (progress: NDArray) => Optimizer<S>;
  readonly budget: Budget;
  /** By what to draw (default the upper bound), and when; `uniform` is plain training. */
  readonly sampler: SamplingOptions & { readonly score?: ScoreKind };
  /** Of everything that is drawn. */
  readonly key: NDArray;
  /** Scalars to look at now and then, e.g. losses on training and test data. Their time and cost are not counted. */
  readonly probe: (params: P) => Readonly<Record<string, NDArray>>;
  /** Updates between two records, a multiple of `stretch`. */
  readonly every: number;
  /** Updates of one compiled call, within which progress counts as constant; default 16. */
  readonly stretch?: number;
  /** A regularisation term; its gradient is added, unweighted. */
  readonly penalty?: (params: P) => NDArray;
  readonly onRecords?: (done: number, total: number, metrics: Readonly<Record<string, number>>) => void;
  readonly checkpoint?: Checkpoint;
}

/** One entry for each record; the first is before any update. */
export interface TrainingHistory {
  readonly updates: readonly number[];
  readonly costUnits: readonly number[];
  readonly seconds: readonly number[];
  /** The running tau. */
  readonly tau: readonly number[];
  /** Share of the updates since the last record that were drawn by importance. */
  readonly on: readonly number[];
  /** Mean since the last record of (sum w)^2 / sum w^2, over b. */
  readonly effectiveShare: readonly number[];
  /** Mean since the last record of the weighted loss of the batches. */
  readonly batchLoss: readonly number[];
  /** What the probe returned. */
  readonly probes: Readonly<Record<string, readonly number[]>>;
}

export interface TrainedWithImportance<P extends Tree> {
  readonly params: P;
  readonly history: TrainingHistory;
  /** Updates that were drawn by importance; where this is 0 a comparison with uniform training says nothing. */
  readonly importanceUpdates: number;
  /** How often each example was drawn, [n]. */
  readonly counts: Float64Array;
  /** Weights of the last record's updates. */
  readonly weights: Float32Array;
}

const columns = ['updates', 'costUnits', 'seconds', 'tau', 'on', 'effectiveShare', 'batchLoss'] as const;

/**
 * Trains until the budget is spent: algorithm 1, whole stretches of it as one compiled graph.
 *
 * @throws UserError for a plan that cannot be, or a budget that is not positive
 */
export async function trainWithImportanceSampling<P extends Tree, S extends Tree>(
  options: TrainingOptions<P, S>,
): Promise<TrainedWithImportance<P>> {
  const steps = importanceTraining(options);
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
  }
}

/**
 * The same, one stretch at a time: yields the seconds of training so far, and returns the result. Two contestants on one
 * machine are advanced in turns, so that a load on it meets both.
 */
export async function* importanceTraining<P extends Tree, S extends Tree>({
  model,
  params,
  data,
  optimizer,
  budget,
  sampler: { score = 'upperBound', ...sampling },
  key,
  probe,
  every,
  stretch = 16,
  penalty,
  onRecords,
  checkpoint,
}: TrainingOptions<P, S>): AsyncGenerator<number, TrainedWithImportance<P>> {
  const plan = samplingPlan(sampling);
  const { batchSize, presample, backwardCost } = plan;
  const n = data.x.shape[0];
  checkFits(presample, n);
  const [unit, limit] = Object.entries(budget)[0] as ['updates' | 'costUnits' | 'seconds', number];
  if (!(limit > 0)) throw new UserError(`budget: expected ${unit} above 0, found ${limit}`);
  if (!(Number.isInteger(every / stretch) && every >= stretch)) {
    throw new UserError(`every: expected a multiple of the stretch of ${stretch} updates, found ${every}`);
  }

  const run = jit((state: TrainingState<P, S>, examples: Examples, progress: NDArray, u: NDArray) =>
    scan(
      (s: TrainingState<P, S>, ui: NDArray) =>
        importanceStep(
          { ...model, optimizer: optimizer(progress), plan, score, ...(penalty && { penalty }) },
          s,
          examples,
          ui,
        ),
      state,
      u,
    ),
  );
  const randomness = (from: number, count: number) =>
    random.uniform(random.foldIn(key, from), [count, presample + batchSize]);
  const look = jit(probe);

  let state: TrainingState<P, S> = { params, optimizer: optimizer(np.array(0)).init(params) as S, tau: np.array(0) };
  const spent = { updates: 0, costUnits: 0, seconds: 0 };
  const counts = new Float64Array(n);
  let importanceUpdates = 0;
  let weights: number[] = [];
  let sums = { updates: 0, on: 0, effectiveShare: 0, batchLoss: 0 };
  const history = Object.fromEntries(columns.map((name) => [name, [] as number[]])) as Record<
    (typeof columns)[number],
    number[]
  >;
  const probes: Record<string, number[]> = {};

  async function record(): Promise<void> {
    const seen = look(state.params);
    for (const [name, value] of Object.entries(seen)) {
      probes[name] ??= [];
      probes[name].push(await value.item());
    }
    const over = (sum: number) => (sums.updates === 0 ? Number.NaN : sum / sums.updates);
    history.tau.push(await state.tau.item());
    history.on.push(over(sums.on));
    history.effectiveShare.push(over(sums.effectiveShare));
    history.batchLoss.push(over(sums.batchLoss));
    for (const name of ['updates', 'costUnits', 'seconds'] as const) history[name].push(spent[name]);
    sums = { updates: 0, on: 0, effectiveShare: 0, batchLoss: 0 };
    const latest = Object.entries(probes).map(([name, values]) => [name, values[values.length - 1]]);
    onRecords?.(Math.min(spent[unit], limit), limit, Object.fromEntries(latest));
  }

  function restore(): boolean {
    const kept = checkpoint?.restore();
    if (kept === undefined) return false;
    const { leaves, structure } = flatten(state);
    state = unflatten(
      structure,
      leaves.map((x, i) => constant(kept.state[i], x.shape)),
    ) as TrainingState<P, S>;
    const [table, drawn, totals] = kept.records;
    const names = [...columns, ...Object.keys(look(state.params))];
    const length = table.length / names.length;
    names.forEach((name, c) => {
      const values = Array.from(table.subarray(c * length, (c + 1) * length));
      if (c < columns.length) history[columns[c]].push(...values);
      else probes[name] = values;
    });
    counts.set(drawn);
    [spent.updates, spent.costUnits, spent.seconds, importanceUpdates] = Array.from(totals);
    return true;
  }

  const take = async (): Promise<{ made: number; state: TypedArray[]; records: TypedArray[] }> => ({
    made: spent.updates,
    state: await Promise.all(flatten(state).leaves.map((x) => x.data())),
    records: [
      Float64Array.from([...columns.map((name) => history[name]), ...Object.values(probes)].flat()),
      counts,
      Float64Array.of(spent.updates, spent.costUnits, spent.seconds, importanceUpdates),
    ],
  });

  if (!restore()) await record();
  // Compilation is not part of training: the first call is made once for nothing.
  const warm = run(state, data, np.array(0), randomness(0, stretch));
  await warm[1].loss.data();

  // Another stretch must fit at least by half, if it takes what the last took; updates can be counted out.
  let last = 0;
  const finished = () => spent[unit] + (unit === 'updates' ? 0 : last / 2) >= limit;
  while (!finished()) {
    const before = spent[unit];
    const count = unit === 'updates' ? Math.min(stretch, limit - spent.updates) : stretch;
    const progress = np.array(Math.fround(before / limit), { dtype: 'float32' });
    const u = randomness(spent.updates, count);
    await u.data();
    const start = performance.now();
    const [next, steps] = run(state, data, progress, u);
    // Everything of a call is there when one of its results is.
    const on = await steps.on.data();
    spent.seconds += (performance.now() - start) / 1000;
    state = next;
    const [losses, w, indices] = await Promise.all([steps.loss.data(), steps.weights.data(), steps.indices.data()]);
    for (let k = 0; k < count; k++) {
      spent.costUnits += stepCost(batchSize, on[k] ? presample : 0, backwardCost);
      importanceUpdates += on[k];
      sums.updates++;
      sums.on += on[k];
      sums.batchLoss += losses[k];
      const mine = w.subarray(k * batchSize, (k + 1) * batchSize);
      let [sum, squares] = [0, 0];
      for (const value of mine) {
        sum += value;
        squares += value * value;
      }
      sums.effectiveShare += sum ** 2 / squares / batchSize;
    }
    for (const i of indices) counts[i]++;
    weights = [...weights, ...w].slice(-every * batchSize);
    spent.updates += count;
    last = spent[unit] - before;
    if (spent.updates % every === 0 || finished()) {
      await record();
      await checkpoint?.keep(take, finished());
    }
    yield spent.seconds;
  }
  return {
    params: state.params,
    history: { ...history, probes },
    importanceUpdates,
    counts,
    weights: Float32Array.from(weights),
  };
}
