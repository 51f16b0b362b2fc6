/** @file Claims I1 to I8 from the measurements. No bound depends on what was measured. */
import { median } from '../../../stats/index.ts';
import { every, onAverage } from '../../checks.ts';
import type { Check, Claim } from '../../contract.ts';
import type { CheckpointMeasurement, FullCheckpoint } from './measure/checkpoints.ts';
import type { Contestant, RaceMeasurement, Run } from './measure/races.ts';
import { raceNames, type Settings } from './settings.ts';
import { tauThreshold } from './variance.ts';

export interface Measurements {
  /** One training with checkpoints for each network. */
  readonly checkpoints: readonly { readonly network: string; readonly measured: CheckpointMeasurement }[];
  readonly races: readonly RaceMeasurement[];
}

/** Updates after which a network counts as trained. */
const trainedFrom = 100;
/** Updates after which losses underflow and the loss fails as a bound. */
const underflowFrom = 500;
/** Where there is nothing to compare, nothing holds. */
const largest = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : Math.max(...values));
const smallest = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : Math.min(...values));

/** Of every seed: the full checkpoints of all networks that a condition lets through, as one number. */
function perSeed(
  { checkpoints }: Measurements,
  chosen: (checkpoint: FullCheckpoint) => boolean,
  value: (checkpoint: FullCheckpoint) => number,
  combine: (values: readonly number[]) => number,
): number[] {
  return checkpoints[0].measured.full.map((_, seed) =>
    combine(checkpoints.flatMap(({ measured }) => measured.full[seed].filter(chosen).map(value))),
  );
}

const trained = ({ step }: FullCheckpoint): boolean => step >= trainedFrom;
const initial = ({ step }: FullCheckpoint): boolean => step === 0;
const gain = ({ scores }: FullCheckpoint): number => scores.uniform.variance / scores.upperBound.variance;

const unbiased: Claim<Settings, Measurements> = {
  id: 'I1',
  statement: 'Weighted by 1/(B p), the gradient is unbiased, and its variance is the one that a formula gives.',
  source: 'Section 3.1',
  evidence({ draws }, measurements) {
    const kinds = ['uniform', 'upperBound', 'gradientNorm'] as const;
    const over = (value: (m: FullCheckpoint['monteCarlo']['uniform']) => number) =>
      perSeed(
        measurements,
        () => true,
        ({ monteCarlo }) => largest(kinds.map((k) => value(monteCarlo[k]))),
        largest,
      );
    const control = perSeed(measurements, trained, (c) => c.unweightedBias, smallest);
    return {
      checks: [
        every(
          'distance of the mean of all drawn gradients from the true mean, in standard errors (largest)',
          over((m) => m.standardErrors),
          { atMost: 4 },
        ),
        every(
          '|variance of the drawn gradients / V(p) - 1| (largest)',
          over((m) => Math.abs(m.varianceRatio - 1)),
          { atMost: draws >= 4000 ? 0.05 : 0.1 },
          0,
        ),
      ],
      control: {
        setting: 'all weights 1; and scores that are losses without a floor, in trained networks',
        checks: [
          every('bias in standard errors, weights 1 (smallest)', control, { atLeast: 5 }),
          every(
            'V(loss without floor) / V(uniform), where losses underflow to 0',
            perSeed(
              measurements,
              ({ step }) => step >= underflowFrom,
              (c) => c.lossVarianceWithoutFloor,
              largest,
            ),
            { atLeast: 100 },
            Number.POSITIVE_INFINITY,
          ),
        ],
      },
    };
  },
};

const bound: Claim<Settings, Measurements> = {
  id: 'I2',
  statement: 'The norm of an example’s gradient is at most a constant times the norm of its last layer’s gradient.',
  source: 'Equations 13 to 20',
  evidence(_, measurements) {
    const of = (value: (b: NonNullable<FullCheckpoint['bound']>) => number, from: number) =>
      perSeed(
        measurements,
        ({ step, bound }) => step >= from && bound !== null,
        (c) => value(c.bound!),
        largest,
      );
    return {
      checks: [
        every(
          'norm of the gradient / bound (largest of all examples and checkpoints)',
          of((b) => b.largestRatio, 0),
          {
            atMost: 1,
          },
        ),
      ],
      assumptions: [
        {
          statement: 'the constant is computed from spectral norms of Jacobians: dense layers',
          found: measurements.checkpoints.map(({ network }) => network).join(', '),
          holds: measurements.checkpoints.some(({ measured }) => measured.full[0].some((c) => c.bound !== null)),
        },
      ],
      control: {
        setting: `the loss in place of the score, with the same constant: after ${underflowFrom} updates some losses underflow`,
        checks: [
          every(
            'norm of the gradient / loss bound (largest)',
            of((b) => b.largestRatioOfLoss, underflowFrom),
            {
              atLeast: 1,
            },
          ),
          every(
            'spread of norm / loss, 95th over 5th percentile (largest)',
            of((b) => b.spreadOfLoss, trainedFrom),
            {
              atLeast: 3,
            },
          ),
        ],
      },
    };
  },
};

const ranking: Claim<Settings, Measurements> = {
  id: 'I3',
  statement: 'In a trained network the score ranks examples like the true gradient norm, better than the loss does.',
  source: 'Fig. 2',
  evidence: (_, measurements) => ({
    checks: [
      every(
        'Pearson correlation of score and gradient norm (smallest)',
        perSeed(measurements, trained, (c) => c.scores.upperBound.pearson, smallest),
        { atLeast: 0.95 },
        1,
      ),
      every(
        'squared error of the probabilities, loss / score (smallest)',
        perSeed(measurements, trained, (c) => c.scores.loss.squaredError / c.scores.upperBound.squaredError, smallest),
        { atLeast: 1.5 },
      ),
    ],
    control: {
      setting: 'the network at its random initialisation',
      checks: [
        every(
          'Pearson correlation of score and gradient norm (largest)',
          perSeed(measurements, initial, (c) => c.scores.upperBound.pearson, largest),
          { atMost: 0.9 },
        ),
      ],
    },
  }),
};

const nearOptimum: Claim<Settings, Measurements> = {
  id: 'I4',
  statement: 'Sampling by the score has nearly the smallest possible variance, far less than uniform sampling.',
  source: 'Fig. 1',
  evidence: (_, measurements) => ({
    checks: [
      every(
        'V(score) / V(true norm), the optimum (largest)',
        perSeed(measurements, trained, (c) => c.scores.upperBound.variance / c.scores.gradientNorm.variance, largest),
        { atMost: 1.1 },
        1,
      ),
      every('V(uniform) / V(score) (smallest)', perSeed(measurements, trained, gain, smallest), { atLeast: 2 }),
    ],
    control: {
      setting: 'the network at its random initialisation: all examples matter alike',
      checks: [every('V(uniform) / V(score)', perSeed(measurements, initial, gain, largest), { atMost: 1.2 }, 1)],
    },
  }),
};

const predictedGain: Claim<Settings, Measurements> = {
  id: 'I5',
  statement: 'tau, from the scores alone, predicts how much variance is saved: tau^2 = V(uniform) / V(score).',
  source: 'Equations 21 to 26',
  evidence(_, measurements) {
    const ratio = (c: FullCheckpoint) => c.scores.upperBound.varianceRatio / gain(c);
    const ofNorms = (combine: (values: readonly number[]) => number) =>
      combine(
        perSeed(
          measurements,
          trained,
          ({ scores }) => scores.gradientNorm.varianceRatio / (scores.uniform.variance / scores.gradientNorm.variance),
          combine,
        ),
      ).toFixed(3);
    return {
      checks: [
        every(
          'tau^2 / measured ratio: smallest',
          perSeed(measurements, trained, ratio, smallest),
          { within: [0.85, 1.15] },
          1,
        ),
        every(
          'tau^2 / measured ratio: largest',
          perSeed(measurements, trained, ratio, largest),
          { within: [0.85, 1.15] },
          1,
        ),
      ],
      assumptions: [
        {
          statement: 'not judged: the same prediction from the true norms as scores (what is left is the bound’s)',
          found: `tau^2 / measured ratio from ${ofNorms(smallest)} to ${ofNorms(largest)}`,
          holds: true,
        },
      ],
      control: {
        setting: 'the same scores given to other examples: tau is the same, the variance is not',
        checks: [
          every(
            'V(uniform) / V(shuffled scores) (largest)',
            perSeed(measurements, trained, (c) => c.shuffledRatio, largest),
            {
              atMost: 0.2,
            },
          ),
        ],
      },
    };
  },
};

const safeSwitch: Claim<Settings, Measurements> = {
  id: 'I6',
  statement: 'Where tau exceeds its threshold, importance sampling beats the uniform steps of the same cost.',
  source: 'Equation 29',
  evidence({ batchSize, largeBatch }, { checkpoints }) {
    const threshold = tauThreshold(batchSize, 3 * batchSize);
    const seeds = checkpoints[0].measured.switch.map((_, seed) =>
      checkpoints.flatMap(({ measured }) => measured.switch[seed]),
    );
    const wideThreshold = tauThreshold(batchSize, largeBatch);
    const wide = checkpoints.flatMap(({ measured }) => measured.wideSwitch.flat());
    const missed = seeds.flat().filter(({ tau, ratio }) => tau <= threshold && ratio > 1);
    const missedWide = wide.filter(({ tau, ratio }) => tau <= wideThreshold && ratio > 1);
    const best = (list: readonly { ratio: number }[]) =>
      list.length === 0 ? 'none' : `${list.length}, up to ${largest(list.map(({ ratio }) => ratio)).toFixed(2)} times`;
    return {
      checks: [
        every(
          'checkpoints, on or off',
          seeds.map((list) => list.length),
          { atLeast: 10 },
        ),
        every(
          'V(uniform) at equal cost / V(score) where the switch is on (smallest)',
          seeds.map((list) => smallest(list.filter(({ tau }) => tau > threshold).map(({ ratio }) => ratio))),
          { atLeast: 1 },
        ),
        every(
          'checkpoints at which it is on',
          seeds.map((list) => list.filter(({ tau }) => tau > threshold).length),
          { atLeast: 1 },
        ),
      ],
      assumptions: [
        {
          statement: 'not judged: gains that the threshold misses',
          found: `B = 3 b: ${best(missed)}; B = ${largeBatch}: ${best(missedWide)}`,
          holds: true,
        },
      ],
      control: {
        setting: `always on at the random initialisation, B = ${largeBatch}`,
        checks: [
          every(
            'V(uniform) at equal cost / V(score) (largest)',
            checkpoints[0].measured.wideSwitch.map((_, seed) =>
              largest(
                checkpoints.flatMap(({ measured }) =>
                  measured.wideSwitch[seed].filter(({ step }) => step === 0).map(({ ratio }) => ratio),
                ),
              ),
            ),
            { atMost: 1 },
          ),
        ],
      },
    };
  },
};

/** Last recorded value of one contestant over that of uniform sampling, by seed. */
export function finalRatios(
  race: RaceMeasurement | undefined,
  contestant: Contestant,
  probe: 'loss' | 'error' = 'loss',
): number[] {
  return (race?.runs ?? []).map((runs) => {
    const last = (name: Contestant) => {
      const run = runs.find((r) => r.contestant === name);
      return run === undefined ? Number.NaN : run.history.probes[probe].at(-1)!;
    };
    return last(contestant) / last('uniform');
  });
}

const raceOf = ({ races }: Measurements, name: string): RaceMeasurement | undefined =>
  races.find((race) => race.name === name);
const bySampling = (runs: readonly Run[]): Run => runs.find(({ contestant }) => contestant === 'upperBound')!;
/** Where nothing was drawn by importance a comparison says nothing. */
const updatesOn = (race: RaceMeasurement | undefined): Check =>
  every(
    'share of updates drawn by importance',
    (race?.runs ?? []).map((runs) => bySampling(runs).importanceUpdates / bySampling(runs).history.updates.at(-1)!),
    { atLeast: 0.01 },
  );

const equalUpdates: Claim<Settings, Measurements> = {
  id: 'I7',
  statement: 'After equally many updates the training loss is lower with importance sampling.',
  source: 'our addition: the paper compares at equal time',
  evidence(_, measurements) {
    const race = raceOf(measurements, raceNames.updates);
    return {
      checks: [
        every('final training loss, importance / uniform', finalRatios(race, 'upperBound'), { atMost: 0.75 }),
        updatesOn(race),
      ],
      control: {
        setting: 'the same with equal scores, always on: re-sampling alone helps nothing',
        checks: [
          every(
            'final training loss, equal scores / uniform',
            finalRatios(race, 'constant'),
            { within: [0.9, 1.4] },
            1,
          ),
        ],
      },
    };
  },
};

const equalCost: Claim<Settings, Measurements> = {
  id: 'I8',
  statement: 'At equal cost the training loss is lower with importance sampling, where noise limits the progress.',
  source: 'Abstract and Figs. 3 to 5',
  evidence({ task }, measurements) {
    const control = {
      setting:
        'clusters with a small, falling learning rate, where the number of updates limits the progress: it loses',
      checks: [
        every(
          'final training loss, importance / uniform',
          finalRatios(raceOf(measurements, raceNames.calm), 'upperBound'),
          { atLeast: 1.1 },
        ),
      ],
    };
    if (task === 'cifar') {
      const both = [raceNames.cifar100, raceNames.cifar10].map((name) => raceOf(measurements, name));
      return {
        checks: both.flatMap((race) => [
          onAverage(`final training loss, importance / uniform, ${race?.name}`, finalRatios(race, 'upperBound'), {
            atMost: 0.5,
          }),
          onAverage(`test error, importance / uniform, ${race?.name}`, finalRatios(race, 'upperBound', 'error'), {
            atMost: 1,
          }),
        ]),
        control,
      };
    }
    const race = raceOf(measurements, raceNames.noisy);
    const ratios = finalRatios(race, 'upperBound');
    const timed = raceOf(measurements, raceNames.seconds);
    const text = (values: readonly number[]) => values.map((x) => x.toFixed(2)).join(', ');
    return {
      checks: [
        every('final training loss, importance / uniform, median over seeds', [median(ratios)], { atMost: 1 }),
        updatesOn(race),
      ],
      assumptions: [
        {
          statement: 'a weak criterion, no reproduction of the paper’s factor of ten: gains at this size are small',
          found: `ratios ${text(ratios)}`,
          holds: true,
        },
        ...(timed === undefined
          ? []
          : [
              {
                statement: 'not judged: training loss ratio at equal seconds on this machine, MNIST, b = 16, B = 80',
                found: `${text(finalRatios(timed, 'upperBound'))}; backward over forward ${text(timed.backwardCost)}`,
                holds: true,
              },
            ]),
      ],
      control,
    };
  },
};

export const claims: readonly Claim<Settings, Measurements>[] = [
  unbiased,
  bound,
  ranking,
  nearOptimum,
  predictedGain,
  safeSwitch,
  equalUpdates,
  equalCost,
];
