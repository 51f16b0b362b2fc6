import { beforeAll, describe, expect, test } from 'vitest';
import type { NDArray } from '../../../array/ndarray.ts';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure, jit } from '../../../runtime/index.ts';
import { vmap } from '../../../transforms/index.ts';
import { encodedMinimalStep, initMinimal, initVanilla, type Step, stepOf } from './cells.ts';
import { correlationTrajectory, estimateInputSecondMoment, memoryTime } from './correlation.ts';
import { rnnTrajectory } from './mean-field.ts';
import { gatedSpectrum, jacobianMoments, jacobianSpectrum, productSpectrum, stateJacobian } from './state-jacobian.ts';

beforeAll(() => configure({ threads: 1 }));

const list = async (x: NDArray): Promise<number[]> => Array.from(await x.data());
const variance = (x: number[]): number => x.reduce((sum, v) => sum + v * v, 0) / x.length;

describe('initial parameters', () => {
  const N = 60;
  const M = 90;
  test.each(['gaussian', 'orthogonal'] as const)(
    '%s: each output has the variance the theory assumes',
    async (kind) => {
      const p = await initVanilla({ N, M, sw: 1.3, sv: 0.4, sb: 0.5, kind, key: random.key(1) });
      expect(variance(await list(p.recurrent.weight)) * N).toBeCloseTo(1.69, kind === 'orthogonal' ? 5 : 0);
      expect(variance(await list(p.input.weight)) * M).toBeCloseTo(0.16, kind === 'orthogonal' ? 5 : 1);
      expect(Math.abs(variance(await list(p.recurrent.bias)) - 0.25)).toBeLessThan(0.15);
      const m = await initMinimal({ N, M, sw: 6, sv: 1.5, mub: 3, kind, key: random.key(2) });
      expect(variance(await list(m.input)) * N).toBeCloseTo(2.25, kind === 'orthogonal' ? 4 : 0);
      expect(Math.abs(variance(await list(m.encoder.weight)) * M - 1)).toBeLessThan(0.1);
      expect(await list(m.recurrent.bias)).toEqual(new Array(N).fill(3));
    },
  );

  test('orthogonal recurrent weights keep lengths, up to sw', async () => {
    const { recurrent } = await initVanilla({ N, M: 5, sw: 2, sv: 1, kind: 'orthogonal', key: random.key(3) });
    const { singularValues, m1, spread } = await jacobianSpectrum(recurrent.weight);
    for (const s of singularValues) expect(s).toBeCloseTo(2, 5);
    expect(m1).toBeCloseTo(4, 5);
    expect(spread).toBeCloseTo(0, 5);
  });

  test('refuses sizes and deviations that are none', async () => {
    const good = { N: 3, M: 2, sw: 1, sv: 1, kind: 'gaussian', key: random.key(0) } as const;
    await expect(initVanilla({ ...good, N: 0 })).rejects.toThrow('size N of at least 1');
    await expect(initMinimal({ ...good, sv: -1 })).rejects.toThrow('deviation sv of at least 0');
  });
});

describe('Jacobians', () => {
  const [N, M] = [5, 3];
  const h = random.normal(random.key(1), [N], { dtype: 'float32' });
  const x = random.normal(random.key(2), [M]);

  test('of the minimalRNN is diag(u) + diag(u (1 - u) (h - z)) W', async () => {
    const params = await initMinimal({ N, M, sw: 3, sv: 1, mub: 0.5, kind: 'gaussian', key: random.key(4) });
    const J = await list(stateJacobian(stepOf(nn.minimalRnn(M, N)), params, h, x));
    const [hs, zs] = [await list(h), await list(np.tanh(np.matmul(x, params.encoder.weight)))];
    const W = await list(params.recurrent.weight);
    const V = await list(params.input);
    for (let i = 0; i < N; i++) {
      let e = 0.5;
      for (let j = 0; j < N; j++) e += W[j * N + i] * hs[j] + V[j * N + i] * zs[j];
      const u = 1 / (1 + Math.exp(-e));
      for (let j = 0; j < N; j++) {
        const expected = (i === j ? u : 0) + u * (1 - u) * (hs[i] - zs[i]) * W[j * N + i];
        expect(J[i * N + j]).toBeCloseTo(expected, 5);
      }
    }
  });

  test('of every cell are those of differences', async () => {
    const steps: [string, Step<never>, unknown, number][] = [
      ['vanilla', stepOf(nn.vanillaRnn(M, N)), nn.vanillaRnn(M, N).init(random.key(5)), N],
      ['gru', stepOf(nn.gru(M, N)), nn.gru(M, N).init(random.key(5)), N],
      ['lstm', stepOf(nn.lstm(M, N)), nn.lstm(M, N).init(random.key(5)), 2 * N],
      ['own', ((_, state, input) => np.multiply(np.sum(input), np.square(state))) as Step<never>, np.zeros([1]), N],
    ];
    for (const [name, step, params, size] of steps) {
      const at = random.normal(random.key(6), [size]);
      const J = stateJacobian(step, params as never, at, x);
      expect(J.shape, name).toEqual([size, size]);
      const column = 2;
      const shifted = (d: number) =>
        step(params as never, np.add(at, np.multiply(d, np.oneHot(np.array(column, { dtype: 'int32' }), size))), x);
      const difference = await list(np.divide(np.subtract(shifted(0.01), shifted(-0.01)), 0.02));
      const values = await list(J);
      for (let i = 0; i < size; i++) expect(values[i * size + column], name).toBeCloseTo(difference[i], 3);
    }
  });

  test('moments are those of the singular values', async () => {
    const J = random.normal(random.key(7), [8, 8]);
    const { m1, spread } = jacobianMoments(J);
    const spectrum = await jacobianSpectrum(J);
    expect((await list(m1))[0] / spectrum.m1).toBeCloseTo(1, 5);
    expect((await list(spread))[0] / spectrum.spread).toBeCloseTo(1, 5);
    await expect(jacobianSpectrum(random.normal(random.key(7), [8, 7]))).rejects.toThrow('square matrix, found [8, 7]');
  });

  test('gatedSpectrum: large random matrices agree, and the two kinds differ', async () => {
    const size = 300;
    const a = await list(random.uniform(random.key(8), [size]));
    const b = await list(random.normal(random.key(9), [size]));
    for (const kind of ['gaussian', 'orthogonal'] as const) {
      const { recurrent } = await initVanilla({ N: size, M: 1, sw: 1.5, sv: 1, kind, key: random.key(10) });
      const J = np.add(
        np.multiply(np.eye(size), np.array(a, { dtype: 'float32' })),
        np.multiply(np.reshape(np.array(b, { dtype: 'float32' }), [size, 1]), recurrent.weight),
      );
      const measured = jacobianMoments(J);
      const expected = gatedSpectrum(a, b, 1.5, kind);
      expect(Math.abs((await list(measured.m1))[0] / expected.m1 - 1)).toBeLessThan(0.03);
      expect(Math.abs((await list(measured.spread))[0] / expected.spread - 1)).toBeLessThan(0.06);
    }
    expect(gatedSpectrum(a, b, 1.5, 'orthogonal').spread).toBeLessThan(
      0.8 * gatedSpectrum(a, b, 1.5, 'gaussian').spread,
    );
  });

  test('products: rates of growth and mean square are those of the product itself', async () => {
    const T = 6;
    const params = await initVanilla({ N, M, sw: 0.9, sv: 1, kind: 'gaussian', key: random.key(11) });
    const step = stepOf(nn.vanillaRnn(M, N));
    const xs = random.normal(random.key(12), [T, M]);
    const { exponents, logMeanSquare } = await productSpectrum(step, params, h, xs);
    let total = np.eye(N);
    let state = h;
    for (let t = 0; t < T; t++) {
      const input = np.slice(xs, t);
      total = np.matmul(stateJacobian(step, params, state, input), total);
      state = step(params, state, input);
      const { m1 } = await jacobianSpectrum(total);
      expect(logMeanSquare[t]).toBeCloseTo(Math.log(m1), 4);
    }
    // The volume is exact at any T; single exponents only become those of the singular values with time.
    const { singularValues } = await jacobianSpectrum(total);
    const sum = (values: Float64Array) => values.reduce((s, v) => s + v, 0);
    expect(sum(exponents) * T).toBeCloseTo(sum(singularValues.map(Math.log)), 3);
    expect(exponents[0]).toBeGreaterThan(exponents[N - 1]);
  });
});

describe('correlationTrajectory', () => {
  test('linear cell with weights of its own: each step is what one computes by hand', async () => {
    // h' = h + x: after t steps of inputs of correlation s the correlation is s, and Q = t R.
    const step: Step<NDArray> = (_, h, x) => np.add(h, x);
    const size = 20_000;
    const options = { sigma: [0.5, 0.5, 0.5], M: size, R: 0.3, N: size, key: random.key(1) };
    const { Q, c } = jit(() => correlationTrajectory(step, np.zeros([1]), options))();
    (await list(Q)).forEach((value, t) => {
      expect(Math.abs(value / (0.3 * (t + 1)) - 1)).toBeLessThan(0.03);
    });
    for (const value of await list(c)) expect(Math.abs(value - 0.5)).toBeLessThan(0.03);
  });

  test('fresh weights at each step follow the theory', async () => {
    const N = 400;
    const theory = { cell: 'minimal', sw: 6.88, sv: 1.39, mub: -1, R: 0.46 } as const;
    const sigma = [0, 0, 0, 1, 1, 1, 1, 1];
    const draw = (key: NDArray): nn.MinimalRnnParams => {
      const keys = random.split(key);
      const gaussian = (k: number, s: number) =>
        np.multiply(s / Math.sqrt(N), random.normal(np.slice(keys, k), [N, N]));
      return {
        encoder: { weight: np.zeros([1]), bias: np.zeros([1]) },
        input: gaussian(0, theory.sv),
        recurrent: { weight: gaussian(1, theory.sw), bias: np.full([N], theory.mub) },
      };
    };
    const run = jit(
      vmap((key: NDArray) => correlationTrajectory(encodedMinimalStep(N), draw, { sigma, M: N, R: 0.46, N, key })),
    );
    const seeds = 3;
    const { c, Q } = run(random.split(random.key(2), seeds));
    const expected = rnnTrajectory(theory, { sigma });
    const mean = async (x: NDArray) => list(np.mean(x, 0));
    (await mean(c)).forEach((value, t) => {
      expect(Math.abs(value - expected.c[t])).toBeLessThan(0.08);
    });
    (await mean(Q)).forEach((value, t) => {
      expect(Math.abs(value / expected.Q[t] - 1)).toBeLessThan(0.1);
    });
  });
});

describe('memoryTime', () => {
  test('finds the rate of an exponential, whatever lies outside of the range', () => {
    const c = Array.from({ length: 200 }, (_, t) => 0.7 - 0.5 * 0.9 ** t + (t < 12 ? -0.1 : 0) + (t > 150 ? 1e-7 : 0));
    const found = memoryTime(c, { limit: 0.7, to: 1e-5 });
    expect(found.chi).toBeCloseTo(0.9, 6);
    expect(found.xi).toBeCloseTo(-1 / Math.log(0.9), 4);
    expect(found.points).toBeGreaterThan(50);
  });

  test('says where there is nothing to fit', () => {
    expect(() => memoryTime([0.1, 0.2, 0.3])).toThrow('at least 3 steps');
    expect(() => memoryTime([0.5, 0.95, 1])).toThrow('found 1 of 3');
  });
});

test('estimateInputSecondMoment', async () => {
  const data = np.array([1, -2, 3, 0], { shape: [2, 2], dtype: 'float32' });
  expect(await estimateInputSecondMoment(data)).toBeCloseTo(14 / 4, 6);
  expect(await estimateInputSecondMoment(data, (x) => np.multiply(2, x))).toBeCloseTo(14, 5);
});
