/** The unit of computation: what crosses to the thread that measures, and what comes back. */

import type { Experiment, Progress } from '../results/contract.ts';
import type { Device, Threads } from '../runtime/index.ts';

/** The results by name, each loaded only when asked for. */
export type ResultIndex = Readonly<Record<string, () => Promise<Experiment>>>;

export interface Task {
  /** Name in the index of results. */
  readonly result: string;
  /** As the experiment's schema gives them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly seeds: number;
  readonly threads: Threads;
  readonly device: Device;
}

/** Carries out a task and returns its measurements; rejects with the signal's reason when it is aborted. */
export type Execute = (task: Task, progress: Progress, signal: AbortSignal) => Promise<unknown>;

/** Carries out the task where it is called. Used inside the worker thread, and by tests in their own. */
export async function measure(results: ResultIndex, task: Task, progress: Progress): Promise<unknown> {
  const experiment = await results[task.result]();
  return experiment.run(task.settings, { seed: task.seed, seeds: task.seeds, progress });
}

/** At most one update in `milliseconds`, but always the first and last of a stage: a step may take a microsecond. */
export function throttled(progress: Progress, milliseconds: number, now: () => number = Date.now): Progress {
  let stage: string | undefined;
  let last = Number.NEGATIVE_INFINITY;
  return (update) => {
    const time = now();
    if (update.stage === stage && update.done < update.total && time - last < milliseconds) return;
    stage = update.stage;
    last = time;
    progress(update);
  };
}
