import { describe, expect, test } from 'vitest';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import { compareKernels, empiricalKernel } from './empirical-kernel.ts';
import { rectifierInit } from './rectifier-init.ts';

configure({ threads: 1 });

const inputs = await (async () => {
  const data = Float64Array.from(await random.normal(random.key(1), [12, 40]).data());
  return { data, rows: 12, columns: 40 };
})();
const weights = (fanOut: number) => rectifierInit({ fanIn: 40, fanOut, key: random.key(2) });

describe('empiricalKernel', () => {
  test('is the mean over neurons of the products, for rows as lists', async () => {
    const w = [
      [1, -2],
      [0.5, 1],
      [-1, 3],
    ];
    const x = [
      [1, 1],
      [2, -1],
    ];
    const s = (z: number) => (z > 0 ? z : 0.1 * z);
    const { data } = await empiricalKernel(w, x, { activation: { slope: 0.1 } });
    x.forEach((a, i) => {
      x.forEach((b, j) => {
        const products = w.map(([p, q]) => s(p * a[0] + q * a[1]) * s(p * b[0] + q * b[1]));
        expect(data[2 * i + j]).toBeCloseTo(products.reduce((t, v) => t + v, 0) / 3, 12);
      });
    });
  });

  test('takes any activation, and says how to fit weights of another orientation', async () => {
    const identity = await empiricalKernel([[2, 0]], [[1, 5]], { activation: nn.identity });
    expect(identity.data[0]).toBe(4);
    await expect(empiricalKernel(np.transpose(weights(7)), inputs)).rejects.toThrow(
      'the weights have 7 numbers per neuron (row), the inputs 40 per example (row)',
    );
    await expect(empiricalKernel(np.zeros([3]), inputs)).rejects.toThrow('weights: expected an array of two axes');
    await expect(empiricalKernel([[1, 2], [1]], inputs)).rejects.toThrow('found 1 in row 1');
    await expect(empiricalKernel([[1, Number.NaN]], [[1, 2]])).rejects.toThrow('found NaN in row 0, column 1');
    await expect(empiricalKernel([], [[1, 2]])).rejects.toThrow('expected at least one row');
  });
});

describe('compareKernels', () => {
  test('random weights: the error is what the number of neurons allows, and falls with it', async () => {
    const [few, many] = [await compareKernels(weights(500), inputs), await compareKernels(weights(8000), inputs)];
    for (const { relativeError, samplingError } of [few, many]) {
      expect(relativeError / samplingError).toBeGreaterThan(0.4);
      expect(relativeError / samplingError).toBeLessThan(2.5);
    }
    expect(many.relativeError).toBeLessThan(0.5 * few.relativeError);
    expect(many.relativeError).toBeLessThan(0.04);
    expect(many.normalizedError).toBeLessThan(0.03);
    expect(many.variance).toBeCloseTo(2 / 40, 2);
  });

  test('a mean spoils the kernel; centring brings it back', async () => {
    const positive = { ...inputs, data: inputs.data.map(Math.abs) };
    const { relativeError, centred } = await compareKernels(np.add(weights(8000), 0.1), positive);
    expect(relativeError).toBeGreaterThan(0.5);
    expect(centred.relativeError).toBeLessThan(0.05);
  });

  test('one input, or fewer neurons than groups, leave what needs more undefined', async () => {
    const { normalizedError, samplingError } = await compareKernels(weights(19), [
      Array.from(inputs.data.slice(0, 40)),
    ]);
    expect(normalizedError).toBe(0);
    expect(samplingError).toBeNaN();
  });
});
