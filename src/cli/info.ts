/** `deeptheory info RESULT` */
import type { Command } from 'commander';
import { bibtex, citationText } from '../lab/citation.ts';
import { type Method, methodOf } from '../lab/method.ts';
import { settingsTable } from '../lab/settings.ts';
import type { Experiment } from '../results/contract.ts';
import { findResult } from './find-result.ts';
import { settingsText } from './settings-text.ts';
import { type Paint, painter, type Shell, textWidth } from './shell.ts';
import { textTable, wrap } from './text-table.ts';

export function addInfo(program: Command, shell: Shell): void {
  program
    .command('info')
    .description('what a result says: its paper, claims, settings, and the functions of its method')
    .argument('<result>', 'name of the result, see "deeptheory list"')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  deeptheory info spectral-bias')
    .action(async (name: string, options: { json?: boolean }) => {
      const experiment = await findResult(shell, name);
      const { title, summary, citation, scales, claims } = experiment;
      const method = methodOf(name);
      if (options.json) {
        const statements = claims.map(({ id, statement, source }) => ({ id, statement, source }));
        const settings = settingsTable(experiment);
        const record = {
          name,
          title,
          summary,
          citation,
          bibtex: bibtex(citation),
          claims: statements,
          settings,
          method,
        };
        shell.out.write(`${JSON.stringify(record, null, 2)}\n`);
        return;
      }
      const width = textWidth(shell.out);
      const paint = painter(shell.out, shell.environment);
      const paragraph = (text: string) => wrap(text, Math.min(width, 90)).join('\n');
      const seeds = `seeds: ${scales.smoke.seeds} at smoke, ${scales.small.seeds} at small, ${scales.paper.seeds} at paper scale`;
      const blocks = [
        paint('bold', title),
        paragraph(summary),
        paint('dim', paragraph(citationText(citation))),
        claimsText(claims, width),
        settingsText(experiment, width).trimEnd(),
        ...(method && method.functions.length > 0 ? [methodText(method, width, paint)] : []),
        bibtex(citation),
        `${seeds}\nrun it: deeptheory run ${name} --scale small`,
      ];
      shell.out.write(`${blocks.join('\n\n')}\n`);
    });
}

function claimsText(claims: Experiment['claims'], width: number): string {
  const columns = [{ header: 'id' }, { header: 'claim', flexible: true }, { header: 'source', narrow: 24 }];
  const rows = claims.map(({ id, statement, source }) => [id, statement, source]);
  return textTable(columns, rows, width).join('\n');
}

function methodText({ module, functions }: Method, width: number, paint: Paint): string {
  const lines = functions.flatMap(({ name, signature, doc }) => [
    ...wrap(`${name}${signature}`, width - 4).map((line, i) => (i === 0 ? line : `    ${line}`)),
    ...wrap(doc, width - 4).map((line) => paint('dim', `    ${line}`)),
  ]);
  return [`import … from '${module}'`, '', ...lines].join('\n');
}
