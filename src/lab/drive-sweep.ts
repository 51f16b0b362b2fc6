/** Carries out a sweep: has an executor work on the points that are open, and follows them by what is in their folders. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Executor } from './executor.ts';
import { type RunRecord, type RunState, runState } from './run-record.ts';
import type { Sweep } from './sweep.ts';
import { pointFolder, readPoint } from './sweep-status.ts';
import type { Interrupts } from './task.ts';

/** How the points stand. */
export interface SweepProgress {
  readonly total: number;
  readonly states: Readonly<Record<RunState, number>>;
  /** Those that run. */
  readonly running: readonly { readonly index: number; readonly run: RunRecord }[];
  /** Those that have ended since the last progress. */
  readonly ended: readonly { readonly index: number; readonly state: RunState }[];
}

/** The points to work on: those not finished, and failed ones only when asked for. Replaced ones never. */
export function openPoints(sweep: Sweep, rerunFailed: boolean): number[] {
  return [...sweep.config.points.keys()].filter((index) => {
    const point = sweep.config.points[index];
    if (point.replacedBy !== undefined) return false;
    const state = runState(pointFolder(sweep, point));
    return state === 'failed' ? rerunFailed : state !== 'finished' && state !== 'running';
  });
}

export interface Follow {
  readonly onProgress: (progress: SweepProgress) => void;
  readonly interrupts: Interrupts;
}

/** Has the points worked on until the executor is done. @throws the reason of the interruption, when what ran has stopped */
export async function carryOutSweep(
  sweep: Sweep,
  executor: Executor,
  points: readonly number[],
  { onProgress, interrupts: { signal, urgent } }: Follow,
): Promise<void> {
  const look = watchPoints(sweep);
  onProgress(look());
  await executor.start(points);
  let told: 'nothing' | 'stop' | 'stop now' = 'nothing';
  for (;;) {
    if (urgent.aborted && told !== 'stop now') {
      told = 'stop now';
      await executor.stop(true);
    } else if (signal.aborted && told === 'nothing') {
      told = 'stop';
      await executor.stop(false);
    }
    const open = await executor.open();
    onProgress(look());
    if (open.size === 0) break;
    await pause(executor.interval, { nothing: signal, stop: urgent, 'stop now': undefined }[told]);
  }
  if (signal.aborted) throw signal.reason;
}

/** A look costs reading the folders of the points that are not finished; those that are are not looked at again. */
function watchPoints(sweep: Sweep): () => SweepProgress {
  const counted = [...sweep.config.points.entries()].filter(([, point]) => point.replacedBy === undefined);
  const known = new Map<number, RunState>();
  return () => {
    const states = { waiting: 0, running: 0, finished: 0, failed: 0, interrupted: 0, crashed: 0 };
    const running: { index: number; run: RunRecord }[] = [];
    const ended: { index: number; state: RunState }[] = [];
    for (const [index, point] of counted) {
      const before = known.get(index);
      const folder = pointFolder(sweep, point);
      // Most of them wait, and a first attempt is a single file to look for.
      const untouched = (before === undefined || before === 'waiting') && !existsSync(join(folder, 'attempt-1.json'));
      const state = before === 'finished' ? before : untouched ? 'waiting' : runState(folder);
      states[state]++;
      known.set(index, state);
      if (state === 'running') running.push({ index, run: readPoint(sweep, index) });
      else if (before !== undefined && state !== before && state !== 'waiting') ended.push({ index, state });
    }
    return { total: counted.length, states, running, ended };
  };
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}
