/** @file Claim R3: Theorem B for activations that are no rectifiers. */
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import type { RunContext } from '../../../contract.ts';
import { layerKernelMatrix } from '../deep-kernel.ts';
import { rms } from '../empirical-kernel.ts';
import { step } from '../gaussian-kernel.ts';
import { arrayOf, type Matrix } from '../matrix.ts';
import { unitWeights } from '../rectifier-init.ts';
import { compiled } from './draw.ts';

export const activations = { tanh: np.tanh as nn.Activation, erf: np.erf as nn.Activation, step, GELU: nn.gelu };
export type ActivationName = keyof typeof activations;
const laws = ['uniform', 'laplace'] as const;
const draws = laws.map((law) => compiled((key, shape) => unitWeights(key, law, shape)));

export interface OtherActivations {
  /** Relative kernel error of each activation and law, per seed; `shifted`: weights with a mean of 0.1 deviations. */
  readonly cases: readonly {
    readonly activation: ActivationName;
    readonly law: (typeof laws)[number];
    readonly error: number[];
    readonly shifted: number[];
  }[];
}

/** Neurons whose weights are drawn at once. */
const perDraw = 2000;

export async function measureOtherActivations(
  { x, neurons, shift }: { x: Matrix; neurons: number; shift: number },
  context: RunContext,
): Promise<OtherActivations> {
  const names = Object.keys(activations) as ActivationName[];
  // So that w.x has a variance of about 1.
  const variance = x.rows / x.data.reduce((sum, v) => sum + v * v, 0);
  const predicted = await Promise.all(
    names.map((name) => layerKernelMatrix(x, { activation: activations[name], variance })),
  );
  const inputs = np.astype(arrayOf(x), 'float32');
  // Sums over the neurons of s(w.x) s(w.y), [activation, as drawn or shifted, N, N].
  const sums = jit((weights: np.NDArray) => {
    const drawn = np.multiply(Math.sqrt(variance), np.matmul(inputs, np.transpose(weights)));
    const mean = np.multiply(shift * Math.sqrt(variance), np.sum(inputs, 1, true));
    const z = np.stack([drawn, np.add(drawn, mean)]);
    return np.stack(
      names.map((name) => {
        const h = activations[name](z);
        return np.matmul(h, np.swapaxes(h, 1, 2));
      }),
    );
  });
  const cases = names.flatMap((activation) =>
    laws.map((law) => ({ activation, law, error: [] as number[], shifted: [] as number[] })),
  );
  const keys = random.split(random.foldIn(random.key(context.seed), 3), context.seeds);
  for (let seed = 0; seed < context.seeds; seed++) {
    for (const [l, law] of laws.entries()) {
      const total = new Float64Array(names.length * 2 * x.rows ** 2);
      for (let from = 0; from < neurons; from += perDraw) {
        const stage = 'other activations';
        context.progress({
          stage,
          done: (seed * laws.length + l) * neurons + from,
          total: context.seeds * laws.length * neurons,
        });
        const count = Math.min(perDraw, neurons - from);
        const key = random.foldIn(random.foldIn(np.slice(keys, seed), l), from);
        const part = await sums(draws[l](key, [count, x.columns])).data();
        for (let at = 0; at < total.length; at++) total[at] += part[at] / neurons;
      }
      names.forEach((activation, a) => {
        const found = cases.find((one) => one.activation === activation && one.law === law)!;
        const relative = (which: number) => {
          const start = (2 * a + which) * x.rows ** 2;
          const kernel = predicted[a].data;
          return rms(kernel.map((k, at) => total[start + at] - k)) / rms(kernel);
        };
        found.error.push(relative(0));
        found.shifted.push(relative(1));
      });
    }
  }
  context.progress({ stage: 'other activations', done: 1, total: 1 });
  return { cases };
}
