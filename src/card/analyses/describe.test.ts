import { describe, expect, it } from 'vitest';
import { describeLayers } from '../../results/initialization/rectified-kernels/card.ts';
import { describeOutliers } from '../../results/landscape/hessian-outliers/card.ts';
import { describeRedundancy, tau } from '../../results/training/importance-sampling/card.ts';
import { bestFactor, describeFit, type Fit, relabelled } from './fit.ts';
import { gapOf } from './hessian-spectrum.ts';
import { alignment, halfTime } from './tangent-kernel.ts';

const fitOf = (confusion: number[][], loss = 0.1): Fit => {
  const n = confusion.flat().reduce((a, b) => a + b, 0);
  return {
    ...{ parameters: [], layers: [], size: 10, inputShape: [4], outputs: confusion.length, outputsAre: 'y', work: 1 },
    ...{ data: 'toy', selection: 'all', n, confusion, classNames: confusion.map((_, k) => `c${k}`) },
    loss: { name: 'cross-entropy', formula: '', reason: '', perExample: new Float32Array(n).fill(loss) },
  };
};

describe('fit', () => {
  it('warns near chance, and of classes in another order', () => {
    expect(
      describeFit(
        fitOf([
          [48, 2],
          [3, 47],
        ]),
      ).warnings,
    ).toEqual([]);
    expect(
      describeFit(
        fitOf([
          [25, 25],
          [25, 25],
        ]),
      ).warnings,
    ).toHaveLength(1);
    const swapped = describeFit(
      fitOf([
        [2, 48],
        [47, 3],
      ]),
    ).warnings!;
    expect(swapped).toHaveLength(2);
    expect(swapped[1]).toContain('"c0" as 1, "c1" as 0');
    expect(
      relabelled([
        [0, 9, 0],
        [0, 0, 8],
        [7, 0, 0],
      ]),
    ).toEqual({ to: [1, 2, 0], right: 24 });
  });

  it('finds the factor on the logits: a half for logits twice as large as the odds', () => {
    // Right three times in four with a margin of 2 log 3: the best margin is log 3.
    const margin = 2 * Math.log(3);
    const logits = Float32Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? margin : 0));
    const { factor, loss } = bestFactor(logits, Int32Array.from([0, 0, 0, 1]), 2);
    expect(factor).toBeCloseTo(0.5, 4);
    expect(loss).toBeCloseTo(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)), 5);
  });
});

describe('curvature', () => {
  it('finds the largest gap', () => {
    expect(gapOf([10, 9, 8, 1, 0.9])).toEqual({ count: 3, ratio: 8 });
    expect(gapOf([5, 5, -1])).toEqual({ count: 3, ratio: 1 });
  });
});

describe('the tangent kernel', () => {
  it('is aligned with the labels it is made of, and not with others', () => {
    const y = [1, 1, -1, -1];
    const kernel = Float64Array.from({ length: 16 }, (_, at) => y[at >> 2] * y[at & 3]);
    const all = Int32Array.from([0, 1, 2, 3]);
    expect(alignment(kernel, 4, all, [Float64Array.from(y)], all)).toBeCloseTo(1, 12);
    expect(alignment(kernel, 4, all, [Float64Array.from([1, -1, 1, -1])], all)).toBeCloseTo(0, 12);
  });

  it('learns half of a single mode at log 2 / 2', () => {
    expect(halfTime(Float64Array.from([3, 1]), Float64Array.from([1, 0]))).toBeCloseTo(Math.log(2) / 2, 9);
    expect(halfTime(Float64Array.from([3, 0]), Float64Array.from([0.2, 0.8]))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('sample redundancy', () => {
  const said = (norm: Float64Array) =>
    describeRedundancy({ n: norm.length, scores: { norm, bound: norm, loss: norm }, whole: 0.01, limits: [] });

  it('is none where all examples pull equally, and large where few do', () => {
    expect(tau([2, 2, 2])).toBeCloseTo(1, 12);
    expect(tau([4, 0, 0, 0])).toBeCloseTo(2, 12);
    expect(said(new Float64Array(200).fill(1)).headline).toContain('would not pay');
    const few = Float64Array.from({ length: 200 }, (_, i) => (i % 20 === 0 ? 1 : 1e-4));
    expect(said(few).headline).toContain('would pay');
  });
});

describe('hessian outliers', () => {
  const measured = { n: 100, size: 1000, classNames: ['a', 'b', 'c'], missing: [], parts: null, limits: [] };
  const said = (predicted: number, overlap: number, shuffledOverlap: number) =>
    describeOutliers({
      ...{ ...measured, hessian: [10, 8, 1, 0.9], predicted: [predicted, 1], shuffled: [0.5, 0.1], left: 1, overlap },
      shuffledOverlap,
    });

  it('are blamed on the classes only where these do better than a random order', () => {
    expect(said(9, 0.9, 0.1).headline).toBe(
      'The steepest directions are those of the classes (90 % overlap, 90 % of their size).',
    );
    expect(said(0.5, 0.9, 0.1).headline).toContain('but only 5 % of their size');
    expect(said(9, 0.9, 0.85).headline).toContain('not simply those of the classes');
    expect(said(9, 0.9, 0.1).reading.join()).toContain('2 eigenvalues stand out');
  });
});

describe('random layers', () => {
  const layer = (relativeError: number, samplingError: number) => ({
    ...{ name: 'w', kind: 'dense' as const, neurons: 100, inputs: 10, verdict: 'A and B apply', hypotheses: [] },
    ...{ excessKurtosis: 0, anisotropy: 1, kernel: { pairs: [[0.5, 0.4] as const], relativeError, samplingError } },
  });
  const said = (relativeError: number, samplingError: number) =>
    describeLayers({ n: 10, layers: [layer(relativeError, samplingError)], angles: null, limits: [] });

  it('differ only where chance does not explain it', () => {
    expect(said(0.5, 0.05).headline).toContain('1 of 1 rectified layers compare');
    expect(said(0.1, 0.05).headline).toContain('No rectified layer');
    expect(said(0.5, Number.NaN).reading.join()).toContain('too few neurons');
  });
});
