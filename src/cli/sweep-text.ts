/** A sweep for the terminal: how its points ended, the verdicts over the grid, the claims over all points, the failures. */
import { tallyText, verdictText } from '../lab/check-text.ts';
import { durationText } from '../lab/number-text.ts';
import type { Sweep } from '../lab/sweep.ts';
import { pointText, type SweepSummary } from '../lab/sweep-status.ts';
import type { Experiment } from '../results/contract.ts';
import { claimsText } from './claims-text.ts';
import { painter, type Shell, textWidth } from './shell.ts';
import { textTable } from './text-table.ts';

export function sweepText(
  shell: Shell,
  experiment: Experiment,
  sweep: Sweep,
  summary: SweepSummary,
  report: string,
): string {
  const paint = painter(shell.out, shell.environment);
  const width = textWidth(shell.out);
  const { scale, seeds } = sweep.config;
  const facts = `${experiment.name}, ${scale} scale, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'} per value, ${durationText(summary.seconds)} computed`;
  const blocks = [
    `${paint('bold', experiment.title)}\n${paint('dim', facts)}`,
    pointsText(summary),
    ...(summary.groups.length > 1 ? [groupsText(summary, width)] : []),
    ...(summary.claims.length > 0 ? [claimsText(summary.claims, width, paint).trimEnd()] : []),
    ...(summary.failures.length > 0 ? [failuresText(summary, width)] : []),
    report,
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** `200 points: 197 finished, 3 failed` */
export function pointsText({ states }: Pick<SweepSummary, 'states'>): string {
  const total = Object.values(states).reduce((sum, n) => sum + n, 0);
  const parts = Object.entries(states).filter(([, n]) => n > 0);
  return `${total} ${total === 1 ? 'point' : 'points'}: ${parts.map(([state, n]) => `${n} ${state}`).join(', ')}`;
}

function groupsText({ groups }: SweepSummary, width: number): string {
  const columns = [{ header: 'values' }, { header: 'n' }, { header: 'verdict' }, { header: 'claims', flexible: true }];
  const rows = groups.map(({ values, n, verdict, claims }) => [
    pointText(values),
    String(n),
    verdictText(verdict),
    tallyText(claims),
  ]);
  return textTable(columns, rows, width).join('\n');
}

function failuresText({ failures }: SweepSummary, width: number): string {
  const columns = [{ header: 'point' }, { header: 'state' }, { header: 'error', flexible: true }, { header: 'run' }];
  const rows = failures.map(({ point, state, error }) => [
    pointText(point.values, point.seed),
    point.replacedBy ? `${state}, replaced` : state,
    error,
    point.run.slice(-6),
  ]);
  return textTable(columns, rows, width).join('\n');
}
