import { describe, expect, test } from 'vitest';
import { ShapeError } from '../array/errors.ts';
import { generator } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { jit } from '../runtime/index.ts';
import { grad, hessian } from '../transforms/index.ts';
import { binaryCrossEntropy, crossEntropy, meanSquaredError } from './index.ts';

const uniform = generator(5);
const numbers = (n: number, scale = 3): number[] => Array.from({ length: n }, () => scale * (2 * uniform() - 1));
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const float64 = (data: np.TypedArray | number[], ...shape: number[]) =>
  np.array(Float64Array.from(data as number[]), { shape });
const labelled = (...labels: number[]) => np.array(Int32Array.from(labels));

function expectAll(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((e, i) => {
    expect(Math.abs(actual[i] - e), `element ${i} is ${actual[i]}, not ${e}`).toBeLessThan(tolerance);
  });
}

describe('meanSquaredError', () => {
  test('is the mean over all elements, with gradient 2 (y - t) / n', async () => {
    const [y, t] = [numbers(12), numbers(12)];
    const loss = (x: np.NDArray) => meanSquaredError(x, float64(t, 3, 4));
    expect(await loss(float64(y, 3, 4)).item()).toBeCloseTo(mean(y.map((v, i) => (v - t[i]) ** 2)), 12);
    const gradient = await grad(loss)(float64(y, 3, 4)).data();
    expectAll(
      gradient,
      y.map((v, i) => (2 * (v - t[i])) / 12),
      1e-12,
    );
  });

  test('does not broadcast [n] against [n, 1]', () => {
    expect(() => meanSquaredError(np.ones([3, 1]), np.ones([3]))).toThrow(ShapeError);
    expect(() => meanSquaredError(np.ones([3, 1]), np.ones([3]))).toThrow('[3, 1] and target [3] differ in shape');
  });
});

describe('crossEntropy', () => {
  const [n, c] = [5, 4];
  const logits = numbers(n * c);
  const labels = [3, 0, 2, 2, 1];
  const softmax = Array.from({ length: n }, (_, i) => {
    const e = logits.slice(i * c, (i + 1) * c).map(Math.exp);
    return e.map((v) => v / e.reduce((a, b) => a + b));
  });
  const onehot = labels.map((label) => Array.from({ length: c }, (_, k) => Number(k === label)));

  test('is the mean of -log softmax at the label', async () => {
    const expected = mean(labels.map((label, i) => -Math.log(softmax[i][label])));
    expect(await crossEntropy(float64(logits, n, c), labelled(...labels)).item()).toBeCloseTo(expected, 12);
    expect(await crossEntropy(float64(onehot.flat(), n, c), float64(onehot.flat(), n, c)).item()).toBeCloseTo(
      Math.log(Math.E + c - 1) - 1,
      12,
    );
    const several = crossEntropy(float64(logits, n, 1, c), np.array(Int32Array.from(labels), { shape: [n, 1] }));
    expect(await several.item()).toBeCloseTo(expected, 12);
  });

  test('takes probabilities', async () => {
    const p = softmax.map((row) => row.map((v) => v * v)).map((row) => row.map((v) => v / row.reduce((a, b) => a + b)));
    const expected = mean(p.map((row, i) => -row.reduce((sum, v, k) => sum + v * Math.log(softmax[i][k]), 0)));
    expect(await crossEntropy(float64(logits, n, c), float64(p.flat(), n, c)).item()).toBeCloseTo(expected, 12);
  });

  test('has the gradient (softmax - onehot) / n', async () => {
    const gradient = await grad((z: np.NDArray) => crossEntropy(z, labelled(...labels)))(float64(logits, n, c)).data();
    expectAll(
      gradient,
      softmax.flatMap((row, i) => row.map((v, k) => (v - onehot[i][k]) / n)),
      1e-12,
    );
  });

  test.each(['evaluated', 'compiled'])('is finite for logits of 1e4, its gradient too (%s)', async (how) => {
    const far = np.array([
      [1e4, 0, -1e4],
      [-1e4, 1e4, 1e4],
    ]);
    const loss = (z: np.NDArray) => crossEntropy(z, labelled(2, 1));
    const f = how === 'compiled' ? jit(loss) : loss;
    const g = how === 'compiled' ? jit(grad(loss)) : grad(loss);
    expect(await f(far).item()).toBeCloseTo((2e4 + Math.LN2) / 2, 2);
    expectAll(await g(far).data(), [0.5, 0, -0.5, 0, -0.25, 0.25], 1e-6);
  });

  test('refuses labels that do not fit', () => {
    expect(() => crossEntropy(np.ones([3, 4]), labelled(1, 2))).toThrow('logits [3, 4] do not fit labels int32[2]');
    expect(() => crossEntropy(np.ones([3, 4]), np.ones([3]))).toThrow(ShapeError);
  });
});

describe('binaryCrossEntropy', () => {
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

  test('is -t log s(z) - (1 - t) log s(-z), with gradient (s(z) - t) / n and its Hessian, at z = 0 too', async () => {
    const z = [...numbers(6), 0, 0, 0];
    const t = [0, 1, 1, 0, 0.3, 1, 0, 1, 0.25];
    const loss = (x: np.NDArray) => binaryCrossEntropy(x, float64(t, 9));
    const expected = mean(z.map((v, i) => -t[i] * Math.log(sigmoid(v)) - (1 - t[i]) * Math.log(sigmoid(-v))));
    expect(await loss(float64(z, 9)).item()).toBeCloseTo(expected, 12);
    expectAll(
      await grad(loss)(float64(z, 9)).data(),
      z.map((v, i) => (sigmoid(v) - t[i]) / 9),
      1e-12,
    );
    expectAll(
      await hessian(loss)(float64(z, 9)).data(),
      Array.from({ length: 81 }, (_, i) => (i % 10 === 0 ? (sigmoid(z[i / 10]) * sigmoid(-z[i / 10])) / 9 : 0)),
      1e-12,
    );
  });

  test.each(['evaluated', 'compiled'])('is finite for logits of 1e4 (%s)', async (how) => {
    const loss = (z: np.NDArray) => binaryCrossEntropy(z, np.array([0, 1, 0, 1]));
    const far = np.array([1e4, -1e4, -1e4, 1e4]);
    expect(await (how === 'compiled' ? jit(loss) : loss)(far).item()).toBe(5000);
    const slopes = how === 'compiled' ? jit(grad(loss)) : grad(loss);
    expect(Array.from(await slopes(far).data(), Math.abs)).toEqual([0.25, 0.25, 0, 0]);
  });

  test('refuses shapes that differ', () => {
    expect(() => binaryCrossEntropy(np.ones([3, 1]), np.ones([3]))).toThrow('[3, 1] and target [3] differ in shape');
  });
});
