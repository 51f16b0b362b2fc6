import { describe, expect, test } from 'vitest';
import { type ClaimVerdict, judgeClaims } from '../../../lab/verdict.ts';
import { changed } from '../../testing.fixture.ts';
import type { Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { decayCurve, dipping, madeUpMeasurements, madeUpSettings, traced } from './measurements.fixture.ts';
import type { Settings } from './settings.ts';

const good = madeUpMeasurements();
const judged = (measurements: Measurements, settings: Settings = madeUpSettings): ClaimVerdict[] =>
  judgeClaims(experiment, settings, measurements);

/** A change of the measurements, and the claim and quantity that it must turn. */
interface Change {
  readonly id: string;
  readonly quantity: string;
  readonly path: string;
  readonly change: (value: never) => unknown;
  /** A control's check: the claim is then undecided. Default: the claim fails. */
  readonly control?: true;
}

const to =
  <T>(value: T) =>
  (): T =>
    value;
const all =
  (f: (x: number) => number) =>
  (list: readonly number[]): number[] =>
    list.map(f);
const order = (learned: readonly (number | null)[], growth = 6) => to(traced(learned, growth));
const worse = (rows: readonly { relativeError: number }[]) => rows.map((r) => ({ ...r, relativeError: 0.1 }));

const changes: readonly Change[] = [
  { id: 'B1', quantity: 'relative error against quadrature, d = 1', path: 'exact.line.1', change: worse },
  { id: 'B1', quantity: 'relative error against quadrature, d = 2', path: 'exact.plane.0', change: worse },
  {
    id: 'B1',
    quantity: 'relative error with +i, d = 1 and 2',
    path: 'exact.plane.1',
    change: (rows: readonly { printedSignError: number }[]) => rows.map((r) => ({ ...r, printedSignError: 1e-9 })),
    control: true,
  },
  {
    id: 'B2',
    quantity: 'slopes of the pyramid, d = 2, generic directions',
    path: 'exact.pyramid.2',
    change: to(decayCurve('generic', -2)),
  },
  {
    id: 'B2',
    quantity: 'slopes of the pyramid, facet normals',
    path: 'exact.pyramid.0',
    change: to(decayCurve('facet normal', -3)),
  },
  {
    id: 'B2',
    quantity: 'slopes of random networks, d = 1 (mean of each seed)',
    path: 'exact.cutLine.1',
    change: to([-2, -1]),
  },
  {
    id: 'B2',
    quantity: 'slopes, d = 1 (mean of each seed)',
    path: 'exact.smoothLine.0',
    change: to([-2.1, -1.9]),
    control: true,
  },
  {
    id: 'B3',
    quantity: 'Spearman correlation of frequency and learning step',
    path: 'order.equal',
    change: order([10, 600, 500, 400, 300, 200]),
  },
  {
    id: 'B3',
    quantity: 'steps of the second-highest learned frequency / lowest',
    path: 'order.equal',
    change: order([100, 110, 120, 130, 140, 150]),
  },
  {
    id: 'B3',
    quantity: 'last / first learning step',
    path: 'order.features',
    change: order([20, 30, 40, 50, 60, 70]),
    control: true,
  },
  {
    id: 'B4',
    quantity: 'Spearman correlation of frequency and learning step',
    path: 'order.growing',
    change: order([640, 320, 160, 80, 40, 20]),
  },
  {
    id: 'B4',
    quantity: 'last / first learning step',
    path: 'order.features',
    change: order([20, null, null, null, null, null]),
    control: true,
  },
  {
    id: 'B5',
    quantity: 'product of layer norms, end / start',
    path: 'order.equal',
    change: order([10, 30, 70, 150, 310, 630], 2),
  },
  {
    id: 'B5',
    quantity: 'rank correlation of the product with the highest learned frequency',
    path: 'order.equal.norms',
    change: (norms: number[][][]) =>
      norms.map((seed) => seed.map((layers, t) => (t === 0 ? layers : seed[seed.length - t].map((x) => 10 * x)))),
  },
  {
    id: 'B5',
    quantity: 'highest learned frequency, clipped / free',
    path: 'order.clipped',
    change: order([10, 30, 70, 150, 310, null]),
    control: true,
  },
  {
    id: 'B6',
    quantity: '|f̂| of the highest frequency, perturbed / clean',
    path: 'robustness.robustness.0.meanMagnitude',
    change: (table: number[][]) => table.map(all((ratio) => Math.max(0.6, ratio))),
  },
  {
    id: 'B6',
    quantity: '|f̂| of the lowest frequency there',
    path: 'robustness.robustness.1.meanMagnitude',
    change: (table: number[][]) => table.map(all((ratio) => 0.8 * ratio)),
  },
  {
    id: 'B6',
    quantity: 'Spearman correlation of frequency and |f̂| ratio',
    path: 'robustness.robustness.0.meanMagnitude.2',
    change: to([0.9, 0.6, 0.7, 0.8, 0.4]),
  },
  {
    id: 'B6',
    quantity: 'Spearman correlation of frequency and |f̂| ratio',
    path: 'robustness.control.robustness.meanMagnitude.2',
    change: (row: number[]) => row.map((_, k) => 1 - k / 20),
    control: true,
  },
  {
    id: 'B7',
    quantity: 'best validation error, noise k = 1 / k = 0.1',
    path: 'noise.validation.0.4',
    change: to(dipping(0.22, 0.6)),
  },
  {
    id: 'B7',
    quantity: 'best validation error, k = 0.2 / k = 0.1',
    path: 'noise.validation.1.2',
    change: to(dipping(0.45, 0.5)),
  },
  {
    id: 'B7',
    quantity: 'best validation error, k = 0.5 / k = 0.2',
    path: 'noise.validation.0.3',
    change: to(dipping(0.31, 0.5)),
  },
  {
    id: 'B7',
    quantity: 'k = 1: final / best validation error (the dip)',
    path: 'noise.validation.1.4',
    change: to(dipping(0.12, 0.2)),
  },
  {
    id: 'B7',
    quantity: 'final / best validation error',
    path: 'noise.validation.0.0',
    change: to(dipping(0.07, 0.1)),
    control: true,
  },
  {
    id: 'B8',
    quantity: 'captured fraction of the first fifth of kernel modes',
    path: 'kernelNoise.captured.0.4',
    change: all((c) => c / 2),
  },
  {
    id: 'B8',
    quantity: 'captured fraction of the last fifth',
    path: 'kernelNoise.captured.1.4',
    change: all((c) => Math.max(0.5, c)),
  },
  {
    id: 'B8',
    quantity: '|first fifth - last fifth|',
    path: 'kernelNoise.permuted.0.4',
    change: (row: number[]) => row.map((_, bin) => bin / row.length),
    control: true,
  },
  {
    id: 'B9',
    quantity: 'final loss on L = 8 / on the circle L = 0',
    path: 'folding.curves.0.loss',
    change: to([0.1, 0.9]),
  },
  {
    id: 'B9',
    quantity: 'final loss on the circle of equal arc / on L = 8',
    path: 'folding.curves.4.loss',
    change: to([0.4, 0.08]),
    control: true,
  },
  {
    id: 'B9',
    quantity: 'final loss on the unresolved curve / on L = 8',
    path: 'folding.curves.3.loss',
    change: to([0.08, 0.4]),
    control: true,
  },
  {
    id: 'B10',
    quantity: 'measured / predicted step, k >= 2: smallest of each seed',
    path: 'kernelTimes.circle.measured.0.3',
    change: (t: number) => t / 2,
  },
  {
    id: 'B10',
    quantity: 'measured / predicted step, k >= 2: largest of each seed',
    path: 'kernelTimes.circle.measured.1.5',
    change: (t: number) => 2 * t,
  },
  {
    id: 'B10',
    quantity: 'measured / predicted step, k = 2 and 3: smallest of each seed',
    path: 'kernelTimes.interval.measured.1.2',
    change: to(250),
    control: true,
  },
];

test('every claim holds on measurements as the paper has them', () => {
  const verdicts = judged(good);
  expect(verdicts.map(({ id }) => id)).toEqual(['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8', 'B9', 'B10']);
  for (const { id, verdict, reason } of verdicts) expect(`${id} ${verdict}: ${reason}`).toContain(`${id} holds`);
});

describe.each(changes)('$id with other values at $path', ({ id, quantity, path, change, control }) => {
  test(`${control ? 'is undecided, its control' : 'fails'}: ${quantity}`, () => {
    const verdict = judged(changed(good, path, change)).find((claim) => claim.id === id)!;
    expect(`${verdict.verdict}: ${verdict.reason}`).toContain(control ? 'inconclusive: the control' : 'fails: ');
    // No other check of the claim turns: each of them is needed.
    const turned = [...verdict.checks, ...verdict.control.checks].filter((c) => c.verdict !== 'holds');
    expect(turned.map((c) => c.quantity)).toEqual([quantity]);
  });
});

test('every check and every check of a control is turned by some change', () => {
  const turned = changes.map(({ id, quantity, control }) => `${id} ${control ? 'control: ' : ''}${quantity}`);
  const existing = judged(good).flatMap(({ id, checks, control }) => [
    ...checks.map((c) => `${id} ${c.quantity}`),
    ...control.checks.map((c) => `${id} control: ${c.quantity}`),
  ]);
  expect([...new Set(turned)].sort()).toEqual(existing.sort());
});

describe('where a quantity does not exist the claim fails, and nothing throws:', () => {
  const never = [null, null, null, null, null, null];
  test.each([
    ['B3', 'order.equal', never],
    ['B4', 'order.growing', never],
    ['B5', 'order.equal', never],
  ])('%s without learned frequencies in %s', (id, path, learned) => {
    const { verdict, reason } = judged(changed(good, path, order(learned))).find((claim) => claim.id === id)!;
    expect(verdict).toBe('fails');
    expect(reason).toContain('does not exist in 2 of 2 seeds');
  });

  test('B3 with one learned frequency', () => {
    const { verdict, checks } = judged(changed(good, 'order.equal', order([10, ...never.slice(1)])))[2];
    expect(verdict).toBe('fails');
    expect(checks[1].values).toEqual([Number.NaN, Number.NaN]);
  });

  test('B10 counts a residual that never halves as not yet halved at the last step', () => {
    const missing = changed(good, 'kernelTimes.circle.measured.0.5', to(Number.NaN));
    const verdict = (kernelSteps: number) => judged(missing, { ...madeUpSettings, kernelSteps })[9].verdict;
    // Predicted at step 800.
    expect(verdict(1199)).toBe('holds');
    expect(verdict(1300)).toBe('fails');
  });
});

test('B6 does not apply to networks that have not converged', () => {
  const { verdict, reason } = judged(changed(good, 'robustness.relativeLoss', to([0.01, 0.2])))[5];
  expect(verdict).toBe('not-applicable');
  expect(reason).toContain('the networks have converged');
  expect(reason).toContain('largest 0.20');
});

test('a run that diverged fails its claims; it does not stop the verdicts', () => {
  const broken = changed(good, 'order.equal', (runs: Measurements['order']['equal']) => ({
    ...runs,
    captured: runs.captured.map((records) => records.map((row) => row.map(() => Number.NaN))),
    norms: runs.norms.map((records) => records.map((row) => row.map(() => Number.NaN))),
  }));
  const verdicts = judged(broken);
  expect(verdicts.filter(({ id }) => id === 'B3' || id === 'B5').map(({ verdict }) => verdict)).toEqual([
    'fails',
    'fails',
  ]);
  expect(verdicts).toHaveLength(10);
});
