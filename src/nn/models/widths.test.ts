/** @file The coordinate check of muP for families with more kinds of layers than an MLP: do all tensors have their role? */
import { expect, test } from 'vitest';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { grad, scan, vmap } from '../../transforms/index.ts';
import {
  adam,
  crossEntropy,
  gru,
  lstm,
  minimalRnn,
  muP,
  type Parametrization,
  type Rates,
  recurrent,
  resNet,
  standard,
  transformer,
  vgg,
} from '../index.ts';

interface Network {
  readonly init: (key: np.NDArray) => np.Tree;
  readonly apply: (params: np.Tree, x: np.NDArray) => np.NDArray;
  readonly rates: Rates;
}
interface Case {
  readonly net: (width: number, parametrization: Parametrization) => Network;
  readonly base: number;
  readonly x: np.NDArray;
  readonly target: np.NDArray;
}

const sequences = random.normal(random.key(1), [6, 8, 4]);
const images = random.normal(random.key(2), [8, 1, 8, 8]);
const tokens = random.randint(random.key(3), [8, 6], 0, 5);
const labels = random.randint(random.key(4), [8], 0, 3);
const image = { classes: 3, channels: 1 } as const;

/** Without running statistics there is no state to keep. */
const withoutState = ({ init, apply, rates }: ReturnType<typeof vgg> | ReturnType<typeof resNet>): Network => ({
  init: (key) => init(key).params,
  apply: (params, x) => apply(params as never, init(random.key(0)).state as never, x)[0],
  rates,
});

const cases: Record<string, Case> = {
  GRU: {
    net: (n, parametrization) =>
      recurrent(gru(4, n, { parametrization }), 3, { parametrization }) as unknown as Network,
    ...{ base: 16, x: sequences, target: labels },
  },
  LSTM: {
    net: (n, parametrization) =>
      recurrent(lstm(4, n, { parametrization }), 3, { parametrization }) as unknown as Network,
    ...{ base: 16, x: sequences, target: labels },
  },
  minimalRNN: {
    net: (n, parametrization) =>
      recurrent(minimalRnn(4, n, { parametrization }), 3, { parametrization }) as unknown as Network,
    ...{ base: 16, x: sequences, target: labels },
  },
  transformer: {
    net: (width, parametrization) =>
      transformer({ vocabulary: 5, length: 6, width, depth: 1, heads: 4, parametrization }) as unknown as Network,
    ...{ base: 16, x: tokens, target: tokens },
  },
  VGG: {
    net: (n, parametrization) => withoutState(vgg({ ...image, size: [8, 8], blocks: [[n], [n]], parametrization })),
    ...{ base: 4, x: images, target: labels },
  },
  ResNet: {
    net: (width, parametrization) =>
      withoutState(resNet({ ...image, width, blocks: [1, 1], normalization: 'layer', parametrization })),
    ...{ base: 4, x: images, target: labels },
  },
};

const seeds = 3;

/** The exponent of the width in the change of the outputs by three steps of Adam, and its standard error. */
async function exponent({ net: make, base, x, target }: Case, at: (multiple: number) => Parametrization, rate: number) {
  const multiples = [1, 8];
  const moved: number[][] = [];
  for (const multiple of multiples) {
    const net = make(base * multiple, at(multiple));
    const optimizer = adam(rate, { rates: net.rates });
    const step = ({ params, state }: { params: np.Tree; state: ReturnType<typeof optimizer.init> }) => {
      const gradient = grad((p: np.Tree) => crossEntropy(net.apply(p, x), target))(params);
      const [moved, next] = optimizer.update(gradient, state, params);
      return [{ params: moved, state: next }, null] as const;
    };
    const run = (start: np.Tree) => {
      const [{ params }] = scan(step, { params: start, state: optimizer.init(start) }, null, { length: 3 });
      return np.sqrt(np.mean(np.square(np.subtract(net.apply(params, x), net.apply(start, x)))));
    };
    moved.push(Array.from(await vmap(run)(vmap(net.init)(random.split(random.key(multiple), seeds))).data()));
  }
  const [narrow, wide] = moved;
  const slopes = wide.map((change, s) => Math.log(change / narrow[s]) / Math.log(8));
  const mean = slopes.reduce((sum, v) => sum + v, 0) / seeds;
  return { mean, error: Math.sqrt(slopes.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (seeds - 1) / seeds) };
}

test.each(Object.keys(cases))('outputs of %s move alike at any width under muP, else with the width', async (name) => {
  const wide = await exponent(cases[name], (multiple) => muP(multiple, 'adam'), 0.003);
  const plain = await exponent(cases[name], () => standard, 0.0003);
  // Three standard errors over the seeds, and 0.15 for the narrow networks at the low end.
  expect(Math.abs(wide.mean)).toBeLessThan(3 * wide.error + 0.15);
  expect(plain.mean - 3 * plain.error).toBeGreaterThan(0.4);
});
