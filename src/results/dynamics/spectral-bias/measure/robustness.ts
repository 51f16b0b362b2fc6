/** @file Claim B6: which frequencies of a converged network survive random parameter changes (Exp. 2, Fig. 3). */
import type { NDArray } from '../../../../array/ndarray.ts';
import { sinusoids } from '../../../../data/index.ts';
import type { Dense } from '../../../../nn/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { vmap } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { parameterRobustness, type Robustness } from '../parameter-robustness.ts';
import { fullBatchTraining, type NetworkSettings, network, type TrainingState } from './network.ts';
import { grid, randomPhases, rows } from './runs.ts';

export interface RobustnessSettings extends NetworkSettings {
  readonly samples: number;
  readonly frequencies: readonly number[];
  readonly learningRate: number;
  readonly steps: number;
  readonly norms: readonly number[];
  readonly directions: number;
}

export interface RobustnessMeasurement {
  /** Loss at the end over the power of the target, one per seed: whether the networks have converged. */
  readonly relativeLoss: number[];
  /** One per seed, relative to the unperturbed component. */
  readonly robustness: Robustness[];
  /** A readout that is linear on fixed sines and cosines of frequencies 1..K, perturbed alike. */
  readonly control: { readonly frequencies: number[]; readonly robustness: Robustness };
}

export async function measureRobustness(
  settings: RobustnessSettings,
  context: RunContext,
): Promise<RobustnessMeasurement> {
  const { samples: n, frequencies, learningRate, steps, norms, directions } = settings;
  const { seeds, progress } = context;
  const keys = random.split(random.foldIn(random.key(context.seed), 2), 4);
  const [phaseKey, initKey, directionKey, controlKey] = [0, 1, 2, 3].map((i) => np.slice(keys, i));
  const phases = await randomPhases(phaseKey, seeds, frequencies.length);
  const amplitudes = frequencies.map(() => 1);
  const data = { target: rows(phases.map((p) => sinusoids({ frequencies, amplitudes, phases: p, n }))) };
  const net = network(1, settings);
  const outputs = (params: readonly Dense[]) => net.outputs(params, grid(n));
  const training = fullBatchTraining<typeof data>(net.init, {
    outputs,
    target: ({ target }) => target,
    learningRate: nn.cosineDecay(learningRate, steps),
  });
  const probe = vmap(({ params }: TrainingState, given: typeof data) => ({ loss: training.loss(params, given) }));
  const start = training.start(random.split(initKey, seeds));
  const trained = await nn.train({ step: training.step, probe }, start, data, {
    steps,
    every: steps / 10,
    ...context.follow('training for robustness'),
  });
  const losses = await trained.records.loss.data();
  const power = frequencies.length / 2;

  const robustness: Robustness[] = [];
  for (let s = 0; s < seeds; s++) {
    progress({ stage: 'perturbing parameters', done: s, total: seeds });
    const params = np.treeMap((x: NDArray) => np.slice(x, s), trained.state.params);
    const key = random.foldIn(directionKey, s);
    robustness.push(await parameterRobustness(outputs, params, { frequencies, norms, directions, key }));
  }
  progress({ stage: 'perturbing parameters', done: seeds, total: seeds });

  // Control: f(z) = sum_k a_k cos(2 pi k z) + b_k sin(2 pi k z) with unit components: every frequency is equally robust.
  const all = Array.from({ length: Math.floor(n / 2) - 1 }, (_, i) => i + 1);
  const angle = np.multiply(2 * Math.PI, np.multiply(grid(n), np.array(all)));
  const features = np.concatenate([np.cos(angle), np.sin(angle)], 1);
  const readout = { weight: np.concatenate([np.ones([all.length]), np.zeros([all.length])]) };
  const control = await parameterRobustness((p: typeof readout) => np.matmul(features, p.weight), readout, {
    frequencies: all,
    norms,
    directions,
    key: controlKey,
  });
  return {
    relativeLoss: Array.from(losses.subarray(losses.length - seeds), (loss) => loss / power),
    robustness,
    control: { frequencies: all, robustness: control },
  };
}
