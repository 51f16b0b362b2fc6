import { beforeAll, describe, expect, test } from 'vitest';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { jit } from '../runtime/index.ts';
import { leastSquares } from '../stats/index.ts';
import { grad, vmap } from '../transforms/index.ts';
import {
  adam,
  type Dense,
  denseLayer,
  initializers,
  meanSquaredError,
  mlp,
  muP,
  ntk,
  type Optimizer,
  type OptimizerOptions,
  type Parametrization,
  type Role,
  sgd,
  standard,
  tanh,
} from './index.ts';

const base = 64;
const families = {
  standard: () => standard,
  ntk: () => ntk(),
  'muP for sgd': (n: number) => muP(n / base, 'sgd'),
  'muP for adam': (n: number) => muP(n / base, 'adam'),
} satisfies Record<string, (width: number) => Parametrization>;
type Family = keyof typeof families;

/** Fan-in of a layer of each role in a network of width n with 16 inputs. */
const fanIns: Record<Role, (n: number) => number> = { input: () => 16, hidden: (n) => n, output: (n) => n };

/** Exponents of 1/n in what the layers do: standard deviation of the weight as used, and its learning rate as used. */
function exponents(family: Family, role: Role) {
  const at = (n: number) => {
    const { fanIn, multiplier, rate } = families[family](n).weight(role, fanIns[role](n));
    // The initializer draws with variance 1 / fanIn. A step of the weight by rate * multiplier * dL/d(used weight)
    // moves the used weight by multiplier times that.
    return {
      deviation: multiplier / Math.sqrt(fanIn),
      gradientStep: multiplier ** 2 * rate,
      adamStep: multiplier * rate,
    };
  };
  const [narrow, wide] = [at(base), at(4 * base)];
  const fall = (a: number, b: number) => Math.log(a / b) / Math.log(4);
  return {
    deviation: fall(narrow.deviation, wide.deviation),
    gradientStep: fall(narrow.gradientStep, wide.gradientStep),
    adamStep: fall(narrow.adamStep, wide.adamStep),
  };
}

describe('by the exponents of Yang and Hu', () => {
  // In used weights a + b is the exponent of the deviation and 2a + c that of the learning rate, so that
  // r_l = min(a + b, 2a + c of the readout) + (2a + c of layer l) - 1 + [l = 1].
  test.each([
    ['muP for sgd', 0, [0, 0]],
    ['ntk', 0, [0.5, 0.5]],
    ['standard', 1, [1.5, 0.5]],
    ['standard', 0, [0, -1]],
  ] as const)('%s with the rate falling as n^-%d has r_l = %j', (family, c, [first, hidden]) => {
    const [i, h, o] = (['input', 'hidden', 'output'] as const).map((role) => exponents(family, role));
    const readout = Math.min(o.deviation, o.gradientStep + c);
    expect(readout + i.gradientStep + c).toBeCloseTo(first, 10);
    expect(readout + h.gradientStep + c - 1).toBeCloseTo(hidden, 10);
    // Stable at initialisation: inputs and hidden layers have pre-activations of order 1.
    expect([i.deviation, h.deviation]).toEqual([expect.closeTo(0, 10), expect.closeTo(0.5, 10)]);
  });

  test('muP for adam moves every layer by as much at any width', () => {
    // Entries move by one step each; a sum over n correlated inputs of them is n times as large.
    expect(exponents('muP for adam', 'input').adamStep).toBeCloseTo(0, 10);
    expect(exponents('muP for adam', 'hidden').adamStep).toBeCloseTo(1, 10);
    expect(exponents('muP for adam', 'output').adamStep).toBeCloseTo(1, 10);
  });

  test('muP at the base width is the standard parametrisation', () => {
    for (const role of ['input', 'hidden', 'output'] as const) {
      for (const optimizer of ['sgd', 'adam'] as const) {
        expect(muP(1, optimizer).weight(role, 30)).toEqual(standard.weight(role, 30));
        expect(muP(1, optimizer).bias(role, 30)).toEqual(standard.bias(role, 30));
        expect(muP(1, optimizer).attention(9)).toBe(standard.attention(9));
      }
    }
    expect(() => muP(0, 'sgd')).toThrow('must be positive');
  });
});

describe('coordinate check: a few steps of training change pre-activations as n^s', () => {
  const widths = [64, 128, 256, 512, 1024];
  const seeds = 4;
  const [dimension, points, steps] = [16, 16, 3];
  const x = random.normal(random.key(100), [points, dimension]);
  const target = random.normal(random.key(101), [points, 1]);
  /** Standard normal weights of every seed, by shape; drawn once for all parametrisations. */
  type Draws = { readonly [shape: string]: np.NDArray };
  const drawn = new Map<number, Draws>();

  beforeAll(() => {
    for (const n of widths) {
      const shapes = [
        [dimension, n],
        [n, n],
        [n, 1],
      ];
      const draw = (key: np.NDArray): Draws =>
        Object.fromEntries(shapes.map((s, i) => [s.join(), random.normal(random.foldIn(key, i), s)]));
      drawn.set(n, jit(vmap(draw))(random.split(random.key(n), seeds)));
    }
  });

  type Training = (options: OptimizerOptions, width: number) => Optimizer<np.Tree>;
  const erased = (optimizer: unknown) => optimizer as Optimizer<np.Tree>;

  interface Movement {
    /** Of the last hidden layer. */
    readonly total: number[];
    /** What the change of that layer's own parameters does to it. */
    readonly own: number[];
  }

  /** Root mean square change of the pre-activations, for each seed. */
  async function movement(family: Family, training: Training, width: number): Promise<Movement> {
    const parametrization = families[family](width);
    const first = denseLayer(dimension, width, { role: 'input', parametrization });
    const second = denseLayer(width, width, { parametrization });
    const hidden = (one: Dense, two: Dense) => second.apply(two, tanh(first.apply(one, x)));
    const distance = (a: np.NDArray, b: np.NDArray) => np.sqrt(np.mean(np.square(np.subtract(a, b))));
    const run = (draws: Draws) => {
      const weight: initializers.Initializer = (_, shape, fanIn) => np.divide(draws[shape.join()], Math.sqrt(fanIn));
      const net = mlp([dimension, width, width, 1], {
        activation: tanh,
        weight,
        bias: initializers.zeros,
        parametrization,
      });
      const optimizer = training({ rates: net.rates }, width);
      const start = net.init(random.key(0));
      let [params, state] = [start, optimizer.init(start)];
      for (let t = 0; t < steps; t++) {
        const gradient = grad((p: readonly Dense[]) => meanSquaredError(net.apply(p, x), target))(params);
        [params, state] = optimizer.update(gradient, state, params);
      }
      const before = hidden(start[0], start[1]);
      return {
        total: distance(hidden(params[0], params[1]), before),
        own: distance(hidden(start[0], params[1]), before),
      };
    };
    const { total, own } = jit(vmap(run))(drawn.get(width)!);
    return { total: Array.from(await total.data()), own: Array.from(await own.data()) };
  }

  /** The exponent of the width: a fit for each seed, their mean and its standard error. */
  function exponent(moved: readonly (readonly number[])[]) {
    const fits = Array.from({ length: seeds }, (_, s) => {
      const logs = moved.map((row) => Math.log(row[s]));
      return leastSquares(widths.map(Math.log), logs).slope;
    });
    const mean = fits.reduce((sum, v) => sum + v, 0) / seeds;
    const variance = fits.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (seeds - 1);
    return { mean, error: Math.sqrt(variance / seeds) };
  }

  test.each([
    { family: 'muP for sgd', rate: '0.1', training: (o) => erased(sgd(0.1, o)), slope: 0 },
    { family: 'ntk', rate: '0.5', training: (o) => erased(sgd(0.5, o)), slope: -0.5 },
    { family: 'standard', rate: '3 / n', training: (o, n) => erased(sgd(3 / n, o)), slope: -0.5 },
    { family: 'standard', rate: '0.05', training: (o) => erased(sgd(0.05, o)), slope: undefined },
    { family: 'muP for adam', rate: '0.003', training: (o) => erased(adam(0.003, o)), slope: 0 },
    { family: 'ntk', rate: '0.00003', training: (o) => erased(adam(0.00003, o)), slope: 0.5 },
    { family: 'standard', rate: '0.00001', training: (o) => erased(adam(0.00001, o)), slope: 1 },
  ] satisfies { family: Family; rate: string; training: Training; slope?: number }[])(
    '$family at the rate $rate: s = $slope',
    async ({ family, training, slope }) => {
      const moved: Movement[] = [];
      for (const n of widths) moved.push(await movement(family, training, n));
      const own = exponent(moved.map((m) => m.own));
      const total = exponent(moved.map((m) => m.total));
      if (slope === undefined) {
        // Unstable: whatever the exponent is after some steps, it is not bounded.
        expect(total.mean).toBeGreaterThan(0.5);
        return;
      }
      // Four standard errors over the seeds, and 0.1 for terms of higher order in 1 / sqrt(n) at the narrow end.
      expect(Math.abs(own.mean - slope)).toBeLessThan(4 * own.error + 0.1);
      // The layer below moves by order 1 under muP: together too.
      if (slope === 0) expect(Math.abs(total.mean)).toBeLessThan(4 * total.error + 0.1);
    },
  );
});
