/** @file Claims I6b to I9: which initialisations learn the memory task. */
import type { RunContext } from '../../../contract.ts';
import { type RnnParams, stationary, timeScale } from '../mean-field.ts';
import {
  finalAccuracy,
  type Learned,
  learnMemory,
  type Run,
  type TaskData,
  type TrainingSettings,
} from './memory-task.ts';
import { atPrior, spreadOver, type TheorySettings } from './theory.ts';

type Weights = Omit<TheorySettings, 'grid'>;
type Loop = Omit<TrainingSettings, 'T' | 'steps' | 'every'>;

/** Records of a learning curve. */
const records = 4;

export interface SweepSettings extends Weights, Loop {
  readonly points: number;
  readonly length: number;
  readonly steps: number;
  readonly rates: readonly number[];
}

export interface Sweep {
  readonly cell: 'vanilla' | 'minimal';
  readonly at: readonly number[];
  readonly chi: readonly number[];
  /** [point][rate] */
  readonly accuracy: readonly number[][];
  /** [point][rate] where the digit is read at once. */
  readonly atOnce: readonly number[][];
}

/** Both cells over their priors, at several rates; and the same with sequences of one step. */
export async function measureSweep(s: SweepSettings, data: TaskData, context: RunContext): Promise<Sweep[]> {
  const sweeps: Sweep[] = [];
  for (const [k, cell] of (['minimal', 'vanilla'] as const).entries()) {
    const at = spreadOver(cell, s.points);
    const networks = at.map((value) => atPrior(cell, value, s));
    const runs = networks.flatMap((theory) =>
      s.rates.map((rate): Run => ({ theory, kind: 'gaussian', rate, seed: 0 })),
    );
    const learn = async (length: number) => {
      const loop = { ...s, T: length, every: s.steps };
      const found = finalAccuracy(await learnMemory(`sweep, ${cell}`, runs, loop, data, context, 10 + k));
      return at.map((_, i) => found.slice(i * s.rates.length, (i + 1) * s.rates.length));
    };
    sweeps.push({
      cell,
      at,
      chi: networks.map((theory) => stationary(theory).chi1),
      accuracy: await learn(s.length),
      atOnce: await learn(1),
    });
  }
  return sweeps;
}

export interface LengthSettings extends Weights, Loop {
  readonly biases: readonly number[];
  readonly lengths: readonly number[];
  readonly steps: number;
  readonly rate: number;
}

export interface Lengths {
  readonly biases: readonly number[];
  readonly xi: readonly number[];
  readonly lengths: readonly number[];
  /** [bias][length] */
  readonly accuracy: readonly number[][];
  /** The same without learning. */
  readonly untrained: readonly number[][];
}

/** The minimalRNN at several mean biases on sequences of several lengths. */
export async function measureLengths(s: LengthSettings, data: TaskData, context: RunContext): Promise<Lengths> {
  const networks = s.biases.map((mub) => atPrior('minimal', mub, s));
  const columns: number[][] = [];
  for (const T of s.lengths) {
    const runs = [s.rate, 0].flatMap((rate) =>
      networks.map((theory): Run => ({ theory, kind: 'gaussian', rate, seed: 0 })),
    );
    columns.push(finalAccuracy(await learnMemory('lengths', runs, { ...s, T, every: s.steps }, data, context, 20)));
  }
  const n = networks.length;
  return {
    biases: s.biases,
    xi: networks.map((theory) => timeScale(stationary(theory).chi1)),
    lengths: s.lengths,
    accuracy: networks.map((_, b) => columns.map((column) => column[b])),
    untrained: networks.map((_, b) => columns.map((column) => column[n + b])),
  };
}

export interface CriticalSettings extends Weights, Loop {
  readonly length: number;
  readonly steps: number;
  /** Deviations of the recurrent weights of the vanilla cell; 0.9 and 1.05 enter the claim. */
  readonly deviations: readonly number[];
  readonly vanillaRate: number;
  /** Mean biases of the minimalRNN; -3 and 5.5 enter the claim. */
  readonly biases: readonly number[];
  readonly minimalRate: number;
}

/** Learning curves of one initialisation. */
export interface Curves {
  readonly name: string;
  readonly value: number;
  readonly kind: 'gaussian' | 'orthogonal';
  readonly permuted: boolean;
  readonly steps: readonly number[];
  /** [seed][record] */
  readonly accuracy: readonly number[][];
}

/** What the states are divided by before the read-out. */
const sizes = { vanilla: 0.15, minimal: 0.3 } as const;

interface Setting {
  readonly value: number;
  readonly kind: 'gaussian' | 'orthogonal';
  readonly permuted?: boolean;
}

function curves(settings: readonly Setting[], seeds: number, { steps, accuracy }: Learned, symbol: string): Curves[] {
  return settings.map(({ value, kind, permuted = false }, i) => ({
    name: `${symbol} = ${value}`,
    value,
    kind,
    permuted,
    steps,
    accuracy: accuracy.slice(i * seeds, (i + 1) * seeds),
  }));
}

export interface CriticalTraining {
  readonly vanilla: readonly Curves[];
  readonly minimal: readonly Curves[];
}

export async function measureCritical(
  s: CriticalSettings,
  data: TaskData,
  context: RunContext,
): Promise<CriticalTraining> {
  const { seeds } = context;
  const loop = { ...s, T: s.length, every: s.steps / records };
  const learn = (name: string, cell: RnnParams['cell'], rate: number, settings: readonly Setting[], stream: number) => {
    const runs = settings.flatMap(({ value, kind, permuted }) =>
      Array.from(
        { length: seeds },
        (_, seed): Run => ({
          theory: atPrior(cell, value, s),
          kind,
          rate,
          seed,
          size: sizes[cell],
          ...(permuted ? { permuted } : {}),
        }),
      ),
    );
    return learnMemory(name, runs, loop, data, context, stream);
  };
  const ofVanilla = s.deviations.flatMap((value): Setting[] => [
    { value, kind: 'gaussian' },
    { value, kind: 'orthogonal' },
  ]);
  const ofMinimal: Setting[] = [
    ...s.biases.map((value): Setting => ({ value, kind: 'gaussian' })),
    { value: 5.5, kind: 'gaussian', permuted: true },
  ];
  return {
    vanilla: curves(
      ofVanilla,
      seeds,
      await learn('orthogonal and Gaussian', 'vanilla', s.vanillaRate, ofVanilla, 30),
      'σ_w',
    ),
    minimal: curves(
      ofMinimal,
      seeds,
      await learn('open and closed gates', 'minimal', s.minimalRate, ofMinimal, 31),
      'μ_b',
    ),
  };
}
