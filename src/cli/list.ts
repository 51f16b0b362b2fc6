/** `deeptheory list` */
import type { Command } from 'commander';
import type { Citation } from '../results/contract.ts';
import { painter, type Shell, textWidth } from './shell.ts';
import { textTable } from './text-table.ts';

export function addList(program: Command, shell: Shell): void {
  program
    .command('list')
    .description('the results that can be run')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  deeptheory list')
    .action(async (options: { json?: boolean }) => {
      const experiments = await Promise.all(Object.values(shell.results).map((load) => load()));
      if (options.json) {
        const records = experiments.map(({ name, title, summary, citation }) => ({ name, title, summary, citation }));
        shell.out.write(`${JSON.stringify(records, null, 2)}\n`);
        return;
      }
      const paint = painter(shell.out, shell.environment);
      const columns = [{ header: 'result' }, { header: 'title', flexible: true }, { header: 'paper', narrow: 24 }];
      const rows = experiments.map(({ name, title, citation }) => [name, title, shortCitation(citation)]);
      const [header, ...lines] = textTable(columns, rows, textWidth(shell.out));
      shell.out.write(`${[paint('dim', header), ...lines].join('\n')}\n`);
    });
}

/** `Rahaman et al. 2019` */
function shortCitation({ authors, year }: Citation): string {
  const families = authors.map((author) => author.split(' ').at(-1));
  if (families.length > 2) return `${families[0]} et al. ${year}`;
  return `${families.join(' and ')} ${year}`;
}
