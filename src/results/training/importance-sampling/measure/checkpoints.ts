/** @file Claims I1 to I6: one network trained uniformly, and at its checkpoints everything the scores promise (Figs. 1, 2). */
import type { NDArray } from '../../../../array/ndarray.ts';
import { type Tree, treeMap } from '../../../../array/tree.ts';
import { batches } from '../../../../data/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { quantile } from '../../../../stats/index.ts';
import { empiricalNtk, grad, scan } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { gradientBoundConstant } from '../bound-constant.ts';
import type { Examples } from '../example-loss.ts';
import { importanceWeights, inverseCumulative, samplingProbabilities } from '../sampling.ts';
import { type ScoreComparison, scoreComparisons } from '../score-comparison.ts';
import { lossOfOne, type ScoreKind, scoreKinds } from '../scores.ts';
import { gradientVariance } from '../variance.ts';
import { loadProblem, type Problem, type ProblemSettings } from './problems.ts';

export interface CheckpointSettings {
  readonly problem: ProblemSettings;
  readonly learningRate: number;
  /** b, of the training and of all variances. */
  readonly batchSize: number;
  readonly steps: number;
  /** Updates between two checkpoints of the switch (I6). */
  readonly every: number;
  /** The checkpoints at which everything is measured, multiples of `every`. */
  readonly full: readonly number[];
  /** Examples scored at a full checkpoint. */
  readonly largeBatch: number;
  /** Importance gradients drawn there. */
  readonly draws: number;
}

/** What is drawn by a kind of score, against what formulas say. */
export interface MonteCarlo {
  /** |mean of the drawn gradients - Gbar| in standard errors. */
  readonly standardErrors: number;
  /** Mean |g - Gbar|^2 over V(p). */
  readonly varianceRatio: number;
}

/** The network at one moment, on one large batch. */
export interface FullCheckpoint {
  readonly step: number;
  /** [kind], without the arrays. */
  readonly scores: Readonly<
    Record<
      ScoreKind,
      { pearson: number; spearman: number; squaredError: number; variance: number; varianceRatio: number }
    >
  >;
  /** sqrt(E |g - Gbar|^2) / |Gbar| of a batch, by kind: the distance of Fig. 1. */
  readonly distance: Readonly<Record<ScoreKind, number>>;
  readonly noiseToSignal: number;
  /** By uniform, upper bound and true norm. */
  readonly monteCarlo: Readonly<Record<'uniform' | 'upperBound' | 'gradientNorm', MonteCarlo>>;
  /** Drawn by the bound with all weights 1: the same distance, in standard errors. */
  readonly unweightedBias: number;
  /** V of sampling by the loss without a floor over V of the uniform; infinite where a loss underflows. */
  readonly lossVarianceWithoutFloor: number;
  /** The bound's scores shuffled among the examples: V(uniform) / V(shuffled). */
  readonly shuffledRatio: number;
  /** Equation 20 by layers; null where the network is not dense. */
  readonly bound: null | {
    readonly rho: number;
    /** max |G_i| / (sqrt(L) rho score_i). */
    readonly largestRatio: number;
    readonly largestRatioOfLoss: number;
    /** 95th over 5th percentile of |G_i| / score_i. */
    readonly spread: number;
    readonly spreadOfLoss: number;
  };
  /** For the pictures: scores over their mean, at most 300 examples. */
  readonly scatter: Readonly<Record<'gradientNorm' | 'upperBound' | 'loss', readonly number[]>>;
}

/** The switch at one checkpoint (B = 3 b). */
export interface SwitchCheckpoint {
  readonly step: number;
  readonly tau: number;
  /** V(uniform, b') / V(bound, b) with the b' that costs as much. */
  readonly ratio: number;
}

export interface CheckpointMeasurement {
  /** [seed][checkpoint] */
  readonly full: FullCheckpoint[][];
  readonly switch: SwitchCheckpoint[][];
  /** The same at the full checkpoints, with all of the large batch as pre-sample. */
  readonly wideSwitch: SwitchCheckpoint[][];
}

type State = { params: Tree; optimizer: { step: NDArray; velocity: Tree }; made: NDArray };

/** Parameters at 0, every, 2 every, ... of plain training with momentum. */
async function trained(problem: Problem, s: CheckpointSettings, seed: number, context: RunContext): Promise<Tree> {
  const { model, train } = problem;
  const optimizer = nn.momentum(s.learningRate);
  const n = train.x.shape[0];
  const data = { ...train, u: random.uniform(random.key(3 * seed + 1), [s.steps, s.batchSize]) };
  const loss = (params: Tree, { x, y }: Examples) => np.mean(model.loss(model.apply(params, x), y));
  const step = ({ params, optimizer: state, made }: State, { x, y, u }: Examples & { u: NDArray }): State => {
    const rows = np.minimum(np.astype(np.floor(np.multiply(n, np.take(u, made, 0))), 'int32'), n - 1);
    const gradient = grad(loss)(params, { x: np.take(x, rows, 0), y: np.take(y, rows, 0) });
    const [next, nextState] = optimizer.update(gradient, state, params);
    return { params: next, optimizer: nextState, made: np.add(made, np.array(Int32Array.of(1), { shape: [] })) };
  };
  const params = problem.init(random.key(3 * seed + 2));
  const start: State = {
    params,
    optimizer: optimizer.init(params),
    made: np.array(Int32Array.of(0), { shape: [] }),
  };
  const { records } = await nn.train({ step, probe: (state: State) => state.params }, start, data, {
    steps: s.steps,
    every: s.every,
    ...context.follow(`${s.problem.kind}, training of seed ${seed}`),
  });
  return records;
}

/** Importance gradients as deviations of their coefficients from 1/B, so that K = G G^T holds everything about them. */
function monteCarlo(problem: Problem, largeBatch: number, batchSize: number) {
  const one = lossOfOne(problem.model);
  const gram = empiricalNtk((params: Tree, { x, y }: Examples) => one(params, x, y));
  /** Mean over draws of |d G|^2 and |mean d G|^2, for d the weighted counts of a draw less their expectation. */
  const ofWeights = (k: NDArray, deviations: NDArray) => {
    const form = (d: NDArray) => np.sum(np.multiply(np.matmul(d, k), d), 1);
    const centre = np.mean(deviations, 0, true);
    return { spread: np.mean(form(deviations)), bias: np.squeeze(form(centre), 0) };
  };
  const draw = (k: NDArray, scores: NDArray, u: NDArray, weighted: boolean) => {
    const probabilities = samplingProbabilities(scores);
    const [, deviations] = scan(
      (_: null, ui: NDArray): [null, NDArray] => {
        const rows = inverseCumulative(probabilities, ui);
        const weights = weighted ? importanceWeights(scores, rows) : np.onesLike(ui);
        const expected = np.full([largeBatch], -1 / largeBatch);
        return [null, np.addAt(expected, rows, np.multiply(weights, 1 / batchSize))];
      },
      null,
      u,
    );
    return ofWeights(k, deviations);
  };
  return jit(
    (
      params: Tree,
      data: Examples,
      u: NDArray,
      scores: Readonly<Record<'uniform' | 'upperBound' | 'gradientNorm', NDArray>>,
    ) => {
      const k = gram(params, data);
      return {
        weighted: {
          uniform: draw(k, scores.uniform, u, true),
          upperBound: draw(k, scores.upperBound, u, true),
          gradientNorm: draw(k, scores.gradientNorm, u, true),
        },
        unweighted: draw(k, scores.upperBound, u, false),
      };
    },
  );
}

const batchOf = ({ x, y }: Examples, rows: NDArray): Examples => ({ x: np.take(x, rows, 0), y: np.take(y, rows, 0) });

/** Trains one network per seed and looks at its checkpoints. */
export async function measureCheckpoints(s: CheckpointSettings, context: RunContext): Promise<CheckpointMeasurement> {
  const measured: CheckpointMeasurement = { full: [], switch: [], wideSwitch: [] };
  for (let run = 0; run < context.seeds; run++) {
    const seed = context.seed * 1000 + run;
    const found = await context.stage(`${s.problem.kind}, checkpoints of seed ${run}`, () => ofSeed(s, seed, context));
    measured.full.push(found.full);
    measured.switch.push(found.switch);
    measured.wideSwitch.push(found.wideSwitch);
  }
  return measured;
}

async function ofSeed(s: CheckpointSettings, seed: number, context: RunContext) {
  const problem = await loadProblem(s.problem, seed);
  const records = await trained(problem, s, seed, context);
  const { batchSize: b, largeBatch } = s;
  const n = problem.train.x.shape[0];
  const compare = scoreComparisons(problem.model, b);
  const gather = jit(batchOf);
  const simulate = monteCarlo(problem, largeBatch, b);
  const paramsAt = (step: number) => treeMap((x: NDArray) => np.slice(x, step / s.every), records) as Tree;
  const key = random.key(3 * seed);
  /** Another batch for every checkpoint and size, each example at most once. */
  const drawn = (size: number, stream: number) => {
    const [rows] = batches(n, size, seed, stream);
    return gather(problem.train, np.array(rows));
  };
  const full: FullCheckpoint[] = [];
  const switches: SwitchCheckpoint[] = [];
  const wide: SwitchCheckpoint[] = [];
  const steps = Array.from({ length: s.steps / s.every + 1 }, (_, i) => i * s.every);
  for (const [i, step] of steps.entries()) {
    context.progress({ stage: `${s.problem.kind}, checkpoints of seed ${seed}`, done: i, total: steps.length });
    const params = paramsAt(step);
    const small = await compare(params, drawn(3 * b, 2 * step));
    switches.push({ step, tau: small.upperBound.tau, ratio: costCorrected(small, 3 * b, b) });
    if (!s.full.includes(step)) continue;
    const data = drawn(largeBatch, 2 * step + 1);
    const found = await compare(params, data);
    wide.push({ step, tau: found.upperBound.tau, ratio: costCorrected(found, largeBatch, b) });
    const u = random.uniform(random.foldIn(key, 10_000_000 + step), [s.draws, b]);
    const scores = (kind: ScoreKind) => np.array(Float32Array.from(found[kind].scores));
    const simulated = simulate(params, data, u, {
      uniform: scores('uniform'),
      upperBound: scores('upperBound'),
      gradientNorm: scores('gradientNorm'),
    });
    full.push(await fullCheckpoint(problem, s, step, params, data, found, simulated));
  }
  return { full, switch: switches, wideSwitch: wide };
}

/** V(uniform) of the batch that costs as much as an importance step, over V(bound): above 1 where importance pays. */
const costCorrected = ({ uniform, upperBound }: ScoreComparison, presample: number, b: number): number =>
  uniform.variance / ((presample + 3 * b) / (3 * b)) / upperBound.variance;

async function fullCheckpoint(
  problem: Problem,
  s: CheckpointSettings,
  step: number,
  params: Tree,
  data: Examples,
  found: ScoreComparison,
  simulated: ReturnType<ReturnType<typeof monteCarlo>>,
): Promise<FullCheckpoint> {
  const { draws, batchSize, largeBatch } = s;
  const read = async ({ spread, bias }: { spread: NDArray; bias: NDArray }) => ({
    spread: await spread.item(),
    bias: await bias.item(),
  });
  const checked = async (kind: 'uniform' | 'upperBound' | 'gradientNorm'): Promise<MonteCarlo> => {
    const { spread, bias } = await read(simulated.weighted[kind]);
    return {
      standardErrors: Math.sqrt(bias / (spread / draws)),
      varianceRatio: spread / found[kind].variance,
    };
  };
  const unweighted = await read(simulated.unweighted);
  const norms = found.gradientNorm.scores;
  const variance = (probabilities: ArrayLike<number>) =>
    gradientVariance({ probabilities, gradientNorms: norms, meanGradientNorm: found.meanGradientNorm, batchSize });
  const total = found.loss.scores.reduce((sum, l) => sum + l, 0);
  // A rotation by a third: no example keeps its own score.
  const third = Math.floor(largeBatch / 3);
  const shuffled = found.upperBound.probabilities.map((_, i, p) => p[(i + third) % largeBatch]);
  const picked = Array.from({ length: Math.min(300, largeBatch) }, (_, i) => i);
  const overMean = (scores: Float64Array) => {
    const mean = scores.reduce((sum, x) => sum + x, 0) / scores.length;
    return picked.map((i) => scores[i] / mean);
  };
  const numbers = (kind: ScoreKind) => {
    const { pearson, spearman, squaredError, variance: v, varianceRatio } = found[kind];
    return { pearson, spearman, squaredError, variance: v, varianceRatio };
  };
  const byKind = <T>(f: (kind: ScoreKind) => T) =>
    Object.fromEntries(scoreKinds.map((kind) => [kind, f(kind)])) as Record<ScoreKind, T>;
  return {
    step,
    scores: byKind(numbers),
    distance: byKind((kind) => Math.sqrt(found[kind].variance) / found.meanGradientNorm),
    noiseToSignal: found.noiseToSignal,
    monteCarlo: {
      uniform: await checked('uniform'),
      upperBound: await checked('upperBound'),
      gradientNorm: await checked('gradientNorm'),
    },
    // The mean is off by its bias; what is left of the spread is the variance.
    unweightedBias: Math.sqrt(unweighted.bias / ((unweighted.spread - unweighted.bias) / draws)),
    lossVarianceWithoutFloor: variance(found.loss.scores.map((l) => l / total)) / found.uniform.variance,
    shuffledRatio: found.uniform.variance / variance(shuffled),
    bound: problem.isDense ? await boundOf(params as readonly nn.Dense[], data, found) : null,
    scatter: {
      gradientNorm: overMean(norms),
      upperBound: overMean(found.upperBound.scores),
      loss: overMean(found.loss.scores),
    },
  };
}

async function boundOf(params: readonly nn.Dense[], data: Examples, found: ScoreComparison) {
  const { rho } = await gradientBoundConstant({ params, x: data.x, kind: 'spectral' });
  const norms = found.gradientNorm.scores;
  // A gradient that has vanished with its score bounds nothing.
  const ratios = (scores: Float64Array) => norms.map((g, i) => g / scores[i]).filter((ratio) => !Number.isNaN(ratio));
  const largest = (scores: Float64Array) => Math.max(...ratios(scores)) / (Math.sqrt(params.length) * rho);
  const spread = (scores: Float64Array) => {
    const all = ratios(scores);
    return quantile(all, 0.95) / quantile(all, 0.05);
  };
  return {
    rho,
    largestRatio: largest(found.upperBound.scores),
    largestRatioOfLoss: largest(found.loss.scores),
    spread: spread(found.upperBound.scores),
    spreadOfLoss: spread(found.loss.scores),
  };
}
