/**
 * Runs as three tables that a data frame reads: the runs with their settings, every recorded metric, every check of every
 * claim. The column `run` joins them. Tidy: a row per value, since what is measured differs between stages and results.
 */
import { settingText } from '../settings.ts';
import { boundLimits, type CheckVerdict, type ClaimVerdict } from '../verdict.ts';
import type { ExportedRun } from './exported-run.ts';

/** A column; undefined where a row has no value. */
export type Column =
  | { readonly name: string; readonly type: 'text'; readonly values: readonly (string | undefined)[] }
  | { readonly name: string; readonly type: 'number' | 'integer'; readonly values: readonly (number | undefined)[] };

export interface Table {
  /** Of its file. */
  readonly name: string;
  readonly columns: readonly Column[];
}

export function runTables(runs: readonly ExportedRun[]): readonly Table[] {
  return [settingsTable(runs), metricsTable(runs), checksTable(runs)];
}

/** A row per run. Settings are columns `settings.NAME`: numbers where all runs have numbers, otherwise text. */
function settingsTable(runs: readonly ExportedRun[]): Table {
  const column = columnsOf(runs);
  const names = new Set(runs.flatMap((run) => Object.keys(run.config.settings)));
  return {
    name: 'runs',
    columns: [
      column.text('run', (run) => run.name),
      column.text('result', (run) => run.config.result),
      column.text('scale', (run) => run.config.scale),
      column.integer('seeds', (run) => run.config.seeds),
      column.integer('seed', (run) => run.config.seed),
      column.integer('threads', (run) => run.config.threads),
      column.text('device', (run) => run.config.device),
      column.text('started', (run) => run.config.started),
      column.text('state', (run) => run.state),
      column.text('verdict', (run) => run.summary?.verdict),
      column.number('seconds', (run) => run.summary?.seconds ?? run.heartbeat?.seconds),
      column.integer('attempts', (run) => run.attempts),
      column.text('commit', (run) => run.environment?.commit ?? run.environment?.deeptheory),
      ...[...names].map((name) => settingColumn(name, runs)),
    ],
  };
}

function settingColumn(setting: string, runs: readonly ExportedRun[]): Column {
  const name = `settings.${setting}`;
  const values = runs.map((run) => run.config.settings[setting]);
  const numbers = values.filter((value) => value === undefined || typeof value === 'number');
  if (numbers.length === values.length) return { name, type: 'number', values: numbers };
  return { name, type: 'text', values: values.map((value) => (value === undefined ? value : settingText(value))) };
}

/** A row per value. */
function metricsTable(runs: readonly ExportedRun[]): Table {
  const rows = runs.flatMap((run) =>
    run.metrics.flatMap((record) =>
      Object.entries(record.metrics).map(([metric, value]) => ({ run, record, metric, value })),
    ),
  );
  const column = columnsOf(rows);
  return {
    name: 'metrics',
    columns: [
      column.text('run', ({ run }) => run.name),
      column.text('result', ({ run }) => run.config.result),
      column.text('stage', ({ record }) => record.stage),
      column.integer('step', ({ record }) => record.step),
      column.number('seconds', ({ record }) => record.seconds),
      column.text('metric', ({ metric }) => metric),
      column.number('value', ({ value }) => value),
    ],
  };
}

interface CheckRow {
  readonly run: ExportedRun;
  readonly claim: ClaimVerdict;
  readonly part: 'claim' | 'control';
  readonly check: CheckVerdict;
}

/** A row per check, the controls' too. A prediction of several numbers, and the values, are text: separated by spaces. */
function checksTable(runs: readonly ExportedRun[]): Table {
  const rows = runs.flatMap((run) =>
    run.claims.flatMap((claim): CheckRow[] => [
      ...claim.checks.map((check) => ({ run, claim, part: 'claim' as const, check })),
      ...claim.control.checks.map((check) => ({ run, claim, part: 'control' as const, check })),
    ]),
  );
  const column = columnsOf(rows);
  return {
    name: 'claims',
    columns: [
      column.text('run', ({ run }) => run.name),
      column.text('result', ({ run }) => run.config.result),
      column.text('claim', ({ claim }) => claim.id),
      column.text('statement', ({ claim }) => claim.statement),
      column.text('source', ({ claim }) => claim.source),
      column.text('claim_verdict', ({ claim }) => claim.verdict),
      column.text('part', ({ part }) => part),
      column.text('quantity', ({ check }) => check.quantity),
      column.text('predicted', ({ check: { predicted } }) =>
        predicted === undefined ? predicted : listText(predicted),
      ),
      column.number('at_least', ({ check }) => finite(boundLimits(check.bound)[0])),
      column.number('at_most', ({ check }) => finite(boundLimits(check.bound)[1])),
      column.text('over', ({ check }) => check.over),
      column.number('mean', ({ check }) => (check.n > 0 ? check.mean : undefined)),
      column.number('low', ({ check }) => check.interval?.[0]),
      column.number('high', ({ check }) => check.interval?.[1]),
      column.integer('n', ({ check }) => check.n),
      column.text('values', ({ check }) => listText(check.values)),
      column.text('verdict', ({ check }) => check.verdict),
    ],
  };
}

const listText = (values: number | readonly number[]): string => [values].flat().join(' ');
const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

/** Makers of columns over rows. */
function columnsOf<R>(rows: readonly R[]) {
  return {
    text: (name: string, of: (row: R) => string | undefined): Column => ({ name, type: 'text', values: rows.map(of) }),
    number: (name: string, of: (row: R) => number | undefined): Column => ({
      ...{ name, type: 'number' },
      values: rows.map(of),
    }),
    integer: (name: string, of: (row: R) => number | undefined): Column => ({
      ...{ name, type: 'integer' },
      values: rows.map(of),
    }),
  };
}
