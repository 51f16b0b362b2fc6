import { describe, expect, test } from 'vitest';
import { eigh } from '../../../linalg/index.ts';
import { type Dense, mlp } from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { jit } from '../../../runtime/index.ts';
import { predictedLearningTimes, tangentKernel } from './tangent-kernel.ts';

describe('tangentKernel', () => {
  const [n, d, width] = [7, 2, 5];
  const net = mlp([d, width, 1]);
  const single = (p: readonly Dense[], x: np.NDArray) => np.squeeze(net.apply(p, x));
  const params = net.init(random.key(1));
  const x = random.normal(random.key(2), [n, d]);

  /** df/dtheta at one input, by the chain rule on paper: biases and weights of both layers. */
  async function gradient(point: readonly number[]): Promise<number[]> {
    const [w1, b1, w2] = await Promise.all([params[0].weight, params[0].bias, params[1].weight].map((y) => y.data()));
    const h = Array.from(b1, (b, j) => point.reduce((sum, v, i) => sum + v * w1[i * width + j], b));
    const back = h.map((value, j) => (value > 0 ? w2[j] : 0));
    return [...back, ...point.flatMap((v) => back.map((g) => v * g)), 1, ...h.map((value) => Math.max(0, value))];
  }

  test('is the inner product of the gradients with respect to all parameters', async () => {
    const given = await x.data();
    const rows = Array.from({ length: n }, (_, i) => Array.from(given.subarray(i * d, (i + 1) * d)));
    const jacobian = await Promise.all(rows.map(gradient));
    for (const theta of [
      tangentKernel(single, params, x),
      jit((p: readonly Dense[], xs: np.NDArray) => tangentKernel(single, p, xs))(params, x),
    ]) {
      expect(theta.shape).toEqual([n, n]);
      const values = await theta.data();
      jacobian.forEach((a, i) => {
        jacobian.forEach((b, j) => {
          const expected = a.reduce((sum, v, p) => sum + v * b[p], 0);
          expect(values[i * n + j], `entry ${i}, ${j}`).toBeCloseTo(expected, 4);
        });
      });
    }
  });

  test('takes parameters of any structure and inputs of any shape', async () => {
    const weighted = (p: { a: { w: np.NDArray } }, image: np.NDArray) => np.sum(np.multiply(p.a.w, image));
    const images = random.normal(random.key(3), [4, 2, 3]);
    const theta = await tangentKernel(weighted, { a: { w: np.ones([2, 3]) } }, images).data();
    const flat = np.reshape(images, [4, 6]);
    const gram = await np.matmul(flat, np.transpose(flat)).data();
    gram.forEach((value, i) => {
      expect(theta[i]).toBeCloseTo(value, 5);
    });
  });

  test('is positive semidefinite', async () => {
    const theta = Float64Array.from(await tangentKernel(single, params, x).data());
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) theta[i * n + j] = theta[j * n + i];
    const { values } = eigh(theta, n);
    expect(values[0]).toBeGreaterThan(-1e-5 * values[n - 1]);
  });
});

test('predictedLearningTimes of a model that is linear in sinusoids: its eigenvalues are N/2 times their squared sizes', async () => {
  const n = 20;
  const frequencies = [1, 2, 4];
  const sizes = [3, 2, 1];
  const model = (p: readonly np.NDArray[], z: np.NDArray) => {
    const waves = frequencies.map((k, i) => {
      const angle = np.multiply(2 * Math.PI * k, np.squeeze(z));
      return np.add(
        np.multiply(sizes[i], np.multiply(np.slice(p[i], 0), np.cos(angle))),
        np.multiply(sizes[i], np.multiply(np.slice(p[i], 1), np.sin(angle))),
      );
    });
    return waves.reduce(np.add);
  };
  const params = frequencies.map(() => np.zeros([2]));
  const z = np.reshape(np.linspace(0, 1, n, false), [n, 1]);
  const options = { frequencies, eta: 0.05, q: 0.9 };
  const { eigenvalues, steps } = await predictedLearningTimes(model, params, z, options);
  sizes.forEach((size, i) => {
    expect(eigenvalues[i] / ((n / 2) * size ** 2)).toBeCloseTo(1, 5);
    expect(steps[i] / (Math.log(0.1) / Math.log(1 - options.eta * size ** 2))).toBeCloseTo(1, 4);
  });
});
