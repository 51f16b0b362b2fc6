/** @file Made-up measurements of the experiment in which every claim holds, small enough to change by hand. */

import type { Measurements } from './claims.ts';
import type { DecayCurve } from './decay-measurement.ts';
import type { TracedRuns } from './measure/frequency-order.ts';
import { kernelBins } from './measure/label-noise.ts';
import type { FoldedCurve } from './measure/manifold-folding.ts';
import { type Settings, scales, settings as schema } from './settings.ts';

/** The smoke scale, of whose settings some appear in the measurements. */
export const madeUpSettings: Settings = schema.parse({
  ...scales.smoke.settings,
  frequencies: [1, 2, 3, 4, 6, 8],
  robustFrequencies: [2, 4, 6, 8, 10],
  norms: [1, 2, 3],
  petals: [0, 4, 8],
  foldSamples: 200,
  threshold: 0.7,
});

const records = Array.from({ length: 81 }, (_, t) => 10 * t);
const each = <T>(seeds: number, make: (seed: number) => T): T[] => Array.from({ length: seeds }, (_, s) => make(s));

/**
 * Traces of two seeds.
 *
 * @param learned step at which each frequency is captured; null: never
 * @param growth by which the norm of each of three layers is multiplied while the frequencies are learned
 */
export function traced(learned: readonly (number | null)[], growth: number): TracedRuns {
  const last = records[records.length - 1];
  return {
    steps: records,
    captured: each(2, () => records.map((t) => learned.map((step) => (step !== null && t >= step ? 0.97 : 0.2)))),
    norms: each(2, (s) => records.map((t) => each(3, (layer) => (1 + layer + s / 10) * growth ** (t / last)))),
    loss: each(2, () => records.map((t) => [1 / (1 + t)])),
  };
}

/** |F| = k^exponent. */
export function decayCurve(direction: DecayCurve['direction'], exponent: number): DecayCurve {
  const k = Float64Array.from({ length: 24 }, (_, i) => 20 * 200 ** (i / 23));
  const predicted = direction === 'generic' ? -3 : -2;
  return { direction, angle: 0, predicted, exponent, k, magnitude: k.map((wave) => wave ** exponent) };
}

/** Mean magnitudes [norm][frequency], the same for the other two numbers. */
const robustnessOf = (ratio: (norm: number, index: number) => number, frequencies: readonly number[]) => {
  const table = () => madeUpSettings.norms.map((norm) => frequencies.map((_, k) => ratio(norm, k)));
  return { meanMagnitude: table(), magnitudeOfMean: table(), meanError: table() };
};

/** Mean squared errors that fall to `best` at record 4 and end at `final`. */
export const dipping = (best: number, final: number): number[] => [1, 0.8, 0.6, 0.5, best, (best + final) / 2, final];

const foldedCurve = (name: string, petals: number | null, loss: number): FoldedCurve => ({
  name,
  petals,
  band: 2 * Math.PI,
  points: each(12, (j): [number, number] => [Math.cos(j), Math.sin(j)]),
  loss: [loss, 1.1 * loss],
  captured: each(2, () => [[0.1], [0.9]]),
});

/** All claims hold, all controls behave. */
export function madeUpMeasurements(): Measurements {
  const exactness = (dim: 1 | 2, relativeError: number) => [
    { dim, support: 'window' as const, regions: 9, relativeError, printedSignError: Number.NaN },
    { dim, support: 'compact' as const, regions: 11, relativeError, printedSignError: 2 },
  ];
  const predicted = [16, 78, 193, 377, 574, 800];
  const controlFrequencies = each(12, (i) => i + 1);
  return {
    exact: {
      line: each(2, () => exactness(1, 1e-8)),
      plane: each(2, () => exactness(2, 1e-4)),
      pyramid: [decayCurve('facet normal', -2.02), decayCurve('generic', -2.9), decayCurve('generic', -3.1)],
      cutLine: [
        [-2.1, -1.95],
        [-1.9, -2.05],
      ],
      smoothLine: [
        [-12, -9],
        [-8, Number.NEGATIVE_INFINITY],
      ],
      cutPlane: each(2, () => [decayCurve('facet normal', -2), decayCurve('generic', -3)]),
      smoothCurve: decayCurve('line', -9),
    },
    order: {
      equal: traced([10, 30, 70, 150, 310, 630], 6),
      growing: traced([20, 40, 80, 160, 320, 640], 6),
      clipped: traced([10, 30, null, null, null, null], 1.1),
      features: traced([20, 20, 30, 20, 30, 20], 1.5),
      fit: { z: [0, 0.25, 0.5, 0.75], target: [0, 1, 0, -1], output: [0.1, 0.9, 0, -1] },
    },
    robustness: {
      relativeLoss: [0.01, 0.02],
      robustness: each(2, () => robustnessOf((norm, k) => 1 - 0.045 * norm * k, madeUpSettings.robustFrequencies)),
      control: {
        frequencies: controlFrequencies,
        robustness: robustnessOf((norm, k) => 1 + 0.01 * norm * Math.sin(37 * k * k), controlFrequencies),
      },
    },
    noise: {
      steps: each(7, (t) => 10 * t),
      frequencies: [null, 0.1, 0.2, 0.5, 1],
      validation: each(2, () => [
        dipping(0.07, 0.07),
        dipping(0.4, 0.5),
        dipping(0.3, 0.4),
        dipping(0.2, 0.45),
        dipping(0.12, 0.5),
      ]),
    },
    kernelNoise: {
      steps: each(7, (t) => 10 * t),
      validation: each(2, () => dipping(0.1, 0.4)),
      captured: each(2, () => each(7, () => each(kernelBins, (bin) => 0.95 - (0.9 * bin) / kernelBins))),
      permuted: each(2, () => each(7, () => each(kernelBins, (bin) => 0.5 + 0.02 * Math.sin(bin)))),
      clean: each(kernelBins, (bin) => 1 / (1 + bin)),
      noised: each(kernelBins, (bin) => 1 / (1 + bin) + bin / kernelBins),
    },
    folding: {
      steps: [0, 50],
      curves: [
        foldedCurve('L = 0', 0, 0.7),
        foldedCurve('L = 4', 4, 0.2),
        foldedCurve('L = 8', 8, 0.07),
        foldedCurve('L = 50 (unresolved)', 50, 0.3),
        foldedCurve('circle of equal arc', null, 0.4),
      ],
    },
    kernelTimes: {
      circle: {
        predicted: each(2, () => predicted),
        measured: each(2, (s) => predicted.map((t) => t * (1.05 + s / 10))),
      },
      interval: {
        predicted: each(2, () => predicted.map((t) => 1.1 * t)),
        measured: each(2, () => [970, 1240, Number.NaN, Number.NaN, Number.NaN, Number.NaN]),
      },
      residual: each(40, (t) => predicted.map((time) => 0.5 ** (t / time))),
    },
  };
}
