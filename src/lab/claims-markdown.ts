/** A run's claims as a Markdown table: what the README of a result shows. */
import { controlText, measuredText, mustText, verdictText } from './check-text.ts';
import { predictionText } from './number-text.ts';
import type { CheckVerdict, ClaimVerdict } from './verdict.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\u00a0', ' ');

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** One row per check, the control's checks after those of the claim. */
export function claimsMarkdown(claims: readonly ClaimVerdict[]): string {
  const checkRow = (name: string, check: CheckVerdict, outcome: string) =>
    row(['', name, predictionText(check.predicted) || '–', mustText(check), measuredText(check), outcome]);
  const rows = claims.flatMap((claim) => [
    row([
      `**${claim.id}**`,
      `**${claim.statement}** (${claim.source})`,
      '',
      '',
      '',
      `**${verdictText(claim.verdict)}**`,
    ]),
    ...claim.checks.map((check) => checkRow(check.quantity, check, verdictText(check.verdict))),
    ...claim.control.checks.map((check) =>
      checkRow(`control, ${claim.control.setting}: ${check.quantity}`, check, controlText([check])),
    ),
  ]);
  return [
    row(['', 'claim', 'predicted', 'must be', 'measured', 'verdict']),
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
