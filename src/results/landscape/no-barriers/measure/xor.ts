/** @file Claim N6: two hidden units that solve XOR can be exchanged along a path only where there is a spare one. */
import type { NDArray } from '../../../../array/ndarray.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { grad, vmap } from '../../../../transforms/index.ts';
import { autoNeb } from '../auto-neb.ts';
import { mlpPermutation, permuteHiddenUnits } from '../permute-hidden-units.ts';

export interface XorSwaps {
  readonly hidden: number;
  /** Networks drawn, and how many of them solve the task. */
  readonly drawn: number;
  readonly solved: number;
  /** Of each solved network that was taken: share of the four points that are wrong at the worst place of the path. */
  readonly error: readonly number[];
  readonly saddle: readonly number[];
}

const inputs = np.array([
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
]);
const target = np.array([0, 1, 1, 0], { dtype: 'float32' });
const weightDecay = 1e-3;
/** Networks that are trained to find some that solve the task. */
const drawn = 32;

type Params = readonly nn.Dense[];

export async function measureXor(
  hidden: number,
  { seeds, restarts, seed }: { seeds: number; restarts: number; seed: number },
  report: (done: number, total: number) => void,
): Promise<XorSwaps> {
  const net = nn.mlp([2, hidden, 1], { activation: nn.tanh });
  const logits = (p: Params) => np.squeeze(net.apply(p, inputs), -1);
  const loss = (p: Params) => nn.binaryCrossEntropy(logits(p), target);
  const errors = (p: Params) =>
    np.mean(np.astype(np.notEqual(np.greater(logits(p), 0), np.greater(target, 0)), 'float32'));

  const optimizer = nn.momentum(0.1);
  type State = { params: Params; optimizer: { step: NDArray; velocity: np.Tree } };
  const start = vmap((k: NDArray): State => {
    const params = net.init(k);
    return { params, optimizer: optimizer.init(params) };
  });
  const step = vmap(({ params, optimizer: state }: State): State => {
    const g = np.treeMap((d, x) => np.add(d, np.multiply(weightDecay, x)), grad(loss)(params), params);
    const [next, moving] = optimizer.update(g, state, params);
    return { params: next, optimizer: moving };
  });
  const keys = random.split(random.foldIn(random.key(seed), 600 + hidden), 2);
  const initial = start(random.split(np.slice(keys, 0), drawn));
  const { state, records } = await nn.train(
    { step, probe: vmap(({ params }: State) => errors(params)) },
    initial,
    null,
    {
      steps: 3000,
      every: 3000,
    },
  );
  const wrong = (await records.data()).subarray(drawn);
  const solved = Array.from(wrong).flatMap((e, i) => (e === 0 ? [i] : []));
  const taken = solved.slice(0, seeds);

  const landscape = { loss: (p: Params, _: null) => loss(p), batch: () => null };
  const evaluate = (p: Params) => ({ trainLoss: loss(p), trainError: errors(p) });
  const cycles = [0.1, 0.1, 0.1, 0.1, 0.03, 0.03, 0.03].map((learningRate) => ({ steps: 300, learningRate }));
  const error: number[] = [];
  const saddle: number[] = [];
  for (const [n, i] of taken.entries()) {
    const params = np.treeMap((x) => np.slice(x, i), state.params);
    const [incoming, outgoing] = await Promise.all(params.map(({ weight }) => weight.data()));
    const size = (unit: number) => Math.abs(outgoing[unit]) * Math.hypot(incoming[unit], incoming[hidden + unit]);
    const order = Array.from({ length: hidden }, (_, u) => u);
    const [a, b] = [...order].sort((u, v) => size(v) - size(u));
    [order[a], order[b]] = [b, a];
    const end = permuteHiddenUnits(params, mlpPermutation([order]));
    let best = { error: Number.POSITIVE_INFINITY, saddle: Number.POSITIVE_INFINITY };
    for (let r = 0; r < restarts; r++) {
      const key = random.foldIn(np.slice(keys, 1), 100 * n + r);
      const found = await autoNeb({ ...landscape, evaluate, start: params, end, cycles, weightDecay, noise: 0.3, key });
      const worst = Math.max(...found.best.profile.values.trainError);
      if (worst < best.error || (worst === best.error && found.saddleLoss < best.saddle)) {
        best = { error: worst, saddle: found.saddleLoss };
      }
      report(n * restarts + r + 1, taken.length * restarts);
    }
    error.push(best.error);
    saddle.push(best.saddle);
  }
  return { hidden, drawn, solved: solved.length, error, saddle };
}
