import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { jit } from '../../../runtime/index.ts';
import { numbers } from './problem.fixture.ts';
import {
  biasedWeights,
  checkScores,
  effectiveSampleSize,
  importanceWeights,
  inverseCumulative,
  sampleWithReplacement,
  samplingProbabilities,
} from './sampling.ts';

const scoreLists = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 2, maxLength: 30 });

describe('probabilities', () => {
  test('are proportional to the scores, with a floor that keeps every example possible', async () => {
    const p = await numbers(samplingProbabilities(np.array([3, 1, 0, 0])));
    [0.75, 0.25, 1e-8 / 4, 1e-8 / 4].forEach((expected, i) => {
      expect(p[i]).toBeCloseTo(expected, 7);
      expect(p[i]).toBeGreaterThan(0);
    });
  });

  test('are uniform where all scores are 0', async () => {
    expect(await numbers(samplingProbabilities(np.zeros([4])))).toEqual([0.25, 0.25, 0.25, 0.25]);
  });
});

describe('weights', () => {
  test('are 1 / (B g): 1/3 and 1 for indices 0 and 1 of scores (3, 1, 0, 0)', async () => {
    const w = await numbers(importanceWeights(np.array([3, 1, 0, 0]), np.array(Int32Array.of(0, 1, 1))));
    [1 / 3, 1, 1].forEach((expected, i) => {
      expect(w[i]).toBeCloseTo(expected, 6);
    });
  });

  test('have expectation sum g_i w_i = 1 for positive scores, the share of them without the floor', async () => {
    await fc.assert(
      fc.asyncProperty(scoreLists, async (scores) => {
        const s = np.array(Float32Array.from(scores));
        const all = np.array(Int32Array.from(scores.keys()));
        const total = np.sum(np.multiply(samplingProbabilities(s), importanceWeights(s, all)));
        expect(await total.item()).toBeCloseTo(1, 5);
      }),
      { numRuns: 30 },
    );
  });

  test('average to 1 over draws, so that no example is favoured', async () => {
    const scores = np.array([5, 1, 0.2, 2, 0.7]);
    const drawn = sampleWithReplacement(samplingProbabilities(scores), 20_000, random.key(3));
    const w = await numbers(importanceWeights(scores, drawn));
    const mean = w.reduce((a, b) => a + b, 0) / w.length;
    const deviation = Math.sqrt(w.reduce((a, b) => a + (b - mean) ** 2, 0) / w.length);
    expect(Math.abs(mean - 1)).toBeLessThan((4 * deviation) / Math.sqrt(w.length));
    // Each example counts 1/B.
    const at = await numbers(drawn);
    const shares = [0, 1, 2, 3, 4].map((i) => w.reduce((sum, wi, k) => sum + (at[k] === i ? wi : 0), 0) / w.length);
    for (const share of shares) expect(share).toBeCloseTo(0.2, 1);
  });

  test('biased: w^k with the same weighted score; k = 1 changes nothing, k < 1 favours large scores', async () => {
    const weights = np.array([0.25, 1, 4]);
    const scores = np.array([4, 1, 0.25]);
    expect(await numbers(biasedWeights(weights, scores, 1))).toEqual([0.25, 1, 4]);
    const half = await numbers(biasedWeights(weights, scores, 0.5));
    expect(half[2] / half[0]).toBeCloseTo(4, 5);
    expect(half.reduce((sum, w, i) => sum + w * [4, 1, 0.25][i], 0)).toBeCloseTo(3, 5);
  });

  test('effective sample size: b of equal ones, 1 of a single one', async () => {
    expect(await effectiveSampleSize(np.full([5], 0.3)).item()).toBeCloseTo(5, 5);
    expect(await effectiveSampleSize(np.array([0, 7, 0])).item()).toBeCloseTo(1, 6);
    expect(await effectiveSampleSize(np.array([1, 3])).item()).toBeCloseTo(1.6, 6);
  });
});

describe('draws', () => {
  /** The textbook's loop. */
  const naive = (p: readonly number[], u: number) => {
    const total = p.reduce((a, b) => a + b, 0);
    let sum = 0;
    for (let i = 0; i < p.length; i++) {
      sum += p[i];
      if (u * total < sum) return i;
    }
    return p.length - 1;
  };

  test('are those of a loop over the cumulative sum', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 12 }).filter((p) => p.some((x) => x > 0)),
        fc.array(fc.integer({ min: 0, max: 1023 }), { minLength: 1, maxLength: 10 }),
        async (p, u) => {
          const found = inverseCumulative(
            np.array(Float32Array.from(p)),
            np.array(Float32Array.from(u, (v) => v / 1024)),
          );
          const expected = u.map((v) => naive(p, v / 1024));
          expect(await numbers(found)).toEqual(expected);
          for (const i of expected) expect(p[i]).toBeGreaterThan(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('reach neither past the end nor an example of probability 0, compiled too', async () => {
    const p = np.array([0, 0.5, 0.5, 0]);
    const u = np.array(Float32Array.of(0, 0.4999, 0.5, 1 - 2 ** -23));
    for (const f of [inverseCumulative, jit(inverseCumulative)]) expect(await numbers(f(p, u))).toEqual([1, 1, 2, 2]);
  });

  test('come as often as their probabilities say', async () => {
    const p = [0.5, 0.3, 0.15, 0.05];
    const n = 20_000;
    const drawn = await numbers(sampleWithReplacement(np.array(p), n, random.key(1)));
    const chiSquared = p.reduce((sum, q, i) => sum + (drawn.filter((d) => d === i).length - n * q) ** 2 / (n * q), 0);
    // 3 degrees of freedom: 16.3 is exceeded by chance once in a thousand.
    expect(chiSquared).toBeLessThan(16.3);
  });
});

test.each([
  [[1, -1], 'found -1 at 1'],
  [[Number.NaN], 'found NaN at 0'],
  [[0, 2, Number.POSITIVE_INFINITY], 'found Infinity at 2'],
])('scores %j are refused', (scores, message) => {
  expect(() => checkScores(scores)).toThrow(message);
});
