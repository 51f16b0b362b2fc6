/**
 * What an experiment is: settings, three scales, a run that measures, and claims computed from the measurements.
 * Everything the laboratory shows (command line, progress, reports) is derived from these types.
 */
import type { PlotOptions } from '@observablehq/plot';
import type { z } from 'zod';
import type { Checkpoint } from '../nn/index.ts';

export type Scale = 'smoke' | 'small' | 'paper';
export type Verdict = 'holds' | 'fails' | 'inconclusive' | 'not-applicable';

/** What a measured number must satisfy; fixed before the run. */
export type Bound =
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly within: readonly [number, number] };

/** One measured quantity, one value per seed (a single value for a deterministic computation). */
export interface Check {
  /** What is measured, in words, e.g. "Spearman correlation of frequency and learning step". */
  readonly quantity: string;
  /** What theory says this number is, computed from its formula. Omit where theory only gives the bound. */
  readonly predicted?: number | readonly number[];
  /** One value per seed; NaN marks a seed in which the quantity does not exist (e.g. a frequency was never learned). */
  readonly values: readonly number[];
  readonly bound: Bound;
  /** `every`: each seed must satisfy the bound. `mean`: the 95 % interval of the mean over seeds must. */
  readonly over: 'every' | 'mean';
}

/** A condition under which the theorem speaks, and whether it is met here. */
export interface Assumption {
  readonly statement: string;
  readonly found: string;
  readonly holds: boolean;
}

/** What was measured about a claim. All checks must hold. */
export interface Evidence {
  readonly checks: readonly Check[];
  readonly assumptions?: readonly Assumption[];
  /** The setting where the effect must vanish; its checks bound what must be seen there instead. */
  readonly control: { readonly setting: string; readonly checks: readonly Check[] };
}

/** What the paper says, made falsifiable: the statement, known before anything is measured, and how it is put to the test. */
export interface Claim<S = never, M = never> {
  /** Short id within the result, e.g. "B3". */
  readonly id: string;
  readonly statement: string;
  /** Theorem, figure or section of the paper, e.g. "Fig. 1a"; "our addition" where it is ours. */
  readonly source: string;
  /** Predicted against measured, with the control. A pure function; bounds do not depend on the measurements. */
  evidence(settings: S, measurements: M): Evidence;
}

/** One figure of the report: an Observable Plot specification per panel, drawn from the measurements. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  /** One or two sentences: what is drawn, what theory predicts, what to look at. */
  readonly caption: string;
  readonly panels: readonly { readonly title?: string; readonly plot: PlotOptions }[];
}

/**
 * How far the run is. `done`/`total` count steps of the named stage; may be reported often, the latest is shown. `metrics`
 * are kept, every one of them, as the record of step `done`.
 */
export type Progress = (update: {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly headline?: string;
  readonly metrics?: Readonly<Record<string, number>>;
}) => void;

/** The options of `nn.train` that let a run show it, record it, and go on with it after an interruption. */
export interface FollowedLoop {
  readonly onRecords: (done: number, total: number, metrics: Readonly<Record<string, number>>) => void;
  readonly checkpoint: Checkpoint;
}

export interface RunContext {
  readonly seed: number;
  /** Number of seeds; the experiment runs them together (vmap). */
  readonly seeds: number;
  readonly progress: Progress;
  /**
   * Measures a part once: its result, plain data, is stored, and a resumed run takes it from there. Names are unique
   * within the run. What has no stage is measured again.
   */
  readonly stage: <T>(name: string, measure: () => T | Promise<T>) => Promise<T>;
  /** For a loop of many steps: `nn.train(loop, state, data, { steps, every, ...context.follow('training') })`. */
  readonly follow: (stage: string) => FollowedLoop;
}

export interface Citation {
  readonly authors: readonly string[];
  readonly title: string;
  readonly venue: string;
  readonly year: number;
  readonly arxiv?: string;
}

/**
 * A result's experiment. `run` measures and returns plain data (numbers, strings, arrays, typed arrays, plain objects:
 * it crosses a thread and is written to disk); claims and `figures` are pure functions of settings and measurements.
 */
export interface Experiment<S extends z.ZodObject = z.ZodObject, M = unknown> {
  /** kebab-case, also the folder's name. */
  readonly name: string;
  readonly title: string;
  /** What the result says, in at most three sentences. */
  readonly summary: string;
  readonly citation: Citation;
  /** Every field has a default and a `.describe()`; defaults are those of the `paper` scale. */
  readonly settings: S;
  readonly scales: Readonly<Record<Scale, { readonly seeds: number; readonly settings: Partial<z.input<S>> }>>;
  run(settings: z.output<S>, context: RunContext): Promise<M>;
  readonly claims: readonly Claim<z.output<S>, M>[];
  figures(settings: z.output<S>, measurements: M): readonly Figure[];
}
