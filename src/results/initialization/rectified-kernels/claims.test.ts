import { describe, expect, test } from 'vitest';
import { type ClaimVerdict, judgeClaims } from '../../../lab/verdict.ts';
import { changed } from '../../testing.fixture.ts';
import type { Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { madeUpMeasurements, madeUpSettings, report, traces } from './measurements.fixture.ts';

const good = madeUpMeasurements();
const judged = (measurements: Measurements): ClaimVerdict[] => judgeClaims(experiment, madeUpSettings, measurements);

const to =
  <T>(value: T) =>
  (): T =>
    value;
const plus = (d: number) => (x: number) => x + d;
const times =
  (f: number) =>
  (list: readonly number[]): number[] =>
    list.map((v) => f * v);

/** The claim, a part of the quantity that must turn, where the measurements change, and how; `control`: a control's check. */
const changes: readonly (readonly [string, string, string, (value: never) => unknown, 'control'?])[] = [
  ['R1', 'normalised kernel, sampled', 'invariance.laws.1.kernel.0.1.7', plus(0.02)],
  ['R1', 'the same: multivariate t', 'invariance.laws.4.kernel.1.0.3', plus(-0.05)],
  ['R1', '1/(2π)', 'invariance.independentLaplace.1', to(0.158), 'control'],
  ['R2', 'exponent', 'centralLimit.curves.2.error', times(0), undefined],
  ['R2', 'm (kernel - limit)', 'centralLimit.curves.1.error', times(1.1)],
  ['R2', 'kernel', 'centralLimit.sparse.2', to(1 / (2 * Math.PI)), 'control'],
  ['R3', 'kernel error relative', 'activations.cases.5.error.1', to(0.05)],
  ['R3', 'error with the mean', 'activations.cases.2.shifted.0', to(0.05), 'control'],
  ['R4', 'cosine after the layer', 'deep.laws.1', to(traces('uniform', { oneLayerError: 0.08 }))],
  [
    'R4',
    'rms error, Cauchy',
    'deep.cauchy',
    to([
      [0.03, 0.4],
      [0.3, 0.4],
    ]),
    'control',
  ],
  ['R4', 'rms error, weights with a mean', 'deep.shifted', to(traces('', { miss: 0.6 })), 'control'],
  ['R5', 'mean cosine', 'deep.predicted.0.4', plus(0.05)],
  ['R5', 'the same: slope', 'deep.predicted.1.4', plus(-0.08)],
  ['R5', 'mean cosine after layer 2', 'deep.shifted', to(traces('', { oneLayerError: 0.22 })), 'control'],
  ['R6', 'angle after', 'fixedPoint.curves.0.theta.1024', (x: number) => 1.1 * x],
  ['R6', 'exponent of 1 - cosine', 'fixedPoint.curves.1.gap', (g: number[]) => g.map((v, j) => v * j ** 0.2)],
  ['R6', 'largest change', 'fixedPoint.curves.2.gap.9', to(0.9), 'control'],
  ['R7', '|change of the log', 'deep.laws.0', to(traces('normal', { perLayer: 0.2 }))],
  ['R7', 'change of the mean log', 'deep.halved', to(traces('', { perLayer: -0.4 })), 'control'],
  ['R8', 'test accuracy at depth 64, slope 0 ', 'trainability.accuracy.2.0.1', to(0.5)],
  ['R8', 'test accuracy at depth 64, slope 0.7', 'trainability.accuracy.2.2.0', to(0.5)],
  [
    'R8',
    'rank correlation',
    'trainability.accuracy.1',
    to([
      [0.3, 0.3],
      [0.25, 0.25],
      [0.2, 0.2],
    ]),
  ],
  ['R8', 'best accuracy', 'trainability.accuracy.2.1.0', to(0.65)],
  ['R8', 'accuracy, best', 'trainability.accuracy.0.0.0', to(0.7), 'control'],
  ['R9', 'relative kernel error before training, dense', 'trainedLayers.networks.0.before.0', to(report(0.08))],
  ['R9', 'relative kernel error before training, conv', 'trainedLayers.networks.1.before.1', to(report(0.08))],
  [
    'R9',
    'the same less the mean weight vector, after training / before, dense',
    'trainedLayers.networks.0.after.0',
    to(report(0.4, ['zero mean'], 0.02)),
  ],
  [
    'R9',
    'the same less the mean weight vector, after training / before, conv',
    'trainedLayers.networks.1.after.0',
    to(report(0.4, ['zero mean'], 0.02)),
  ],
  ['R9', 'trained layers with', 'trainedLayers.networks.1.after.1', to(report(0.3, ['spread-out inputs'], 0.15))],
  [
    'R9',
    'relative kernel error, dense',
    'trainedLayers.networks.0.shuffled.0',
    to({ ...report(0.3), centredError: 0.2 }),
    'control',
  ],
  [
    'R9',
    'relative kernel error, conv',
    'trainedLayers.networks.1.shuffled.0',
    to({ ...report(0.3), centredError: 0.2 }),
    'control',
  ],
  [
    'R10',
    'exponent in n of the difference of',
    'randomFeatures.curves.3.difference',
    (d: number[][]) => d.map((seed) => seed.map((v, k) => v * [0.8, 1, 1.2][k])),
  ],
  ['R10', 'difference with random signs', 'randomFeatures.curves.1.difference', (d: number[][]) => d.map(times(2))],
  ['R10', 'exponent in n of the difference', 'randomFeatures.curves.2.difference', to([[0.6, 0.3, 0.15]]), 'control'],
];

test('every claim holds on measurements as theory has them', () => {
  const verdicts = judged(good);
  expect(verdicts.map(({ id }) => id)).toEqual(['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9', 'R10']);
  for (const { id, verdict, reason } of verdicts) expect(`${id} ${verdict}: ${reason}`).toContain(`${id} holds`);
});

const turns = changes.map(([id, quantity, path, change, control]) => ({ id, quantity, path, change, control }));

describe.each(turns)('$id: $quantity', ({ id, quantity, path, change, control }) => {
  test(`turns with ${path}`, () => {
    const { verdict, reason, checks, control: against } = judged(changed(good, path, change)).find((c) => c.id === id)!;
    expect(`${verdict}: ${reason}`).toContain(control ? 'inconclusive: the control' : 'fails: ');
    const failed = (control ? against.checks : checks).filter((check) => check.verdict !== 'holds');
    expect(failed.map((check) => check.quantity).join()).toContain(quantity);
  });
});

test('every check and every check of a control is turned by some change', () => {
  const isTurned = (id: string, quantity: string, control: boolean) =>
    changes.some(([c, part, , , k]) => c === id && quantity.startsWith(part) && (k === 'control') === control);
  for (const { id, checks, control } of judged(good)) {
    for (const { quantity } of checks) expect(isTurned(id, quantity, false), `${id} ${quantity}`).toBe(true);
    for (const { quantity } of control.checks) expect(isTurned(id, quantity, true), `${id} ${quantity}`).toBe(true);
  }
});

test('single networks may wander where the mean over seeds does not', () => {
  const [first, second] = [traces('normal', { miss: 0.04 }), traces('normal', { miss: -0.04 })];
  const law = { law: 'normal', networks: [first.networks[0], second.networks[0]] };
  expect(judged(changed(good, 'deep.laws.0', to(law)))[4].verdict).toBe('holds');
});

test('diverged features fail their claim and do not stop the verdicts', () => {
  const broken = changed(good, 'randomFeatures.curves.0.difference', to([[Number.NaN, 1, 1]]));
  expect(judged(broken)[9].verdict).toBe('fails');
});
