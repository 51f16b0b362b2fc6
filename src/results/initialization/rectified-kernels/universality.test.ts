import { describe, expect, test } from 'vitest';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import { studentT, unitWeights, type WeightLaw } from './rectifier-init.ts';
import { checkUniversality, hillIndex } from './universality.ts';

configure({ threads: 1 });

const [n, m] = [600, 150];
const inputs = np.abs(random.normal(random.key(7), [30, m]));
const weights = (law: WeightLaw) => unitWeights(random.key(8), law, [n, m]);
const check = (w: np.NDArray, x: np.NDArray = inputs) => checkUniversality({ weights: w, inputs: x });

describe('checkUniversality', () => {
  test.each<[WeightLaw, string]>([
    ['normal', 'A and B apply'],
    ['uniform', 'B applies'],
    ['rademacher', 'B applies'],
    ['laplace', 'B applies'],
    ['sphere', 'A and B apply'],
    [{ multivariateT: 6 }, 'A applies'],
  ])('%j: %s', async (law, verdict) => {
    expect((await check(weights(law))).verdict).toBe(verdict);
  });

  test('names a mean that is not zero', async () => {
    const { verdict, weights: found } = await check(np.add(weights('normal'), 0.1));
    expect(verdict).toMatch(/^neither: no zero mean \(mean\/sd 0.1/);
    expect(found.mean).toBeCloseTo(0.1, 1);
    expect(found.z).toBeGreaterThan(20);
    expect(found.meanGain).toBeGreaterThan(0.5);
  });

  test('names an infinite variance', async () => {
    const { verdict, weights: found } = await check(studentT(random.key(1), 1, [n, m]));
    expect(verdict).toMatch(/^neither: .*no finite variance \(tail index/);
    expect(found.tailIndex).toBeCloseTo(1, 0);
  });

  test('names dependent entries: smooth rows', async () => {
    const smooth = np.add(np.slice(weights('laplace'), [], [0, m - 1]), np.slice(weights('laplace'), [], [1, m]));
    const { verdict, weights: found } = await check(smooth, np.slice(inputs, [], [0, m - 1]));
    expect(verdict).toMatch(/^neither: .*no independent entries \(correlation of neighbours 0.5/);
    expect(found.neighbourCorrelation).toBeCloseTo(0.5, 1);
  });

  test('names a preferred direction that no neighbours show', async () => {
    const scales = Float32Array.from({ length: m }, (_, i) => (i % 3 === 0 ? 3 : 0.5));
    const { hypotheses, rotationInvariant, centralLimit } = await check(
      np.multiply(weights('normal'), np.array(scales)),
    );
    expect([rotationInvariant, centralLimit]).toEqual([false, false]);
    expect(hypotheses.find(({ name }) => name === 'independent entries')!.found).toMatch(/anisotropy [1-3]\.[2-9]/);
  });

  test('names sparse inputs: the central limit needs spread-out ones, rotation invariance does not', async () => {
    const oneHot = np.eye(m);
    expect((await check(weights('laplace'), oneHot)).verdict).toMatch(
      /^neither: .*no spread-out inputs \(m\^\(1\/4\) max\|x_i\|\/\|x\|: 3.5, 3.5, 3.5/,
    );
    expect((await check(weights('normal'), oneHot)).verdict).toBe('A applies');
  });

  test('its figures are those of the formulas', async () => {
    const w = [
      [1, -2, 0.5],
      [0, 1, 3],
    ];
    const x = [
      [1, 2, 2],
      [0, 3, 4],
    ];
    const { weights: found, inputs: seen } = await checkUniversality({ weights: w, inputs: x });
    const flat = w.flat();
    const mean = flat.reduce((t, v) => t + v, 0) / 6;
    const variance = flat.reduce((t, v) => t + (v - mean) ** 2, 0) / 6;
    const square = flat.reduce((t, v) => t + v * v, 0) / 6;
    expect(found.mean).toBeCloseTo(mean, 12);
    expect(found.z).toBeCloseTo((Math.sqrt(6) * mean) / Math.sqrt(variance), 12);
    expect(found.meanGain).toBeCloseTo((mean ** 2 / variance) * ((25 / 9 + 49 / 25) / 2), 12);
    const third = flat.reduce((t, v) => t + Math.abs(v) ** 3, 0) / 6 / square ** 1.5;
    expect(found.thirdMoment).toBeCloseTo(third, 12);
    expect(found.excessKurtosis).toBeCloseTo(flat.reduce((t, v) => t + (v - mean) ** 4, 0) / 6 / variance ** 2 - 3, 12);
    expect(seen.largestShare).toEqual([expect.any(Number), (2 / 3 + 4 / 5) / 2, expect.any(Number)]);
    expect(seen.spread[1]).toBeCloseTo(3 ** 0.25 * ((2 / 3 + 4 / 5) / 2), 12);
    const [a, b] = [(1 + 8 + 8) / 27, (27 + 64) / 125];
    expect(seen.berryEsseen[1]).toBeCloseTo(third * (a + b), 12);
  });

  test('refuses what is no layer', async () => {
    await expect(checkUniversality({ weights: [[1, 2]], inputs: [[1, 2]] })).rejects.toThrow('at least two neurons');
    await expect(checkUniversality({ weights: [[1], [1]], inputs: [[1]] })).rejects.toThrow('all weights are 1');
    await expect(checkUniversality({ weights: [[1], [2]], inputs: [[0]] })).rejects.toThrow('inputs: row 0 is zero');
  });
});

test('hillIndex finds the exponent of a power-law tail', () => {
  const n = 20_000;
  for (const exponent of [1, 3]) {
    const pareto = Array.from({ length: n }, (_, i) => ((i + 0.5) / n) ** (-1 / exponent));
    expect(hillIndex(pareto)).toBeCloseTo(exponent, 1);
  }
  expect(hillIndex([1, -1, 1])).toBe(Number.POSITIVE_INFINITY);
});
