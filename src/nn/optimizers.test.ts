import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import type { Tree } from '../array/tree.ts';
import * as np from '../numpy/index.ts';
import { jit } from '../runtime/index.ts';
import { scan, vmap } from '../transforms/index.ts';
import { adam, cosineDecay, type LearningRate, momentum, type Optimizer, type Rates, sgd } from './index.ts';

const updates = 20;
/** Gradients that change sign and size, other ones for every parameter; small enough that epsilon matters. */
const gradientAt = (step: number, i: number): number => 0.02 * Math.sin(1.3 * step + i) + 0.004 * (i - 1);
const start = [0.5, -1.25, 2, 0];

/** A scalar algorithm as the papers write it: from a sequence of gradients g_1, g_2, … to the sequence of parameters. */
type Scalar = (theta: number, gradients: readonly number[]) => number[];

const plain =
  (rate: (step: number) => number): Scalar =>
  (theta, gradients) =>
    gradients.map((g, t) => {
      theta -= rate(t) * g;
      return theta;
    });

/** PyTorch's documentation of SGD. */
const heavyBall =
  (rate: number, mu: number, nesterov: boolean): Scalar =>
  (theta, gradients) => {
    let b = 0;
    return gradients.map((g) => {
      b = mu * b + g;
      theta -= rate * (nesterov ? g + mu * b : b);
      return theta;
    });
  };

/** Algorithm 1 of Kingma and Ba. */
const algorithm1 =
  (alpha: (step: number) => number, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8): Scalar =>
  (theta, gradients) => {
    let [m, v] = [0, 0];
    return gradients.map((g, i) => {
      const t = i + 1;
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g ** 2;
      const mHat = m / (1 - beta1 ** t);
      const vHat = v / (1 - beta2 ** t);
      theta -= (alpha(i) * mHat) / (Math.sqrt(vHat) + epsilon);
      return theta;
    });
  };

const cosine = (from: number, steps: number) => (step: number) =>
  (from / 2) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps));

/** Optimizers of different states in one list. */
const erased = <S extends Tree>(optimizer: Optimizer<S>) => optimizer as unknown as Optimizer<Tree>;

const cases: readonly { name: string; optimizer: Optimizer<Tree>; scalar: Scalar }[] = [
  { name: 'sgd', optimizer: erased(sgd(0.3)), scalar: plain(() => 0.3) },
  {
    name: 'sgd whose rate grows with the step',
    optimizer: erased(sgd((step) => np.multiply(0.1, step))),
    scalar: plain((t) => 0.1 * t),
  },
  {
    name: 'sgd with cosine decay, past its end',
    optimizer: erased(sgd(cosineDecay(0.4, 15))),
    scalar: plain(cosine(0.4, 15)),
  },
  { name: 'momentum', optimizer: erased(momentum(0.3)), scalar: heavyBall(0.3, 0.9, false) },
  {
    name: 'Nesterov momentum',
    optimizer: erased(momentum(0.2, { momentum: 0.7, nesterov: true })),
    scalar: heavyBall(0.2, 0.7, true),
  },
  { name: 'adam', optimizer: erased(adam(0.1)), scalar: algorithm1(() => 0.1) },
  {
    name: 'adam of other constants',
    optimizer: erased(adam(0.1, { beta1: 0.5, beta2: 0.9, epsilon: 0.01 })),
    scalar: algorithm1(() => 0.1, 0.5, 0.9, 0.01),
  },
  { name: 'adam without memory', optimizer: erased(adam(0.1, { beta1: 0 })), scalar: algorithm1(() => 0.1, 0) },
  {
    name: 'adam with cosine decay',
    optimizer: erased(adam(cosineDecay(0.1, updates))),
    scalar: algorithm1(cosine(0.1, updates)),
  },
];

describe.each(cases)('$name', ({ optimizer, scalar }) => {
  const steps = Array.from({ length: updates }, (_, t) => t);
  const expected = start.map((theta, i) =>
    scalar(
      theta,
      steps.map((t) => gradientAt(t, i)),
    ),
  );
  const tree = (values: readonly number[]) => ({
    a: np.array(Float64Array.from(values.slice(0, 3))),
    b: [np.array(Float64Array.from(values.slice(3)))],
  });

  test('is the algorithm of its paper, update by update, on a tree of float64 parameters', async () => {
    let params = tree(start);
    let state = optimizer.init(params);
    for (const t of steps) {
      [params, state] = optimizer.update(tree(start.map((_, i) => gradientAt(t, i))), state, params);
      const found = [...(await params.a.data()), ...(await params.b[0].data())];
      found.forEach((value, i) => {
        const want = expected[i][t];
        expect(Math.abs(value - want), `parameter ${i} after ${t + 1} updates: ${value}, not ${want}`).toBeLessThan(
          1e-6,
        );
      });
    }
    expect(params.a.dtype).toBe('float64');
    expect(await (state as { step: np.NDArray }).step.item()).toBe(updates);
  });

  test('runs in float32 in a compiled loop over many parameters', async () => {
    const gradients = np.array(steps.map((t) => start.map((_, i) => gradientAt(t, i))));
    const run = vmap(
      (theta: np.NDArray, gs: np.NDArray) =>
        scan(
          ([p, state]: readonly [np.NDArray, Tree], g: np.NDArray) => [optimizer.update(g, state, p), p] as const,
          [theta, optimizer.init(theta)],
          gs,
        )[0][0],
      [0, 1],
    );
    const found = await jit(run)(np.array(start), gradients).data();
    found.forEach((value, i) => {
      expect(value, `parameter ${i}`).toBeCloseTo(expected[i][updates - 1], 5);
    });
  });
});

test('adam makes the updates that optax documents for sum (w - 3)^2', async () => {
  const optimizer = adam(0.1);
  let w = np.array([1, 2]);
  let state = optimizer.init(w);
  for (const printed of [
    [1.0999993, 2.0999994],
    [1.1998318, 2.1995862],
    [1.2993746, 2.2984118],
  ]) {
    [w, state] = optimizer.update(np.multiply(2, np.subtract(w, 3)), state, w);
    // optax's 1 - beta^t has lost some digits to float32.
    (await w.data()).forEach((value, i) => {
      expect(Math.abs(value - printed[i]), `${value}, not ${printed[i]}`).toBeLessThan(4e-6);
    });
  }
});

test('the first update of adam is the rate times the sign of the gradient, whatever its size', async () => {
  const optimizer = adam(0.01);
  const p = np.zeros([4]);
  const [next] = optimizer.update(np.array([1e-4, -1e-2, 3, -500]), optimizer.init(p), p);
  (await next.data()).forEach((value, i) => {
    expect(value / (i % 2 ? 0.01 : -0.01)).toBeCloseTo(1, 3);
  });
});

test('cosineDecay starts at its rate, is half of it half way, and stays 0 after the end', async () => {
  const rate = cosineDecay(0.2, 100) as Exclude<LearningRate, number>;
  const values = await Promise.all([0, 25, 50, 100, 130].map((t) => rate(np.array(t)).item()));
  [0.2, 0.1 * (1 + Math.SQRT1_2), 0.1, 0, 0].forEach((expected, i) => {
    expect(values[i]).toBeCloseTo(expected, 7);
  });
});

test('gradients of another structure are refused', () => {
  const p = { a: np.zeros([2]) };
  expect(() => sgd(1).update({ b: np.zeros([2]) } as never, { step: np.array(0) }, p)).toThrow(UserError);
});

describe('rates', () => {
  const params = { first: { weight: np.array([1, 2]), bias: np.array([3]) }, rest: [np.array([4]), null] as const };
  const ones = { first: { weight: np.ones([2]), bias: np.ones([1]) }, rest: [np.ones([1]), null] as const };
  const rates = { first: { weight: 2, bias: 0 }, rest: 0.5 };

  test.each([
    ['sgd', (options: object) => erased(sgd(0.1, options))],
    ['momentum', (options: object) => erased(momentum(0.1, options))],
    ['nesterov', (options: object) => erased(momentum(0.1, { nesterov: true, ...options }))],
    ['adam', (options: object) => erased(adam(0.1, options))],
    ['a schedule', (options: object) => erased(adam(cosineDecay(0.1, 10), options))],
  ] as const)('multiply the steps of %s', async (_, optimizer) => {
    const run = async (options: object) => {
      const one = optimizer(options);
      let [p, state]: [typeof params, Tree] = [params, one.init(params)];
      for (let t = 0; t < 3; t++) [p, state] = one.update(ones, state, p);
      const leaves = [p.first.weight, p.first.bias, p.rest[0]];
      return (await Promise.all(leaves.map((x) => x.data()))).flatMap((x) => Array.from(x));
    };
    const [plain, scaled] = [await run({}), await run({ rates })];
    [1, 2, 3, 4].forEach((start, i) => {
      expect(scaled[i]).toBeCloseTo(start + [2, 2, 0, 0.5][i] * (plain[i] - start), 6);
    });
  });

  test('a number for a part or for all', async () => {
    const [next] = sgd(1, { rates: 0.25 }).update(ones, { step: np.array(0) }, params);
    expect([...(await next.first.weight.data())]).toEqual([0.75, 1.75]);
  });

  test('of another structure are refused', () => {
    const wrong: readonly Rates[] = [
      { first: 1 },
      [1, 2],
      { first: { weight: 1 }, rest: 1 },
      { first: 1, rest: [1] },
      null,
    ];
    for (const bad of wrong) {
      const optimizer = sgd(1, { rates: bad });
      expect(() => optimizer.update(ones, { step: np.array(0) }, params)).toThrow('rates must have the structure');
    }
  });

  test('do not round the rate of float64 parameters', async () => {
    const p = np.array([0], { dtype: 'float64' });
    const [next] = sgd(0.1, { rates: 0.3 }).update(np.onesLike(p), { step: np.array(0) }, p);
    expect(next.dtype).toBe('float64');
    expect(await next.item()).toBe(-(0.3 * 0.1));
  });
});
