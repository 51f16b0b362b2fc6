/** Several runs side by side: what was asked differently, and what came of it. */
import type { Verdict } from '../results/contract.ts';
import { writeJson } from './json.ts';
import {
  type MetricsRecord,
  type RunRecord,
  readClaims,
  readEnvironment,
  readMetrics,
  readRun,
  stored,
} from './run-record.ts';
import type { CheckVerdict, ClaimVerdict } from './verdict.ts';

/** One value per run, in their order; null where a run has none. */
export type PerRun<T> = readonly (T | null)[];

export interface Comparison {
  readonly runs: readonly RunRecord[];
  /** Settings and what else was asked (result, scale, seeds, …), where not all runs have the same. */
  readonly settings: readonly Difference[];
  /** Every claim that any of the runs tested. */
  readonly claims: readonly ComparedClaim[];
  /** Versions and machines, where not all runs have the same. */
  readonly environment: readonly Difference[];
  /** The last record of every metric. */
  readonly metrics: readonly ComparedMetric[];
}

export interface Difference {
  readonly name: string;
  readonly values: PerRun<unknown>;
}

export interface ComparedClaim {
  readonly result: string;
  readonly id: string;
  readonly statement: string;
  readonly verdicts: PerRun<Verdict>;
  readonly checks: readonly { readonly quantity: string; readonly outcomes: PerRun<CheckVerdict> }[];
}

export interface ComparedMetric {
  readonly stage: string;
  readonly name: string;
  readonly last: PerRun<{ readonly step: number; readonly value: number }>;
}

/** @throws UserError where a folder is not that of a run, or a file of it cannot be read. */
export function compareRuns(folders: readonly string[]): Comparison {
  const runs = folders.map(readRun);
  return {
    runs,
    settings: differences(runs.map(({ config: { settings, started: _, ...asked } }) => ({ ...asked, ...settings }))),
    claims: compareClaims(runs),
    environment: differences(folders.map(ownEnvironment)),
    metrics: compareMetrics(folders.map(readMetrics)),
  };
}

/** What the run did not ask for itself. */
function ownEnvironment(folder: string): Readonly<Record<string, unknown>> {
  if (!stored(folder, 'environment.json')) return {};
  const { threads: _, device: __, seed: ___, ...environment } = readEnvironment(folder);
  return environment;
}

function differences(records: readonly Readonly<Record<string, unknown>>[]): Difference[] {
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  return [...names]
    .map((name) => ({ name, values: records.map((record) => (Object.hasOwn(record, name) ? record[name] : null)) }))
    .filter(({ values }) => new Set(values.map((value) => writeJson(value))).size > 1);
}

/** Claims are the same where result and id are: other results use the same ids. */
function compareClaims(runs: readonly RunRecord[]): ComparedClaim[] {
  const claims = runs.map(({ folder, config }) => {
    const judged = stored(folder, 'claims.json') ? readClaims(folder) : [];
    return new Map(judged.map((claim) => [`${config.result} ${claim.id}`, { result: config.result, claim }]));
  });
  return aligned(claims).map(([, found]) => {
    const { result, claim } = present(found)[0];
    const checks = aligned(found.map((one) => checksByQuantity(one?.claim)));
    return {
      result,
      id: claim.id,
      statement: claim.statement,
      verdicts: found.map((one) => one?.claim.verdict ?? null),
      checks: checks.map(([, outcomes]) => ({ quantity: present(outcomes)[0].quantity, outcomes })),
    };
  });
}

/** A quantity may be checked twice, e.g. against a lower and an upper bound: then the order tells. */
function checksByQuantity(claim: ClaimVerdict | undefined): ReadonlyMap<string, CheckVerdict> {
  const checks = new Map<string, CheckVerdict>();
  for (const check of claim?.checks ?? []) {
    let n = 1;
    while (checks.has(`${n} ${check.quantity}`)) n++;
    checks.set(`${n} ${check.quantity}`, check);
  }
  return checks;
}

function compareMetrics(records: readonly (readonly MetricsRecord[])[]): ComparedMetric[] {
  const last = records.map((ofRun) => {
    const latest = new Map<string, { stage: string; name: string; step: number; value: number }>();
    for (const { stage, step, metrics } of ofRun) {
      for (const [name, value] of Object.entries(metrics)) latest.set(`${stage} ${name}`, { stage, name, step, value });
    }
    return latest;
  });
  return aligned(last).map(([, found]) => {
    const { stage, name } = present(found)[0];
    return { stage, name, last: found.map((one) => one && { step: one.step, value: one.value }) };
  });
}

/** Every key that occurs, in the order of occurrence, with the value of each map. */
function aligned<T>(maps: readonly ReadonlyMap<string, T>[]): [string, (T | null)[]][] {
  const keys = new Set(maps.flatMap((map) => [...map.keys()]));
  return [...keys].map((key) => [key, maps.map((map) => map.get(key) ?? null)]);
}

function present<T>(values: PerRun<T>): T[] {
  return values.filter((value) => value !== null);
}
