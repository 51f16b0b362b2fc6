/**
 * What an experiment measures with. In a run's folder it records metrics, stores the results of stages and the states of
 * loops, and takes from there what an earlier attempt has left.
 */
import type { LoopState } from '../nn/index.ts';
import type { FollowedLoop, Progress, RunContext } from '../results/contract.ts';
import { openCheckpoints } from './checkpoints.ts';
import { openMetrics } from './metrics.ts';
import { durationText, numberText } from './number-text.ts';
import type { RunFolder } from './run-folder.ts';

/** Whether the run is to stop, and where. */
export type Stopping = 'no' | 'at a checkpoint' | 'now';

/** Thrown within a computation that was told to stop. */
export class Stopped extends Error {
  override name = 'Stopped';
  constructor() {
    super('the run was told to stop');
  }
}

/** Stores nothing: for an experiment that is called as a function. */
export function plainContext(seed: number, seeds: number, progress: Progress = () => {}): RunContext {
  return {
    seed,
    seeds,
    progress,
    stage: async (stage, measure) => {
      progress({ stage, done: 0, total: 0 });
      return measure();
    },
    follow: (stage) => ({
      onRecords: (done, total, metrics) => progress({ stage, done, total, metrics }),
      checkpoint: { restore: () => undefined, keep: () => {} },
    }),
  };
}

/** Stores everything in the run's folder. `seconds`: computed so far, earlier attempts included. */
export function recordedContext(
  { seed, seeds }: { readonly seed: number; readonly seeds: number },
  folder: RunFolder,
  run: { readonly progress: Progress; readonly seconds: () => number; readonly stopping: () => Stopping },
): RunContext {
  const { seconds, stopping } = run;
  const metrics = openMetrics(folder);
  const checkpoints = openCheckpoints(folder);
  const names = new Set<string>();
  let openStages = 0;

  const tell: Progress = (update) => {
    if (stopping() === 'now') throw new Stopped();
    const { stage, done, total, headline } = update;
    if (update.metrics) metrics.add({ stage, step: done, metrics: update.metrics, seconds: seconds() });
    run.progress({ stage, done, total, ...(headline === undefined ? {} : { headline }) });
  };
  const progress: Progress = (update) => {
    tell(update);
    // Within a stage the next checkpoint is its end.
    if (openStages === 0 && stopping() !== 'no') throw new Stopped();
  };

  const restore = (name: string): unknown => {
    if (names.has(name)) throw new Error(`the run has two ${name}; names of stages, and of loops, must be unique`);
    names.add(name);
    const stored = checkpoints.read(name);
    if (stored === undefined) return undefined;
    metrics.goTo(stored.metrics);
    return stored.data;
  };
  const keep = (name: string, data: unknown): void => {
    if (stopping() === 'now') throw new Stopped();
    checkpoints.write(name, { data, metrics: metrics.count() });
    if (stopping() !== 'no') throw new Stopped();
  };

  const stage = async <T>(title: string, measure: () => T | Promise<T>): Promise<T> => {
    const name = `stage ${title}`;
    const stored = restore(name);
    if (stored !== undefined) {
      folder.log(`${name}: taken from the checkpoint`);
      return (stored as { readonly result: T }).result;
    }
    const [begin, loops] = [seconds(), names.size];
    openStages++;
    tell({ stage: title, done: 0, total: 0 });
    let result: T;
    try {
      result = await measure();
    } finally {
      openStages--;
    }
    folder.log(`${name}: measured in ${durationText(seconds() - begin)}`);
    keep(name, { result });
    // What was kept within it is not needed any more.
    for (const inner of [...names].slice(loops)) checkpoints.remove(inner);
    return result;
  };

  const follow = (title: string): FollowedLoop => {
    const name = `loop ${title}`;
    return {
      onRecords: (done, total, values) => {
        const headline = 'loss' in values ? `loss ${numberText(values['loss'])}` : undefined;
        tell({ stage: title, done, total, headline, metrics: values });
      },
      checkpoint: {
        restore: () => {
          const state = restore(name) as LoopState | undefined;
          if (state) folder.log(`${name}: goes on after ${state.made} steps`);
          return state;
        },
        keep: async (take, last) => {
          if (last || stopping() !== 'no' || checkpoints.due()) keep(name, await take());
        },
      },
    };
  };
  return { seed, seeds, progress, stage, follow };
}
