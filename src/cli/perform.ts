/** One run from the command line: the run itself under a progress meter. */

import { type FinishedRun, runExperiment } from '../lab/run.ts';
import { resolveSettings } from '../lab/settings.ts';
import type { Experiment } from '../results/contract.ts';
import { progressStyle, startMeter } from './progress.ts';
import type { RunOptions } from './run-options.ts';
import type { Shell } from './shell.ts';

/** `label` heads the progress. */
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
  const meter = startMeter(label, progressStyle(shell, options), shell);
  try {
    const { execute, signal } = shell;
    const progress = meter.update;
    const request = { experiment, scale, settings, seeds, seed, threads, device, out, execute, progress, signal };
    return await runExperiment(request);
  } finally {
    meter.end();
  }
}

/** What programs read on stdout, the report's path last. */
export function runRecord(run: FinishedRun): Readonly<Record<string, unknown>> {
  const { experiment, scale, seeds, verdict, exitCode, claims, seconds, folder, report } = run;
  return { result: experiment.name, scale, seeds, verdict, exitCode, seconds, claims, folder, report };
}
