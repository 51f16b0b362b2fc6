/** @file Claims I2, I3, I4: two sequences through large networks, weights drawn anew at each step or kept (Fig. 2). */
import type { NDArray } from '../../../../array/ndarray.ts';
import type * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { vmap } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { encodedMinimalStep } from '../cells.ts';
import { correlationTrajectory } from '../correlation.ts';
import { rnnTrajectory } from '../mean-field.ts';

export interface TrajectorySettings {
  readonly R: number;
  readonly sw: number;
  readonly sv: number;
  readonly biases: readonly number[];
  readonly units: number;
  readonly steps: number;
  /** Independent networks that a curve is the mean of. */
  readonly networks: number;
}

/** Of one mean bias. */
export interface Trajectories {
  readonly mub: number;
  readonly theory: readonly number[];
  /** The theory at a mean bias that is wrong by 2, towards the chaotic ones (mu_b about 2). */
  readonly shifted: readonly number[];
  /** [network][step] */
  readonly untied: readonly number[][];
  readonly tied: readonly number[][];
  /** [network][step], the same inputs and states from the start. */
  readonly same: readonly number[][];
}

/** Inputs are independent for ten steps and equal after. */
const sigmaOf = (steps: number): number[] => Array.from({ length: steps }, (_, t) => (t < 10 ? 0 : 1));

export async function measureTrajectories(
  { R, sw, sv, biases, units: N, steps, networks }: TrajectorySettings,
  context: RunContext,
): Promise<Trajectories[]> {
  const step = encodedMinimalStep(N);
  // All biases share their random numbers: the weights are drawn once for all of them.
  const drawn =
    (mub: NDArray) =>
    (key: NDArray): nn.MinimalRnnParams => {
      const keys = random.split(key);
      const gaussian = (k: number, deviation: number) =>
        np.multiply(deviation / Math.sqrt(N), random.normal(np.slice(keys, k), [N, N]));
      const none = np.zeros([1]);
      return {
        encoder: { weight: none, bias: none },
        input: gaussian(0, sv),
        recurrent: { weight: gaussian(1, sw), bias: np.multiply(mub, np.ones([N])) },
      };
    };
  const run = jit((key: NDArray, mubs: NDArray): { untied: NDArray; tied: NDArray; same: NDArray } => {
    const keys = random.split(key, 4);
    const options = { sigma: sigmaOf(steps), M: N, R, N };
    const at = (k: number) => np.slice(keys, k);
    return vmap((mub: NDArray) => ({
      untied: correlationTrajectory(step, drawn(mub), { ...options, key: at(0) }).c,
      tied: correlationTrajectory(step, drawn(mub)(at(1)), { ...options, key: at(2) }).c,
      same: correlationTrajectory(step, drawn(mub)(at(1)), { ...options, sigma: new Array(20).fill(1), key: at(3) }).c,
    }))(mubs);
  });
  const keys = random.split(random.foldIn(random.key(context.seed), 1), networks);
  const found: { untied: number[][]; tied: number[][]; same: number[][] }[] = [];
  for (let s = 0; s < networks; s++) {
    const { untied, tied, same } = run(np.slice(keys, s), np.array(biases, { dtype: 'float32' }));
    const rows = async (x: NDArray) => {
      const data = await x.data();
      const width = x.shape[1];
      return biases.map((_, b) => Array.from(data.subarray(b * width, (b + 1) * width)));
    };
    found.push({ untied: await rows(untied), tied: await rows(tied), same: await rows(same) });
    context.progress({ stage: `two sequences, ${N} units`, done: s + 1, total: networks });
  }
  return biases.map((mub, b) => {
    const theory = (at: number) =>
      Array.from(rnnTrajectory({ cell: 'minimal', sw, sv, mub: at, R }, { sigma: sigmaOf(steps) }).c);
    return {
      mub,
      theory: theory(mub),
      shifted: theory(mub > 2 ? mub - 2 : mub + 2),
      untied: found.map((seed) => seed.untied[b]),
      tied: found.map((seed) => seed.tied[b]),
      same: found.map((seed) => seed.same[b]),
    };
  });
}
