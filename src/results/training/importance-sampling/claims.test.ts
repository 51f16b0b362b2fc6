import { describe, expect, test } from 'vitest';
import { type ClaimVerdict, judgeClaims } from '../../../lab/verdict.ts';
import { changed } from '../../testing.fixture.ts';
import type { Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { madeUpMeasurements, madeUpSettings } from './measurements.fixture.ts';
import { raceNames, type Settings, settings } from './settings.ts';

const good = madeUpMeasurements();
const judged = (measurements: Measurements, s: Settings = madeUpSettings): ClaimVerdict[] =>
  judgeClaims(experiment, s, measurements);

interface Change {
  readonly id: string;
  readonly quantity: string;
  readonly path: string;
  readonly to: number | ((value: never) => unknown);
  /** A control's check: the claim is then undecided. Default: the claim fails. */
  readonly control?: true;
}

const full = (checkpoint: number) => `checkpoints.0.measured.full.1.${checkpoint}`;
const end = (race: number, contestant: number) => `races.${race}.runs.1.${contestant}.history.probes.loss.2`;

const changes: readonly Change[] = [
  {
    id: 'I1',
    quantity: 'distance of the mean of all drawn gradients from the true mean, in standard errors (largest)',
    path: `${full(1)}.monteCarlo.upperBound.standardErrors`,
    to: 5,
  },
  {
    id: 'I1',
    quantity: '|variance of the drawn gradients / V(p) - 1| (largest)',
    path: `${full(0)}.monteCarlo.gradientNorm.varianceRatio`,
    to: 0.8,
  },
  {
    id: 'I1',
    quantity: 'bias in standard errors, weights 1 (smallest)',
    path: `${full(2)}.unweightedBias`,
    to: 2,
    control: true,
  },
  {
    id: 'I1',
    quantity: 'V(loss without floor) / V(uniform), where losses underflow to 0',
    path: `${full(2)}.lossVarianceWithoutFloor`,
    to: 1.2,
    control: true,
  },
  {
    id: 'I2',
    quantity: 'norm of the gradient / bound (largest of all examples and checkpoints)',
    path: `${full(0)}.bound.largestRatio`,
    to: 1.01,
  },
  {
    id: 'I2',
    quantity: 'norm of the gradient / loss bound (largest)',
    path: `${full(2)}.bound.largestRatioOfLoss`,
    to: 0.9,
    control: true,
  },
  {
    id: 'I2',
    quantity: 'spread of norm / loss, 95th over 5th percentile (largest)',
    path: 'checkpoints.0.measured.full.1',
    to: (list: Measurements['checkpoints'][number]['measured']['full'][number]) =>
      list.map((c) => ({ ...c, bound: { ...c.bound!, spreadOfLoss: 2 } })),
    control: true,
  },
  {
    id: 'I3',
    quantity: 'Pearson correlation of score and gradient norm (smallest)',
    path: `${full(2)}.scores.upperBound.pearson`,
    to: 0.9,
  },
  {
    id: 'I3',
    quantity: 'squared error of the probabilities, loss / score (smallest)',
    path: `${full(1)}.scores.loss.squaredError`,
    to: 0.0025,
  },
  {
    id: 'I3',
    quantity: 'Pearson correlation of score and gradient norm (largest)',
    path: `${full(0)}.scores.upperBound.pearson`,
    to: 0.97,
    control: true,
  },
  {
    id: 'I4',
    quantity: 'V(score) / V(true norm), the optimum (largest)',
    path: `${full(1)}.scores.gradientNorm.variance`,
    to: 0.1,
  },
  {
    id: 'I4',
    quantity: 'V(uniform) / V(score)',
    path: `${full(0)}.scores.uniform.variance`,
    to: 2,
    control: true,
  },
  {
    id: 'I5',
    quantity: 'tau^2 / measured ratio: largest',
    path: `${full(1)}.scores.upperBound.varianceRatio`,
    to: 8,
  },
  {
    id: 'I5',
    quantity: 'tau^2 / measured ratio: smallest',
    path: `${full(2)}.scores.upperBound.varianceRatio`,
    to: 4,
  },
  {
    id: 'I5',
    quantity: 'V(uniform) / V(shuffled scores) (largest)',
    path: `${full(1)}.shuffledRatio`,
    to: 0.9,
    control: true,
  },
  {
    id: 'I6',
    quantity: 'checkpoints, on or off',
    path: 'checkpoints.0.measured.switch.0',
    to: (list: unknown[]) => list.slice(3),
  },
  {
    id: 'I6',
    quantity: 'V(uniform) at equal cost / V(score) where the switch is on (smallest)',
    path: 'checkpoints.0.measured.switch.1.8.ratio',
    to: 0.9,
  },
  {
    id: 'I6',
    quantity: 'V(uniform) at equal cost / V(score) (largest)',
    path: 'checkpoints.0.measured.wideSwitch.1.0.ratio',
    to: 1.2,
    control: true,
  },
  { id: 'I7', quantity: 'final training loss, importance / uniform', path: end(0, 2), to: 0.09 },
  { id: 'I7', quantity: 'share of updates drawn by importance', path: 'races.0.runs.1.2.importanceUpdates', to: 0 },
  { id: 'I7', quantity: 'final training loss, equal scores / uniform', path: end(0, 3), to: 0.05, control: true },
  {
    id: 'I8',
    quantity: 'final training loss, importance / uniform, median over seeds',
    path: end(1, 1),
    to: 0.15,
  },
  { id: 'I8', quantity: 'share of updates drawn by importance', path: 'races.1.runs.0.1.importanceUpdates', to: 0 },
  { id: 'I8', quantity: 'final training loss, importance / uniform', path: end(2, 1), to: 0.09, control: true },
];

test('every claim holds on measurements as the paper has them', () => {
  const verdicts = judged(good);
  expect(verdicts.map(({ id }) => id)).toEqual(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8']);
  for (const { id, verdict, reason } of verdicts) expect(`${id} ${verdict}: ${reason}`).toContain(`${id} holds`);
});

describe.each(changes)('$id with another value at $path', ({ id, quantity, path, to, control }) => {
  test(`${control ? 'is undecided, its control' : 'fails'}: ${quantity}`, () => {
    const change = typeof to === 'number' ? () => to : to;
    const verdict = judged(changed(good, path, change)).find((claim) => claim.id === id)!;
    expect(`${verdict.verdict}: ${verdict.reason}`).toContain(control ? 'inconclusive: the control' : 'fails: ');
    const turned = [...verdict.checks, ...verdict.control.checks].filter((c) => c.verdict !== 'holds');
    expect(turned.map((c) => c.quantity)).toEqual([quantity]);
  });
});

test('the other checks can fail too: a small gain, and a switch that is never on', () => {
  const small = changed(
    good,
    full(1),
    (c: Measurements['checkpoints'][number]['measured']['full'][number][number]) => ({
      ...c,
      scores: {
        ...c.scores,
        upperBound: { ...c.scores.upperBound, variance: 0.6 },
        gradientNorm: { ...c.scores.gradientNorm, variance: 0.59 },
      },
    }),
  );
  expect(judged(small)[3].reason).toContain('V(uniform) / V(score) (smallest)');
  const off = changed(good, 'checkpoints.0.measured.switch.0', (list: { tau: number }[]) =>
    list.map((c) => ({ ...c, tau: 1 })),
  );
  expect(judged(off)[5].checks.find((c) => c.quantity === 'checkpoints at which it is on')!.verdict).toBe('fails');
});

test('the variance must be met within 5 % where 4000 gradients are drawn', () => {
  const rough = changed(good, `${full(0)}.monteCarlo.uniform.varianceRatio`, () => 1.08);
  expect(judged(rough)[0].verdict).toBe('holds');
  expect(judged(rough, { ...madeUpSettings, draws: 4000 })[0].verdict).toBe('fails');
});

test('without a trained checkpoint nothing holds of trained networks', () => {
  const early = changed(good, 'checkpoints.0.measured.full', (list: unknown[][]) =>
    list.map((seed) => seed.slice(0, 1)),
  );
  for (const claim of [2, 3, 4]) expect(judged(early)[claim].verdict).toBe('fails');
});

test('I2 does not apply where no network is dense', () => {
  const none = changed(good, 'checkpoints.0.measured.full', (list: { bound: unknown }[][]) =>
    list.map((seed) => seed.map((c) => ({ ...c, bound: null }))),
  );
  expect(judged(none)[1].verdict).toBe('not-applicable');
});

test('at the paper’s scale I8 asks for half the loss and no larger error, on both sets', () => {
  const paper = settings.parse({});
  expect(judged(good, paper)[7].verdict).toBe('holds');
  const worse = changed(good, 'races.5.runs', (runs: unknown) => {
    const copy = structuredClone(runs) as Measurements['races'][number]['runs'];
    return copy.map((seed) =>
      seed.map((run) => (run.contestant === 'upperBound' ? changed(run, 'history.probes.loss.2', () => 0.08) : run)),
    );
  });
  expect(judged(worse, paper)[7].verdict).toBe('fails');
  const without = { ...good, races: good.races.filter(({ name }) => name !== raceNames.cifar10) };
  expect(judged(without, paper)[7].verdict).not.toBe('holds');
});
