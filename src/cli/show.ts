/** `deeptheory show RUN` */
import type { Command } from 'commander';
import { findRun } from '../lab/find-run.ts';
import { writeJson } from '../lab/json.ts';
import { durationText, numberText } from '../lab/number-text.ts';
import { type MetricsRecord, type RunRecord, readClaims, readMetrics, readRun } from '../lab/run-record.ts';
import { settingText } from '../lab/settings.ts';
import { claimsText } from './claims-text.ts';
import { addRoot } from './run-options.ts';
import { painter, type Shell, textWidth } from './shell.ts';
import { textTable } from './text-table.ts';

export function addShow(program: Command, shell: Shell): void {
  const command = program
    .command('show')
    .description('where a run stands, what it was asked, what it found')
    .argument('<run>', 'path, id, the beginning of an id, or last')
    .addHelpText('after', '\nExamples:\n  deeptheory show last\n  deeptheory show a1b2c3 --json');
  addRoot(command)
    .option('--json', 'as JSON')
    .action((given: string, options: { out: string; json?: boolean }) => {
      const run = readRun(findRun(options.out, given));
      const claims = run.summary ? readClaims(run.folder) : undefined;
      const metrics = latest(readMetrics(run.folder));
      if (options.json) {
        shell.out.write(`${writeJson({ ...run, metrics, claims })}\n`);
        return;
      }
      const width = textWidth(shell.out);
      const paint = painter(shell.out, shell.environment);
      const facts = textTable([{ header: '' }, { header: '', flexible: true }], factsOf(run), width).slice(1);
      const blocks = [
        `${paint('bold', run.config.result)} ${run.name}`,
        facts.join('\n'),
        ...(metrics.length > 0 && !claims ? [metricsText(metrics, width)] : []),
        ...(claims ? [claimsText(claims, width, paint).trimEnd()] : []),
        run.folder,
      ];
      shell.out.write(`${blocks.join('\n\n')}\n`);
    });
}

function factsOf(run: RunRecord): string[][] {
  const { config, state, heartbeat, exit, attempt, attempts, summary } = run;
  const seconds = summary?.seconds ?? heartbeat?.seconds;
  const progress = heartbeat?.progress;
  const stood = state === 'running' ? 'stands at' : 'stood at';
  const settings = Object.entries(config.settings).map(([name, value]) => `${name}=${settingText(value)}`);
  const rows: [string, string | undefined][] = [
    ['state', stateText(run)],
    ['error', state === 'failed' ? exit?.message : undefined],
    [
      stood,
      progress && state !== 'finished'
        ? [progress.stage, `${progress.done}/${progress.total}`, progress.headline].filter(Boolean).join('  ')
        : undefined,
    ],
    ['scale', `${config.scale}, ${config.seeds} ${config.seeds === 1 ? 'seed' : 'seeds'} from ${config.seed}`],
    ['computed on', `${config.device}, ${config.threads} ${config.threads === 1 ? 'thread' : 'threads'}`],
    ['begun', config.started],
    ['process', attempt && state === 'running' ? `${attempt.process.pid} on ${attempt.process.host}` : undefined],
    ['computed', seconds === undefined ? undefined : durationText(seconds)],
    ['attempts', attempts > 1 ? String(attempts) : undefined],
    ['settings', settings.join(' ')],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}

function stateText({ state, id, summary }: RunRecord): string {
  if (state === 'finished') return `finished: ${summary?.verdict}`;
  return state === 'running' ? state : `${state}; go on with "deeptheory resume ${id}"`;
}

/** The last record of each stage. */
function latest(records: readonly MetricsRecord[]): MetricsRecord[] {
  return [...new Map(records.map((record) => [record.stage, record])).values()];
}

function metricsText(records: readonly MetricsRecord[], width: number): string {
  const columns = [{ header: 'stage', flexible: true }, { header: 'step' }, { header: 'latest metrics', narrow: 40 }];
  const rows = records.map(({ stage, step, metrics }) => {
    const values = Object.entries(metrics).map(([name, value]) => `${name} ${numberText(value)}`);
    return [stage, String(step), values.join(', ')];
  });
  return textTable(columns, rows, width).join('\n');
}
