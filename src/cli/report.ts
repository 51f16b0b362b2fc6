/** `deeptheory report RUN` */
import type { Command } from 'commander';
import { findRun } from '../lab/find-run.ts';
import { readRun } from '../lab/run-record.ts';
import { writeReport } from '../lab/stored-report.ts';
import { findResult } from './find-result.ts';
import { addRoot } from './run-options.ts';
import type { Shell } from './shell.ts';

export function addReport(program: Command, shell: Shell): void {
  const command = program
    .command('report')
    .description('write the report of a finished run again, from its measurements')
    .argument('<run>', 'path, id, the beginning of an id, or last')
    .addHelpText('after', '\nExample:\n  deeptheory report last');
  addRoot(command)
    .option('--json', 'as JSON')
    .action(async (given: string, options: { out: string; json?: boolean }) => {
      const { folder, config } = readRun(findRun(options.out, given));
      const { report } = writeReport(folder, await findResult(shell, config.result));
      shell.out.write(`${options.json ? JSON.stringify({ folder, report }) : report}\n`);
    });
}
