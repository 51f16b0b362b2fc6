/** Measurements as the paper has them, made up: every claim holds on them. */
import type { Measurements } from './claims.ts';
import type { FullCheckpoint } from './measure/checkpoints.ts';
import type { Contestant, RaceMeasurement } from './measure/races.ts';
import { raceNames, type Settings, settings } from './settings.ts';

export const madeUpSettings: Settings = settings.parse({ task: 'clusters', draws: 400 });

const compared = (variance: number, pearson: number, squaredError: number, varianceRatio: number) => ({
  pearson,
  spearman: pearson,
  squaredError,
  variance,
  varianceRatio,
});

function checkpoint(step: number): FullCheckpoint {
  const gain = step === 0 ? 1.05 : 6;
  const drawn = { standardErrors: 1, varianceRatio: 1.02 };
  return {
    step,
    scores: {
      uniform: compared(1, Number.NaN, 0.02, 1),
      loss: compared(1.3 / gain, 0.8, 0.01, 9),
      upperBound: compared(1 / gain, step === 0 ? 0.7 : 0.98, 0.002, gain * 1.05),
      gradientNorm: compared(0.97 / gain, 1, 0, gain),
    },
    distance: { uniform: 1, loss: 0.7, upperBound: 0.42, gradientNorm: 0.41 },
    noiseToSignal: 3,
    monteCarlo: { uniform: drawn, upperBound: drawn, gradientNorm: drawn },
    unweightedBias: 20,
    lossVarianceWithoutFloor: step >= 500 ? Number.POSITIVE_INFINITY : 0.5,
    shuffledRatio: step === 0 ? 0.9 : 0.01,
    bound: {
      rho: 20,
      largestRatio: 0.7,
      largestRatioOfLoss: step >= 500 ? Number.POSITIVE_INFINITY : 0.8,
      spread: 1.7,
      spreadOfLoss: step >= 100 ? 3.5 : 2.5,
    },
    scatter: { gradientNorm: [0.1, 1, 2], upperBound: [0.11, 0.9, 2.1], loss: [0.01, 1, 3] },
  };
}

function race(
  name: string,
  budget: RaceMeasurement['budget'],
  ends: Partial<Record<Contestant, number>>,
): RaceMeasurement {
  const run = (contestant: Contestant, end: number) => ({
    contestant,
    importanceUpdates: contestant === 'uniform' ? 0 : 80,
    history: {
      updates: [0, 50, 100],
      costUnits: [0, 9600, 19_200],
      seconds: [0, 1, 2],
      tau: [0, 1.6, 2.2],
      on: [Number.NaN, 0.6, 1],
      effectiveShare: [Number.NaN, 0.8, 0.3],
      batchLoss: [Number.NaN, 1, 0.5],
      probes: { loss: [2.3, 2 * end, end], error: [0.9, 0.2, 0.1] },
    },
  });
  const runs = Object.entries(ends).map(([contestant, end]) => run(contestant as Contestant, end));
  const image = Array.from({ length: 16 }, (_, i) => i / 16);
  return {
    name,
    budget,
    tauThreshold: 1.5,
    backwardCost: [2, 2],
    runs: [runs, runs],
    drawn: {
      weights: [0.1, 0.5, 1, 3],
      counts: [9, 4, 1, 0],
      images: { shape: [4, 4], most: [image, image], least: [image, image] },
    },
  };
}

export const madeUpMeasurements = (): Measurements => {
  const full = [0, 100, 500].map(checkpoint);
  const switches = Array.from({ length: 11 }, (_, i) => ({ step: 50 * i, tau: 1 + i / 5, ratio: 0.5 + i / 2.5 }));
  const wide = [0, 100, 500].map((step, i) => ({ step, tau: 1 + i, ratio: 0.3 + i }));
  return {
    checkpoints: [
      { network: 'clusters', measured: { full: [full, full], switch: [switches, switches], wideSwitch: [wide, wide] } },
    ],
    races: [
      race(raceNames.updates, { updates: 100 }, { uniform: 0.1, loss: 0.07, upperBound: 0.06, constant: 0.11 }),
      race(raceNames.noisy, { costUnits: 19_200 }, { uniform: 0.1, upperBound: 0.08 }),
      race(raceNames.calm, { costUnits: 19_200 }, { uniform: 0.1, upperBound: 0.14 }),
      race(raceNames.seconds, { seconds: 2 }, { uniform: 0.1, upperBound: 0.12 }),
      race(raceNames.cifar100, { costUnits: 19_200 }, { uniform: 0.1, loss: 0.08, upperBound: 0.04 }),
      race(raceNames.cifar10, { costUnits: 19_200 }, { uniform: 0.1, loss: 0.08, upperBound: 0.04 }),
    ],
  };
};
