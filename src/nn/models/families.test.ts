/** @file What holds of every family of models: dtypes, batches of seeds, parametrisations, and that training lowers the loss. */
import { describe, expect, test } from 'vitest';
import { flatten } from '../../array/tree.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { grad, vmap } from '../../transforms/index.ts';
import {
  adam,
  crossEntropy,
  deepSets,
  denseNet,
  gcn,
  gru,
  initializers,
  lstm,
  meanSquaredError,
  minimalRnn,
  mlp,
  muP,
  normalizedAdjacency,
  ntk,
  type Parametrization,
  type Rates,
  recurrent,
  resNet,
  train,
  transformer,
  vanillaRnn,
  vgg,
} from '../index.ts';

type NDArray = np.NDArray;
type Trained = { readonly params: np.Tree; readonly state: np.Tree };

/** A family in one form: stateless models have an empty state. */
interface Family {
  readonly net: (parametrization?: Parametrization) => {
    readonly init: (key: NDArray) => Trained;
    readonly apply: (params: np.Tree, state: np.Tree, x: NDArray) => readonly [NDArray, np.Tree];
    readonly rates: Rates;
  };
  readonly x: NDArray;
  /** Labels (int32) or numbers. */
  readonly target: NDArray;
}

interface Stateless {
  readonly init: (key: NDArray) => np.Tree;
  readonly apply: (params: never, x: NDArray) => NDArray;
  readonly rates: Rates;
}
const stateless = (make: (p?: Parametrization) => Stateless, x: NDArray, target: NDArray): Family => ({
  net(parametrization) {
    const { init, apply, rates } = make(parametrization);
    return {
      init: (key) => ({ params: init(key), state: null }),
      apply: (params, state, input) => [apply(params as never, input), state],
      rates,
    };
  },
  x,
  target,
});

interface Stateful {
  readonly init: (key: NDArray) => Trained;
  readonly apply: (p: never, s: never, x: NDArray, o: { training: boolean }) => readonly [NDArray, np.Tree];
  readonly rates: Rates;
}
const stateful = (make: (p?: Parametrization) => Stateful, x: NDArray, target: NDArray): Family => ({
  net(parametrization) {
    const { init, apply, rates } = make(parametrization);
    return {
      init,
      apply: (params, state, input) => apply(params as never, state as never, input, { training: true }),
      rates,
    };
  },
  x,
  target,
});

const normal = (seed: number, ...shape: number[]) => random.normal(random.key(seed), shape);
const labels = (...list: number[]) => np.array(list, { dtype: 'int32' });

// Each task can be read off its inputs: the sign of the first number, the first token, the brightest half.
const points = normal(1, 8, 3);
const signs = np.astype(np.greater(np.slice(points, [], 0), 0), 'int32');
const sequences = normal(2, 5, 8, 2);
const firstSigns = np.astype(np.greater(np.slice(sequences, 0, [], 0), 0), 'int32');
const images = normal(3, 6, 1, 8, 8);
const bright = np.astype(np.greater(np.mean(images, [1, 2, 3]), 0), 'int32');
const sets = normal(4, 8, 4, 2);
const tokens = random.randint(random.key(5), [4, 6], 0, 5);
const ring = normalizedAdjacency(
  np.array(
    Array.from({ length: 6 }, (_, i) => Array.from({ length: 6 }, (__, j) => Number([1, 5].includes((i - j + 6) % 6)))),
  ),
);
const small = { length: 6, width: 8, depth: 1, heads: 2 };
const image = { classes: 2, channels: 1 };

const families: Record<string, Family> = {
  mlp: stateless((parametrization) => mlp([3, 16, 16, 2], { parametrization }), points, signs),
  'vanilla RNN': stateless(
    (p) => recurrent(vanillaRnn(2, 12, { parametrization: p }), 2, { parametrization: p }),
    sequences,
    firstSigns,
  ),
  minimalRNN: stateless(
    (p) => recurrent(minimalRnn(2, 12, { parametrization: p }), 2, { parametrization: p }),
    sequences,
    firstSigns,
  ),
  LSTM: stateless(
    (p) => recurrent(lstm(2, 12, { parametrization: p }), 2, { parametrization: p }),
    sequences,
    firstSigns,
  ),
  GRU: stateless(
    (p) => recurrent(gru(2, 12, { parametrization: p }), 2, { parametrization: p }),
    sequences,
    firstSigns,
  ),
  GCN: stateless(
    (parametrization) => {
      const net = gcn([3, 16, 2], { parametrization });
      return { ...net, apply: (params: Parameters<typeof net.apply>[0], x) => net.apply(params, x, ring) };
    },
    normal(6, 6, 3),
    labels(0, 0, 0, 1, 1, 1),
  ),
  DeepSets: stateless(
    (parametrization) => deepSets([2, 16, 8], [16, 1], { parametrization }),
    sets,
    np.max(np.slice(sets, [], [], [0, 1]), 1),
  ),
  'transformer decoder': stateless(
    (parametrization) => transformer({ ...small, vocabulary: 5, parametrization }),
    tokens,
    tokens,
  ),
  'transformer encoder': stateless(
    (parametrization) => {
      const net = transformer({
        ...small,
        features: 2,
        outputs: 2,
        causal: false,
        positions: 'sinusoidal',
        parametrization,
      });
      return { ...net, apply: (params: Parameters<typeof net.apply>[0], x) => np.mean(net.apply(params, x), -2) };
    },
    np.swapaxes(sequences, 0, 1),
    firstSigns,
  ),
  VGG: stateful(
    (parametrization) => vgg({ ...image, size: [8, 8], blocks: [[4], [8]], parametrization }),
    images,
    bright,
  ),
  ResNet: stateful(
    (parametrization) => resNet({ ...image, width: 4, blocks: [1, 1], parametrization }),
    images,
    bright,
  ),
  DenseNet: stateful(
    (parametrization) => denseNet({ ...image, growth: 4, blocks: [1, 1], parametrization }),
    images,
    bright,
  ),
};

const lossOf = (y: NDArray, target: NDArray) =>
  target.dtype === 'int32' ? crossEntropy(y, target) : meanSquaredError(y, target);

const float64 = <T extends np.Tree>(tree: T): T => np.treeMap((x) => np.astype(x, 'float64'), tree);

/** Weights and biases multiplied; normalisations have neither. */
function rescaled(tree: np.Tree, weight: number, bias: number): np.Tree {
  if (tree instanceof np.NDArray) return np.multiply(weight, tree);
  if (tree === null) return null;
  if (Array.isArray(tree)) return tree.map((t) => rescaled(t, weight, bias));
  if ('gain' in tree) return tree;
  const entries = Object.entries(tree as { readonly [key: string]: np.Tree });
  return Object.fromEntries(entries.map(([k, t]) => [k, rescaled(t, k === 'bias' ? bias : weight, bias)]));
}

describe.each(Object.entries(families))('%s', (_, { net: make, x, target }) => {
  const net = make();

  test('training lowers the loss', async () => {
    const optimizer = adam(0.01, { rates: net.rates });
    const start = net.init(random.key(0));
    const loop = {
      step({ params, state, optimizer: moments }: Trained & { optimizer: ReturnType<typeof optimizer.init> }) {
        const [, next] = net.apply(params, state, x);
        const gradient = grad((p: np.Tree) => lossOf(net.apply(p, state, x)[0], target))(params);
        const [moved, momentsAfter] = optimizer.update(gradient, moments, params);
        return { params: moved, state: next, optimizer: momentsAfter };
      },
      probe: ({ params, state }: Trained) => lossOf(net.apply(params, state, x)[0], target),
    };
    const begin = { ...start, optimizer: optimizer.init(start.params) };
    const { records } = await train(loop, begin, null, { steps: 60, every: 60 });
    const [first, last] = await records.data();
    expect(last).toBeLessThan(0.5 * first);
  });

  test('vmap of init and apply are networks one by one', async () => {
    const keys = random.split(random.key(1), 3);
    const run = ({ params, state }: Trained) => net.apply(params, state, x)[0];
    const together = await vmap(run)(vmap(net.init)(keys)).data();
    const alone = await run(net.init(np.slice(keys, 1))).data();
    alone.forEach((value, i) => {
      expect(together[alone.length + i]).toBeCloseTo(value, 4);
    });
    expect(Array.from(together.slice(0, alone.length))).not.toEqual(Array.from(alone));
  });

  test('float64 parameters compute in float64', async () => {
    const { params, state } = net.init(random.key(2));
    const input = x.dtype === 'int32' ? x : np.astype(x, 'float64');
    const [exact, nextState] = net.apply(float64(params), float64(state), input);
    expect([exact, ...np.treeLeaves(nextState)].map((y) => y.dtype)).toEqual(
      [exact, ...np.treeLeaves(nextState)].map(() => 'float64'),
    );
    const rough = await net.apply(params, state, x)[0].data();
    (await exact.data()).forEach((value, i) => {
      expect(rough[i]).toBeCloseTo(value, 4);
    });
  });

  test('muP at the base width is the standard model; rates have the structure of the parameters', async () => {
    const same = make(muP(1, 'adam'));
    const { params, state } = net.init(random.key(3));
    const again = same.init(random.key(3)).params;
    const [y, z] = [net.apply(params, state, x)[0], same.apply(again, state, x)[0]];
    expect(await z.data()).toEqual(await y.data());
    for (const parametrization of [undefined, muP(4, 'sgd'), ntk()]) {
      const { rates, init } = make(parametrization);
      const own = init(random.key(4)).params;
      const [moved] = adam(1, { rates }).update(own, adam(1).init(own), own);
      expect(flatten(moved).structure).toEqual(flatten(own).structure);
    }
  });

  test('multipliers act on every weight and every bias', async () => {
    const { params, state } = net.init(random.key(5));
    const multiplied = make(ntk({ weight: 1.5, bias: 0.5 })).apply(params, state, x)[0];
    const plain = make(ntk()).apply(rescaled(params, 1.5, 0.5), state, x)[0];
    const expected = await plain.data();
    (await multiplied.data()).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 4);
    });
  });
});

test('under the NTK parametrisation a wide network starts as the standard one does', async () => {
  const deviations: number[] = [];
  for (const [parametrization, weight] of [
    [undefined, initializers.lecunNormal],
    [ntk(), initializers.normal(1)],
  ] as const) {
    const net = mlp([3, 256, 1], { weight, bias: initializers.zeros, parametrization });
    const outputs = vmap((key: NDArray) => net.apply(net.init(key), np.ones([3])))(random.split(random.key(6), 400));
    deviations.push(await np.std(outputs).item());
  }
  // Each of the two has a standard error of 1 / sqrt(800) of its value, and more for the tails of a product.
  expect(deviations[1] / deviations[0]).toBeGreaterThan(0.8);
  expect(deviations[1] / deviations[0]).toBeLessThan(1.25);
});
