/** One run: begun as a folder, then carried out in it: measure, judge, and write everything down, what matters first. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { UserError } from '../array/errors.ts';
import type { Experiment, Progress, Scale } from '../results/contract.ts';
import type { Device, Threads } from '../runtime/index.ts';
import { readMeasurements, writeMeasurements } from './array-files.ts';
import { startHeartbeat, takeAttempt } from './attempt.ts';
import { claimsMarkdown } from './claims-markdown.ts';
import { describeEnvironment, type Environment } from './environment.ts';
import { exitCodeOfError, exitCodeOfVerdict } from './exit-code.ts';
import { writeJson } from './json.ts';
import { attempt, createRunFolder, openRunFolder, type RunFolder } from './run-folder.ts';
import {
  type ExitRecord,
  type Heartbeat,
  type RunConfig,
  type RunRecord,
  type RunSummary,
  readEnvironment,
  readRun,
} from './run-record.ts';
import { type StoredReport, writeReport } from './stored-report.ts';
import type { Execute, Interrupts } from './task.ts';
import { judgeClaims, overallVerdict } from './verdict.ts';

export interface RunRequest {
  readonly experiment: Pick<Experiment, 'name'>;
  readonly scale: Scale;
  /** From `resolveSettings`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seeds: number;
  readonly seed: number;
  readonly threads: Threads;
  readonly device: Device;
  /** Root of the run folders. */
  readonly out: string;
}

/**
 * Makes the folder of a run, which then waits for `carryOut`.
 * @returns its path
 * @throws UserError where it cannot be made
 */
export function beginRun({ out, ...request }: RunRequest): string {
  const now = new Date();
  const folder = createRunFolder(out, request.experiment.name, now);
  folder.write('config.json', writeJson(runConfig(request, now), 2));
  return folder.path;
}

/** `config.json` of a run that is asked for. */
export function runConfig(request: Omit<RunRequest, 'out'>, now: Date): RunConfig {
  const { experiment, scale, settings, seeds, seed, threads, device } = request;
  return {
    result: experiment.name,
    scale,
    settings,
    seeds,
    seed,
    threads: threads === 'auto' ? threadsOf(scale) : threads,
    device,
    started: now.toISOString(),
  };
}

/**
 * Decided here once and not by timing, as the runtime's own `auto` does: matrix products of some sizes round differently
 * on another number of threads, and a resumed run must round as the one it goes on with.
 */
export function threadsOf(scale: Scale): number {
  const most = { smoke: 1, small: 2, paper: Number.POSITIVE_INFINITY }[scale];
  return Math.min(most, availableParallelism());
}

export interface RunWork {
  readonly experiment: Experiment;
  readonly execute: Execute;
  readonly progress: Progress;
  readonly interrupts: Interrupts;
  /** Told what the user should know before it goes on. */
  readonly warn: (text: string) => void;
}

export interface FinishedRun extends StoredReport {
  readonly exitCode: number;
}

/**
 * Carries out a run that waits, or goes on with one that was interrupted, has failed or crashed.
 * @throws UserError where another process works on it, it is finished, or the folder cannot be written; the reason of the
 *   interruption; whatever the experiment throws
 */
export async function carryOut(path: string, work: RunWork): Promise<FinishedRun> {
  const { number, run } = takeRun(path);
  const folder = openRunFolder(run.folder);
  const begin = Date.now();
  const own = () => (Date.now() - begin) / 1000;
  const seconds = () => (run.heartbeat?.seconds ?? 0) + own();
  let progress: Heartbeat['progress'];
  const heartbeat = startHeartbeat(folder.path, () => ({ attempt: number, seconds: seconds(), progress }));
  const writeExit = (outcome: Pick<ExitRecord, 'state' | 'code' | 'message' | 'stack'>) => {
    const record: ExitRecord = { attempt: number, ...outcome, finished: new Date().toISOString(), seconds: own() };
    folder.write('exit.json', writeJson(record, 2));
  };
  folder.log(number === 1 ? `${run.config.result}: begun` : `goes on, attempt ${number}; it was ${run.state}`);
  const watched: Progress = (update) => {
    progress = update;
    work.progress(update);
  };
  try {
    await recordEnvironment(folder, run.config, work.warn);
    const measurements = await measured({ ...work, progress: watched }, folder, run);
    const finished = judge(work.experiment, folder, run.config, measurements, { seconds: seconds(), attempts: number });
    folder.log(`finished: ${finished.verdict}`);
    heartbeat.end();
    writeExit({ state: 'finished', code: finished.exitCode });
    return finished;
  } catch (error) {
    const { signal, urgent } = work.interrupts;
    const interrupted = signal.aborted && [signal.reason, urgent.reason].includes(error);
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const state = interrupted ? 'interrupted' : 'failed';
    folder.log(interrupted ? message : `failed: ${stack ?? message}`);
    heartbeat.end();
    recordFailure(() => writeExit({ state, code: exitCodeOfError(error), message, ...(interrupted ? {} : { stack }) }));
    throw error;
  }
}

/** Makes this process the one that works on the run. */
function takeRun(path: string): { number: number; run: RunRecord } {
  const run = readRun(path);
  if (run.state === 'finished') throw new UserError(`run ${run.name} is finished; there is nothing to go on with`);
  const number = run.attempts + 1;
  // Of several processes that read the same state only one makes the file of the next attempt.
  const taken =
    run.state !== 'running' && attempt('write to', run.folder, () => takeAttempt(run.folder, number, new Date()));
  if (taken) return { number, run };
  const { attempt: other, state } = readRun(run.folder);
  const who = other
    ? `process ${other.process.pid} on ${other.process.host}, since ${other.started}`
    : 'another process';
  throw new UserError(
    state === 'running'
      ? `run ${run.name} is being worked on by ${who}`
      : `run ${run.name} was taken by ${who}, and is ${state} now`,
  );
}

/** Written by the first attempt; a later one elsewhere says what has changed. */
async function recordEnvironment(folder: RunFolder, config: RunConfig, warn: (text: string) => void): Promise<void> {
  const now = await describeEnvironment(config.threads, config.device, config.seed);
  if (!existsSync(join(folder.path, 'environment.json'))) {
    folder.write('environment.json', writeJson(now, 2));
    return;
  }
  const before = readEnvironment(folder.path);
  const deciding = ['deeptheory', 'commit', 'runtime', 'cpu', 'node'] as const satisfies (keyof Environment)[];
  const changed = deciding.filter((key) => before[key] !== now[key]);
  if (changed.length === 0) return;
  const what = changed.map((key) => `${key} ${before[key] ?? 'unknown'}, now ${now[key] ?? 'unknown'}`).join('; ');
  const text = `run ${basename(folder.path)} was begun elsewhere (${what}): its figures may round differently from here`;
  folder.log(text);
  warn(text);
}

/** What the experiment measures; or has measured, in an attempt that ended just then. */
async function measured(work: RunWork, folder: RunFolder, { config, heartbeat }: RunRecord): Promise<unknown> {
  if (existsSync(join(folder.path, 'measurements.json'))) return readMeasurements(folder.path);
  const { result, settings, seeds, seed, threads, device } = config;
  const task = {
    result,
    settings,
    seeds,
    seed,
    threads,
    device,
    folder: folder.path,
    seconds: heartbeat?.seconds ?? 0,
  };
  const measurements = await work.execute(task, work.progress, work.interrupts);
  writeMeasurements(folder, measurements);
  folder.remove('checkpoints');
  return measurements;
}

function judge(
  experiment: Experiment,
  folder: RunFolder,
  config: RunConfig,
  measurements: unknown,
  spent: { readonly seconds: number; readonly attempts: number },
): FinishedRun {
  const claims = judgeClaims(experiment, config.settings, measurements);
  const verdict = overallVerdict(claims);
  const summary: RunSummary = {
    ...config,
    verdict,
    exitCode: exitCodeOfVerdict(verdict),
    claims: Object.fromEntries(claims.map((claim) => [claim.id, claim.verdict])),
    ...spent,
    finished: new Date().toISOString(),
  };
  folder.write('claims.json', writeJson(claims, 2));
  folder.write('claims.md', claimsMarkdown(claims));
  folder.write('summary.json', writeJson(summary, 2));
  return { ...writeReport(folder.path, experiment, measurements), exitCode: summary.exitCode };
}

/** The failure itself is what the user must see, not that it could not be written down either. */
function recordFailure(write: () => void): void {
  try {
    write();
  } catch {
    // e.g. the disk is full, which is then also the failure being reported
  }
}
