import { describe, expect, test } from 'vitest';
import * as np from '../numpy/index.ts';
import { jit } from '../runtime/index.ts';
import { normalCdf } from '../stats/index.ts';
import { grad } from '../transforms/index.ts';
import * as nn from './index.ts';

interface Case {
  readonly name: string;
  readonly f: nn.Activation;
  readonly value: (x: number) => number;
  readonly slope: (x: number) => number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const cases: readonly Case[] = [
  { name: 'identity', f: nn.identity, value: (x) => x, slope: () => 1 },
  { name: 'relu', f: nn.relu, value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0) },
  { name: 'tanh', f: nn.tanh, value: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 },
  { name: 'sigmoid', f: nn.sigmoid, value: sigmoid, slope: (x) => sigmoid(x) * sigmoid(-x) },
  {
    name: 'leakyRelu',
    f: (x) => nn.leakyRelu(x),
    value: (x) => (x > 0 ? x : 0.01 * x),
    slope: (x) => (x > 0 ? 1 : 0.01),
  },
  {
    name: 'leakyRelu of slope 0.3',
    f: (x) => nn.leakyRelu(x, 0.3),
    value: (x) => (x > 0 ? x : 0.3 * x),
    slope: (x) => (x > 0 ? 1 : 0.3),
  },
  { name: 'softplus', f: nn.softplus, value: (x) => (x > 40 ? x : Math.log1p(Math.exp(x))), slope: sigmoid },
  {
    name: 'elu',
    f: (x) => nn.elu(x),
    value: (x) => (x > 0 ? x : Math.expm1(x)),
    slope: (x) => Math.exp(Math.min(x, 0)),
  },
  {
    name: 'elu of alpha 2',
    f: (x) => nn.elu(x, 2),
    value: (x) => (x > 0 ? x : 2 * Math.expm1(x)),
    slope: (x) => (x > 0 ? 1 : 2 * Math.exp(x)),
  },
  { name: 'gelu', f: nn.gelu, value: (x) => x * normalCdf(x), slope: (x) => normalCdf(x) + x * density(x) },
  {
    name: 'silu',
    f: nn.silu,
    value: (x) => x * sigmoid(x),
    slope: (x) => sigmoid(x) * (1 + x * sigmoid(-x)),
  },
];

const points = [-1e4, -30, -5, -1.3, -0.2, -1e-3, 0, 1e-3, 0.4, 1.7, 6, 30, 1e4];

describe.each(cases)('$name', ({ f, value, slope }) => {
  const slopes = grad((x: np.NDArray) => np.sum(f(x)));

  test.each([
    ['float64', 1e-12],
    ['float32', 5e-7],
  ] as const)(
    'has its closed form and its derivative, at 0 too, and does not overflow (%s)',
    async (dtype, precision) => {
      const x = np.array(points, { dtype });
      for (const [how, values, derivatives] of [
        ['evaluated', f(x), slopes(x)],
        ['compiled', jit(f)(x), jit(slopes)(x)],
      ] as const) {
        expect(values.dtype).toBe(dtype);
        const [y, dy] = [await values.data(), await derivatives.data()];
        points.forEach((p, i) => {
          const tolerance = precision * (1 + Math.abs(value(p)));
          expect(Math.abs(y[i] - value(p)), `${how} f(${p}) = ${y[i]}, not ${value(p)}`).toBeLessThanOrEqual(tolerance);
          expect(Math.abs(dy[i] - slope(p)), `${how} f'(${p}) = ${dy[i]}, not ${slope(p)}`).toBeLessThan(4 * precision);
        });
      }
    },
  );
});

test('softplus keeps its relative accuracy far below 0, infinities, and its second derivative at 0', async () => {
  const deep = await nn.softplus(np.array([-20, -60, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])).data();
  expect(deep[0] / Math.exp(-20)).toBeCloseTo(1, 5);
  expect(deep[1] / Math.exp(-60)).toBeCloseTo(1, 5);
  expect([deep[2], deep[3]]).toEqual([0, Number.POSITIVE_INFINITY]);
  const second = grad((x: np.NDArray) => grad(nn.softplus)(x));
  for (const x of [-1.5, 0, 2]) {
    expect(await second(np.array(x)).item()).toBeCloseTo(sigmoid(x) * sigmoid(-x), 6);
  }
});
