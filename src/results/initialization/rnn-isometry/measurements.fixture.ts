/** @file Made-up measurements of the experiment in which every claim holds, small enough to change by hand. */
import type { Measurements } from './claims.ts';
import { rnnTrajectory } from './mean-field.ts';
import type { Spectrum } from './measure/spectra.ts';
import { computeTheory } from './measure/theory.ts';
import type { Curves } from './measure/training.ts';
import { type Settings, scales, settings as schema } from './settings.ts';

export const madeUpSettings: Settings = schema.parse({
  ...scales.smoke.settings,
  sequentialSteps: 1000,
  languageSteps: 100,
  lengthSteps: 400,
  units: 100,
  grid: 3,
});

const sigma = Array.from({ length: 150 }, (_, t) => (t < 10 ? 0 : 1));

function trajectories(mub: number): Measurements['trajectories'][number] {
  const theory = (at: number) =>
    Array.from(rnnTrajectory({ cell: 'minimal', sw: 6.88, sv: 1.39, mub: at, R: 0.46 }, { sigma }).c);
  const exact = theory(mub);
  return {
    mub,
    theory: exact,
    shifted: theory(mub > 2 ? mub - 2 : mub + 2),
    untied: [exact, exact],
    tied: [exact, exact],
    same: [
      [1, 1],
      [1, 1],
    ],
  };
}

const spectrum = (name: string, kind: Spectrum['kind'], spread: number): Spectrum => ({
  name,
  kind,
  m1: [1, 1],
  predictedM1: [1, 1],
  spread: [spread, spread],
  predictedSpread: [spread, spread],
  gaussianSpread: [3.4, 3.4],
  meanFieldSpread: spread,
  singularValues: [1.5, 1, 0.5],
});

const curve = (name: string, value: number, kind: Curves['kind'], final: number, permuted = false): Curves => ({
  name,
  value,
  kind,
  permuted,
  steps: [0, 100],
  accuracy: [
    [0.1, final],
    [0.1, final],
  ],
});

export function madeUpMeasurements(): Measurements {
  return {
    theory: computeTheory({ R: 0.46, sw: 6.88, sv: 1.39, vanillaSv: 0.025, grid: 3 }, () => {}),
    trajectories: [-3, 2, 5.5].map(trajectories),
    spectra: [
      spectrum('minimalRNN, mu_b = 0', 'gaussian', 3.4),
      spectrum('minimalRNN, mu_b = 0', 'orthogonal', 3),
      spectrum('vanilla RNN, q* = 0.1', 'orthogonal', 0.04),
    ],
    critical: {
      vanilla: [
        curve('σ_w = 0.9', 0.9, 'gaussian', 0.1),
        curve('σ_w = 0.9', 0.9, 'orthogonal', 0.11),
        curve('σ_w = 1.05', 1.05, 'gaussian', 0.7),
        curve('σ_w = 1.05', 1.05, 'orthogonal', 0.92),
      ],
      minimal: [
        curve('μ_b = -3', -3, 'gaussian', 0.1),
        curve('μ_b = 5.5', 5.5, 'gaussian', 0.8),
        curve('μ_b = 5.5', 5.5, 'gaussian', 0.1, true),
      ],
    },
    sweep: [
      {
        cell: 'minimal',
        at: [-3, 3, 6, 9],
        chi: [0.6, 0.9, 0.98, 0.999],
        accuracy: [
          [0.1, 0.1],
          [0.3, 0.6],
          [0.2, 0.7],
          [0.8, 0.1],
        ],
        atOnce: [[0.9], [0.9], [0.9], [0.9]],
      },
      {
        cell: 'vanilla',
        at: [0.5, 1, 1.5, 2],
        chi: [0.25, 0.99, 1.14, 1.4],
        accuracy: [
          [0.1, 0.1],
          [0.7, 0.1],
          [0.3, 0.1],
          [0.2, 0.1],
        ],
        atOnce: [[0.9], [0.9], [0.9], [0.9]],
      },
    ],
    lengths: {
      biases: [-3, -2, 0],
      xi: [2.4, 4, 800],
      lengths: [5, 10, 20, 40],
      accuracy: [
        [0.9, 0.6, 0.2, 0.1],
        [0.9, 0.8, 0.6, 0.1],
        [0.9, 0.9, 0.9, 0.9],
      ],
      untrained: [
        [0.1, 0.1, 0.1, 0.1],
        [0.1, 0.1, 0.1, 0.1],
        [0.1, 0.1, 0.1, 0.1],
      ],
    },
    sequential: (['vanilla', 'minimal'] as const).flatMap((cell) =>
      (
        [
          [true, 'gaussian', [0.1, 0.3, 0.4, 0.6], false],
          [true, 'orthogonal', [0.1, 0.7, 0.8, 0.9], false],
          [false, 'gaussian', [0.1, 0.1, 0.2, 0.3], false],
          [false, 'orthogonal', [0.1, 0.3, 0.6, 0.7], false],
          [true, 'orthogonal', [0.1, 0.1, 0.1, 0.1], true],
        ] as const
      ).map(([critical, kind, accuracy, permuted]) => ({
        cell,
        critical,
        kind,
        permuted,
        steps: [0, 10, 20, 30],
        accuracy: [[...accuracy], [...accuracy]],
      })),
    ),
    language: {
      unigram: 4.8,
      results: (['minimal', 'gru', 'lstm', 'vanilla'] as const).map((cell, k) => ({
        cell,
        units: 10,
        parameters: 1000,
        bits: [
          [6, 3 + k / 10],
          [6, 2.5 + [0.05, 0, 0.1, 0.3][k]],
        ],
      })),
    },
  };
}
