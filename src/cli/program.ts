/** The command line as a whole. */
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../lab/environment.ts';
import { exitCodeOfError, Interruption } from '../lab/exit-code.ts';
import { addAnalyze } from './analyze.ts';
import { addCite } from './cite.ts';
import { addCompare } from './compare.ts';
import { addCompletion } from './completion.ts';
import { addData } from './data.ts';
import { addDoctor } from './doctor.ts';
import { addExport } from './export.ts';
import { addInfo } from './info.ts';
import { addList } from './list.ts';
import { addReport } from './report.ts';
import { addResume } from './resume.ts';
import { addRun } from './run.ts';
import { addRuns } from './runs.ts';
import { addServe } from './serve.ts';
import type { Shell } from './shell.ts';
import { addShow } from './show.ts';
import { addSweep } from './sweep.ts';
import { addVerify } from './verify.ts';

const help = `
Examples:
  deeptheory list
  deeptheory run spectral-bias --scale small
  deeptheory verify
  deeptheory analyze net.onnx --data mnist
  deeptheory resume last
  deeptheory sweep spectral-bias --seeds 10 width=64,128,256

Exit codes: 0 every claim holds, 1 some claim fails, 2 bad usage or input, 3 inconclusive (or no claim applies).`;

/** Carries out one command line and returns its exit code; everything it says goes to the shell's streams. */
export async function runCommandLine(args: readonly string[], shell: Shell): Promise<number> {
  let code = 0;
  const program = buildProgram(shell, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // commander has said what was wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    shell.err.write(`${errorText(error, shell.environment)}\n`);
    return exitCodeOfError(error);
  }
}

function buildProgram(shell: Shell, finish: (code: number) => void): Command {
  const program = new Command('deeptheory')
    .description('The laboratory of deep-learning theory: every result a method and a falsifiable experiment.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => shell.out.write(text),
      writeErr: (text) => shell.err.write(text),
      getOutHelpWidth: () => shell.out.columns ?? 100,
      getErrHelpWidth: () => shell.err.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showSuggestionAfterError()
    .addHelpText('after', help);
  addList(program, shell);
  addInfo(program, shell);
  addRun(program, shell, finish);
  addVerify(program, shell, finish);
  addAnalyze(program, shell);
  addResume(program, shell, finish);
  addSweep(program, shell, finish);
  addRuns(program, shell);
  addShow(program, shell);
  addReport(program, shell);
  addCompare(program, shell);
  addExport(program, shell);
  addCite(program, shell);
  addData(program, shell);
  addServe(program, shell);
  addDoctor(program, shell, finish);
  addCompletion(program, shell);
  return program;
}

/** A mistake of the user in one line; a defect with the way to its stack. */
export function errorText(error: unknown, environment: Shell['environment']): string {
  const known = error instanceof Error ? error : new Error(String(error));
  const debug = environment['DEBUG'] === 'deeptheory';
  if (known instanceof Interruption) return known.message;
  if (known.name === 'UserError') return `error: ${known.message}`;
  if (debug) return `error: ${known.stack ?? known.message}`;
  return `error: ${known.message}\nThis is a defect of deeptheory; set DEBUG=deeptheory to see where it happened.`;
}
