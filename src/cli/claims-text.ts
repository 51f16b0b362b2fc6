/** A run's claims for the terminal. */
import { controlText, measuredText, tallyText, verdictText } from '../lab/check-text.ts';
import { predictionText } from '../lab/number-text.ts';
import type { CheckVerdict, ClaimVerdict } from '../lab/verdict.ts';
import type { Color, Paint } from './shell.ts';
import { type Cell, type Column, shorten, textTable, wrap } from './text-table.ts';

const colors: Readonly<Record<string, Color>> = {
  holds: 'green',
  fails: 'red',
  inconclusive: 'yellow',
  'not applicable': 'dim',
  astray: 'yellow',
};

/** Colours a line of a cell that holds the words of a verdict. */
export function verdictColor(paint: Paint, line: string, cell: string): string {
  return colors[cell] ? paint(colors[cell], line) : line;
}

/** A row per claim, a row per check beneath it; then why each claim that does not hold does not, and the tally. */
export function claimsText(claims: readonly ClaimVerdict[], width: number, paint: Paint): string {
  const byWord = (text: string, cell: string) => verdictColor(paint, text, cell);
  const columns: readonly Column[] = [
    { header: 'id' },
    { header: 'claim', flexible: true },
    { header: 'predicted', narrow: 12 },
    { header: 'measured', narrow: 16 },
    { header: 'control', paint: byWord },
    { header: 'verdict', narrow: 12, paint: byWord },
  ];
  const [header, ...lines] = textTable(columns, claims.flatMap(claimRows), width);
  const reasons = claims
    .filter((claim) => claim.verdict !== 'holds')
    .flatMap(({ id, verdict, reason }) => wrap(`${id} ${verdictText(verdict)}: ${reason}`, width));
  const blocks = [[paint('dim', header), ...lines], reasons, wrap(`${tallyText(claims)}.`, width)];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function claimRows(claim: ClaimVerdict): Cell[][] {
  // The numbers stand in the rows of the checks, so that the statement may run over their columns.
  const statement = { text: `${shorten(claim.statement, 120)} (${claim.source})`, span: 3 };
  const outcome = [controlText(claim.control.checks), verdictText(claim.verdict)];
  return [[claim.id, statement, ...outcome], ...claim.checks.map(checkRow)];
}

function checkRow(check: CheckVerdict): string[] {
  const prediction = predictionText(check.predicted);
  const predicted = prediction ? `${prediction}, ${check.boundText}` : check.boundText;
  return ['', `· ${shorten(check.quantity, 80)}`, predicted, measuredText(check)];
}
