import { describe, expect, test } from 'vitest';
import { treeLeaves } from '../../../array/tree.ts';
import { type Dense, mlp } from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { jit } from '../../../runtime/index.ts';
import { vmap } from '../../../transforms/index.ts';
import { isotropicDirection, parameterRobustness } from './parameter-robustness.ts';

const numbers = async (x: np.NDArray): Promise<number[]> => Array.from(await x.data());

describe('isotropicDirection', () => {
  const params = { a: np.zeros([2, 3]), b: [np.zeros([2]), np.zeros([])] };
  const d = 9;

  /** Directions as rows of d numbers. */
  async function directions(count: number): Promise<number[][]> {
    const keys = random.split(random.key(2), count);
    const leaves = treeLeaves(jit(vmap((k: np.NDArray) => isotropicDirection(k, params)))(keys));
    const columns = await Promise.all(leaves.map(numbers));
    return Array.from({ length: count }, (_, i) =>
      columns.flatMap((values) => values.slice((i * values.length) / count, ((i + 1) * values.length) / count)),
    );
  }

  test('has the structure of the parameters and norm 1 over all of them together', async () => {
    const one = isotropicDirection(random.key(1), params);
    expect(treeLeaves(one).map((x) => x.shape)).toEqual([[2, 3], [2], []]);
    expect(Object.keys(one)).toEqual(['a', 'b']);
    for (const u of await directions(20)) expect(Math.hypot(...u)).toBeCloseTo(1, 5);
  });

  test('prefers no direction: mean 0, covariance the identity / d, fourth moment 3 / (d (d + 2))', async () => {
    const n = 4000;
    const list = await directions(n);
    const mean = (f: (u: number[]) => number) => list.reduce((sum, u) => sum + f(u), 0) / n;
    for (let a = 0; a < d; a++) {
      expect(Math.abs(mean((u) => u[a])), `mean of ${a}`).toBeLessThan(4 / Math.sqrt(d * n));
      expect(mean((u) => u[a] ** 4) * d * (d + 2), `fourth moment of ${a}`).toBeGreaterThan(2.6);
      expect(mean((u) => u[a] ** 4) * d * (d + 2), `fourth moment of ${a}`).toBeLessThan(3.4);
      for (let b = 0; b <= a; b++) {
        // Four standard errors; Var u_a^2 = 2 (d - 1) / (d^2 (d + 2)), Var u_a u_b = 1 / (d (d + 2)).
        const variance = a === b ? (2 * (d - 1)) / (d * d * (d + 2)) : 1 / (d * (d + 2));
        const gap = Math.abs(mean((u) => u[a] * u[b]) - (a === b ? 1 / d : 0));
        expect(gap, `covariance of ${a} and ${b}`).toBeLessThan(4 * Math.sqrt(variance / n));
      }
    }
  });
});

describe('parameterRobustness', () => {
  const n = 16;
  const frequencies = [1, 2, 5];
  const grid = Array.from({ length: n }, (_, j) => j / n);
  const net = mlp([1, 5, 1]);
  const params = net.init(random.key(8));
  const x = np.reshape(np.array(grid), [n, 1]);
  const f = (p: readonly Dense[]) => np.squeeze(net.apply(p, x), -1);
  const options = { frequencies, norms: [0.5, 2], directions: 7, key: random.key(9) };

  /** |DFT| etc. of the network x -> relu(x w1 + b1) w2 + b2, by loops. */
  const transform = ([b1, w1, b2, w2]: readonly (readonly number[])[]): [number, number][] => {
    const y = grid.map((z) => w1.reduce((sum, w, i) => sum + Math.max(0, z * w + b1[i]) * w2[i], b2[0]));
    return frequencies.map((k) => [
      y.reduce((sum, v, j) => sum + v * Math.cos((2 * Math.PI * k * j) / n), 0),
      y.reduce((sum, v, j) => sum - v * Math.sin((2 * Math.PI * k * j) / n), 0),
    ]);
  };

  test('is the loop over norms and directions', async () => {
    const found = await parameterRobustness(f, params, options);
    const leaves = await Promise.all(treeLeaves(params).map(numbers));
    const clean = transform(leaves);
    const keys = random.split(options.key, options.directions);
    for (const [d, norm] of options.norms.entries()) {
      const all: [number, number][][] = [];
      for (let i = 0; i < options.directions; i++) {
        const u = await Promise.all(treeLeaves(isotropicDirection(np.slice(keys, i), params)).map(numbers));
        all.push(transform(leaves.map((leaf, l) => leaf.map((value, e) => value + norm * u[l][e]))));
      }
      const mean = (g: (pair: [number, number], k: number) => number, k: number) =>
        all.reduce((sum, spectrum) => sum + g(spectrum[k], k), 0) / options.directions;
      frequencies.forEach((frequency, k) => {
        const size = Math.hypot(...clean[k]);
        const expected = {
          meanMagnitude: mean(([re, im]) => Math.hypot(re, im), k) / size,
          magnitudeOfMean:
            Math.hypot(
              mean(([re]) => re, k),
              mean(([, im]) => im, k),
            ) / size,
          meanError: mean(([re, im]) => Math.hypot(re - clean[k][0], im - clean[k][1]), k) / size,
        };
        for (const [name, value] of Object.entries(expected) as [keyof typeof expected, number][]) {
          const gap = Math.abs(found[name][d][k] - value);
          expect(gap, `${name}, norm ${norm}, frequency ${frequency}`).toBeLessThan(1e-3 * (1 + value));
        }
      });
    }
  });

  test('leaves everything as it is for a perturbation of length 0', async () => {
    const { meanMagnitude, magnitudeOfMean, meanError } = await parameterRobustness(f, params, {
      ...options,
      norms: [0],
    });
    for (const value of [...meanMagnitude[0], ...magnitudeOfMean[0]]) expect(value).toBeCloseTo(1, 5);
    for (const value of meanError[0]) expect(value).toBeCloseTo(0, 5);
  });

  test('errs in proportion to the length where the outputs are linear in the parameters', async () => {
    const linear = (p: { w: np.NDArray }) => np.matmul(p.w, np.array(waves));
    const waves = frequencies.map((k) => grid.map((z) => Math.cos(2 * Math.PI * k * z)));
    const { meanError } = await parameterRobustness(
      linear,
      { w: np.ones([3]) },
      { ...options, norms: [0.1, 0.2, 0.4] },
    );
    frequencies.forEach((_, k) => {
      expect(meanError[1][k] / meanError[0][k]).toBeCloseTo(2, 4);
      expect(meanError[2][k] / meanError[0][k]).toBeCloseTo(4, 4);
    });
  });

  test('takes 100 directions unless told otherwise, and the same ones for every length', async () => {
    const { directions: _, ...few } = options;
    const hundred = await parameterRobustness(f, params, { ...few, directions: 100 });
    expect(await parameterRobustness(f, params, few)).toEqual(hundred);
    const both = await parameterRobustness(f, params, { ...options, norms: [2] });
    expect(both.meanError[0]).toEqual((await parameterRobustness(f, params, options)).meanError[1]);
  });
});
