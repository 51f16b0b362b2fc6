import { z } from 'zod';
import type { Experiment } from '../../contract.ts';

const count = z.number().int().positive();
const counts = z.array(count).min(1);
const numbers = z.array(z.number()).min(1);
const positive = z.number().positive();
const positives = z.array(positive).min(1);
const containing = (list: z.ZodArray<z.ZodNumber>, ...values: number[]) =>
  list.refine(
    (given) => values.every((value) => given.includes(value)),
    `must contain ${values.join(' and ')}, which a claim compares`,
  );

/** One field for everything that a user may change; the defaults are the paper's, as far as they are known. */
export const settings = z
  .object({
    R: positive.default(0.46).describe('mean square of the inputs'),
    sw: positive.default(6.88).describe('deviation of the minimalRNN’s recurrent weights, times sqrt(N)'),
    sv: positive.default(1.39).describe('deviation of its input weights, times sqrt(N)'),
    vanillaSv: positive.default(0.025).describe('deviation of the vanilla cell’s input weights, times sqrt(inputs)'),
    grid: z.number().int().min(2).default(50).describe('points of each axis of a phase diagram'),

    simulatedBiases: containing(numbers, -3, 2, 5.5)
      .default([-3, 0, 2, 3.5, 5.5])
      .describe('mean biases of the networks that two sequences run through; -3, 2 and 5.5 enter claims'),
    simulatedUnits: count.default(2048).describe('their units'),
    simulatedSteps: z.number().int().min(20).default(150).describe('their steps; inputs are equal after the tenth'),
    simulatedNetworks: count.default(5).describe('independent networks that their curves are the mean of'),
    spectrumUnits: z.number().int().min(2).default(2048).describe('units of the measured Jacobians'),

    source: z.enum(['mnist', 'rendered']).default('mnist').describe('digits: the real ones, or generated ones'),
    images: count.default(60_000).describe('training images of one seed'),
    trainImages: count.default(60_000).describe('training images of all seeds; they overlap where these are too few'),
    testImages: count.default(10_000).describe('held-out images'),
    units: count.default(2048).describe('units of the trained networks'),
    batch: count.default(50).describe('images of one update'),

    criticalLength: count.default(200).describe('steps of the sequences of the critical-initialisation experiment'),
    criticalSteps: count.default(1000).describe('its updates, a multiple of 4'),
    deviations: containing(positives, 0.9, 1.05)
      .default([0.9, 1, 1.05, 1.2, 1.5])
      .describe('its deviations of the vanilla cell’s recurrent weights; 0.9 and 1.05 enter the claim'),
    vanillaRate: positive
      .default(5e-5)
      .describe('rate of Adam for the vanilla cell; the read-out has 30 times as much'),
    trainedBiases: containing(numbers, -3, 5.5)
      .default([-3, 0, 2, 3.5, 5.5, 8])
      .describe('its mean biases of the minimalRNN; -3 and 5.5 enter the claim'),
    minimalRate: positive.default(2e-4).describe('rate of Adam for the minimalRNN; the read-out has 30 times as much'),

    sweepPoints: z.number().int().min(3).default(28).describe('initialisations of each cell in the sweep'),
    sweepLength: z.number().int().min(2).default(200).describe('steps of its sequences'),
    sweepSteps: count.default(1000).describe('its updates'),
    sweepRates: positives.default([5e-5, 2e-4, 1e-3]).describe('its rates of Adam; the best counts'),

    lengths: counts.default([5, 10, 20, 40, 80, 160, 320, 640, 1000]).describe('sequence lengths, ascending'),
    lengthBiases: numbers.default([-3, -2, -1, -0.5, 0]).describe('mean biases of the minimalRNN trained on them'),
    lengthSteps: count.default(1000).describe('updates at each length'),
    lengthRate: positive.default(1e-3).describe('rate of Adam there'),

    sequentialSteps: z
      .number()
      .int()
      .min(0)
      .default(50_000)
      .describe('updates on images read piece by piece, a multiple of 100; 0: not measured'),
    sequentialPixels: z
      .union([z.literal(1), z.literal(2), z.literal(4)])
      .default(1)
      .describe('pixels read in one step of 196'),
    sequentialRate: positive.default(5e-5).describe('rate of Adam there; the read-out has 30 times as much'),

    languageSteps: z
      .number()
      .int()
      .min(0)
      .default(50_000)
      .describe('updates on Tiny Shakespeare’s characters, a multiple of 5; 0: not measured'),
    languageUnits: count.default(256).describe('units of the minimalRNN there; other cells have as many parameters'),
    languageRates: positives.default([1e-3, 3e-3]).describe('rates of Adam there; the best counts'),
  })
  .refine((s) => s.criticalSteps % 4 === 0, { error: 'must be a multiple of 4', path: ['criticalSteps'] })
  .refine((s) => s.sequentialSteps % 100 === 0, { error: 'must be a multiple of 100', path: ['sequentialSteps'] })
  .refine((s) => s.languageSteps % 5 === 0, { error: 'must be a multiple of 5', path: ['languageSteps'] })
  .refine((s) => s.images >= s.batch, { error: 'must be at least `batch`', path: ['images'] })
  .refine((s) => s.lengths.every((length, i) => i === 0 || length > s.lengths[i - 1]), {
    error: 'must be ascending',
    path: ['lengths'],
  });

export type Settings = z.output<typeof settings>;

export const scales: Experiment<typeof settings>['scales'] = {
  smoke: {
    seeds: 3,
    settings: {
      grid: 16,
      simulatedBiases: [-3, 2, 5.5],
      simulatedUnits: 300,
      simulatedNetworks: 8,
      spectrumUnits: 600,
      source: 'rendered',
      images: 1000,
      trainImages: 3000,
      testImages: 500,
      units: 48,
      batch: 32,
      criticalLength: 40,
      criticalSteps: 300,
      deviations: [0.9, 1.05],
      trainedBiases: [-3, 5.5],
      sweepPoints: 7,
      sweepLength: 40,
      sweepSteps: 200,
      lengths: [5, 20],
      lengthSteps: 50,
      sequentialSteps: 0,
      languageSteps: 0,
    },
  },
  small: {
    seeds: 3,
    settings: {
      simulatedUnits: 800,
      spectrumUnits: 800,
      images: 10_000,
      trainImages: 30_000,
      testImages: 4000,
      units: 100,
      criticalLength: 80,
      criticalSteps: 600,
      deviations: [0.9, 1.05, 1.2],
      trainedBiases: [-3, 0, 5.5],
      sweepPoints: 7,
      sweepLength: 80,
      sweepSteps: 300,
      lengths: [10, 20, 40, 80],
      lengthSteps: 600,
      sequentialSteps: 0,
      languageSteps: 600,
      languageUnits: 96,
    },
  },
  paper: { seeds: 3, settings: {} },
};
