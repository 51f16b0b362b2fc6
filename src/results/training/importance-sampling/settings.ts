import { z } from 'zod';
import type { Experiment } from '../../contract.ts';
import type { CheckpointSettings } from './measure/checkpoints.ts';
import type { ProblemSettings } from './measure/problems.ts';
import type { RaceSettings } from './measure/races.ts';

const count = z.number().int().positive();
const positive = z.number().positive();
/** Updates of one compiled call of the training. */
const stretch = 16;
const multiple = count.refine((n) => n % stretch === 0, `must be a multiple of ${stretch}`);

/** One field for everything that a user may change; the defaults are the paper's. */
export const settings = z
  .object({
    task: z
      .enum(['clusters', 'mnist', 'cifar'])
      .default('cifar')
      .describe('data and networks: generated clusters, MNIST, or CIFAR with wide residual networks'),
    copies: count
      .default(4)
      .describe('shifted (and mirrored) copies of every image of the races, made beforehand; the paper has 30'),
    depth: count.default(28).describe('layers of the wide residual network, 6 n + 4'),
    width: count.default(2).describe('widening factor of the wide residual network'),

    samples: count.default(50_000).describe('training examples of the checkpoints (I1 to I6)'),
    hidden: count.default(128).describe('units of each of the two hidden layers of dense networks at checkpoints'),
    batchSize: count.default(128).describe('b of the checkpoints: of the training there and of all variances'),
    largeBatch: count.default(1024).describe('examples that are scored at a checkpoint'),
    draws: count.default(4000).describe('importance gradients drawn at a checkpoint'),
    learningRate: positive.default(0.1).describe('step size of the training with checkpoints (momentum 0.9)'),
    steps: count.default(48_000).describe('updates of the training with checkpoints, a multiple of `every`'),
    every: count.default(3000).describe('updates between two checkpoints of the switch (I6)'),
    fullAt: z
      .array(z.number().int().nonnegative())
      .min(2)
      .refine((list) => list.includes(0), 'must contain 0, the control of I3, I4 and I6')
      .default([0, 3000, 6000, 12_000, 24_000, 48_000])
      .describe('updates after which everything is measured, multiples of `every`, 0 among them'),

    raceSamples: count.default(50_000).describe('training examples of the races (I7, I8), before copies are made'),
    raceBatch: count.default(128).describe('b of the races'),
    racePresample: count.default(640).describe('B of the races'),
    raceThreshold: z.number().min(1).default(1.5).describe('tau above which importance sampling is on in the races'),
    raceLearningRate: positive.default(0.1).describe('first step size of the races (momentum 0.9)'),
    raceDecay: z.number().nonnegative().default(5e-4).describe('weight decay of the races'),
    raceUpdates: count.default(50_000).describe('updates of the race at equal updates; budget of that at equal cost'),
    raceEvery: multiple.default(1600).describe('updates between two records of a race, a multiple of 16'),

    costUnits: count.default(800_000).describe('budget of the races on clusters, in forward passes of one example'),
    noisyRate: positive.default(0.1).describe('constant step size, where noise limits the progress (I8)'),
    calmRate: positive
      .default(0.05)
      .describe('first step size of a falling one, where the number of updates does (control of I8)'),

    seconds: z
      .number()
      .nonnegative()
      .default(0)
      .describe('wall-clock race on MNIST: seconds of each contestant; 0 leaves it out'),
    recurrentUpdates: z
      .number()
      .int()
      .nonnegative()
      .default(20_000)
      .describe('updates of the LSTM on permuted MNIST; 0 leaves it out'),
    recurrentHidden: count.default(128).describe('units of the LSTM'),
    recurrentPixels: count.max(784).default(784).describe('pixels that the LSTM reads'),
    fineTuningImages: z
      .string()
      .default('')
      .describe('folder of a folder of images per class (the paper: MIT67), to fine-tune on; empty leaves it out'),
    fineTuningNetwork: z
      .string()
      .default('')
      .describe('ONNX file of the pre-trained network that is fine-tuned (the paper: ResNet-50)'),
    fineTuningUpdates: count.default(10_000).describe('updates of the fine-tuning'),
  })
  .refine(({ steps, every }) => steps % every === 0, { path: ['steps'], message: 'must be a multiple of `every`' })
  .refine(({ fullAt, every, steps }) => fullAt.every((at) => at % every === 0 && at <= steps), {
    path: ['fullAt'],
    message: 'must be multiples of `every`, at most `steps`',
  })
  .refine(({ samples, largeBatch }) => samples >= largeBatch, {
    path: ['samples'],
    message: 'must be at least `largeBatch`',
  })
  .refine(({ largeBatch, batchSize }) => largeBatch >= 3 * batchSize, {
    path: ['largeBatch'],
    message: 'must be at least 3 times `batchSize`',
  })
  .refine(({ racePresample, raceBatch }) => racePresample > raceBatch, {
    path: ['racePresample'],
    message: 'must be larger than `raceBatch`',
  })
  .refine(({ fineTuningImages, fineTuningNetwork }) => (fineTuningImages === '') === (fineTuningNetwork === ''), {
    path: ['fineTuningNetwork'],
    message: 'goes with `fineTuningImages`: both or neither',
  });

export type Settings = z.output<typeof settings>;

/** The trainings with checkpoints. */
export function checkpointsOf(s: Settings): CheckpointSettings[] {
  const { samples, hidden } = s;
  const problems: Record<Settings['task'], ProblemSettings[]> = {
    clusters: [{ kind: 'clusters', samples, separation: 1.4, hidden }],
    mnist: [
      { kind: 'mnist-mlp', samples, hidden },
      { kind: 'mnist-cnn', samples, copies: 1 },
    ],
    cifar: [{ kind: 'cifar100', samples, copies: 1, depth: s.depth, width: s.width }],
  };
  return problems[s.task].map((problem) => ({
    problem,
    learningRate: s.learningRate,
    batchSize: s.batchSize,
    steps: s.steps,
    every: s.every,
    full: s.fullAt,
    largeBatch: s.largeBatch,
    draws: s.draws,
  }));
}

/** Names of the races that claims speak of. */
export const raceNames = {
  updates: 'equal updates',
  noisy: 'clusters, limited by noise',
  calm: 'clusters, limited by updates',
  cifar10: 'CIFAR-10 at equal cost',
  cifar100: 'CIFAR-100 at equal cost',
  seconds: 'MNIST at equal seconds',
  recurrent: 'LSTM on permuted MNIST',
  fineTuning: 'fine-tuning',
} as const;

/** The races, in order. */
export function racesOf(s: Settings): RaceSettings[] {
  const { raceSamples: samples, copies, depth, width } = s;
  const problems: Record<Settings['task'], ProblemSettings> = {
    clusters: { kind: 'clusters', samples, separation: 1.4, hidden: 128 },
    mnist: { kind: 'mnist-cnn', samples, copies },
    cifar: { kind: 'cifar100', samples, copies, depth, width },
  };
  const isCifar = s.task === 'cifar';
  const base = {
    contestants: ['uniform', 'loss', 'upperBound'],
    batchSize: s.raceBatch,
    presample: s.racePresample,
    tauThreshold: s.raceThreshold,
    measureCost: false,
    learningRate: s.raceLearningRate,
    // CIFAR: divided by 5 at 20,000 and 40,000 of 50,000 updates.
    drops: isCifar
      ? [
          { from: 0.4, factor: 0.2 },
          { from: 0.8, factor: 0.04 },
        ]
      : [
          { from: 0.5, factor: 0.2 },
          { from: 0.8, factor: 0.04 },
        ],
    weightDecay: s.raceDecay,
    every: s.raceEvery,
    probed: 5000,
    chunk: isCifar ? 500 : 5000,
  } satisfies Partial<RaceSettings>;
  const unit = 3 * s.raceBatch;
  const races: RaceSettings[] = [
    {
      ...base,
      name: raceNames.updates,
      problem: problems[s.task],
      contestants:
        s.task === 'mnist' ? ['uniform', 'upperBound', 'constant'] : ['uniform', 'loss', 'upperBound', 'constant'],
      budget: { updates: s.raceUpdates },
    },
  ];
  const clusters = {
    ...base,
    problem: { kind: 'clusters', samples: 20_000, separation: 1, hidden: 128 },
    contestants: ['uniform', 'upperBound'],
    batchSize: 64,
    presample: 192,
    tauThreshold: 1.5,
    drops: [
      { from: 0.5, factor: 0.2 },
      { from: 0.8, factor: 0.04 },
    ],
    weightDecay: 0,
    every: 208,
    probed: 5000,
    chunk: 5000,
    budget: { costUnits: s.costUnits },
  } satisfies Partial<RaceSettings>;
  if (isCifar) {
    for (const kind of ['cifar100', 'cifar10'] as const) {
      races.push({
        ...base,
        name: raceNames[kind],
        problem: { kind, samples, copies, depth, width },
        budget: { costUnits: unit * s.raceUpdates },
      });
    }
  } else {
    races.push({ ...clusters, name: raceNames.noisy, learningRate: s.noisyRate, drops: [] });
  }
  races.push({ ...clusters, name: raceNames.calm, learningRate: s.calmRate });
  if (s.seconds > 0) {
    races.push({
      ...base,
      name: raceNames.seconds,
      problem: { kind: 'mnist-cnn', samples: s.raceSamples, copies },
      contestants: ['uniform', 'upperBound'],
      batchSize: 16,
      presample: 80,
      tauThreshold: null,
      measureCost: true,
      budget: { seconds: s.seconds },
    });
  }
  if (isCifar && s.recurrentUpdates > 0) {
    races.push({
      ...base,
      name: raceNames.recurrent,
      problem: {
        kind: 'permuted-mnist',
        samples: 60_000,
        hidden: s.recurrentHidden,
        pixels: s.recurrentPixels,
      },
      batchSize: 32,
      presample: 128,
      tauThreshold: 1.8,
      weightDecay: 0,
      budget: { costUnits: 96 * s.recurrentUpdates },
    });
  }
  if (s.fineTuningImages !== '') {
    races.push({
      ...base,
      name: raceNames.fineTuning,
      problem: { kind: 'fine-tuning', images: s.fineTuningImages, network: s.fineTuningNetwork },
      batchSize: 16,
      presample: 48,
      tauThreshold: 2,
      learningRate: 1e-3,
      weightDecay: 0,
      probed: 1000,
      chunk: 50,
      budget: { costUnits: 48 * s.fineTuningUpdates },
    });
  }
  return races;
}

/** The same claims in seconds on generated data, in minutes on real data, and as in the paper. */
export const scales: Experiment<typeof settings>['scales'] = {
  smoke: {
    seeds: 3,
    settings: {
      task: 'clusters',
      samples: 4096,
      hidden: 64,
      learningRate: 0.05,
      steps: 500,
      every: 50,
      fullAt: [0, 100, 500],
      draws: 400,
      raceSamples: 20_000,
      raceBatch: 64,
      racePresample: 320,
      raceLearningRate: 0.05,
      raceDecay: 0,
      raceUpdates: 2080,
      raceEvery: 208,
      costUnits: 400_000,
    },
  },
  small: {
    seeds: 3,
    settings: {
      task: 'mnist',
      copies: 4,
      samples: 20_000,
      draws: 2000,
      learningRate: 0.05,
      steps: 2000,
      every: 100,
      fullAt: [0, 100, 500, 2000],
      raceSamples: 10_000,
      raceBatch: 16,
      racePresample: 80,
      raceLearningRate: 0.02,
      raceDecay: 0,
      raceUpdates: 3008,
      raceEvery: 320,
      seconds: 6,
    },
  },
  paper: { seeds: 3, settings: {} },
};
