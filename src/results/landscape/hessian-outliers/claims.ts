/** @file Claims H1 to H9 from the measurements. No bound depends on what was measured. */

import { median } from '../../../stats/index.ts';
import { every } from '../../checks.ts';
import type { Check, Claim } from '../../contract.ts';
import { type Cost, reached } from './measure/cost.ts';
import type { GridPoint } from './measure/grid.ts';
import type { NetworkMeasurement, Portrait } from './measure/network-outliers.ts';
import { isPapers } from './measure/networks.ts';
import type { HessianComparison, PlainMlp } from './measure/plain-mlp.ts';
import type { Settings } from './settings.ts';

export interface Measurements {
  readonly plain: PlainMlp;
  /** Those of the settings on all classes, then the first of them on half of the classes and on merged ones. */
  readonly networks: readonly NetworkMeasurement[];
  readonly portrait: Portrait;
  readonly grid: readonly GridPoint[];
  readonly cost: { readonly title: string; readonly seeds: readonly Cost[] };
}

const isMlp = ({ name }: NetworkMeasurement): boolean => name === 'mlp' || name === 'narrow-mlp';
const ofPaper = ({ name }: NetworkMeasurement): boolean => isPapers(name);
const onAll = ({ labels }: NetworkMeasurement): boolean => labels === 'all';
/** Merged labels have sub-clusters, about which the paper says nothing; the figures show them. */
const unmerged = ({ labels }: NetworkMeasurement): boolean => labels !== 'merged';

const split: Claim<Settings, Measurements> = {
  id: 'H1',
  statement:
    'The Gauss-Newton part of the Hessian is exactly the sum of four second moments of weighted logit gradients: true class, between classes, between cross-classes, within.',
  source: 'Section 3; the share of the samples and the last term are our addition',
  evidence: (_, { plain, networks }) => ({
    checks: [
      every(
        'largest error of an entry of the sum / largest entry (plain MLP, float64)',
        [plain.split.weighted],
        { atMost: 1e-10 },
        0,
      ),
      every(
        'relative error where eigenvalues and traces are known in closed form',
        [plain.closedForm],
        { atMost: 1e-10 },
        0,
      ),
      ...networks.filter(onAll).map(({ title, split: errors }) =>
        every(
          `relative error along random directions (float32): ${title}`,
          errors.map((e) => e.weighted),
          { atMost: 1e-3 },
          0,
        ),
      ),
    ],
    control: {
      setting: 'the same sums without the weights sqrt(p)',
      checks: [
        every('largest error of an entry / largest entry', [plain.split.unweighted], { atLeast: 1e-2 }),
        ...networks.filter(onAll).map(({ title, split: errors }) =>
          every(
            `relative error along random directions: ${title}`,
            errors.map((e) => e.unweighted),
            { atLeast: 1e-2 },
          ),
        ),
      ],
    },
  }),
};

const countFollowsClasses: Claim<Settings, Measurements> = {
  id: 'H2',
  statement: 'The spectrum of a trained classifier has about as many outliers as there are classes.',
  source: 'Figs. 1 and 10',
  evidence: (_, { networks }) => ({
    checks: networks.filter(unmerged).flatMap((measured): Check[] => {
      const { title, trained, classes: C } = measured;
      const gap = every(
        `eigenvalue ${C} / eigenvalue ${C + 1}: ${title}`,
        trained.map((t) => t.gap),
        { atLeast: 1.25 },
      );
      // Convolutional networks of few channels have larger ratios between single outliers than at the last of them.
      if (!isMlp(measured) && !ofPaper(measured)) return [gap];
      const counts = trained.map((t) => t.count);
      return [gap, every(`number of outliers: ${title}`, counts, { within: [C - 1, C] }, C)];
    }),
    control: {
      setting: 'the same networks before training',
      checks: networks.filter(onAll).map(({ title, untrained, classes: C }) =>
        every(
          `eigenvalue ${C} / eigenvalue ${C + 1}: ${title}`,
          untrained.map((u) => u.gap),
          { atMost: 1.25 },
          1,
        ),
      ),
    },
  }),
};

const subspace: Claim<Settings, Measurements> = {
  id: 'H3',
  statement: 'The class centres, averages of gradients, span the eigenspace of the outliers.',
  source: 'Abstract; Section 4',
  evidence: (_, { networks }) => ({
    checks: networks.filter(unmerged).map(({ title, trained }) =>
      every(
        `overlap of the two subspaces: ${title}`,
        trained.map((t) => t.byClass.overlap),
        { atLeast: 0.9 },
        1,
      ),
    ),
    control: {
      setting: 'averages over classes in random order',
      checks: networks.filter(unmerged).map(({ title, trained }) =>
        every(
          `overlap of the two subspaces: ${title}`,
          trained.map((t) => t.shuffled.overlap),
          { atMost: 0.65 },
        ),
      ),
    },
  }),
};

const eigenvalues: Claim<Settings, Measurements> = {
  id: 'H4',
  statement: 'The eigenvalues between classes (G1) are close to the outliers of the Gauss-Newton matrix.',
  source: 'Fig. 10; appendix, Fig. 1',
  evidence: (_, { networks }) => ({
    checks: networks.filter(unmerged).flatMap((measured): Check[] => {
      const { title, trained, labels } = measured;
      const ratios = trained.map((t) => t.byClass.ratios);
      const smallest = ratios.map((list) => Math.min(...list));
      if (ofPaper(measured)) return [every(`smallest ratio of eigenvalues: ${title}`, smallest, { atLeast: 0.8 }, 1)];
      if (!isMlp(measured)) return [];
      return labels === 'half'
        ? [every(`smallest ratio of eigenvalues: ${title}`, smallest, { atLeast: 0.7 }, 1)]
        : [every(`median ratio of eigenvalues: ${title}`, ratios.map(median), { atLeast: 0.6 }, 1)];
    }),
    control: {
      setting: 'averages over classes in random order; networks before training',
      checks: networks.filter(onAll).flatMap(({ title, trained, untrained }) => [
        every(
          `median ratio in random order: ${title}`,
          trained.map((t) => median(t.shuffled.ratios)),
          { atMost: 0.25 },
        ),
        every(
          `median ratio before training: ${title}`,
          untrained.map((u) => median(u.byClass.ratios)),
          { atMost: 0.05 },
        ),
      ]),
    },
  }),
};

const removal: Claim<Settings, Measurements> = {
  id: 'H5',
  statement: 'Without the class centres the matrix has no outliers left.',
  source: 'our addition (a consequence of Section 4)',
  evidence: (_, { networks }) => ({
    checks: networks.filter(onAll).map(({ title, trained, classes: C }) =>
      every(
        `largest eigenvalue without the centres / eigenvalue ${C} with them: ${title}`,
        trained.map((t) => t.byClass.knockout),
        { atMost: 1 },
      ),
    ),
    control: {
      setting: 'without averages over classes in random order',
      checks: networks.filter(onAll).map(({ title, trained, classes: C }) =>
        every(
          `largest eigenvalue without them / eigenvalue ${C} with them: ${title}`,
          trained.map((t) => t.shuffled.knockout),
          { atLeast: 1.2 },
        ),
      ),
    },
  }),
};

/** Largest relative difference of the leading eigenvalues. */
export const difference = ({ hessian, gaussNewton }: HessianComparison): number =>
  Math.max(...hessian.map((value, j) => Math.abs(value / gaussNewton[j] - 1)));

const hessian: Claim<Settings, Measurements> = {
  id: 'H6',
  statement: 'The outliers belong to the Gauss-Newton part: the leading eigenvalues of the Hessian are the same.',
  source: 'Section 2',
  evidence: (_, { plain, networks }) => ({
    checks: [
      every(
        'largest relative difference of the ten largest eigenvalues: plain MLP',
        plain.trained.map(difference),
        { atMost: 0.02 },
        0,
      ),
      ...networks
        .filter((measured) => ofPaper(measured) && onAll(measured))
        .map(({ title, hessian: differences }) =>
          every(`largest relative difference of the leading eigenvalues: ${title}`, differences, { atMost: 0.02 }, 0),
        ),
    ],
    control: {
      setting: 'the plain MLP before training',
      checks: [
        every('largest relative difference of the ten largest eigenvalues', plain.untrained.map(difference), {
          atLeast: 0.05,
        }),
      ],
    },
  }),
};

const clusters: Claim<Settings, Measurements> = {
  id: 'H7',
  statement:
    'The gradients’ means by true class and other class cluster around the class centres; those for the true class itself are near zero.',
  source: 'Fig. 3',
  evidence: (_, { networks }) => {
    const shown = networks.filter((measured) => onAll(measured) && (isMlp(measured) || ofPaper(measured)));
    const of = (
      { title, structure, untrainedStructure }: NetworkMeasurement,
      when: 'trained' | 'untrained',
      what: 'clusterAccuracy' | 'meanCosine' | 'ownNorm',
      words: string,
      bound: Check['bound'],
    ) =>
      every(
        `${words}: ${title}`,
        (when === 'trained' ? structure : untrainedStructure).map((s) => s.clusters[what]),
        bound,
      );
    return {
      checks: shown.flatMap((n) => [
        of(n, 'trained', 'clusterAccuracy', 'share of means whose nearest centre is their class’s', { atLeast: 0.95 }),
        of(n, 'trained', 'meanCosine', 'mean cosine with the centre', { atLeast: 0.85 }),
        of(n, 'trained', 'ownNorm', 'length of the mean for the true class / of the centre', { atMost: 0.2 }),
      ]),
      control: {
        setting: 'the same networks before training',
        checks: shown.flatMap((n) => [
          of(n, 'untrained', 'clusterAccuracy', 'share of means whose nearest centre is their class’s', {
            atMost: 0.5,
          }),
          of(n, 'untrained', 'meanCosine', 'mean cosine with the centre', { atMost: 0.3 }),
        ]),
      },
    };
  },
};

/** Of the fitted networks the share whose averages reach an overlap of 0.8. */
export function shareReached(grid: readonly GridPoint[], averages: 'byClass' | 'shuffled'): number {
  const fitted = grid.flatMap(({ trained, accuracy }) => trained.filter((_, s) => accuracy[s] >= 0.99));
  return fitted.filter((t) => t[averages].overlap >= 0.8).length / fitted.length;
}

const grid: Claim<Settings, Measurements> = {
  id: 'H8',
  statement: 'This holds for all data sets, networks and sample sizes that are fitted.',
  source: 'Figs. 4 to 9 and the appendix',
  evidence: (_, { grid: points }) => ({
    checks: [
      every(
        'share of the networks with training accuracy of at least 0.99 whose overlap is at least 0.8',
        [shareReached(points, 'byClass')],
        { atLeast: 0.9 },
      ),
    ],
    control: {
      setting: 'averages over classes in random order',
      checks: [every('the same share', [shareReached(points, 'shuffled')], { atMost: 0.1 })],
    },
  }),
};

const cost: Claim<Settings, Measurements> = {
  id: 'H9',
  statement: 'Averaging costs a small part of what an eigenvalue method in parameter space costs.',
  source: 'Abstract',
  evidence: (_, { cost: { title, seeds } }) => ({
    checks: [
      every(
        `overlap that averages reach: ${title}`,
        seeds.map((s) => s.averages.overlap),
        { atLeast: reached },
      ),
      every(
        `gradients over the data: averages / subspace iteration to overlap ${reached}`,
        seeds.map((s) => s.averages.cost / s.subspaceIteration.cost[s.subspaceIteration.cost.length - 1]),
        { atMost: 0.2 },
      ),
    ],
    control: {
      setting: 'averages over classes in random order do not get there',
      checks: [
        every(
          `overlap that they reach: ${title}`,
          seeds.map((s) => s.averages.shuffledOverlap),
          { atMost: 0.65 },
        ),
      ],
    },
  }),
};

export const claims: readonly Claim<Settings, Measurements>[] = [
  split,
  countFollowsClasses,
  subspace,
  eigenvalues,
  removal,
  hessian,
  clusters,
  grid,
  cost,
];
