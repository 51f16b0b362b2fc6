/** `deeptheory resume RUN` */
import type { Command } from 'commander';
import { findRun } from '../lab/find-run.ts';
import { writeJson } from '../lab/json.ts';
import type { FinishedRun } from '../lab/run.ts';
import { readRun } from '../lab/run-record.ts';
import { writeReport } from '../lab/stored-report.ts';
import { findResult } from './find-result.ts';
import { goOn, runRecord } from './perform.ts';
import { addOutputOptions, type OutputOptions } from './run-options.ts';
import { runText } from './run-text.ts';
import type { Shell } from './shell.ts';

const examples = `
Examples:
  deeptheory resume last
  deeptheory resume a1b2c3 --out /data/runs`;

export function addResume(program: Command, shell: Shell, finish: (code: number) => void): void {
  const command = program
    .command('resume')
    .description('go on with a run that was interrupted, has failed or crashed')
    .argument('<run>', 'path, id, the beginning of an id, or last')
    .addHelpText('after', examples);
  addOutputOptions(command).action(async (given: string, options: OutputOptions) => {
    const { folder, state, config, summary, name } = readRun(findRun(options.out, given));
    const experiment = await findResult(shell, config.result);
    let run: FinishedRun;
    if (state === 'finished' && summary) {
      // Not an error: a queue may start a job again that has just ended.
      if (!options.quiet) shell.err.write(`run ${name} is finished already\n`);
      run = { ...writeReport(folder, experiment), exitCode: summary.exitCode };
    } else {
      run = await goOn(shell, experiment, folder, options, config.result);
    }
    shell.out.write(options.json ? `${writeJson(runRecord(run))}\n` : runText(shell, run));
    finish(run.exitCode);
  });
}
