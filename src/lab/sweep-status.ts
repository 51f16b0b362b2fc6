/** Where a sweep stands, from the folders of its points; and what it has found, as soon as there is something. */
import { join } from 'node:path';
import type { Verdict } from '../results/contract.ts';
import { exitCodeOfVerdict, worstExitCode } from './exit-code.ts';
import { writeJson } from './json.ts';
import { groupBy, poolClaims } from './pool-claims.ts';
import { openRunFolder } from './run-folder.ts';
import { type RunRecord, type RunState, readClaims, readRun } from './run-record.ts';
import { settingText } from './settings.ts';
import type { Sweep, SweepPoint } from './sweep.ts';
import { type ClaimVerdict, overallVerdict } from './verdict.ts';

/** A point that did not finish, in the words of its run. */
export interface PointFailure {
  readonly point: SweepPoint;
  readonly state: RunState;
  /** First line of the error. */
  readonly error: string;
  readonly exitCode: number;
}

/** The points that share their values. */
export interface SweepGroup {
  readonly values: SweepPoint['values'];
  /** Finished points. */
  readonly n: number;
  readonly claims: readonly ClaimVerdict[];
  readonly verdict: Verdict;
}

/** `summary.json`, and what its report shows. */
export interface SweepSummary {
  readonly result: string;
  readonly scale: Sweep['config']['scale'];
  /** Points that count, by state: those that were replaced by another seed do not. */
  readonly states: Readonly<Record<RunState, number>>;
  /** Computed, over all points. */
  readonly seconds: number;
  readonly failures: readonly PointFailure[];
  /** Over all finished points. */
  readonly claims: readonly ClaimVerdict[];
  /** By values, in the order of the grid. */
  readonly groups: readonly SweepGroup[];
  /** Over the verdicts of all groups. */
  readonly verdict: Verdict;
  readonly exitCode: number;
}

export function pointFolder({ folder }: Sweep, { run }: SweepPoint): string {
  return join(folder, run);
}

export function readPoint(sweep: Sweep, index: number): RunRecord {
  return readRun(pointFolder(sweep, sweep.config.points[index]));
}

/** `width=64 rate=0.1`, and the seed where it is told. */
export function pointText(values: SweepPoint['values'], seed?: number): string {
  const parts = Object.entries(values).map(([name, value]) => `${name}=${settingText(value)}`);
  return [...parts, ...(seed === undefined ? [] : [`seed ${seed}`])].join(' ') || 'the one setting';
}

/** `ended`: why points ended whose runs do not say so. */
export function summarize(sweep: Sweep, ended: ReadonlyMap<number, string> = new Map()): SweepSummary {
  const { result, scale, points } = sweep.config;
  const states = { waiting: 0, running: 0, finished: 0, failed: 0, interrupted: 0, crashed: 0 };
  const failures: PointFailure[] = [];
  const finished: { point: SweepPoint; claims: readonly ClaimVerdict[] }[] = [];
  let seconds = 0;
  for (const [index, point] of points.entries()) {
    const run = readPoint(sweep, index);
    if (point.replacedBy === undefined) states[run.state]++;
    seconds += run.summary?.seconds ?? run.heartbeat?.seconds ?? 0;
    if (run.state === 'finished') finished.push({ point, claims: readClaims(run.folder) });
    const failure = failureOf(run, ended.get(index));
    if (failure) failures.push({ point, state: run.state, ...failure });
  }
  const groups = [...groupBy(finished, ({ point }) => writeJson(point.values)).values()].map((members) => {
    const claims = poolClaims(members.map((member) => member.claims));
    return { values: members[0].point.values, n: members.length, claims, verdict: overallVerdict(claims) };
  });
  const verdict = overallVerdict(groups.flatMap(({ claims }) => claims));
  const counting = failures.filter(({ point }) => point.replacedBy === undefined);
  return {
    result,
    scale,
    states,
    seconds,
    failures,
    claims: poolClaims(finished.map(({ claims }) => claims)),
    groups,
    verdict,
    exitCode: worstExitCode([exitCodeOfVerdict(verdict), ...counting.map(({ exitCode }) => exitCode)]),
  };
}

/** Undefined where nothing went wrong: a point that was interrupted or waits is only not done. */
function failureOf(run: RunRecord, ended: string | undefined): { error: string; exitCode: number } | undefined {
  const { state, exit } = run;
  if (state === 'failed') return { error: firstLine(exit?.message ?? ''), exitCode: exit?.code ?? 70 };
  if (state === 'crashed') {
    return { error: firstLine(ended ?? 'its process ended without a word: killed, or out of memory'), exitCode: 70 };
  }
  // Queued, and the queue has given it up before it began.
  return state === 'waiting' && ended !== undefined ? { error: firstLine(ended), exitCode: 70 } : undefined;
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? 'an error without a message'
  );
}

/** Writes `summary.json`. */
export function writeSummary({ folder }: Sweep, summary: SweepSummary): void {
  openRunFolder(folder).write('summary.json', writeJson(summary, 2));
}
