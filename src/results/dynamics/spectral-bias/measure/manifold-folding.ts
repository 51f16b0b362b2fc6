/** @file Claim B9: data on a more folded curve makes high frequencies easier (Exp. 5, Fig. 8). */
import type { NDArray } from '../../../../array/ndarray.ts';
import { sinusoids } from '../../../../data/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { median } from '../../../../stats/index.ts';
import { vmap } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { arcLength, circle, curveEmbedding, jacobianBand } from '../manifold.ts';
import { capturedFractions } from '../spectral-trace.ts';
import { fullBatchTraining, type NetworkSettings, network, type TrainingState } from './network.ts';
import { byRun, randomPhases, rows } from './runs.ts';

export interface ManifoldFoldingSettings extends NetworkSettings {
  readonly samples: number;
  readonly frequencies: readonly number[];
  /** Numbers of petals L of the curves. */
  readonly petals: readonly number[];
  /** The curve that the claim compares with the circle L = 0, and the radius of the circle of equal arc length. */
  readonly compared: number;
  readonly learningRate: number;
  readonly steps: number;
  readonly every: number;
}

export interface FoldedCurve {
  readonly name: string;
  /** null: the circle of equal arc length. */
  readonly petals: number | null;
  /** max |gamma'(z)|: the factor by which the curve stretches reachable frequencies (our S8). */
  readonly band: number;
  readonly points: [number, number][];
  /** [seed] final losses. */
  readonly loss: number[];
  /** [seed][record][frequency] */
  readonly captured: number[][][];
}

export interface ManifoldFolding {
  readonly steps: readonly number[];
  readonly curves: FoldedCurve[];
}

export async function measureManifoldFolding(
  settings: ManifoldFoldingSettings,
  context: RunContext,
): Promise<ManifoldFolding> {
  const { samples: n, frequencies, petals, compared, learningRate, steps, every } = settings;
  const { seeds } = context;
  const keys = random.split(random.foldIn(random.key(context.seed), 4), 2);
  const phases = await randomPhases(np.slice(keys, 0), seeds, frequencies.length);
  const amplitudes = frequencies.map(() => 1);
  // Well above N/8: neighbouring samples no longer follow the curve.
  const tooMany = Math.ceil(n / 4);
  const curves = [
    ...petals.map((L) => ({ name: `L = ${L}`, petals: L as number | null, curve: curveEmbedding(L) })),
    { name: `L = ${tooMany} (unresolved)`, petals: tooMany as number | null, curve: curveEmbedding(tooMany) },
    { name: 'circle of equal arc', petals: null, curve: circle(arcLength(curveEmbedding(compared)) / (2 * Math.PI)) },
  ];
  const points = curves.map(({ curve }) => Array.from({ length: n }, (_, j) => curve.point(j / n) as [number, number]));
  const targets = phases.map((p) => sinusoids({ frequencies, amplitudes, phases: p, n }));

  const runs = curves.flatMap((_, c) => targets.map((target) => ({ inputs: points[c].flat(), target })));
  const data = {
    inputs: np.reshape(rows(runs.map((r) => r.inputs)), [runs.length, n, 2]),
    target: rows(runs.map((r) => r.target)),
  };
  type Data = typeof data;
  const net = network(2, settings);
  const training = fullBatchTraining<Data>(net.init, {
    outputs: (params, { inputs }) => net.outputs(params, inputs),
    target: ({ target }) => target,
    learningRate,
  });
  const unit = np.ones([frequencies.length]);
  const probe = vmap(({ params }: TrainingState, given: Data) => ({
    loss: training.loss(params, given),
    captured: capturedFractions(net.outputs(params, given.inputs), frequencies, unit),
  }));
  const initKeys = random.split(np.slice(keys, 1), seeds);
  const startKeys: NDArray = np.tile(initKeys, [curves.length, 1]);
  const { steps: at, records } = await nn.train({ step: training.step, probe }, training.start(startKeys), data, {
    steps,
    every,
    ...context.follow(`folded curves, ${runs.length} networks`),
  });
  const losses = (await byRun(records.loss)).map((run) => run.map(([value]) => value));
  const captured = await byRun(records.captured);
  return {
    steps: at,
    curves: curves.map(({ name, petals: L, curve }, c) => ({
      name,
      petals: L,
      band: jacobianBand(curve),
      points: points[c],
      loss: losses.slice(c * seeds, (c + 1) * seeds).map(finalLoss),
      captured: captured.slice(c * seeds, (c + 1) * seeds),
    })),
  };
}

/** Median over the last tenth of the records: full-batch Adam at the end of its way jumps from step to step. */
const finalLoss = (run: readonly number[]): number => median(Float64Array.from(run.slice(-Math.ceil(run.length / 10))));
