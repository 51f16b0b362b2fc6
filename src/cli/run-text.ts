/** A finished run for the terminal: its claims, and the path of the report last. */
import { durationText } from '../lab/number-text.ts';
import type { StoredReport } from '../lab/stored-report.ts';
import { claimsText } from './claims-text.ts';
import { painter, type Shell, textWidth } from './shell.ts';

export function runText(shell: Shell, { experiment, scale, seeds, seconds, claims, report }: StoredReport): string {
  const paint = painter(shell.out, shell.environment);
  const facts = `${scale} scale, ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}, ${durationText(seconds)}`;
  const head = `${paint('bold', experiment.title)}\n${paint('dim', `${experiment.name}, ${facts}`)}`;
  return `${head}\n\n${claimsText(claims, textWidth(shell.out), paint)}\n${report}\n`;
}
