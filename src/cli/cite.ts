/** `deeptheory cite RUN|RESULT` */
import type { Command } from 'commander';
import { bibtex, citationText } from '../lab/citation.ts';
import { findRun, listRuns } from '../lab/find-run.ts';
import { readRun } from '../lab/run-record.ts';
import { findResult } from './find-result.ts';
import { addRoot } from './run-options.ts';
import type { Shell } from './shell.ts';

const examples = `
Examples:
  deeptheory cite spectral-bias >> references.bib
  deeptheory cite last`;

export function addCite(program: Command, shell: Shell): void {
  const command = program
    .command('cite')
    .description('the paper behind a result or a run, as BibTeX')
    .argument('<run-or-result>', 'name of a result; or path, id, the beginning of an id of a run, or last')
    .addHelpText('after', examples);
  addRoot(command)
    .option('--json', 'as JSON')
    .action(async (given: string, options: { out: string; json?: boolean }) => {
      const result = isRun(shell, options.out, given) ? readRun(findRun(options.out, given)).config.result : given;
      const { citation } = await findResult(shell, result);
      const record = { result, citation, text: citationText(citation), bibtex: bibtex(citation) };
      shell.out.write(options.json ? `${JSON.stringify(record)}\n` : `${record.bibtex}\n`);
    });
}

/** What is no result's name, and looks like a run's or begins like one. */
function isRun(shell: Shell, root: string, given: string): boolean {
  if (Object.hasOwn(shell.results, given)) return false;
  return (
    /[\\/]|^last$|^\d{8}|^[\da-f]{6}$/.test(given) || listRuns(root).some((path) => path.slice(-6).startsWith(given))
  );
}
