import { describe, expect, test } from 'vitest';
import { eigh } from '../../../linalg/index.ts';
import type { Dense } from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { jit } from '../../../runtime/index.ts';
import { vmap } from '../../../transforms/index.ts';
import { capturedFraction } from './fourier.ts';
import { normals, uniforms } from './normals.fixture.ts';
import { capturedFractions, spectralNorms, spectralTrace } from './spectral-trace.ts';

describe('capturedFractions', () => {
  const [signals, n] = [6, 25];
  const frequencies = [1, 2, 5, 12];
  const [normal, uniform] = [normals(1), uniforms(2)];
  const values = Float64Array.from({ length: signals * n }, normal);
  const amplitudes = Array.from({ length: signals }, () => frequencies.map(() => 0.2 + uniform()));

  test.each([
    ['float64', 1e-12],
    ['float32', 1e-5],
  ] as const)(
    'equals the measurement on the host, any leading axes, one or own amplitudes (%s)',
    async (dtype, tolerance) => {
      const outputs = np.array(values, { shape: [2, 3, n], dtype });
      for (const own of [false, true]) {
        const given = own ? np.reshape(np.array(amplitudes, { dtype }), [2, 3, 4]) : np.array(amplitudes[0], { dtype });
        const found = capturedFractions(outputs, frequencies, given);
        expect(found.toString()).toBe(`${dtype}[2, 3, 4]`);
        const data = await found.data();
        for (let s = 0; s < signals; s++) {
          const expected = capturedFraction(values.subarray(s * n, (s + 1) * n), {
            n,
            frequencies,
            amplitudes: amplitudes[own ? s : 0],
          });
          expected.forEach((c, k) => {
            const gap = Math.abs(data[4 * s + k] - c);
            expect(gap, `signal ${s}, frequency ${frequencies[k]}`).toBeLessThan(tolerance * (1 + c));
          });
        }
      }
    },
  );

  test('is 1 where a sinusoid is learned, whatever its phase, and 0 for the others', async () => {
    const wave = Float64Array.from({ length: n }, (_, j) => 0.7 * Math.sin((2 * Math.PI * 5 * j) / n + 1.1) + 3);
    const found = await capturedFractions(np.array(wave), frequencies, np.full([4], 0.7, 'float64')).data();
    [0, 0, 1, 0].forEach((c, k) => {
      expect(found[k]).toBeCloseTo(c, 12);
    });
  });

  test('refuses frequencies at or above Nyquist', () => {
    expect(() => capturedFractions(np.zeros([24]), [12], np.ones([1]))).toThrow('above Nyquist for N = 24');
  });
});

describe('spectralTrace', () => {
  // A model that is linear in sinusoids: under w <- w + rate (A - w) the fraction is 1 - (1 - rate)^t.
  const n = 32;
  const frequencies = [1, 3, 7];
  const rates = [0.5, 0.2, 0.05];
  const waves = np.array(
    frequencies.map((k) => Array.from({ length: n }, (_, j) => Math.sin((2 * Math.PI * k * j) / n + k))),
  );
  const loop = {
    step: (w: np.NDArray, { target }: { target: np.NDArray }) =>
      np.add(w, np.multiply(np.array(rates), np.subtract(target, w))),
    outputs: (w: np.NDArray) => np.matmul(w, waves),
  };
  const options = { frequencies, steps: 30, every: 10 };
  const fractionAt = (t: number, k: number) => 1 - (1 - rates[k]) ** t;

  test('records the fractions of a linear model as they are predicted', async () => {
    const amplitudes = np.array([1, 2, 0.3]);
    const done: number[] = [];
    const { steps, captured, state } = await spectralTrace(
      loop,
      np.zeros([3]),
      { target: amplitudes },
      { ...options, amplitudes, onRecords: (made) => done.push(made) },
    );
    expect(steps).toEqual([0, 10, 20, 30]);
    expect(captured.shape).toEqual([4, 3]);
    const found = await captured.data();
    steps.forEach((t, i) => {
      frequencies.forEach((frequency, k) => {
        expect(found[3 * i + k], `frequency ${frequency} after ${t} steps`).toBeCloseTo(fractionAt(t, k), 5);
      });
    });
    (await state.data()).forEach((w, k) => {
      expect(w).toBeCloseTo(fractionAt(30, k) * [1, 2, 0.3][k], 5);
    });
    expect(done.at(-1)).toBe(30);
  });

  test('follows many runs in one graph, each with its own amplitudes', async () => {
    const amplitudes = np.array([
      [1, 2, 0.3],
      [4, 1, 1],
    ]);
    const batched = { step: loop.step, outputs: (w: np.NDArray) => loop.outputs(w) };
    const { captured } = await spectralTrace(
      batched,
      np.zeros([2, 3]),
      { target: amplitudes },
      { ...options, amplitudes },
    );
    expect(captured.shape).toEqual([4, 2, 3]);
    const found = await captured.data();
    for (let i = 0; i < 24; i++) expect(found[i]).toBeCloseTo(fractionAt(10 * Math.floor(i / 6), i % 3), 5);
  });
});

describe('spectralNorms', () => {
  const shapes = [
    [1, 9],
    [9, 12],
    [12, 12],
    [12, 1],
  ];
  const keys = random.split(random.key(4), shapes.length);
  const layers = shapes.map(
    (shape, i): Dense => ({
      weight: random.normal(np.slice(keys, i), shape, { dtype: 'float64' }),
      bias: np.zeros([shape[1]], 'float64'),
    }),
  );

  /** Square root of the largest eigenvalue of W^T W. */
  async function exactNorm({ weight }: Dense): Promise<number> {
    const [rows, columns] = weight.shape;
    const w = await weight.data();
    const gram = new Float64Array(columns * columns);
    for (let i = 0; i < rows; i++)
      for (let a = 0; a < columns; a++)
        for (let b = 0; b < columns; b++) gram[a * columns + b] += w[i * columns + a] * w[i * columns + b];
    return Math.sqrt(eigh(gram, columns).values[columns - 1]);
  }

  test('are the largest singular values; from below, and within 2 % after 20 iterations', async () => {
    const converged = await spectralNorms(layers, 500).data();
    const quick = await spectralNorms(layers).data();
    for (const [l, layer] of layers.entries()) {
      const exact = await exactNorm(layer);
      expect(converged[l] / exact, `layer ${l}`).toBeCloseTo(1, 10);
      expect(quick[l] / exact, `layer ${l}`).toBeGreaterThan(0.98);
      expect(quick[l] / exact, `layer ${l}`).toBeLessThan(1 + 1e-12);
    }
  });

  test('are not the notebook’s b^T W b: a rotation has norm 1, a nilpotent matrix that of its entry', async () => {
    const square = (entries: number[][]) => ({ weight: np.array(entries), bias: np.zeros([2]) });
    const found = await spectralNorms([
      square([
        [0, -1],
        [1, 0],
      ]),
      square([
        [0, 5],
        [0, 0],
      ]),
      square([
        [0, 0],
        [0, 0],
      ]),
    ]).data();
    [1, 5, 0].forEach((norm, l) => {
      expect(found[l]).toBeCloseTo(norm, 5);
    });
  });

  test('are the same compiled, for many networks at once', async () => {
    const twice = layers.map(({ weight, bias }) => ({
      weight: np.stack([weight, np.multiply(-3, weight)]),
      bias: np.stack([bias, bias]),
    }));
    const found = await jit(vmap((params: readonly Dense[]) => spectralNorms(params)))(twice).data();
    (await spectralNorms(layers).data()).forEach((norm, l) => {
      expect(found[l] / norm).toBeCloseTo(1, 10);
      expect(found[layers.length + l] / norm).toBeCloseTo(3, 10);
    });
  });
});
