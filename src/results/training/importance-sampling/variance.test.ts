import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as np from '../../../numpy/index.ts';
import { gradientVariance, noiseToSignal, stepCost, tauThreshold, varianceReduction } from './variance.ts';

const reduction = async (scores: readonly number[]) => {
  const found = varianceReduction(np.array(Float32Array.from(scores)));
  return {
    tau: await found.tau.item(),
    varianceRatio: await found.varianceRatio.item(),
    gSquaredSum: await found.gSquaredSum.item(),
  };
};

describe('variance reduction', () => {
  test('is none for equal scores', async () => {
    expect((await reduction([1, 1, 1, 1])).tau).toBeCloseTo(1, 6);
  });

  test('of scores (3, 1, 0, 0): sum g^2 = 0.625, tau = sqrt(2.5), ratio 2.5', async () => {
    const { tau, varianceRatio, gSquaredSum } = await reduction([3, 1, 0, 0]);
    expect(gSquaredSum).toBeCloseTo(0.625, 6);
    expect(tau).toBeCloseTo(1.5811, 4);
    expect(varianceRatio).toBeCloseTo(2.5, 5);
  });

  test('tau is the 1/sqrt(1 - |g - u|^2 / sum g^2) of the paper, between 1 and sqrt(B)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 2, maxLength: 20 }),
        async (scores) => {
          const total = scores.reduce((a, b) => a + b, 0);
          const g = scores.map((s) => s / total);
          const squares = g.reduce((sum, gi) => sum + gi ** 2, 0);
          const distance = g.reduce((sum, gi) => sum + (gi - 1 / g.length) ** 2, 0);
          const { tau } = await reduction(scores);
          expect(tau).toBeCloseTo(1 / Math.sqrt(1 - distance / squares), 4);
          expect(tau).toBeGreaterThan(1 - 1e-6);
          expect(tau).toBeLessThan(Math.sqrt(scores.length) + 1e-5);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('cost', () => {
  test('thresholds: B = 3b gives 2, B = 640 and b = 128 give 2.6667', () => {
    expect(tauThreshold(64, 192)).toBe(2);
    expect(tauThreshold(128, 640)).toBeCloseTo(2.6667, 4);
    expect(tauThreshold(10, 30, 1)).toBe(2.5);
  });

  test('of a step: B + (1 + c) b', () => {
    expect(stepCost(64, 0)).toBe(192);
    expect(stepCost(64, 192)).toBe(384);
    expect(stepCost(10, 20, 1)).toBe(40);
  });

  test.each([
    [64, 64],
    [64, 10],
    [0, 3],
  ])('b = %d and B = %d are refused', (b, presample) => {
    expect(() => tauThreshold(b, presample)).toThrow('must be larger than the batch');
  });
});

describe('exact variance', () => {
  const uniform = [0.25, 0.25, 0.25, 0.25];
  const gradients = [
    [3, 0],
    [0, 1],
    [0, 0],
    [0, 0],
  ];
  const mean = [0.75, 0.25];

  test('Tr V_u - Tr V_g of norms (3, 1, 0, 0) is 1.5, by both formulas', () => {
    const given = { gradientNorms: [3, 1, 0, 0], meanGradientNorm: Math.hypot(...mean), batchSize: 1 };
    const saved =
      gradientVariance({ ...given, probabilities: uniform }) -
      gradientVariance({ ...given, probabilities: [0.75, 0.25, 0, 0] });
    expect(saved).toBeCloseTo(10 / 4 - 1, 12);
    // (mean |G|)^2 B |g - u|^2
    const distance = [0.75, 0.25, 0, 0].reduce((sum, g) => sum + (g - 0.25) ** 2, 0);
    expect(saved).toBeCloseTo(1 * 4 * distance, 12);
  });

  test('is the expectation over all draws, and falls like 1/b', () => {
    const p = [0.4, 0.3, 0.2, 0.1];
    const norms = gradients.map((g) => Math.hypot(...g));
    const expected = p.reduce(
      (sum, q, i) => sum + q * gradients[i].reduce((s, g, k) => s + (g / (4 * q) - mean[k]) ** 2, 0),
      0,
    );
    const variance = (batchSize: number) =>
      gradientVariance({ probabilities: p, gradientNorms: norms, meanGradientNorm: Math.hypot(...mean), batchSize });
    expect(variance(1)).toBeCloseTo(expected, 12);
    expect(variance(5)).toBeCloseTo(expected / 5, 12);
  });

  test('no probabilities do better than the norms', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0.1, max: 9, noNaN: true }), fc.double({ min: 0.1, max: 9, noNaN: true })), {
          minLength: 2,
          maxLength: 9,
        }),
        (pairs) => {
          const norms = pairs.map(([g]) => g);
          const share = (list: readonly number[]) => list.map((x) => x / list.reduce((a, b) => a + b, 0));
          const variance = (probabilities: readonly number[]) =>
            gradientVariance({ probabilities, gradientNorms: norms, meanGradientNorm: 0, batchSize: 1 });
          expect(variance(share(pairs.map(([, s]) => s)))).toBeGreaterThan(variance(share(norms)) * (1 - 1e-12));
        },
      ),
    );
  });

  test('is infinite where an example with a gradient cannot be drawn, and not where it has none', () => {
    const given = { gradientNorms: [1, 1], meanGradientNorm: 0, batchSize: 1 };
    expect(gradientVariance({ ...given, probabilities: [1, 0] })).toBe(Number.POSITIVE_INFINITY);
    expect(gradientVariance({ ...given, gradientNorms: [1, 0], probabilities: [1, 0] })).toBe(0.25);
    expect(() => gradientVariance({ ...given, probabilities: [1] })).toThrow('1 probabilities for 2 gradients');
  });

  test('noise to signal is a ratio of squares', () => {
    expect(noiseToSignal(8, 2)).toBe(2);
  });
});
