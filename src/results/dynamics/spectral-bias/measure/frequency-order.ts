/** @file Claims B3, B4, B5: in which order frequencies are learned, and how the spectral norms grow meanwhile (Exp. 1, 7). */
import type { NDArray } from '../../../../array/ndarray.ts';
import type { Tree } from '../../../../array/tree.ts';
import { sinusoids } from '../../../../data/index.ts';
import type { Dense } from '../../../../nn/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { vmap } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { capturedFractions, spectralNorms } from '../spectral-trace.ts';
import { fullBatchTraining, type NetworkSettings, network, type TrainingState } from './network.ts';
import { byRun, grid, randomPhases, rows } from './runs.ts';

export interface FrequencyOrderSettings extends NetworkSettings {
  readonly samples: number;
  readonly frequencies: readonly number[];
  /** Runs of different phases and initial weights whose traces are averaged, per seed (the paper averages 10). */
  readonly runs: number;
  readonly learningRate: number;
  readonly steps: number;
  readonly every: number;
  /** Limit of the weight-clipping control, |theta| <= clip after each step. */
  readonly clip: number;
  /** Random Fourier features of the control: number of cosine-sine pairs and deviation of their frequencies. */
  readonly features: number;
  readonly featureDeviation: number;
}

/** For every seed the mean over its runs. */
export interface TracedRuns {
  readonly steps: readonly number[];
  /** [seed][record][frequency] captured fractions. */
  readonly captured: number[][][];
  /** [seed][record][layer] spectral norms. */
  readonly norms: number[][][];
  /** [seed][record][0] */
  readonly loss: number[][][];
}

export interface FrequencyOrder {
  readonly equal: TracedRuns;
  readonly growing: TracedRuns;
  readonly clipped: TracedRuns;
  readonly features: TracedRuns;
  /** Target and fit of the first seed, equal amplitudes, at the end. */
  readonly fit: { readonly z: number[]; readonly target: number[]; readonly output: number[] };
}

type Data = { target: NDArray; amplitudes: NDArray; clip: NDArray };

/** So many networks train in one graph: the parameters and Adam's state of more no longer fit the cache. */
const runsAtOnce = 15;

async function trace(
  settings: FrequencyOrderSettings,
  inputs: NDArray,
  data: Data,
  keys: NDArray,
  { follow }: RunContext,
  stage: string,
) {
  const { frequencies, learningRate, steps, every } = settings;
  const net = network(inputs.shape[1], settings);
  const outputs = (params: readonly Dense[]) => net.outputs(params, inputs);
  const training = fullBatchTraining<Data>(net.init, {
    outputs,
    target: ({ target }) => target,
    learningRate,
    project: (params, { clip }) => np.treeMap((x) => np.clip(x, np.negative(clip), clip), params),
  });
  const probe = vmap(({ params }: TrainingState, given: Data) => ({
    captured: capturedFractions(outputs(params), frequencies, given.amplitudes),
    norms: spectralNorms(params),
    loss: training.loss(params, given),
  }));
  const loop = { step: training.step, probe };
  const runs = keys.shape[0];
  const traced = { captured: [] as number[][][], norms: [] as number[][][], loss: [] as number[][][] };
  let at: readonly number[] = [];
  let firstOutputs: number[] = [];
  for (let from = 0; from < runs; from += runsAtOnce) {
    const to = Math.min(runs, from + runsAtOnce);
    const some = <T extends Tree>(tree: T) => np.treeMap((x) => np.slice(x, [from, to]), tree);
    const result = await nn.train(loop, training.start(some(keys)), some(data), {
      steps,
      every,
      ...follow(runs > runsAtOnce ? `${stage}, networks ${from + 1} to ${to} of ${runs}` : stage),
    });
    at = result.steps;
    traced.captured.push(...(await byRun(result.records.captured)));
    traced.norms.push(...(await byRun(result.records.norms)));
    traced.loss.push(...(await byRun(result.records.loss)));
    if (from === 0) {
      const params = np.treeMap((x) => np.slice(x, 0), result.state.params);
      firstOutputs = Array.from(await outputs(params).data());
    }
  }
  return { ...traced, steps: at, firstOutputs };
}

/** Means of consecutive groups of runs, [run][record][i] -> [seed][record][i]. */
const averaged = (list: readonly number[][][], size: number): number[][][] =>
  Array.from({ length: list.length / size }, (_, s) => {
    const group = list.slice(s * size, (s + 1) * size);
    return group[0].map((record, t) => record.map((_, i) => group.reduce((sum, run) => sum + run[t][i], 0) / size));
  });

/**
 * Trains, for every seed, on sinusoids of equal amplitude, of growing amplitude (A_i = 0.1 i), and of equal amplitude
 * with the weights clipped, many networks in one graph; then on random Fourier features of the input.
 */
export async function measureFrequencyOrder(
  settings: FrequencyOrderSettings,
  context: RunContext,
): Promise<FrequencyOrder> {
  const { samples: n, frequencies, steps, features, featureDeviation, clip } = settings;
  const total = context.seeds * settings.runs;
  const K = frequencies.length;
  const keys = random.split(random.foldIn(random.key(context.seed), 1), 3);
  const [phaseKey, initKey, featureKey] = [0, 1, 2].map((i) => np.slice(keys, i));
  const phases = await randomPhases(phaseKey, total, K);
  const equal = frequencies.map(() => 1);
  const growing = frequencies.map((_, i) => 0.1 * (i + 1));
  const targets = (amplitudes: number[]) => phases.map((p) => sinusoids({ frequencies, amplitudes, phases: p, n }));
  const none = 1e30;

  // The clipped networks learn next to nothing, whatever the phases: the first run of each seed shows it.
  const first = <T>(list: readonly T[]) => list.filter((_, r) => r % settings.runs === 0);
  const data: Data = {
    target: rows([...targets(equal), ...targets(growing), ...first(targets(equal))]),
    amplitudes: rows([...phases.map(() => equal), ...phases.map(() => growing), ...first(phases).map(() => equal)]),
    clip: np.array([...phases.map(() => none), ...phases.map(() => none), ...first(phases).map(() => clip)]),
  };
  const initKeys = random.split(initKey, total);
  const runs = await trace(
    settings,
    grid(n),
    data,
    np.concatenate([initKeys, initKeys, np.slice(initKeys, [null, null, settings.runs])]),
    context,
    'learning order',
  );
  const group = (traced: typeof runs, start: number, runsPerSeed: number): TracedRuns => {
    const own = (list: readonly number[][][]) =>
      averaged(list.slice(start, start + context.seeds * runsPerSeed), runsPerSeed);
    return {
      steps: traced.steps,
      captured: own(traced.captured),
      norms: own(traced.norms),
      loss: own(traced.loss),
    };
  };

  // Control: gamma(z) = [cos 2 pi b z, sin 2 pi b z], b ~ N(0, deviation^2): every frequency is as easy as any other.
  const b = np.multiply(2 * Math.PI * featureDeviation, random.normal(featureKey, [1, features]));
  const angle = np.matmul(grid(n), b);
  const mapped = await np.concatenate([np.cos(angle), np.sin(angle)], 1).data();
  // All are learned within some tens of steps: a short run, recorded at each step.
  const short = Math.max(100, Math.round(steps / 10));
  const control = await trace(
    { ...settings, steps: short, every: 1 },
    np.array(mapped, { shape: [n, 2 * features] }),
    { target: rows(targets(equal)), amplitudes: rows(phases.map(() => equal)), clip: np.full([total], none) },
    initKeys,
    context,
    'learning order, Fourier features',
  );
  return {
    equal: group(runs, 0, settings.runs),
    growing: group(runs, total, settings.runs),
    clipped: group(runs, 2 * total, 1),
    features: group(control, 0, settings.runs),
    fit: {
      z: Array.from({ length: n }, (_, j) => j / n),
      target: Array.from(targets(equal)[0]),
      output: runs.firstOutputs,
    },
  };
}
