import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import { insertPivots, pathTangents, redistributePath, segmentLengths, straightPath } from './chain.ts';

beforeAll(() => configure({ threads: 1 }));

const rows = async (x: np.NDArray) => {
  const data = Array.from(await x.data());
  const width = x.shape[1];
  return Array.from({ length: x.shape[0] }, (_, i) => data.slice(i * width, (i + 1) * width));
};
const close = (found: readonly number[][], expected: readonly (readonly number[])[], digits = 5) =>
  found.forEach((row, i) => {
    row.forEach((value, k) => {
      expect(value, `row ${i}, column ${k}`).toBeCloseTo(expected[i][k], digits);
    });
  });
const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((v, k) => v - b[k]));

/** Walks along the polyline, segment by segment. */
function naiveRedistribution(path: readonly number[][], weights: readonly number[]): number[][] {
  const lengths = path.slice(1).map((x, i) => distance(x, path[i]));
  const total = lengths.reduce((a, b) => a + b, 0);
  const inner = path.slice(1, -1).map((_, i) => {
    const sum = weights.reduce((a, b) => a + b, 0);
    let left = (total * weights.slice(0, i + 1).reduce((a, b) => a + b, 0)) / sum;
    let j = 0;
    while (left > lengths[j] && j < lengths.length - 1) left -= lengths[j++];
    return path[j].map((v, k) => v + (left / lengths[j]) * (path[j + 1][k] - v));
  });
  return [path[0], ...inner, path[path.length - 1]];
}

/** Henkelman and Jonsson's cases, one pivot at a time. */
function naiveTangent(path: readonly number[][], losses: readonly number[], swap: boolean): number[][] {
  const unit = (v: readonly number[]) => v.map((x) => x / Math.hypot(...v));
  return path.slice(1, -1).map((x, k) => {
    const i = k + 1;
    const plus = unit(path[i + 1].map((v, d) => v - x[d]));
    const minus = unit(x.map((v, d) => v - path[i - 1][d]));
    if (losses[i + 1] > losses[i] && losses[i] > losses[i - 1]) return plus;
    if (losses[i + 1] < losses[i] && losses[i] < losses[i - 1]) return minus;
    const differences = [Math.abs(losses[i + 1] - losses[i]), Math.abs(losses[i - 1] - losses[i])].sort(
      (a, b) => a - b,
    );
    const [small, large] = swap ? [...differences].reverse() : differences;
    const [p, m] = losses[i + 1] > losses[i - 1] ? [large, small] : [small, large];
    return unit(plus.map((v, d) => p * v + m * minus[d]));
  });
}

describe('redistributePath', () => {
  test('puts the middle of a bent chain halfway along it', async () => {
    const chain = np.array([
      [0, 0],
      [1, 0],
      [1, 3],
    ]);
    close(await rows(redistributePath(chain, [0.5, 0.5])), [
      [0, 0],
      [1, 1],
      [1, 3],
    ]);
  });

  test('is the walk along the polyline, for any chain and weights', async () => {
    for (const seed of [1, 2, 3]) {
      const path = random.normal(random.key(seed), [7, 3], { dtype: 'float64' });
      const weights = Array.from(await random.uniform(random.key(seed + 9), [6], { low: 0.1, high: 1 }).data());
      close(await rows(redistributePath(path, weights)), naiveRedistribution(await rows(path), weights));
    }
  });

  test('gives a straight chain the lengths of its weights, and leaves it then', async () => {
    const even = straightPath(np.array([0, 0, 0]), np.array([2, 1, -2]), 5);
    const weights = [0.1, 0.4, 0.2, 0.3];
    const once = redistributePath(even, weights);
    const lengths = Array.from(await segmentLengths(once).data());
    lengths.forEach((d, i) => {
      expect(d).toBeCloseTo(3 * weights[i], 5);
    });
    close(await rows(redistributePath(once, weights)), await rows(once));
  });

  test('refuses weights that do not fit', () => {
    const chain = np.array([
      [0, 0],
      [1, 0],
      [1, 3],
    ]);
    expect(() => redistributePath(chain, [1])).toThrow('3 pivots need 2 positive weights');
    expect(() => redistributePath(chain, [1, 0])).toThrow('weight 0 at segment 1');
    expect(() =>
      redistributePath(
        np.array([
          [0, 0],
          [1, 0],
        ]),
        [1],
      ),
    ).toThrow('at least 3 pivots');
  });
});

describe('pathTangents', () => {
  const corner = np.array([
    [0, 0],
    [1, 0],
    [1, 1],
  ]);

  test('mixes the directions at a maximum: (1, 2) / sqrt 5, and the other way round in the authors’ code', async () => {
    const losses = np.array([0, 2, 1]);
    const r = Math.sqrt(5);
    close(await rows(pathTangents(corner, losses)), [[1 / r, 2 / r]]);
    close(await rows(pathTangents(corner, losses, 'officialCode')), [[2 / r, 1 / r]]);
  });

  test('points uphill on a slope, and from neighbour to neighbour where the loss is level', async () => {
    close(await rows(pathTangents(corner, np.array([0, 1, 2]))), [[0, 1]]);
    close(await rows(pathTangents(corner, np.array([2, 1, 0]))), [[1, 0]]);
    close(await rows(pathTangents(corner, np.array([1, 1, 1]))), [[Math.SQRT1_2, Math.SQRT1_2]]);
  });

  test('are those of the cases, one by one', async () => {
    const path = random.normal(random.key(4), [12, 4], { dtype: 'float64' });
    const losses = random.normal(random.key(5), [12], { dtype: 'float64' });
    for (const rule of ['improved', 'officialCode'] as const) {
      const naive = naiveTangent(await rows(path), Array.from(await losses.data()), rule === 'officialCode');
      close(await rows(pathTangents(path, losses, rule)), naive);
    }
  });
});

describe('insertPivots', () => {
  const path = np.array([
    [0, 0],
    [1, 0],
    [2, 0],
  ]);
  // Pivot losses 0, 1, 0; the first segment lies 0.75 above its line at share 0.25, the second 0.2 at its middle.
  const profile = [0, 1, 0.5, 0.75, 1, 0.75, 0.7, 0.25, 0];

  test('adds the point of largest deviation and shares the weight there', async () => {
    const { path: next, weights } = insertPivots(path, [0.4, 0.6], profile, 1);
    close(await rows(next), [
      [0, 0],
      [0.25, 0],
      [1, 0],
      [2, 0],
    ]);
    close([[...weights]], [[0.1, 0.3, 0.6]]);
    const both = insertPivots(path, [0.4, 0.6], profile, 2);
    close(await rows(both.path), [
      [0, 0],
      [0.25, 0],
      [1, 0],
      [1.5, 0],
      [2, 0],
    ]);
    close([[...both.weights]], [[0.1, 0.3, 0.3, 0.3]]);
  });

  test('adds nothing below the threshold, or with count 0', () => {
    expect(insertPivots(path, [0.5, 0.5], profile, 2, 0.8).path).toBe(path);
    expect(insertPivots(path, [0.5, 0.5], profile, 0).path).toBe(path);
  });

  test('keeps the polyline and the sum of the weights, whatever the profile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 }),
        async (values) => {
          const { path: next, weights } = insertPivots(path, [0.3, 0.7], values, 2);
          expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
          expect(weights).toHaveLength(next.shape[0] - 1);
          const x = (await rows(next)).map((row) => row[0]);
          expect([...x].sort((a, b) => a - b)).toEqual(x);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('refuses a profile of another length', () => {
    expect(() => insertPivots(path, [0.5, 0.5], [0, 1, 2, 3], 1)).toThrow('found 4');
  });
});
