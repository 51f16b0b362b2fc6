/** One run from the command line: the run itself under a progress meter, and how to go on when it does not end. */

import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Interruption } from '../lab/exit-code.ts';
import { beginRun, carryOut, type FinishedRun } from '../lab/run.ts';
import { readRun } from '../lab/run-record.ts';
import { resolveSettings } from '../lab/settings.ts';
import type { Experiment } from '../results/contract.ts';
import { progressStyle, startMeter } from './progress.ts';
import { defaultRoot, type OutputOptions, type RunOptions } from './run-options.ts';
import type { Shell } from './shell.ts';

/** A new run. `label` heads the progress. */
export async function perform(
  shell: Shell,
  experiment: Experiment,
  overrides: readonly string[],
  options: RunOptions,
  label: string,
): Promise<FinishedRun> {
  const { scale, seed, threads, device, out } = options;
  const settings = resolveSettings(experiment, scale, overrides);
  const seeds = options.seeds ?? experiment.scales[scale].seeds;
  const folder = beginRun({ experiment, scale, settings, seeds, seed, threads, device, out });
  return goOn(shell, experiment, folder, options, label);
}

/** A run that has begun. */
export async function goOn(
  shell: Shell,
  experiment: Experiment,
  folder: string,
  options: OutputOptions,
  label: string,
): Promise<FinishedRun> {
  const meter = startMeter(label, progressStyle(shell, options), shell);
  const { execute, signal, urgent } = shell;
  const stopping = () => meter.note('stopping at the next checkpoint; Ctrl-C again stops now');
  signal.addEventListener('abort', stopping, { once: true });
  try {
    return await carryOut(folder, {
      experiment,
      execute,
      progress: meter.update,
      interrupts: { signal, urgent },
      warn: meter.note,
    });
  } catch (error) {
    const own = readRun(folder).attempt?.process.pid === process.pid; // or another process has the run
    if (own && (error instanceof Interruption || existsSync(join(folder, 'checkpoints')))) {
      meter.note(`go on with: ${resumeCommand(folder, options.out)}`);
    }
    throw error;
  } finally {
    signal.removeEventListener('abort', stopping);
    meter.end();
  }
}

function resumeCommand(folder: string, out: string): string {
  const id = basename(folder).split('-').at(-1);
  return `deeptheory resume ${id}${out === defaultRoot ? '' : ` --out ${out}`}`;
}

/** What programs read on stdout, the report's path last. */
export function runRecord(run: FinishedRun): Readonly<Record<string, unknown>> {
  const { experiment, scale, seeds, verdict, exitCode, claims, seconds, folder, report } = run;
  return { result: experiment.name, scale, seeds, verdict, exitCode, seconds, claims, folder, report };
}
