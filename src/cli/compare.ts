/** `deeptheory compare RUN RUN…` */
import type { Command } from 'commander';
import { UserError } from '../array/errors.ts';
import { measuredText, verdictText } from '../lab/check-text.ts';
import { type ComparedClaim, type Comparison, compareRuns, type Difference, type PerRun } from '../lab/compare-runs.ts';
import { findRun } from '../lab/find-run.ts';
import { writeJson } from '../lab/json.ts';
import { durationText, numberText, predictionText } from '../lab/number-text.ts';
import { settingText } from '../lab/settings.ts';
import { verdictColor } from './claims-text.ts';
import { addRoot } from './run-options.ts';
import { type Paint, painter, type Shell, textWidth } from './shell.ts';
import { type Cell, shorten, textTable } from './text-table.ts';

export function addCompare(program: Command, shell: Shell): void {
  const command = program
    .command('compare')
    .description('runs side by side: settings and environment that differ, claims, metrics at the end')
    .argument('<run...>', 'two or more: path, id, the beginning of an id, or last')
    .addHelpText('after', '\nExamples:\n  deeptheory compare a1b2c3 d4e5f6\n  deeptheory compare a1b2c3 last --json');
  addRoot(command)
    .option('--json', 'as JSON')
    .action((given: string[], options: { out: string; json?: boolean }) => {
      const folders = new Set(given.map((word) => findRun(options.out, word)));
      if (folders.size < 2) throw new UserError(`compare needs two different runs; got ${given.join(' ')}`);
      const comparison = compareRuns([...folders]);
      const paint = painter(shell.out, shell.environment);
      const text = options.json ? writeJson(comparison) : comparisonText(comparison, textWidth(shell.out), paint);
      shell.out.write(`${text}\n`);
    });
}

function comparisonText(comparison: Comparison, width: number, paint: Paint): string {
  const { runs, settings, claims, environment, metrics } = comparison;
  const ids = runs.map((run) => run.id);
  const beside = (header: string, rows: readonly NamedTexts[]) => sideBySide(header, ids, rows, width, paint);
  const several = new Set(runs.map((run) => run.config.result)).size > 1;
  const nameOf = ({ result, id }: ComparedClaim) => (several ? `${result} ${id}` : id);
  const verdicts = claims.map((claim) => ({
    name: `${nameOf(claim)} ${shorten(claim.statement, 80)}`,
    values: claim.verdicts.map((verdict) => (verdict ? verdictText(verdict) : '–')),
  }));
  const last = metrics.map(({ stage, name, last: ends }) => ({
    name: `${stage} ${name}`,
    values: texts(ends, ({ step, value }) => `${numberText(value)} at ${step}`),
  }));
  const blocks = [
    runsText(comparison, width, paint),
    settings.length > 0 ? beside('setting', settings.map(differenceTexts)) : 'All were asked the same.',
    ...(claims.length > 0 ? [beside('claim', verdicts), measuredTable(claims, ids, nameOf, width, paint)] : []),
    environment.length > 0
      ? beside('environment', environment.map(differenceTexts))
      : 'All ran in the same environment.',
    ...(last.length > 0 ? [beside('metric', last)] : []),
  ];
  return blocks.join('\n\n');
}

interface NamedTexts {
  readonly name: string;
  readonly values: readonly string[];
}

function texts<T>(values: PerRun<T>, text: (value: T) => string): string[] {
  return values.map((value) => (value === null ? '–' : text(value)));
}

function differenceTexts({ name, values }: Difference): NamedTexts {
  return { name, values: texts(values, (value) => shorten(settingText(value), 60)) };
}

function runsText({ runs }: Comparison, width: number, paint: Paint): string {
  const columns = [
    { header: 'run' },
    { header: 'result', flexible: true },
    { header: 'begun' },
    { header: 'state' },
    { header: 'verdict', paint: (line: string, cell: string) => verdictColor(paint, line, cell) },
    { header: 'time' },
  ];
  const rows = runs.map(({ id, config, state, summary, heartbeat }) => {
    const seconds = summary?.seconds ?? heartbeat?.seconds;
    const verdict = summary ? verdictText(summary.verdict) : '';
    const time = seconds === undefined ? '' : durationText(seconds);
    return [id, config.result, `${config.started.slice(0, 19)}Z`, state, verdict, time];
  });
  return tableText(textTable(columns, rows, width), paint);
}

/** Columns that a run takes, and those that the names take at least. */
const [runWidth, nameWidth] = [16, 32];

/** A column per run; as many tables beneath one another as it takes. */
function sideBySide(
  header: string,
  ids: readonly string[],
  rows: readonly NamedTexts[],
  width: number,
  paint: Paint,
): string {
  const most = Math.max(1, Math.floor((width - nameWidth) / runWidth));
  const tables: string[] = [];
  for (let at = 0; at < ids.length; at += most) {
    const column = (id: string) => ({
      header: id,
      narrow: runWidth - 2,
      paint: (line: string, cell: string) => verdictColor(paint, line, cell),
    });
    const columns = [{ header, flexible: true }, ...ids.slice(at, at + most).map(column)];
    const cells = rows.map(({ name, values }) => [name, ...values.slice(at, at + most)]);
    tables.push(tableText(textTable(columns, cells, width), paint));
  }
  return tables.join('\n\n');
}

/** The measured values of each check beneath one another. */
function measuredTable(
  claims: readonly ComparedClaim[],
  ids: readonly string[],
  nameOf: (claim: ComparedClaim) => string,
  width: number,
  paint: Paint,
): string {
  const columns = [
    { header: 'id' },
    { header: 'quantity', flexible: true },
    { header: 'run' },
    { header: 'predicted', narrow: 12 },
    { header: 'measured', narrow: 16 },
    { header: 'check', narrow: 12, paint: (line: string, cell: string) => verdictColor(paint, line, cell) },
  ];
  const rows = claims.flatMap((claim) =>
    claim.checks.flatMap(({ quantity, outcomes }, nth) =>
      outcomes.map((check, i): Cell[] => {
        const told = i === 0 ? [nth === 0 ? nameOf(claim) : '', shorten(quantity, 80)] : ['', ''];
        if (check === null) return [...told, ids[i], '', 'not tested'];
        const predicted = [predictionText(check.predicted), check.boundText].filter(Boolean).join(', ');
        return [...told, ids[i], predicted, measuredText(check), check.verdict];
      }),
    ),
  );
  return tableText(textTable(columns, rows, width), paint);
}

function tableText([header, ...lines]: readonly string[], paint: Paint): string {
  return [paint('dim', header), ...lines].join('\n');
}
