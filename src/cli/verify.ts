/** `deeptheory verify`: every result, at smoke scale unless told otherwise; one that breaks does not end the rest. */

import { join } from 'node:path';
import type { Command } from 'commander';
import { tallyText, verdictText } from '../lab/check-text.ts';
import { exitCodeOfError, Interruption, worstExitCode } from '../lab/exit-code.ts';
import { writeJson } from '../lab/json.ts';
import { durationText } from '../lab/number-text.ts';
import { renderOverview } from '../lab/report.ts';
import type { FinishedRun } from '../lab/run.ts';
import { createRunFolder } from '../lab/run-folder.ts';
import { claimsText } from './claims-text.ts';
import { perform, runRecord } from './perform.ts';
import { addRunOptions, type RunOptions } from './run-options.ts';
import { painter, type Shell, textWidth } from './shell.ts';
import { wrap } from './text-table.ts';

interface Broken {
  readonly name: string;
  readonly message: string;
  readonly exitCode: number;
}

type Outcome = FinishedRun | Broken;

const examples = `
Examples:
  deeptheory verify
  deeptheory verify --scale small --out /tmp/runs`;

export function addVerify(program: Command, shell: Shell, finish: (code: number) => void): void {
  const command = program
    .command('verify')
    .description('run every result and write one report over all')
    .addHelpText('after', examples);
  addRunOptions(command).action(async (options: RunOptions) => {
    const folder = createRunFolder(options.out, 'verify', new Date());
    const outcomes: Outcome[] = [];
    const names = Object.keys(shell.results);
    for (const [i, name] of names.entries()) {
      const outcome = await attempt(shell, name, options, `[${i + 1}/${names.length}] ${name}`);
      outcomes.push(outcome);
      if (!options.json) shell.out.write(`${outcomeText(shell, name, outcome)}\n`);
    }
    const code = worstExitCode(outcomes.map((outcome) => outcome.exitCode));
    const records = outcomes.map((outcome) => (isBroken(outcome) ? outcome : runRecord(outcome)));
    const summary = { exitCode: code, results: records, report: join(folder.path, 'report.html') };
    folder.write('summary.json', writeJson(summary, 2));
    folder.write('report.html', renderOverview(outcomes));
    if (options.json) shell.out.write(`${writeJson(summary)}\n`);
    else shell.out.write(`${wrap(totalText(outcomes), textWidth(shell.out)).join('\n')}\n\n${summary.report}\n`);
    finish(code);
  });
}

async function attempt(shell: Shell, name: string, options: RunOptions, label: string): Promise<Outcome> {
  try {
    return await perform(shell, await shell.results[name](), [], options, label);
  } catch (error) {
    if (error instanceof Interruption) throw error;
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const shown = shell.environment['DEBUG'] === 'deeptheory' ? (stack ?? message) : message;
    shell.err.write(`error in ${name}: ${shown}\n`);
    return { name, message, exitCode: exitCodeOfError(error) };
  }
}

function isBroken(outcome: Outcome): outcome is Broken {
  return !('experiment' in outcome);
}

function outcomeText(shell: Shell, name: string, outcome: Outcome): string {
  const paint = painter(shell.out, shell.environment);
  if (isBroken(outcome)) return `${paint('bold', name)}  ${paint('red', 'broke')}  ${outcome.message}\n`;
  const head = `${paint('bold', name)}  ${verdictText(outcome.verdict)}, ${durationText(outcome.seconds)}`;
  // The figures of what holds are in the report; here they would bury what does not.
  const claims = outcome.claims.map((claim) => (claim.verdict === 'holds' ? { ...claim, checks: [] } : claim));
  return `${head}\n${claimsText(claims, textWidth(shell.out), paint)}`;
}

function totalText(outcomes: readonly Outcome[]): string {
  const claims = outcomes.flatMap((outcome) => {
    if (isBroken(outcome)) return [];
    return outcome.claims.map(({ id, verdict }) => ({ id: `${outcome.experiment.name} ${id}`, verdict }));
  });
  const broken = outcomes.filter(isBroken).map(({ name }) => name);
  return `Over all: ${tallyText(claims)}${broken.length > 0 ? `; broke: ${broken.join(', ')}` : ''}.`;
}
