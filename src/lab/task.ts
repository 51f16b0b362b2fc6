/** The unit of computation: what crosses to the thread that measures, and what comes back. */

import type { Experiment, Progress } from '../results/contract.ts';
import type { Device, Threads } from '../runtime/index.ts';
import { recordedContext, Stopped, type Stopping } from './run-context.ts';
import { openRunFolder } from './run-folder.ts';

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
  /** The run's folder: metrics and checkpoints are written there, and what is there is gone on with. */
  readonly folder: string;
  /** Computed by earlier attempts. */
  readonly seconds: number;
}

/** How a run is told to stop. */
export interface Interrupts {
  /** At the next checkpoint. */
  readonly signal: AbortSignal;
  /** Now, with what was kept so far; `signal` is aborted too. */
  readonly urgent: AbortSignal;
}

/** Carries out a task and returns its measurements; rejects with the signal's reason when it was stopped. */
export type Execute = (task: Task, progress: Progress, interrupts: Interrupts) => Promise<unknown>;

/** Carries out the task where it is called. @throws Stopped when `stopping` says so. */
export async function measure(
  results: ResultIndex,
  task: Task,
  progress: Progress,
  stopping: () => Stopping,
): Promise<unknown> {
  const experiment = await results[task.result]();
  const begin = Date.now();
  const seconds = () => task.seconds + (Date.now() - begin) / 1000;
  const context = recordedContext(task, openRunFolder(task.folder), { progress, seconds, stopping });
  return experiment.run(task.settings, context);
}

/** Carries out tasks in the calling thread, which is busy meanwhile. */
export const inThisThread =
  (results: ResultIndex): Execute =>
  async (task, progress, { signal, urgent }) => {
    try {
      return await measure(results, task, progress, () =>
        urgent.aborted ? 'now' : signal.aborted ? 'at a checkpoint' : 'no',
      );
    } catch (error) {
      throw error instanceof Stopped ? signal.reason : error;
    }
  };

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
