/** @file Claims I1 to I11 from the measurements. No bound depends on what was measured. */
import { spearman } from '../../../stats/index.ts';
import { every, outOfScale } from '../../checks.ts';
import type { Claim } from '../../contract.ts';
import { memoryTime } from './correlation.ts';
import type { Language } from './measure/language.ts';
import type { SequentialCurve } from './measure/sequential.ts';
import type { Spectrum } from './measure/spectra.ts';
import type { Band, Theory } from './measure/theory.ts';
import type { CriticalTraining, Curves, Lengths, Sweep } from './measure/training.ts';
import type { Trajectories } from './measure/trajectories.ts';
import type { Settings } from './settings.ts';

export interface Measurements {
  readonly theory: Theory;
  readonly trajectories: readonly Trajectories[];
  readonly spectra: readonly Spectrum[];
  readonly critical: CriticalTraining;
  readonly sweep: readonly Sweep[];
  readonly lengths: Lengths;
  readonly sequential: readonly SequentialCurve[] | null;
  readonly language: Language | null;
}

type OneClaim = Claim<Settings, Measurements>;

/** Of ten classes. */
const chance = 0.15;

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
export const meanOver = (rows: readonly (readonly number[])[]): number[] =>
  rows[0].map((_, t) => mean(rows.map((row) => row[t])));
const largestGap = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, t) => Math.abs(value - b[t])));
const last = (values: readonly number[]): number => values[values.length - 1];
/** Over the last quarter of the steps: the stationary value, about which finite networks fluctuate from step to step. */
const settled = (values: readonly number[]): number => mean(values.slice(Math.floor(0.75 * values.length)));
/** NaN where one of the values is, or all of one list are equal. */
const rankCorrelation = (x: readonly number[], y: readonly number[]): number =>
  [...x, ...y].every(Number.isFinite) ? spearman(x, y) : Number.NaN;

const closedForm: OneClaim = {
  id: 'I1',
  statement:
    'The closed-form initialisation puts a minimalRNN on the border between order and chaos, and the network comes to rest there.',
  source: 'critical initialisation',
  evidence: (_, { theory: { critical, unstable } }) => ({
    checks: [
      every(
        '|chi - 1| where the solver comes to rest',
        critical.map(({ chi }) => Math.abs(chi - 1)),
        { atMost: 1e-6 },
        0,
      ),
      every(
        'distance of the variance from the chosen one, relative',
        critical.map(({ q, qStar }) => Math.abs(q / qStar - 1)),
        { atMost: 1e-6 },
        0,
      ),
      every(
        'slope of the variance map',
        critical.map(({ lambda }) => lambda),
        { atMost: 1 },
      ),
    ],
    control: {
      setting: 'recurrent weights a tenth larger; and a critical point that is not stable (mean bias 6, variance 2)',
      checks: [
        every(
          'chi - 1 with larger weights',
          critical.map(({ chiLargerSw }) => chiLargerSw - 1),
          { atLeast: 0.03 },
        ),
        every('slope of the variance map at the unstable point', [unstable.lambda], { atLeast: 1 }),
        every(
          'distance of the variance from the chosen one there, relative',
          [Math.abs(unstable.q / unstable.qStar - 1)],
          {
            atLeast: 0.1,
          },
        ),
      ],
    },
  }),
};

const trajectory: OneClaim = {
  id: 'I2',
  statement:
    'Theory predicts, step by step, how the correlation of two sequences evolves in a large random minimalRNN.',
  source: 'Fig. 2',
  evidence: (_, { trajectories }) => ({
    checks: [
      every(
        'largest distance of theory and mean over networks, weights drawn anew at each step (one value per mean bias)',
        trajectories.map(({ theory, untied }) => largestGap(theory, meanOver(untied))),
        { atMost: 0.08 },
        0,
      ),
      every(
        'the same with weights that stay (one value per mean bias)',
        trajectories.map(({ theory, tied }) => largestGap(theory, meanOver(tied))),
        { atMost: 0.12 },
        0,
      ),
    ],
    control: {
      setting: 'theory for a mean bias that is wrong by 2',
      checks: [
        every(
          'largest distance (one value per mean bias)',
          trajectories.map(({ shifted, untied }) => largestGap(shifted, meanOver(untied))),
          { atLeast: 0.15 },
        ),
      ],
    },
  }),
};

const phases: OneClaim = {
  id: 'I3',
  statement:
    'After equal inputs an ordered network’s two sequences agree again; a chaotic network keeps them apart at the predicted correlation.',
  source: 'Fig. 2',
  evidence({ simulatedSteps }, { trajectories }) {
    if (simulatedSteps < 150) {
      return outOfScale(
        '150 steps, within which open gates forget',
        `${simulatedSteps} steps`,
        'two sequences of equal inputs and states stay equal',
      );
    }
    const at = (mub: number) => trajectories.find((t) => t.mub === mub)!;
    const [ordered, chaotic] = [[-3, 5.5].map(at), at(2)];
    return {
      checks: [
        every(
          'ordered (mean bias -3 and 5.5): correlation at the end, by theory',
          ordered.map(({ theory }) => last(theory)),
          { atLeast: 0.95 },
        ),
        every(
          'ordered: correlation at the end, in simulation (each bias and network)',
          ordered.flatMap(({ untied }) => untied.map(last)),
          { atLeast: 0.95 },
          ordered.flatMap(({ theory, untied }) => untied.map(() => last(theory))),
        ),
        every(
          'chaotic (mean bias 2): correlation over the last quarter of the steps, by theory',
          [settled(chaotic.theory)],
          {
            within: [0.7, 0.82],
          },
        ),
        every(
          'chaotic: correlation over the last quarter of the steps, in simulation (mean over networks)',
          [settled(meanOver(chaotic.untied))],
          { within: [0.7, 0.82] },
          settled(chaotic.theory),
        ),
      ],
      control: {
        setting: 'two sequences of equal inputs and equal states: nothing to tell apart, in chaos too',
        checks: [
          every(
            'smallest correlation of each network, mean bias 2',
            chaotic.same.map((row) => Math.min(...row)),
            { atLeast: 0.999 },
            1,
          ),
        ],
      },
    };
  },
};

const decayRate: OneClaim = {
  id: 'I4',
  statement: 'The distance of two sequences shrinks by the factor chi in each step.',
  source: 'definition of the time scale xi',
  evidence({ simulatedUnits }, { theory: { decay }, trajectories }) {
    const closed = decay.find(({ mub }) => mub === -3)!;
    const simulated = trajectories.find(({ mub }) => mub === -3)!;
    return {
      checks: [
        every(
          'iterated theory: factor / chi, mean bias -3 and 5.5',
          decay.map(({ iterated, chi }) => iterated / chi),
          { within: [0.99, 1.01] },
          1,
        ),
        every(
          'mean over networks of the simulation: factor / that of the iterated theory over the same range, mean bias -3',
          [factorOf(meanOver(simulated.untied), simulatedUnits) / factorOf(simulated.theory, simulatedUnits)],
          { within: [0.95, 1.05] },
          1,
        ),
      ],
      control: {
        setting: 'the formula without the gate’s derivative, chi = E u^2, mean bias -3',
        checks: [
          every('|chi / factor of the theory - 1|', [Math.abs(closed.gateFree / closed.iterated - 1)], {
            atLeast: 0.2,
          }),
        ],
      },
    };
  },
};

/**
 * The factor over the steps from 1 - c = 0.1 down to the floor 5 / N of a finite width; NaN where these are too few. Over
 * so few steps the first ones still show, in theory as in simulation.
 */
function factorOf(c: readonly number[], units: number): number {
  try {
    return memoryTime(c.slice(10), { from: 1e-1, to: 5 / units }).chi;
  } catch {
    return Number.NaN;
  }
}

const spectrum: OneClaim = {
  id: 'I5',
  statement:
    'Random matrix theory predicts mean and variance of the squared singular values of a step’s Jacobian, for Gaussian and for orthogonal weights.',
  source: 'spectrum of the Jacobian',
  evidence(_, { spectra }) {
    const ratios = (found: (s: Spectrum) => readonly number[], predicted: (s: Spectrum) => readonly number[]) =>
      spectra.flatMap((s) => [mean(found(s).map((value, i) => value / predicted(s)[i]))]);
    const haar = spectra.find((s) => s.kind === 'orthogonal' && s.name.endsWith('= 0'))!;
    return {
      checks: [
        every(
          'mean: measured / predicted (each network and kind of weights, mean over seeds)',
          ratios(
            (s) => s.m1,
            (s) => s.predictedM1,
          ),
          { within: [0.95, 1.05] },
          1,
        ),
        every(
          'variance: measured / predicted (each network and kind of weights, mean over seeds)',
          ratios(
            (s) => s.spread,
            (s) => s.predictedSpread,
          ),
          { within: [0.95, 1.05] },
          1,
        ),
      ],
      control: {
        setting: 'the formula for Gaussian weights on orthogonal ones, minimalRNN at mean bias 0',
        checks: [
          every(
            'variance: predicted / measured - 1',
            [mean(haar.gaussianSpread.map((value, i) => value / haar.spread[i])) - 1],
            { atLeast: 0.08 },
          ),
        ],
      },
    };
  },
};

/** Share of a prior in which |ln chi| is at most a limit. */
const share = ({ chi }: Band, limit: number): number =>
  chi.filter((value) => Math.abs(Math.log(value)) <= limit).length / chi.length;

const broader: OneClaim = {
  id: 'I6',
  statement:
    'Gating widens the region of trainable initialisations: for sequences of T steps, the share of initialisations with |ln chi| <= 6 / T is much larger in the minimalRNN.',
  source: 'phase diagrams; abstract',
  evidence(_, { theory: { bands } }) {
    const [minimal, vanilla] = (['minimal', 'vanilla'] as const).map((cell) => bands.find((b) => b.cell === cell)!);
    return {
      checks: [40, 80, 200].map((T) =>
        every(
          `T = ${T}: share in the minimalRNN / in the vanilla cell`,
          [share(minimal, 6 / T) / share(vanilla, 6 / T)],
          {
            atLeast: 3,
          },
        ),
      ),
      control: {
        setting: 'a limit of 10 in place of 6 / T, which everything satisfies',
        checks: [every('shares', [share(minimal, 10), share(vanilla, 10)], { atLeast: 1 }, 1)],
      },
    };
  },
};

const best = (table: readonly (readonly number[])[]): number[] => table.map((rates) => Math.max(...rates));

const broaderTraining: OneClaim = {
  id: 'I6b',
  statement:
    'More initialisations of the minimalRNN than of the vanilla cell learn to remember a digit, and those near chi = 1 do.',
  source: 'heat maps of accuracy with curves of xi',
  evidence({ sweepLength }, { sweep }) {
    const [minimal, vanilla] = (['minimal', 'vanilla'] as const).map((cell) => sweep.find((s) => s.cell === cell)!);
    const learned = (s: Sweep) => best(s.accuracy).filter((accuracy) => accuracy > 0.5).length / s.at.length;
    const criticality = (s: Sweep) =>
      rankCorrelation(
        best(s.accuracy),
        s.chi.map((chi) => -Math.abs(Math.log(chi))),
      );
    return {
      checks: [
        every(
          `T = ${sweepLength}: share of initialisations above 50 % in the minimalRNN less that in the vanilla cell`,
          [learned(minimal) - learned(vanilla)],
          { atLeast: 0.2 },
        ),
        every('rank correlation of accuracy and -|ln chi| (minimalRNN, vanilla)', [minimal, vanilla].map(criticality), {
          atLeast: 0.6,
        }),
      ],
      control: {
        setting: 'nothing to remember: the digit is read at the only step',
        checks: [
          every('accuracy of each initialisation', [...best(minimal.atOnce), ...best(vanilla.atOnce)], {
            atLeast: 0.8,
          }),
        ],
      },
    };
  },
};

/** Where accuracy falls to 50 %, between two lengths linear in their logarithm; NaN where it does not within the range. */
export function learnableLength(lengths: readonly number[], accuracy: readonly number[]): number {
  const fails = accuracy.findIndex((value) => !(value > 0.5));
  if (fails <= 0) return Number.NaN;
  const [a, b] = [accuracy[fails - 1], accuracy[fails]];
  const [from, to] = [lengths[fails - 1], lengths[fails]].map(Math.log);
  return Math.exp(from + ((a - 0.5) / (a - b)) * (to - from));
}

/** k of T = k xi: the geometric mean over the settings whose length lies within the range. */
export function fittedFactor({ xi, lengths, accuracy }: Lengths): number {
  const factors = accuracy.map((row, i) => learnableLength(lengths, row) / xi[i]).filter(Number.isFinite);
  return factors.length === 0 ? Number.NaN : Math.exp(mean(factors.map(Math.log)));
}

const trainableLength: OneClaim = {
  id: 'I7',
  statement: 'The longest sequences a network learns from are a constant number of time scales xi long.',
  source: 'heat maps of accuracy with curves of xi',
  evidence({ lengthSteps }, { lengths }) {
    if (lengthSteps < 400) {
      return outOfScale(
        'at least 400 updates, so that memory rather than training time is the limit',
        `${lengthSteps} updates`,
        'learning rate 0',
      );
    }
    const longest = lengths.accuracy.map((row) => {
      const fails = row.findIndex((value) => !(value > 0.5));
      return fails < 0 ? last(lengths.lengths) : fails === 0 ? 0 : lengths.lengths[fails - 1];
    });
    return {
      checks: [
        every('rank correlation of xi and the longest learned sequence', [rankCorrelation(lengths.xi, longest)], {
          atLeast: 0.8,
        }),
        every(
          'length at which accuracy falls to 50 %, in time scales',
          [fittedFactor(lengths)],
          { within: [2, 15] },
          6,
        ),
      ],
      control: {
        setting: 'learning rate 0',
        checks: [every('accuracy of each setting', lengths.untrained.flat(), { atMost: chance }, 0.1)],
      },
    };
  },
};

const finals = (all: readonly Curves[], value: number, kind: Curves['kind'], permuted = false): number[] =>
  all.find((c) => c.value === value && c.kind === kind && c.permuted === permuted)!.accuracy.map(last);

const orthogonalWins: OneClaim = {
  id: 'I8',
  statement:
    'A vanilla cell near the critical line learns to remember, off it it does not; orthogonal weights learn faster than Gaussian ones.',
  source: 'learning dynamics',
  evidence({ units }, { critical: { vanilla } }) {
    if (units < 100) {
      return outOfScale(
        'at least 100 units: the spectra of smaller Gaussian matrices scatter across the critical line',
        `${units} units`,
        'orthogonal weights off the critical line',
      );
    }
    const orthogonal = finals(vanilla, 1.05, 'orthogonal');
    const gaussian = finals(vanilla, 1.05, 'gaussian');
    return {
      checks: [
        every('accuracy, σ_w = 1.05, orthogonal', orthogonal, { atLeast: 0.88 }),
        every(
          'accuracy, orthogonal less Gaussian, σ_w = 1.05',
          orthogonal.map((value, s) => value - gaussian[s]),
          { atLeast: 0.05 },
        ),
        every('accuracy, σ_w = 0.9, Gaussian', finals(vanilla, 0.9, 'gaussian'), { atMost: chance }),
      ],
      control: {
        setting: 'orthogonal weights off the critical line, σ_w = 0.9: orthogonality alone is not enough',
        checks: [every('accuracy', finals(vanilla, 0.9, 'orthogonal'), { atMost: chance }, 0.1)],
      },
    };
  },
};

const openGates: OneClaim = {
  id: 'I9',
  statement: 'A minimalRNN whose gates are mostly open learns to remember; with closed gates it does not.',
  source: 'learning dynamics',
  evidence: (_, { critical: { minimal } }) => ({
    checks: [
      every('accuracy, mean bias 5.5', finals(minimal, 5.5, 'gaussian'), { atLeast: 0.65 }),
      every('accuracy, mean bias -3', finals(minimal, -3, 'gaussian'), { atMost: chance }),
    ],
    control: {
      setting: 'open gates, labels in random order: nothing to learn',
      checks: [every('accuracy on the true labels', finals(minimal, 5.5, 'gaussian', true), { atMost: chance }, 0.1)],
    },
  }),
};

/** Updates to an accuracy; NaN where it is not reached. */
const updatesTo = (level: number, steps: readonly number[], accuracy: readonly number[]): number =>
  steps[accuracy.findIndex((value) => value >= level)] ?? Number.NaN;

const sequentialControl = 'labels in random order';

const sequentialImages: OneClaim = {
  id: 'I10',
  statement:
    'Reading images pixel by pixel, a critical vanilla cell with orthogonal weights learns at least twice as fast as one with Gaussian weights.',
  source: 'learning dynamics, T = 196 and 784',
  evidence({ sequentialSteps }, { sequential }) {
    if (sequential === null) {
      return outOfScale(
        'images read pixel by pixel, tens of thousands of updates',
        `not measured (${sequentialSteps} updates)`,
        sequentialControl,
      );
    }
    const updates = (critical: boolean, kind: Curves['kind']) => {
      const curve = sequential.find(
        (c) => c.cell === 'vanilla' && c.critical === critical && c.kind === kind && !c.permuted,
      )!;
      return curve.accuracy.map((row) => updatesTo(0.5, curve.steps, row));
    };
    const fastest = updates(true, 'orthogonal');
    // One that never gets there is slower than all updates made.
    const ratio = (others: readonly number[]) =>
      others.map((value, s) => (Number.isNaN(value) ? sequentialSteps : value) / fastest[s]);
    return {
      checks: [
        every('updates to 50 %, Gaussian / orthogonal, critical', ratio(updates(true, 'gaussian')), { atLeast: 2 }),
        every('updates to 50 %, off-critical orthogonal / critical orthogonal', ratio(updates(false, 'orthogonal')), {
          atLeast: 1,
        }),
      ],
      control: {
        setting: sequentialControl,
        checks: [
          every(
            'accuracy at the end (both cells)',
            sequential.filter((c) => c.permuted).flatMap((c) => c.accuracy.map(last)),
            { atMost: chance },
            0.1,
          ),
        ],
      },
    };
  },
};

const language: OneClaim = {
  id: 'I11',
  statement:
    'On a language task the minimalRNN is comparable to LSTM and GRU of equally many parameters, and better than the vanilla cell.',
  source: 'language model table (there: words of Penn Treebank)',
  evidence({ languageSteps }, { language: found }) {
    const control = 'a model of single characters';
    if (found === null) {
      return outOfScale('a text of a million characters', `not measured (${languageSteps} updates)`, control);
    }
    const bits = (cell: string) =>
      Math.min(...found.results.find((r) => r.cell === cell)!.bits.map((row) => Math.min(...row)));
    const gated = Math.min(bits('lstm'), bits('gru'));
    return {
      checks: [
        every('bits per character, minimalRNN / better of LSTM and GRU', [bits('minimal') / gated], { atMost: 1.1 }),
        every('bits per character, minimalRNN / vanilla', [bits('minimal') / bits('vanilla')], { atMost: 1 }),
      ],
      control: {
        setting: control,
        checks: [
          every(
            'bits per character, single characters / worst of the cells',
            [found.unigram / Math.max(...found.results.map((r) => bits(r.cell)))],
            { atLeast: 1 },
          ),
        ],
      },
    };
  },
};

export const claims: readonly OneClaim[] = [
  closedForm,
  trajectory,
  phases,
  decayRate,
  spectrum,
  broader,
  broaderTraining,
  trainableLength,
  orthogonalWins,
  openGates,
  sequentialImages,
  language,
];
