import { describe, expect, test } from 'vitest';
import { type ClaimVerdict, judgeClaims } from '../../../lab/verdict.ts';
import { changed } from '../../testing.fixture.ts';
import { fittedFactor, learnableLength, type Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { madeUpMeasurements, madeUpSettings } from './measurements.fixture.ts';
import type { Settings } from './settings.ts';

const good = madeUpMeasurements();
const judged = (measurements: Measurements, settings: Settings = madeUpSettings): ClaimVerdict[] =>
  judgeClaims(experiment, settings, measurements);

const to = (value: unknown) => () => value;
/** Both seeds end at an accuracy. */
const ending = (value: number) =>
  to([
    [0.1, value],
    [0.1, value],
  ]);
const plus = (by: number) => (rows: number[][]) => rows.map((row) => row.map((value) => value + by));

/** Claim, quantity that must turn, path, change, and whether it is the control's. */
const changes: readonly [string, string, string, (value: never) => unknown, 'control'?][] = [
  ['I1', '|chi - 1| where', 'theory.critical.2.chi', to(1.001)],
  ['I1', 'distance of the variance from the chosen one, relative', 'theory.critical.0.q', to(15.9)],
  ['I1', 'slope of the variance map', 'theory.critical.4.lambda', to(1.01)],
  ['I1', 'chi - 1 with larger', 'theory.critical.1.chiLargerSw', to(1.01), 'control'],
  ['I1', 'slope of the variance map at', 'theory.unstable.lambda', to(0.99), 'control'],
  ['I1', 'distance of the variance from the chosen one there', 'theory.unstable.q', to(2), 'control'],
  ['I2', 'largest distance of theory', 'trajectories.0.untied', plus(0.1)],
  ['I2', 'the same with weights that stay', 'trajectories.1.tied', plus(0.13)],
  ['I2', 'largest distance (one', 'trajectories.1.shifted', to(good.trajectories[1].theory), 'control'],
  ['I3', 'ordered (mean bias -3 and 5.5): correlation at the end, by theory', 'trajectories.0.theory.149', to(0.9)],
  ['I3', 'ordered: correlation at the end, in sim', 'trajectories.2.untied.1.149', to(0.9)],
  ['I3', 'chaotic (mean bias 2)', 'trajectories.1.theory', (c: number[]) => c.map((value) => value + 0.1)],
  ['I3', 'chaotic: correlation', 'trajectories.1.untied', plus(-0.2)],
  ['I3', 'smallest correlation', 'trajectories.1.same.0.1', to(0.9), 'control'],
  ['I4', 'iterated theory', 'theory.decay.0.iterated', to(0.7)],
  ['I4', 'mean over networks of the simulation', 'trajectories.0.untied', to([good.trajectories[1].theory])],
  ['I4', '|chi / factor', 'theory.decay.0.gateFree', to(0.66), 'control'],
  ['I5', 'mean: measured', 'spectra.2.m1', to([1.1, 1.1])],
  ['I5', 'variance: measured', 'spectra.0.spread', to([3, 3])],
  ['I5', 'variance: predicted', 'spectra.1.gaussianSpread', to([3.1, 3.1]), 'control'],
  ['I6', 'T = 80', 'theory.bands.0.chi', (chi: number[]) => chi.map(() => 0.2)],
  ['I6', 'shares', 'theory.bands.1.chi.0', to(1e-9), 'control'],
  ['I6b', 'T = 40: share', 'sweep.0.accuracy', to([[0.1], [0.2], [0.3], [0.4]])],
  ['I6b', 'rank correlation', 'sweep.1.chi', to([0.99, 0.25, 1.4, 1.14])],
  ['I6b', 'accuracy of each', 'sweep.1.atOnce.3', to([0.3, 0.7]), 'control'],
  ['I7', 'rank correlation', 'lengths.xi', to([800, 4, 2.4])],
  ['I7', 'length at which', 'lengths.xi', to([0.2, 0.3, 800])],
  ['I7', 'accuracy of each', 'lengths.untrained.1.0', to(0.4), 'control'],
  ['I8', 'accuracy, σ_w = 1.05', 'critical.vanilla.3.accuracy', ending(0.8)],
  ['I8', 'accuracy, orthogonal less', 'critical.vanilla.2.accuracy', ending(0.9)],
  ['I8', 'accuracy, σ_w = 0.9', 'critical.vanilla.0.accuracy', ending(0.5)],
  ['I8', 'accuracy', 'critical.vanilla.1.accuracy', ending(0.5), 'control'],
  ['I9', 'accuracy, mean bias 5.5', 'critical.minimal.1.accuracy', ending(0.5)],
  ['I9', 'accuracy, mean bias -3', 'critical.minimal.0.accuracy', ending(0.5)],
  ['I9', 'accuracy on', 'critical.minimal.2.accuracy', ending(0.5), 'control'],
  [
    'I10',
    'updates to 50 %, Gaussian',
    'sequential.0.accuracy',
    to([
      [0.1, 0.6],
      [0.1, 0.6],
    ]),
  ],
  ['I10', 'updates to 50 %, off', 'sequential.3.accuracy', to([[0.7], [0.7]])],
  ['I10', 'accuracy at', 'sequential.9.accuracy', ending(0.3), 'control'],
  ['I11', 'bits per character, minimalRNN / better', 'language.results.0.bits', to([[6, 3]])],
  ['I11', 'bits per character, minimalRNN / vanilla', 'language.results.3.bits', to([[6, 2.4]])],
  ['I11', 'bits per character, single', 'language.unigram', to(2), 'control'],
];

describe('claims', () => {
  test('all hold on the made-up measurements', () => {
    expect(judged(good).map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(
      ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I6b', 'I7', 'I8', 'I9', 'I10', 'I11'].map((id) => `${id} holds`),
    );
  });

  test.each(changes)('%s turns when "%s" is off (%s)', (id, quantity, path, change, where) => {
    const verdict = judged(changed(good, path, change)).find((v) => v.id === id)!;
    expect(verdict.verdict).not.toBe('holds');
    const check = (where === 'control' ? verdict.control.checks : verdict.checks).find((c) =>
      c.quantity.startsWith(quantity),
    );
    expect(check, quantity).toBeDefined();
    expect(check!.verdict).toBe('fails');
  });

  test('every check of every claim is turned by some change', () => {
    for (const { id, checks, control } of judged(good)) {
      const turned = changes.filter(([of]) => of === id).map(([, quantity]) => quantity);
      for (const { quantity } of [...checks, ...control.checks])
        expect(
          turned.some((start) => quantity.startsWith(start)) || /^T = (40|200): share in/.test(quantity),
          `${id} ${quantity}`,
        ).toBe(true);
    }
  });

  test('what a scale does not measure is not judged', () => {
    const short = { ...madeUpSettings, simulatedSteps: 60, lengthSteps: 100, units: 48 };
    const verdicts = judged({ ...good, sequential: null, language: null }, short);
    for (const id of ['I3', 'I7', 'I8', 'I10', 'I11'])
      expect(verdicts.find((v) => v.id === id)!.verdict).toBe('not-applicable');
  });
});

test('learnableLength: between two lengths, nothing beyond them', () => {
  expect(learnableLength([10, 40], [0.75, 0.25])).toBeCloseTo(20, 10);
  expect(learnableLength([10, 40], [0.9, 0.8])).toBeNaN();
  expect(learnableLength([10, 40], [0.4, 0.1])).toBeNaN();
});

test('fittedFactor is the geometric mean of lengths in time scales', () => {
  const accuracy = [
    [0.75, 0.25],
    [0.75, 0.25],
    [0.9, 0.9],
  ];
  expect(fittedFactor({ biases: [], xi: [2, 8, 100], lengths: [10, 40], accuracy, untrained: [] })).toBeCloseTo(5, 10);
});
