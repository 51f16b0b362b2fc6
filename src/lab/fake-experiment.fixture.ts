/** A made-up experiment for the laboratory's tests: claims of every verdict, and figures of every kind. */
import * as Plot from '@observablehq/plot';
import { z } from 'zod';
import { generator } from '../array/testing.fixture.ts';
import type { Claim, Evidence, Experiment, Figure, RunContext } from '../results/contract.ts';

const settings = z.object({
  steps: z.int().min(1).default(4000).describe('Gradient steps'),
  rate: z.number().positive().max(1).default(0.002).describe('Step size of gradient descent'),
  frequencies: z
    .array(z.int().positive())
    .min(1)
    .default([1, 2, 4, 8, 16])
    .describe('Frequencies of the target, in cycles'),
  kernel: z.enum(['circle', 'interval']).default('circle').describe('Where the inputs lie'),
});

type Settings = z.output<typeof settings>;

/** Steps until each frequency is learned, seed by seed, and the residuals on the way. */
export interface Decay {
  readonly predicted: Float64Array;
  readonly measured: readonly Float64Array[];
  readonly control: readonly number[];
  readonly residuals: readonly { readonly frequency: number; readonly step: number; readonly residual: number }[];
}

/** The control of most claims. */
const flat = (values: readonly number[]): Evidence['control'] => ({
  setting: 'all eigenvalues equal',
  checks: [{ quantity: 'ratio of last to first time', values, bound: { within: [0.5, 1.5] }, over: 'every' }],
});

const spread = ({ measured }: Decay, of: number) => measured.map((_, i) => of + 0.1 * Math.sin(7 * i));

const claims: readonly Claim<Settings, Decay>[] = [
  {
    id: 'D1',
    statement: 'The time to halve a frequency is the one its kernel eigenvalue predicts.',
    source: 'Thm. 1',
    evidence: ({ frequencies }, decay) => ({
      checks: [
        {
          quantity: 'measured over predicted time, lowest frequency',
          predicted: 1,
          values: decay.measured.map((times) => times[0] / decay.predicted[0]),
          bound: { within: [0.9, 1.1] },
          over: 'mean',
        },
        {
          quantity: 'exponent of the time in k',
          predicted: 2,
          values: decay.measured.map(
            (times) => Math.log(times[times.length - 1] / times[0]) / Math.log(frequencies[frequencies.length - 1]),
          ),
          bound: { atLeast: 1.9 },
          over: 'every',
        },
      ],
      assumptions: [
        { statement: 'The step is below 2 / λ₁', found: 'rate 0.002, limit 2', holds: true },
        { statement: 'The kernel is circulant', found: 'inputs on a circle', holds: true },
      ],
      control: flat(decay.control),
    }),
  },
  {
    id: 'D2',
    statement:
      'High frequencies are never learned before low ones, whatever their amplitude, the initialisation and the order of the data.',
    source: 'Fig. 2b',
    evidence: (_, decay) => ({
      checks: [
        {
          quantity: 'Spearman correlation of k and time',
          values: spread(decay, 0.74),
          bound: { atLeast: 0.9 },
          over: 'every',
        },
        {
          quantity: 'relative error of the exact spectrum',
          predicted: 0,
          values: [3.1e-9],
          bound: { atMost: 1e-6 },
          over: 'every',
        },
      ],
      control: flat(decay.control),
    }),
  },
  {
    id: 'D3',
    statement: 'The residual has a heavy tail.',
    source: 'Sec. 4.2',
    evidence: (_, decay) => ({
      checks: [
        {
          quantity: 'tail index',
          predicted: [1.4, 1.5, 1.6, 1.7, 1.8],
          values: spread(decay, 1.95),
          bound: { atMost: 2 },
          over: 'mean',
        },
      ],
      control: flat(decay.control),
    }),
  },
  {
    id: 'D4',
    statement: 'Wide networks interpolate.',
    source: 'our addition',
    evidence: (_, decay) => ({
      checks: [{ quantity: 'training error', values: spread(decay, 0), bound: { atMost: 0.5 }, over: 'mean' }],
      assumptions: [
        { statement: 'The width exceeds the number of samples', found: 'width 64, 200 samples', holds: false },
      ],
      control: flat(decay.control),
    }),
  },
  {
    id: 'D5',
    statement: 'Noise of low frequency survives, in every direction <of the input> & at every amplitude.',
    source: 'Fig. 5',
    evidence: () => ({
      checks: [
        {
          quantity: 'ratio kept',
          values: [0.93, 0.95, Number.POSITIVE_INFINITY],
          bound: { atLeast: 0.9 },
          over: 'every',
        },
      ],
      control: {
        setting: 'no noise at all',
        checks: [{ quantity: 'ratio kept', values: [0.99, Number.NaN], bound: { atMost: 0.5 }, over: 'mean' }],
      },
    }),
  },
];

export const experiment: Experiment<typeof settings, Decay> = {
  name: 'fake-decay',
  title: 'Low frequencies decay first, in a made-up model',
  summary:
    'Each frequency k of the residual decays at the rate of its kernel eigenvalue, which falls like 1/k². ' +
    'The time to halve a frequency therefore grows like k². Nothing here was published: it tests the laboratory.',
  citation: {
    authors: ['Ada Example', 'Émile de la Démo'],
    title: 'On the Decay of {Made-up} Residuals & Other Things',
    venue: 'Journal of Placeholder Research',
    year: 2024,
    arxiv: '2401.00000',
  },
  settings,
  scales: {
    smoke: { seeds: 5, settings: { steps: 400 } },
    small: { seeds: 5, settings: { steps: 2000 } },
    paper: { seeds: 10, settings: {} },
  },
  run,
  claims,
  figures,
};

async function run({ steps, rate, frequencies }: Settings, { seed, seeds, progress }: RunContext): Promise<Decay> {
  const random = generator(seed);
  const eigenvalue = (k: number) => 1 / k ** 2;
  const predicted = Float64Array.from(frequencies, (k) => Math.log(0.5) / Math.log(1 - rate * eigenvalue(k)));
  const measured = Array.from({ length: seeds }, () => predicted.map((time) => time * (0.95 + 0.1 * random())));
  const residuals: { frequency: number; step: number; residual: number }[] = [];
  for (let step = 0; step <= steps; step += steps / 40) {
    for (const k of frequencies) {
      residuals.push({ frequency: k, step, residual: (1 - rate * eigenvalue(k)) ** step });
    }
    const last = residuals[residuals.length - 1].residual;
    progress({ stage: 'training', done: Math.round(step), total: steps, headline: `residual ${last.toFixed(3)}` });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { predicted, measured, control: Array.from({ length: seeds }, () => 0.9 + 0.2 * random()), residuals };
}

function figures({ frequencies }: Settings, { predicted, measured, residuals }: Decay): readonly Figure[] {
  const times = measured.flatMap((seedTimes) => Array.from(seedTimes, (time, i) => ({ k: frequencies[i], time })));
  const theory = Array.from(predicted, (time, i) => ({ k: frequencies[i], time }));
  return [
    {
      id: 'times',
      title: 'Time to halve, by frequency',
      caption:
        'Dots: one seed each. Line: predicted from the eigenvalues, slope 2. A dot off the line would refute D1.',
      panels: [
        {
          plot: {
            x: { type: 'log', label: 'frequency k' },
            y: { type: 'log', label: 'steps to halve', grid: true },
            marks: [
              Plot.line(theory, { x: 'k', y: 'time', strokeDasharray: '4 3' }),
              Plot.dot(times, { x: 'k', y: 'time', stroke: 'var(--accent)', r: 3.5 }),
            ],
          },
        },
      ],
    },
    {
      id: 'residuals',
      title: 'Residual by step',
      caption: 'Left: one curve per frequency. Right: the same as a heat map; the dark front moves to the right.',
      panels: [
        {
          title: 'Curves',
          plot: {
            color: { type: 'ordinal', scheme: 'viridis', legend: true, label: 'frequency' },
            y: { label: 'residual' },
            marks: [Plot.line(residuals, { x: 'step', y: 'residual', stroke: 'frequency' })],
          },
        },
        {
          title: 'Heat map',
          plot: {
            color: { scheme: 'viridis', legend: true, label: 'residual', domain: [0, 1] },
            x: { ticks: [], padding: 0 },
            y: { padding: 0 },
            marks: [Plot.cell(residuals, { x: 'step', y: 'frequency', fill: 'residual' })],
          },
        },
      ],
    },
    {
      id: 'surface',
      title: 'A raster and a category',
      caption: 'A smooth field drawn as pixels, and points in the default colours.',
      panels: [
        {
          title: 'Field',
          plot: {
            color: { legend: true, scheme: 'RdBu', label: 'value' },
            marks: [
              Plot.raster({
                fill: (x: number, y: number) => Math.sin(3 * x) * Math.cos(2 * y),
                x1: 0,
                y1: 0,
                x2: 4,
                y2: 3,
                pixelSize: 4,
              }),
            ],
          },
        },
        {
          title: 'Categories',
          plot: {
            color: { legend: true },
            marks: [
              Plot.dot(times, { x: 'k', y: 'time', fill: (row: { k: number }) => (row.k > 4 ? 'high' : 'low'), r: 3 }),
              Plot.frame(),
            ],
          },
        },
      ],
    },
  ];
}
