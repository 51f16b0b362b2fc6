import { expect, test } from 'vitest';
import { type ClaimVerdict, judgeClaims } from '../../../lab/verdict.ts';
import { changed } from '../../testing.fixture.ts';
import type { Measurements } from './claims.ts';
import { experiment } from './experiment.ts';
import { madeUpMeasurements, madeUpSettings } from './measurements.fixture.ts';

const good = madeUpMeasurements();
const judged = (measurements: Measurements): ClaimVerdict[] => judgeClaims(experiment, madeUpSettings, measurements);

/** Claim, what turns (the check's quantity), where the measurements change and to what; a control's claim is then undecided. */
type Change = readonly [id: string, quantity: string, path: string, to: unknown, control?: 'control'];

const mlp = 'MLP of width 128, 4 classes';
const half = 'MLP of width 128, 2 classes';
const cnn = 'small CNN, 4 classes';
const resnet = 'ResNet18, 4 classes';
const networks = [
  [0, mlp],
  [1, cnn],
  [2, resnet],
] as const;
const overlaps = [...networks, [3, half]] as const;
const clustered = [
  [0, mlp],
  [2, resnet],
] as const;
const nearest = 'share of means whose nearest centre is their class’s';
const spread = (seed: number) => ({
  hessian: [10, 9, 8, 7, 6, 5, 4, 3, 2, seed],
  gaussNewton: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
  smallest: 0,
});

const changes: readonly Change[] = [
  ['H1', 'largest error of an entry of the sum / largest entry (plain MLP, float64)', 'plain.split.weighted', 1e-5],
  ['H1', 'relative error where eigenvalues and traces are known in closed form', 'plain.closedForm', 1e-3],
  ['H1', 'largest error of an entry / largest entry', 'plain.split.unweighted', 1e-4, 'control'],
  ...networks.flatMap(([at, title]): Change[] => [
    ['H1', `relative error along random directions (float32): ${title}`, `networks.${at}.split.1.weighted`, 0.01],
    ['H1', `relative error along random directions: ${title}`, `networks.${at}.split.1.unweighted`, 1e-4, 'control'],
    ['H2', `eigenvalue 4 / eigenvalue 5: ${title}`, `networks.${at}.trained.1.gap`, 1.1],
    ['H2', `eigenvalue 4 / eigenvalue 5: ${title}`, `networks.${at}.untrained.1.gap`, 1.5, 'control'],
    [
      'H5',
      `largest eigenvalue without the centres / eigenvalue 4 with them: ${title}`,
      `networks.${at}.trained.0.byClass.knockout`,
      1.1,
    ],
    [
      'H5',
      `largest eigenvalue without them / eigenvalue 4 with them: ${title}`,
      `networks.${at}.trained.0.shuffled.knockout`,
      1.1,
      'control',
    ],
    [
      'H4',
      `median ratio in random order: ${title}`,
      `networks.${at}.trained.0.shuffled.ratios`,
      [0.5, 0.4, 0.3, 0.3],
      'control',
    ],
    [
      'H4',
      `median ratio before training: ${title}`,
      `networks.${at}.untrained.0.byClass.ratios`,
      [0.5, 0.4, 0.3, 0.3],
      'control',
    ],
  ]),
  ['H2', `eigenvalue 2 / eigenvalue 3: ${half}`, 'networks.3.trained.0.gap', 1.1],
  ['H2', `number of outliers: ${mlp}`, 'networks.0.trained.0.count', 5],
  ['H2', `number of outliers: ${resnet}`, 'networks.2.trained.0.count', 2],
  ['H2', `number of outliers: ${half}`, 'networks.3.trained.0.count', 4],
  ...overlaps.flatMap(([at, title]): Change[] => [
    ['H3', `overlap of the two subspaces: ${title}`, `networks.${at}.trained.1.byClass.overlap`, 0.85],
    ['H3', `overlap of the two subspaces: ${title}`, `networks.${at}.trained.1.shuffled.overlap`, 0.7, 'control'],
  ]),
  ['H4', `median ratio of eigenvalues: ${mlp}`, 'networks.0.trained.1.byClass.ratios', [0.9, 0.5, 0.5, 0.5]],
  ['H4', `smallest ratio of eigenvalues: ${resnet}`, 'networks.2.trained.1.byClass.ratios', [0.9, 0.9, 0.9, 0.7]],
  ['H4', `smallest ratio of eigenvalues: ${half}`, 'networks.3.trained.1.byClass.ratios', [0.9, 0.6]],
  ['H6', 'largest relative difference of the ten largest eigenvalues: plain MLP', 'plain.trained.1', spread(1.1)],
  ['H6', `largest relative difference of the leading eigenvalues: ${resnet}`, 'networks.2.hessian.1', 0.1],
  ['H6', 'largest relative difference of the ten largest eigenvalues', 'plain.untrained.0', spread(1.01), 'control'],
  ...clustered.flatMap(([at, title]): Change[] => [
    ['H7', `${nearest}: ${title}`, `networks.${at}.structure.1.clusters.clusterAccuracy`, 0.9],
    ['H7', `mean cosine with the centre: ${title}`, `networks.${at}.structure.1.clusters.meanCosine`, 0.8],
    [
      'H7',
      `length of the mean for the true class / of the centre: ${title}`,
      `networks.${at}.structure.1.clusters.ownNorm`,
      0.3,
    ],
    ['H7', `${nearest}: ${title}`, `networks.${at}.untrainedStructure.0.clusters.clusterAccuracy`, 0.6, 'control'],
    [
      'H7',
      `mean cosine with the centre: ${title}`,
      `networks.${at}.untrainedStructure.0.clusters.meanCosine`,
      0.5,
      'control',
    ],
  ]),
  [
    'H8',
    'share of the networks with training accuracy of at least 0.99 whose overlap is at least 0.8',
    'grid.0.trained.0.byClass.overlap',
    0.7,
  ],
  ['H8', 'the same share', 'grid.1.trained.0.shuffled.overlap', 0.9, 'control'],
  ['H9', 'overlap that averages reach: small CNN', 'cost.seeds.1.averages.overlap', 0.8],
  [
    'H9',
    'gradients over the data: averages / subspace iteration to overlap 0.9',
    'cost.seeds.0.subspaceIteration.cost',
    [2, 4],
  ],
  ['H9', 'overlap that they reach: small CNN', 'cost.seeds.0.averages.shuffledOverlap', 0.9, 'control'],
];

test('every claim holds on measurements as the paper has them', () => {
  const verdicts = judged(good);
  expect(verdicts.map(({ id }) => id)).toEqual(['H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'H7', 'H8', 'H9']);
  for (const { id, verdict, reason } of verdicts) expect(`${id} ${verdict}: ${reason}`).toContain(`${id} holds`);
});

for (const [id, quantity, path, to, control] of changes) {
  test(`${id}: ${quantity} turns with ${path}`, () => {
    const verdict = judged(changed(good, path, () => to)).find((claim) => claim.id === id)!;
    expect(`${verdict.verdict}: ${verdict.reason}`).toContain(
      control === undefined ? 'fails: ' : 'inconclusive: the control',
    );
    // No other check of the claim turns: each of them is needed.
    const turned = [...verdict.checks, ...verdict.control.checks].filter((c) => c.verdict !== 'holds');
    expect(turned.map((c) => c.quantity)).toEqual([quantity]);
  });
}

test('every check and every check of a control is turned by some change', () => {
  const turned = changes.map(([id, quantity, , , control]) => `${id} ${control ?? ''} ${quantity}`);
  const existing = judged(good).flatMap(({ id, checks, control }) => [
    ...checks.map((c) => `${id}  ${c.quantity}`),
    ...control.checks.map((c) => `${id} control ${c.quantity}`),
  ]);
  expect([...new Set(turned)].sort()).toEqual(existing.sort());
});

test('networks that were not fitted do not count in the grid, and a grid without fitted ones fails', () => {
  const unfitted = changed(
    changed(good, 'grid.0.trained.0.byClass.overlap', () => 0.5),
    'grid.0.accuracy.0',
    () => 0.9,
  );
  const verdictOf = (measurements: Measurements) => judged(measurements)[7].verdict;
  expect(verdictOf(unfitted)).toBe('holds');
  const none = good.grid.map((point) => ({ ...point, accuracy: [0.5, 0.5] }));
  expect(verdictOf({ ...good, grid: none })).toBe('fails');
});
