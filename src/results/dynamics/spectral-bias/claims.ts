/** @file Claims B1 to B10 from the measurements. Every bound is the specification's; none depends on what was measured. */

import { spearman } from '../../../stats/index.ts';
import { every } from '../../checks.ts';
import type { Claim } from '../../contract.ts';
import { type LearningOrder, learningOrder } from './learning-order.ts';
import type { ExactSpectrum } from './measure/exact-spectrum.ts';
import type { FrequencyOrder, TracedRuns } from './measure/frequency-order.ts';
import type { KernelTimes } from './measure/kernel-times.ts';
import { type KernelNoise, kernelBins, type LabelNoise } from './measure/label-noise.ts';
import type { ManifoldFolding } from './measure/manifold-folding.ts';
import type { RobustnessMeasurement } from './measure/robustness.ts';
import type { Settings } from './settings.ts';

export interface Measurements {
  readonly exact: ExactSpectrum;
  readonly order: FrequencyOrder;
  readonly robustness: RobustnessMeasurement;
  readonly noise: LabelNoise;
  readonly kernelNoise: KernelNoise;
  readonly folding: ManifoldFolding;
  readonly kernelTimes: KernelTimes;
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

const exactForm: Claim<Settings, Measurements> = {
  id: 'B1',
  statement: 'A ReLU network’s Fourier transform is a finite sum over its linear regions, exactly.',
  source: 'Lemmas 1 and 2',
  evidence: (_, { exact }) => ({
    checks: [
      every(
        'relative error against quadrature, d = 1',
        exact.line.map((rows) => Math.max(...rows.map((r) => r.relativeError))),
        { atMost: 1e-6 },
        0,
      ),
      every(
        'relative error against quadrature, d = 2',
        exact.plane.map((rows) => Math.max(...rows.map((r) => r.relativeError))),
        { atMost: 5e-3 },
        0,
      ),
    ],
    control: {
      setting: 'Lemma 1 with the sign +i as printed: its values are the negatives, relative error 2',
      checks: [
        every(
          'relative error with +i, d = 1 and 2',
          exact.line.map((rows, s) =>
            Math.min(
              ...[...rows, ...exact.plane[s]].filter((r) => r.support === 'compact').map((r) => r.printedSignError),
            ),
          ),
          { within: [1.9, 2.1] },
          2,
        ),
      ],
    },
  }),
};

const decay: Claim<Settings, Measurements> = {
  id: 'B2',
  statement: 'The spectrum decays like k^-2 along facet normals and k^-(d+1) in all other directions.',
  source: 'Theorem 1',
  evidence(_, { exact }) {
    const slopes = (direction: string) => exact.pyramid.filter((c) => c.direction === direction).map((c) => c.exponent);
    return {
      checks: [
        every('slopes of the pyramid, d = 2, generic directions', slopes('generic'), { within: [-3.25, -2.75] }, -3),
        every('slopes of the pyramid, facet normals', slopes('facet normal'), { within: [-2.1, -1.9] }, -2),
        every(
          'slopes of random networks, d = 1 (mean of each seed)',
          exact.cutLine.map(mean),
          { within: [-2.15, -1.85] },
          -2,
        ),
      ],
      control: {
        setting: 'the same random networks with tanh in place of ReLU: no kinks, no power law',
        checks: [
          every(
            'slopes, d = 1 (mean of each seed)',
            exact.smoothLine.map(mean),
            { atMost: -4 },
            Number.NEGATIVE_INFINITY,
          ),
        ],
      },
    };
  },
};

/** A run that diverged has learned nothing, and NaN satisfies no bound. */
const diverged = (frequencies: readonly number[]): LearningOrder => ({
  step: frequencies.map(() => null),
  spearman: Number.NaN,
  ratioLastFirst: Number.NaN,
});

const orderOf = (runs: TracedRuns, { frequencies, threshold }: Settings): LearningOrder[] =>
  runs.captured.map((records) =>
    records.flat().every(Number.isFinite)
      ? learningOrder(records.flat(), runs.steps, frequencies, { threshold })
      : diverged(frequencies),
  );

/** NaN where one of the values is. */
const rankCorrelation = (x: readonly number[], y: readonly number[]): number =>
  [...x, ...y].every(Number.isFinite) ? spearman(Float64Array.from(x), Float64Array.from(y)) : Number.NaN;

/** Steps of the second-highest learned frequency over those of the lowest; NaN if fewer than two are learned. */
function slowdown(step: readonly (number | null)[]): number {
  const learned = step.filter((s) => s !== null);
  return learned.length < 2 ? Number.NaN : learned[Math.max(1, learned.length - 2)] / learned[0];
}

const lowFirst = (growing: boolean): Claim<Settings, Measurements> => ({
  id: growing ? 'B4' : 'B3',
  statement: growing
    ? 'Low frequencies are learned first even when high ones have larger amplitudes (A_i = 0.1 i).'
    : 'Gradient descent learns low frequencies first.',
  source: growing ? 'Exp. 1, Fig. 1b' : 'Exp. 1, Fig. 1a',
  evidence(settings, { order }) {
    const found = orderOf(growing ? order.growing : order.equal, settings);
    const checks = [
      every(
        'Spearman correlation of frequency and learning step',
        found.map((o) => o.spearman),
        { atLeast: 0.9 },
        1,
      ),
    ];
    if (!growing)
      checks.push(
        every(
          'steps of the second-highest learned frequency / lowest',
          found.map((o) => slowdown(o.step)),
          { atLeast: 3 },
        ),
      );
    return {
      checks,
      control: {
        setting: `inputs as ${settings.features} random Fourier features of deviation ${settings.featureDeviation}: all frequencies are alike`,
        checks: [
          every(
            'last / first learning step',
            orderOf(order.features, settings).map((o) => o.ratioLastFirst),
            { atMost: 1.5 },
            1,
          ),
        ],
      },
    };
  },
});

const product = (norms: readonly number[]): number => norms.reduce((p, n) => p * n, 1);

/**
 * Records at geometrically spaced steps. Learning times span orders of magnitude, so equally spaced records would mostly
 * be ties of the last frequencies, and ties bound a rank correlation away from 1.
 */
function geometricRecords(count: number): number[] {
  const last = count - 1;
  return [...new Set(Array.from({ length: 40 }, (_, i) => Math.round(last ** (i / 39))))];
}

/** The highest frequency learned by each record (in the sense of `learningOrder`); 0 before the first. */
function highestLearned(runs: TracedRuns, settings: Settings): number[][] {
  return orderOf(runs, settings).map(({ step }) =>
    runs.steps.map((t) =>
      Math.max(0, ...settings.frequencies.filter((_, k) => (step[k] ?? Number.POSITIVE_INFINITY) <= t)),
    ),
  );
}

const normsGrow: Claim<Settings, Measurements> = {
  id: 'B5',
  statement: 'The spectral norms of the layers grow while ever higher frequencies are fitted.',
  source: 'Exp. 1, Fig. 1 right; Section 3 (Lipschitz bound)',
  evidence(settings, { order }) {
    const products = order.equal.norms.map((records) => records.map(product));
    const free = highestLearned(order.equal, settings);
    const clipped = highestLearned(order.clipped, settings);
    const at = geometricRecords(order.equal.steps.length);
    const pick = (list: readonly number[]) => at.map((t) => list[t]);
    return {
      checks: [
        every(
          'product of layer norms, end / start',
          products.map((p) => p[p.length - 1] / p[0]),
          { atLeast: 100 },
        ),
        every(
          'rank correlation of the product with the highest learned frequency',
          products.map((p, seed) => rankCorrelation(pick(p), pick(free[seed]))),
          { atLeast: 0.9 },
          1,
        ),
      ],
      control: {
        setting: `parameters clipped to |theta| <= ${settings.clip} after every step (Exp. 7)`,
        checks: [
          every(
            'highest learned frequency, clipped / free',
            clipped.map((k, s) => k.at(-1)! / free[s].at(-1)!),
            { atMost: 0.5 },
          ),
        ],
      },
    };
  },
};

const robust: Claim<Settings, Measurements> = {
  id: 'B6',
  statement: 'Low frequencies of a trained network are more robust to random parameter changes.',
  source: 'Exp. 2, Fig. 3',
  evidence(settings, { robustness }) {
    // At the first length where the highest frequency falls below one half (none: the last).
    const rows = robustness.robustness.map(({ meanMagnitude }) => {
      const first = meanMagnitude.findIndex((row) => row[row.length - 1] < 0.5);
      return { reached: first >= 0, row: meanMagnitude[first < 0 ? meanMagnitude.length - 1 : first] };
    });
    const { control } = robustness;
    const last = control.robustness.meanMagnitude.length - 1;
    return {
      checks: [
        every(
          '|f̂| of the highest frequency, perturbed / clean',
          rows.map(({ row }) => row[row.length - 1]),
          { atMost: 0.5 },
        ),
        every(
          '|f̂| of the lowest frequency there',
          rows.map(({ row }) => row[0]),
          { atLeast: 0.85 },
          1,
        ),
        // Five ranks give correlations in steps of 0.1: -0.9 allows one exchange of neighbours (and its rounding).
        every(
          'Spearman correlation of frequency and |f̂| ratio',
          rows.map(({ row }) => rankCorrelation(settings.robustFrequencies, row)),
          { atMost: -0.9 + 1e-9 },
          -1,
        ),
      ],
      assumptions: [
        {
          statement: 'the networks have converged: loss at most 0.1 of the target’s power',
          found: `largest ${Math.max(...robustness.relativeLoss).toPrecision(2)}`,
          holds: robustness.relativeLoss.every((loss) => loss <= 0.1),
        },
      ],
      control: {
        setting: 'a readout that is linear on fixed sines and cosines, perturbed alike',
        checks: [
          every(
            'Spearman correlation of frequency and |f̂| ratio',
            [rankCorrelation(control.frequencies, control.robustness.meanMagnitude[last])],
            { within: [-0.5, 0.5] },
            0,
          ),
        ],
      },
    };
  },
};

const labelNoise: Claim<Settings, Measurements> = {
  id: 'B7',
  statement:
    'Label noise of low frequency spoils validation at once; noise of high frequency leaves a dip before it is learned.',
  source: 'Exp. 3, Fig. 4',
  evidence(_, { noise }) {
    const curve = (seed: number, frequency: number | null) =>
      noise.validation[seed][noise.frequencies.indexOf(frequency)];
    const seeds = noise.validation.map((_, s) => s);
    const best = (s: number, frequency: number | null) => Math.min(...curve(s, frequency));
    const dip = (s: number, frequency: number | null) => curve(s, frequency).at(-1)! / best(s, frequency);
    return {
      checks: [
        every(
          'best validation error, noise k = 1 / k = 0.1',
          seeds.map((s) => best(s, 1) / best(s, 0.1)),
          { atMost: 0.5 },
        ),
        every(
          'best validation error, k = 0.2 / k = 0.1',
          seeds.map((s) => best(s, 0.2) / best(s, 0.1)),
          { atMost: 1 },
        ),
        every(
          'best validation error, k = 0.5 / k = 0.2',
          seeds.map((s) => best(s, 0.5) / best(s, 0.2)),
          { atMost: 1 },
        ),
        every(
          'k = 1: final / best validation error (the dip)',
          seeds.map((s) => dip(s, 1)),
          { atLeast: 2.5 },
        ),
      ],
      control: {
        setting: 'clean labels: no dip',
        checks: [
          every(
            'final / best validation error',
            seeds.map((s) => dip(s, null)),
            { atMost: 1.1 },
            1,
          ),
        ],
      },
    };
  },
};

const kernelDip: Claim<Settings, Measurements> = {
  id: 'B8',
  statement: 'At the dip the low modes of the data’s kernel are learned and the high ones are not.',
  source: 'Exp. 4, Fig. 5',
  evidence(_, { kernelNoise: kernel }) {
    const fifth = kernelBins / 5;
    const dips = kernel.validation.map((curve) => curve.indexOf(Math.min(...curve)));
    const first = (rows: readonly number[][][], s: number) => mean(rows[s][dips[s]].slice(0, fifth));
    const last = (rows: readonly number[][][], s: number) => mean(rows[s][dips[s]].slice(-fifth));
    const seeds = dips.map((_, s) => s);
    return {
      checks: [
        every(
          'captured fraction of the first fifth of kernel modes',
          seeds.map((s) => first(kernel.captured, s)),
          { atLeast: 0.7 },
        ),
        every(
          'captured fraction of the last fifth',
          seeds.map((s) => last(kernel.captured, s)),
          { atMost: 0.3 },
        ),
      ],
      control: {
        setting: 'the same eigenvectors in random order',
        checks: [
          every(
            '|first fifth - last fifth|',
            seeds.map((s) => Math.abs(first(kernel.permuted, s) - last(kernel.permuted, s))),
            { atMost: 0.1 },
            0,
          ),
        ],
      },
    };
  },
};

const folding: Claim<Settings, Measurements> = {
  id: 'B9',
  statement: 'Data on a more folded curve makes high frequencies easier.',
  source: 'Exp. 5, Fig. 8',
  evidence(settings, { folding: { curves } }) {
    const loss = (petals: number | null) => curves.find((c) => c.petals === petals)!.loss;
    const [flat, folded, arc] = [loss(0), loss(8), loss(null)];
    const coarse = loss(Math.ceil(settings.foldSamples / 4));
    return {
      checks: [
        every(
          'final loss on L = 8 / on the circle L = 0',
          folded.map((l, s) => l / flat[s]),
          { atMost: 0.35 },
        ),
      ],
      control: {
        setting: 'a circle of the same arc length as L = 8; and a curve folded beyond what the samples resolve',
        checks: [
          every(
            'final loss on the circle of equal arc / on L = 8',
            arc.map((l, s) => l / folded[s]),
            { atLeast: 1.5 },
          ),
          every(
            'final loss on the unresolved curve / on L = 8',
            coarse.map((l, s) => l / folded[s]),
            { atLeast: 1.5 },
          ),
        ],
      },
    };
  },
};

const kernelTimes: Claim<Settings, Measurements> = {
  id: 'B10',
  statement: 'The tangent kernel at initialisation predicts when each frequency is learned.',
  source: 'our addition (linear regime, arXiv 1806.07572)',
  evidence(settings, { kernelTimes: { circle, interval } }) {
    const ratios = ({ predicted, measured }: KernelTimes['circle'], from: number, to: number) =>
      measured.map((row, s) =>
        // Not halved within the training: at least that long.
        row.slice(from, to).map((t, k) => (Number.isNaN(t) ? settings.kernelSteps : t) / predicted[s][from + k]),
      );
    const all = ratios(circle, 1, circle.predicted[0].length);
    return {
      checks: [
        every(
          'measured / predicted step, k >= 2: smallest of each seed',
          all.map((row) => Math.min(...row)),
          { within: [0.7, 1.5] },
          1,
        ),
        every(
          'measured / predicted step, k >= 2: largest of each seed',
          all.map((row) => Math.max(...row)),
          { within: [0.7, 1.5] },
          1,
        ),
      ],
      control: {
        setting: 'inputs on the interval [0, 1) in place of the circle: sinusoids are not the kernel’s modes',
        checks: [
          every(
            'measured / predicted step, k = 2 and 3: smallest of each seed',
            ratios(interval, 1, 3).map((row) => Math.min(...row)),
            { atLeast: 4 },
          ),
        ],
      },
    };
  },
};

export const claims = [
  exactForm,
  decay,
  lowFirst(false),
  lowFirst(true),
  normsGrow,
  robust,
  labelNoise,
  kernelDip,
  folding,
  kernelTimes,
];
