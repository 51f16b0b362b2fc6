import { describe, expect, test } from 'vitest';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import { empiricalNtk } from '../../../transforms/index.ts';
import { angleCollapse } from './angle-map.ts';
import { deepKernelMatrix, layerKernelMatrix } from './deep-kernel.ts';

configure({ threads: 1 });

const inputs = [
  [1, 2, -1, 0.5],
  [0.3, -1, 2, 1],
  [2, 0, 0, -1],
];
const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, v, i) => sum + v * y[i], 0);

/** The recursion on the covariance matrix itself, with the printed formula. */
function naive(x: readonly number[][], depth: number, slope: number, variance: number, bias: number) {
  const n = x.length;
  let s = x.map((a) => x.map((b) => (variance * dot(a, b)) / a.length + bias));
  let ntk = s;
  for (let layer = 0; layer < depth; layer++) {
    const theta = (i: number, j: number) => Math.acos(Math.min(1, s[i][j] / Math.sqrt(s[i][i] * s[j][j])));
    const pairs = (f: (i: number, j: number) => number) =>
      Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => f(i, j)));
    const next = pairs((i, j) => {
      const t = theta(i, j);
      const kappa =
        ((1 - slope) ** 2 / (2 * Math.PI)) * (Math.sin(t) + (Math.PI - t) * Math.cos(t)) + slope * Math.cos(t);
      return variance * Math.sqrt(s[i][i] * s[j][j]) * kappa + bias;
    });
    const derivative = pairs(
      (i, j) => variance * ((1 + slope ** 2) / 2 - ((1 - slope) ** 2 * theta(i, j)) / (2 * Math.PI)),
    );
    ntk = pairs((i, j) => ntk[i][j] * derivative[i][j] + next[i][j]);
    s = next;
  }
  return { kernel: s.flat(), ntk: ntk.flat() };
}

describe('deepKernelMatrix', () => {
  test.each([
    [0, 0, 2, 0],
    [1, 0, 2, 0],
    [5, 0, 2, 0],
    [4, 0.2, 1.3, 0.3],
    [3, -1, 1, 0.1],
    [3, 1, 1, 0],
  ])(
    'depth %i, slope %f, variance %f, bias %f: as the recursion on matrices',
    async (depth, slope, variances, biasVariance) => {
      const { kernel, ntk } = await deepKernelMatrix(inputs, { depth, slope, variances, biasVariance });
      const expected = naive(inputs, depth, slope, variances, biasVariance);
      kernel.data.forEach((value, at) => {
        expect(value).toBeCloseTo(expected.kernel[at], 7);
        expect(ntk.data[at]).toBeCloseTo(expected.ntk[at], 7);
      });
    },
  );

  test('keeps the mean square by default and normalises to the depth map', async () => {
    const { kernel } = await deepKernelMatrix(inputs, { depth: 30, slope: 0.1 });
    const root = (i: number) => Math.sqrt(kernel.data[4 * i]);
    expect(kernel.data[4]).toBeCloseTo(((2 / 1.01) * dot(inputs[1], inputs[1])) / 4, 10);
    const rho0 = dot(inputs[0], inputs[1]) / Math.sqrt(dot(inputs[0], inputs[0]) * dot(inputs[1], inputs[1]));
    expect(kernel.data[1] / (root(0) * root(1))).toBeCloseTo(
      angleCollapse({ rho0, slope: 0.1, depth: 30 }).rho[30],
      10,
    );
  });

  test('takes a variance for each weight matrix', async () => {
    const { kernel } = await deepKernelMatrix(inputs, { depth: 1, variances: [3, 2] });
    const same = await deepKernelMatrix(inputs, { depth: 1, variances: [2, 3] });
    kernel.data.forEach((value, at) => {
      expect(value).toBeCloseTo(same.kernel.data[at], 12);
    });
    await expect(deepKernelMatrix(inputs, { depth: 1, variances: [3] })).rejects.toThrow(
      'expected 2 positive numbers, one for each of the 1 rectified layers and one for the output layer, found [3]',
    );
  });

  test('tangent kernel: the empirical one of a wide network', async () => {
    const width = 3000;
    const keys = random.split(random.key(4));
    const x = np.array(Float32Array.from(inputs.flat()), { shape: [3, 4] });
    const params = {
      first: random.normal(np.slice(keys, 0), [4, width]),
      last: random.normal(np.slice(keys, 1), [width, 1]),
    };
    // NTK parametrisation: standard normal parameters, sqrt(2 / fanIn) in front.
    const f = (p: typeof params, input: np.NDArray) =>
      np.squeeze(
        np.multiply(
          Math.sqrt(2 / width),
          np.matmul(np.relu(np.multiply(Math.sqrt(2 / 4), np.matmul(np.reshape(input, [1, 4]), p.first))), p.last),
        ),
      );
    const measured = await empiricalNtk(f)(params, x).data();
    const { ntk } = await deepKernelMatrix(inputs, { depth: 1 });
    const scale = Math.max(...ntk.data);
    ntk.data.forEach((value, at) => {
      expect(Math.abs(measured[at] - value) / scale).toBeLessThan(0.08);
    });
  });

  test('refuses an input without direction and a negative bias variance', async () => {
    await expect(
      deepKernelMatrix(
        [
          [1, 2],
          [0, 0],
        ],
        { depth: 1 },
      ),
    ).rejects.toThrow('row 1 is zero');
    await expect(deepKernelMatrix(inputs, { depth: 1, biasVariance: -1 })).rejects.toThrow('biasVariance: expected');
    await expect(deepKernelMatrix(inputs, { depth: -1 })).rejects.toThrow('depth: expected a whole number');
  });
});

describe('layerKernelMatrix', () => {
  test('is E[w^2] |x| |y| kappa(theta), between two sets too', async () => {
    const other = inputs.slice(1).map((row) => row.map((v) => v + 0.5));
    const { data, rows, columns } = await layerKernelMatrix(inputs, {
      other,
      variance: 0.3,
      activation: { slope: 0.2 },
    });
    expect([rows, columns]).toEqual([3, 2]);
    inputs.forEach((x, i) => {
      other.forEach((y, j) => {
        const scale = Math.sqrt(dot(x, x) * dot(y, y));
        const t = Math.acos(dot(x, y) / scale);
        const kappa = (0.64 / (2 * Math.PI)) * (Math.sin(t) + (Math.PI - t) * Math.cos(t)) + 0.2 * Math.cos(t);
        expect(data[i * 2 + j]).toBeCloseTo(0.3 * scale * kappa, 10);
      });
    });
  });

  test('for another activation is the expectation over the normal pair', async () => {
    const { data } = await layerKernelMatrix(inputs, { activation: nn.identity, variance: 2 });
    inputs.forEach((x, i) => {
      inputs.forEach((y, j) => {
        expect(data[i * 3 + j]).toBeCloseTo(2 * dot(x, y), 8);
      });
    });
  });

  test('refuses inputs of different length', async () => {
    await expect(layerKernelMatrix(inputs, { other: [[1, 2]] })).rejects.toThrow('found 4 and 2 numbers a row');
  });
});
