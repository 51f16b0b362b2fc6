/**
 * A run's folder as its readers see it. What each file holds, and how the state follows from them, is in docs/runs.md.
 * Nothing here writes.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../array/errors.ts';
import type { Scale, Verdict } from '../results/contract.ts';
import type { Device } from '../runtime/index.ts';
import { isAlive, type ProcessIdentity } from './attempt.ts';
import type { Environment } from './environment.ts';
import { readJson } from './json.ts';
import type { ClaimVerdict } from './verdict.ts';

export type RunState = 'waiting' | 'running' | 'finished' | 'failed' | 'interrupted' | 'crashed';

/** `config.json` */
export interface RunConfig {
  /** Name of the result. */
  readonly result: string;
  readonly scale: Scale;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly seeds: number;
  readonly seed: number;
  /** A number, so that a resumed run rounds as the one it goes on with. */
  readonly threads: number;
  readonly device: Device;
  /** ISO date. */
  readonly started: string;
}

/** `attempt-N.json` */
export interface Attempt {
  readonly process: ProcessIdentity;
  /** ISO date. */
  readonly started: string;
}

/** `heartbeat` */
export interface Heartbeat {
  readonly attempt: number;
  /** ISO date. */
  readonly time: string;
  /** Computed so far, all attempts together. */
  readonly seconds: number;
  readonly progress?: {
    readonly stage: string;
    readonly done: number;
    readonly total: number;
    readonly headline?: string;
  };
}

/** `exit.json` */
export interface ExitRecord {
  readonly attempt: number;
  readonly state: 'finished' | 'failed' | 'interrupted';
  /** See exit-code.ts. */
  readonly code: number;
  readonly message?: string;
  readonly stack?: string;
  /** ISO date. */
  readonly finished: string;
  /** Of this attempt. */
  readonly seconds: number;
}

/** `summary.json` */
export interface RunSummary extends RunConfig {
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** Verdicts by the id of the claim. */
  readonly claims: Readonly<Record<string, Verdict>>;
  /** Computed, all attempts together. */
  readonly seconds: number;
  readonly attempts: number;
  /** ISO date. */
  readonly finished: string;
}

/** A line of `metrics.jsonl`. */
export interface MetricsRecord {
  readonly stage: string;
  readonly step: number;
  /** Computed before it, all attempts together. */
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Names whose value is not finite. */
  readonly flagged?: readonly string[];
}

/** What a run's small files say; `readClaims`, `readMetrics` and `readMeasurements` read the large ones. */
export interface RunRecord {
  /** Absolute path. */
  readonly folder: string;
  /** `<yyyymmdd-hhmmss>-<short id>`, the folder's own name. */
  readonly name: string;
  /** The short id. */
  readonly id: string;
  readonly state: RunState;
  readonly config: RunConfig;
  /** Number of attempts so far. */
  readonly attempts: number;
  /** Absent where the last attempt's record is unreadable. */
  readonly attempt?: Attempt;
  readonly heartbeat?: Heartbeat;
  /** Of the last attempt only. */
  readonly exit?: ExitRecord;
  readonly summary?: RunSummary;
}

/**
 * The run in a folder.
 * @throws UserError where there is none, or its `config.json` cannot be read.
 */
export function readRun(folder: string): RunRecord {
  const path = resolve(folder);
  const config = readConfig(path);
  const name = basename(path);
  const facts = readFacts(path);
  const heartbeat = optional<Heartbeat>(path, 'heartbeat');
  const summary = optional<RunSummary>(path, 'summary.json');
  return {
    folder: path,
    name,
    id: name.split('-').at(-1) ?? name,
    config,
    ...facts,
    ...(heartbeat ? { heartbeat } : {}),
    ...(summary ? { summary } : {}),
  };
}

/** The state alone, from as few files as it takes. @throws UserError where there is no run. */
export function runState(folder: string): RunState {
  if (!isRunFolder(folder)) throw noRun(folder);
  return readFacts(folder).state;
}

export function isRunFolder(folder: string): boolean {
  return existsSync(join(folder, 'config.json'));
}

/** The claims, judged. @throws UserError where the run has not come so far. */
export function readClaims(folder: string): readonly ClaimVerdict[] {
  return required(folder, 'claims.json') as readonly ClaimVerdict[];
}

/** @throws UserError where the run has not come so far. */
export function readEnvironment(folder: string): Environment {
  return required(folder, 'environment.json') as Environment;
}

/** Whether a run has come so far that it wrote a file. */
export function stored(folder: string, name: string): boolean {
  return existsSync(join(folder, name));
}

/**
 * The metrics recorded so far; none where there is no file. A last line that is still being written is left out.
 * @throws UserError for another line that is not whole.
 */
export function readMetrics(folder: string): MetricsRecord[] {
  return wholeLines(folder, 'metrics.jsonl').map((line, i) => {
    try {
      return readJson(line) as MetricsRecord;
    } catch {
      throw new UserError(`run ${basename(folder)} is broken: line ${i + 1} of its metrics.jsonl cannot be read`);
    }
  });
}

/** Lines of a file that end with a newline. */
export function wholeLines(folder: string, name: string): string[] {
  const path = join(folder, name);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

const attemptName = /^attempt-(\d+)\.json$/;

/** Number of the last attempt; 0 where there is none. */
export function lastAttempt(folder: string): number {
  return Math.max(0, ...readdirSync(folder).map((name) => Number(attemptName.exec(name)?.[1] ?? 0)));
}

/** What the state follows from, and the state. */
function readFacts(folder: string): Pick<RunRecord, 'state' | 'attempts' | 'attempt' | 'exit'> {
  const attempts = lastAttempt(folder);
  const exit = optional<ExitRecord>(folder, 'exit.json');
  const attempt = attempts > 0 ? optional<Attempt>(folder, `attempt-${attempts}.json`) : undefined;
  const facts = { attempts, ...(attempt ? { attempt } : {}) };
  if (exit?.attempt === attempts) return { ...facts, state: exit.state, exit };
  if (attempts === 0) return { ...facts, state: 'waiting' };
  return { ...facts, state: isAlive(folder, attempts, attempt?.process) ? 'running' : 'crashed' };
}

function readConfig(folder: string): RunConfig {
  if (!isRunFolder(folder)) throw noRun(folder);
  return required(folder, 'config.json') as RunConfig;
}

function noRun(folder: string): UserError {
  const why = existsSync(folder) ? 'it has no config.json' : 'it does not exist';
  return new UserError(`${folder} is not the folder of a run: ${why}`);
}

function required(folder: string, name: string): unknown {
  const path = join(folder, name);
  if (!existsSync(path)) {
    throw new UserError(`run ${basename(folder)} has no ${name}: it has not come so far, or the file was removed`);
  }
  try {
    return readJson(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`run ${basename(folder)} is broken: ${path} cannot be read (${why})`);
  }
}

/** Undefined where the file is not there (yet), or not whole. */
function optional<T>(folder: string, name: string): T | undefined {
  try {
    return readJson(readFileSync(join(folder, name), 'utf8')) as T;
  } catch {
    return undefined;
  }
}
