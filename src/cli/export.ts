/** `deeptheory export RUN|RESULT…` */
import { type Command, Option } from 'commander';
import { type ExportFormat, exportFormats, exportRuns } from '../lab/export/export.ts';
import { findRun, listRuns } from '../lab/find-run.ts';
import { addRoot } from './run-options.ts';
import type { Shell } from './shell.ts';

const help = `
csv and parquet: the tables runs, metrics and claims, joined by the column run. tensorboard: a folder with an event file for
each run. json: everything in one file. Measurements are NumPy files already, in each run's folder arrays/.

Examples:
  deeptheory export last
  deeptheory export spectral-bias --format parquet --to tables
  deeptheory export a1b2c3 d4e5f6 --format tensorboard --to logs && tensorboard --logdir logs`;

interface ExportOptions {
  readonly format: ExportFormat;
  readonly to: string;
  readonly out: string;
  readonly json?: boolean;
}

export function addExport(program: Command, shell: Shell): void {
  const command = program
    .command('export')
    .description('settings, metrics and claims of runs for other programs')
    .argument('<run...>', 'path, id, the beginning of an id, or last; the name of a result for all of its runs')
    .addOption(new Option('--format <format>', 'of the files').choices(exportFormats).default('csv'))
    .option('--to <dir>', 'where to write them', 'export')
    .addHelpText('after', help);
  addRoot(command)
    .option('--json', 'as JSON')
    .action(async (given: string[], { format, to, out, json }: ExportOptions) => {
      const runs = new Set(given.flatMap((word) => runsOf(out, word)));
      const files = await exportRuns([...runs], format, to);
      shell.out.write(json ? `${JSON.stringify({ format, runs: [...runs], files })}\n` : `${files.join('\n')}\n`);
    });
}

function runsOf(root: string, given: string): string[] {
  const ofResult = /[\\/]/.test(given) ? [] : listRuns(root, given);
  return ofResult.length > 0 ? ofResult : [findRun(root, given)];
}
