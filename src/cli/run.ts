/** `deeptheory run RESULT [key=value]…` */
import type { Command } from 'commander';
import { UserError } from '../array/errors.ts';
import { writeJson } from '../lab/json.ts';
import { findResult } from './find-result.ts';
import { perform, runRecord } from './perform.ts';
import { addRunOptions, type RunOptions } from './run-options.ts';
import { runText } from './run-text.ts';
import { settingsText } from './settings-text.ts';
import { type Shell, textWidth } from './shell.ts';

const examples = `
Examples:
  deeptheory run spectral-bias
  deeptheory run spectral-bias --scale small --seeds 5
  deeptheory run spectral-bias steps=2000 frequencies=1,2,4
  deeptheory run spectral-bias --help      lists the settings of this result`;

export function addRun(program: Command, shell: Shell, finish: (code: number) => void): void {
  const command = program
    .command('run')
    .description('measure a result’s claims and write a report')
    .usage('RESULT [key=value]... [options]')
    .argument('[result]', 'name of the result, see "deeptheory list"')
    .argument('[settings...]', 'settings to change, as key=value')
    // Our own, since the settings of the result named are part of the help.
    .helpOption(false)
    .option('-h, --help', 'this help; with RESULT also its settings')
    .addHelpText('after', examples);
  addRunOptions(command).action(
    async (name: string | undefined, overrides: string[], options: RunOptions & { help?: boolean }) => {
      if (options.help) {
        shell.out.write(await helpText(command, shell, name));
        return;
      }
      if (name === undefined) {
        throw new UserError(
          'run needs the name of a result, e.g. "deeptheory run spectral-bias"; see "deeptheory list"',
        );
      }
      const experiment = await findResult(shell, name);
      const run = await perform(shell, experiment, overrides, options, name);
      shell.out.write(options.json ? `${writeJson(runRecord(run))}\n` : runText(shell, run));
      finish(run.exitCode);
    },
  );
}

async function helpText(command: Command, shell: Shell, name: string | undefined): Promise<string> {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  if (name === undefined) return text;
  const experiment = await findResult(shell, name);
  return `${text}\nSettings of ${name}:\n${settingsText(experiment, textWidth(shell.out))}`;
}
