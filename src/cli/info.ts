/** `deeptheory info RESULT` */
import type { Command } from 'commander';
import { citationText } from '../lab/citation.ts';
import { settingsTable } from '../lab/settings.ts';
import { findResult } from './find-result.ts';
import { settingsText } from './settings-text.ts';
import { painter, type Shell, textWidth } from './shell.ts';
import { wrap } from './text-table.ts';

export function addInfo(program: Command, shell: Shell): void {
  program
    .command('info')
    .description('what a result says, its paper and its settings')
    .argument('<result>', 'name of the result, see "deeptheory list"')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  deeptheory info spectral-bias')
    .action(async (name: string, options: { json?: boolean }) => {
      const experiment = await findResult(shell, name);
      const { title, summary, citation, scales } = experiment;
      if (options.json) {
        const record = { name, title, summary, citation, settings: settingsTable(experiment) };
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
        settingsText(experiment, width).trimEnd(),
        `${seeds}\nrun it: deeptheory run ${name} --scale small`,
      ];
      shell.out.write(`${blocks.join('\n\n')}\n`);
    });
}
