import { describe, expect, test } from 'vitest';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import { gaussHermite, gaussianKernel, type LayerActivation, step } from './gaussian-kernel.ts';

const one = async (activation: LayerActivation, nodes?: number) =>
  (await gaussianKernel(activation, 1, 0.5, 2, nodes === undefined ? {} : { nodes }))[0];
/** Hides from the library which function it is, so that it is integrated numerically. */
const unknown =
  (activation: nn.Activation): nn.Activation =>
  (x) =>
    activation(x);

describe('gaussianKernel', () => {
  test('has its values for the covariance [[1, .5], [.5, 2]]', async () => {
    expect(await one(np.tanh)).toBeCloseTo(0.1467541155, 9);
    expect(await one(np.erf)).toBeCloseTo(0.1662579715, 9);
    expect(await one(unknown(np.erf))).toBeCloseTo(0.1662579715, 9);
    expect(await one(nn.gelu)).toBeCloseTo(0.2713375463, 9);
    expect(await one(np.relu)).toBeCloseTo(0.3642988817, 9);
    expect(await one({ slope: 0 })).toBeCloseTo(0.3642988817, 9);
  });

  test('closed forms agree with the rule, as far as kinks and jumps let it converge', async () => {
    // An even number of nodes, so that none lies on the kink.
    for (const [activation, tolerance] of [
      [{ slope: 0.2 }, 5e-3],
      [np.relu, 5e-3],
      [step, 3e-2],
    ] as const) {
      const rule = unknown(typeof activation === 'function' ? activation : (x) => nn.leakyRelu(x, activation.slope));
      for (const [xx, xy, yy] of [
        [1, 0.5, 2],
        [1, -0.9, 1],
        [2, 0, 0.5],
      ]) {
        const [exact] = await gaussianKernel(activation, xx, xy, yy);
        const [numeric] = await gaussianKernel(rule, xx, xy, yy, { nodes: 100 });
        expect(Math.abs(exact - numeric)).toBeLessThan(tolerance);
      }
    }
  });

  test('takes lists longer than one call, singular covariances and zeros', async () => {
    const many = Float64Array.from({ length: 300 }, (_, i) => (i + 1) / 100);
    const values = await gaussianKernel(nn.identity, many, many, many, { nodes: 5 });
    many.forEach((variance, i) => {
      expect(values[i]).toBeCloseTo(variance, 10);
    });
    expect((await gaussianKernel(np.tanh, 0, 0, 1))[0]).toBeCloseTo(0, 12);
    expect((await gaussianKernel({ slope: 0 }, 0, 0, 1))[0]).toBe(0);
  });

  test('refuses what is no covariance, naming it', async () => {
    await expect(gaussianKernel(np.tanh, [1, 1], [0, 2], [1, 1])).rejects.toThrow(
      'covariance 1, [[1, 2], [2, 1]], is not positive semidefinite',
    );
    await expect(gaussianKernel(np.tanh, [1, 1], [0], [1, 1])).rejects.toThrow('expected as many entries of each kind');
    await expect(gaussianKernel({ slope: Number.NaN }, 1, 0, 1)).rejects.toThrow('slope: expected a finite number');
    await expect(one(np.tanh, 0)).rejects.toThrow('nodes: expected a whole number of at least 1');
  });
});

test('gaussHermite integrates monomials of the normal law exactly below degree 2n', () => {
  const { nodes, weights } = gaussHermite(6);
  for (let degree = 0; degree < 12; degree++) {
    let moment = degree % 2 === 0 ? 1 : 0;
    for (let k = degree - 1; k > 1; k -= 2) moment *= k;
    const sum = nodes.reduce((total, z, i) => total + weights[i] * z ** degree, 0);
    expect(sum).toBeCloseTo(moment, 8);
  }
});
