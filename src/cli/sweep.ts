/** `deeptheory sweep RESULT [key=a,b,c]…`, and `deeptheory sweep SWEEP` to go on with one. */
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { type Command, Option } from 'commander';
import { UserError } from '../array/errors.ts';
import { carryOutSweep, openPoints } from '../lab/drive-sweep.ts';
import type { Executor } from '../lab/executor.ts';
import { expandGrid } from '../lab/grid.ts';
import { writeJson } from '../lab/json.ts';
import { localExecutor } from '../lab/local-executor.ts';
import { threadsOf } from '../lab/run.ts';
import { runState } from '../lab/run-record.ts';
import { slurmExecutor, wasSubmitted } from '../lab/slurm-executor.ts';
import { createSweep, findSweep, openSweep, replacePoints, type Sweep } from '../lab/sweep.ts';
import { writeSweepReport } from '../lab/sweep-report.ts';
import { pointFolder, type SweepSummary, summarize, writeSummary } from '../lab/sweep-status.ts';
import type { Experiment } from '../results/contract.ts';
import { findResult } from './find-result.ts';
import { progressStyle } from './progress.ts';
import { addRunOptions, defaultRoot, positiveInteger, type RunOptions } from './run-options.ts';
import type { Shell } from './shell.ts';
import { startSweepMeter } from './sweep-progress.ts';
import { sweepText } from './sweep-text.ts';

const examples = `
Values: width=64,128,256 lists; width=64..256 every whole number, rate=0.1..1+0.1 by steps, width=64..1024x2 by
factors. A setting that is itself a list: frequencies=1,2/1,2,4.

Examples:
  deeptheory sweep spectral-bias --seeds 10 width=64,128,256
  deeptheory sweep spectral-bias --scale small --jobs 4 steps=1000..8000x2
  deeptheory sweep last                  goes on with what is missing
  deeptheory sweep last --rerun-failed new-seed
  deeptheory sweep spectral-bias --executor slurm --slurm-args "--partition=gpu" --detach width=64..512x2`;

interface SweepOptions extends RunOptions {
  readonly jobs?: number;
  readonly rerunFailed?: true | 'same-seed' | 'new-seed';
  readonly executor?: 'local' | 'slurm';
  readonly slurmArgs?: string;
  readonly detach?: boolean;
  readonly status?: boolean;
}

export function addSweep(program: Command, shell: Shell, finish: (code: number) => void): void {
  const command = program
    .command('sweep')
    .description('run a result over seeds and a grid of settings, or go on with such a sweep')
    .usage('RESULT [key=values]... [options]\n       deeptheory sweep SWEEP [options]')
    .argument('<result>', 'name of the result; or path, id or last of a sweep to go on with')
    .argument('[settings...]', 'settings with their values, as key=a,b,c')
    .option('--jobs <n>', 'points at once (default: as many as the cores allow)', positiveInteger)
    .addOption(
      new Option('--rerun-failed [seed]', 'go on with failed points too, or with another seed in their place').choices([
        'same-seed',
        'new-seed',
      ]),
    )
    .addOption(
      new Option('--executor <name>', 'who computes (default: local, or what the sweep was begun with)').choices([
        'local',
        'slurm',
      ]),
    )
    .option('--slurm-args <options>', 'options of sbatch, e.g. "--partition=gpu --time=2:00:00"')
    .option('--detach', 'with slurm: submit the points and return; "sweep SWEEP" collects later')
    .option('--status', 'only look where the sweep stands, and write its report')
    .addHelpText('after', examples);
  addRunOptions(command).action(async (given: string, overrides: string[], options: SweepOptions) => {
    const sweep = await sweepOf(shell, given, overrides, options);
    const experiment = await findResult(shell, sweep.config.result);
    if (options.detach) return detach(shell, sweep, options);
    const summary = await work(shell, sweep, experiment, options);
    const report = join(sweep.folder, 'report.html');
    const record = { ...summary, folder: sweep.folder, report };
    shell.out.write(options.json ? `${writeJson(record)}\n` : sweepText(shell, experiment, sweep, summary, report));
    finish(summary.exitCode);
  });
}

/** The sweep that is asked for: a new one, or one that is there. */
async function sweepOf(
  shell: Shell,
  given: string,
  overrides: readonly string[],
  options: SweepOptions,
): Promise<Sweep> {
  const folder = Object.hasOwn(shell.results, given) ? undefined : findSweep(options.out, given);
  if (folder === undefined) {
    if (given === 'last' || /[\\/]/.test(given)) {
      throw new UserError(`there is no sweep ${given}${given === 'last' ? ` in ${options.out}` : ''}`);
    }
    return newSweep(await findResult(shell, given), overrides, options);
  }
  if (overrides.length > 0) {
    throw new UserError('the settings of a sweep stand when it is begun; name the result to begin another');
  }
  const sweep = openSweep(folder);
  if (options.rerunFailed !== 'new-seed' || options.status) return sweep;
  const failed = sweep.config.points.filter(
    (point) => point.replacedBy === undefined && runState(pointFolder(sweep, point)) === 'failed',
  );
  return failed.length > 0 ? replacePoints(sweep, failed) : sweep;
}

function newSweep(experiment: Experiment, overrides: readonly string[], options: SweepOptions): Sweep {
  const { scale, seed, device, out } = options;
  if (options.status) throw new UserError('--status looks at a sweep that is there; name its folder, id or last');
  const grid = expandGrid(experiment, scale, overrides);
  const seeds = options.seeds ?? experiment.scales[scale].seeds;
  // As many threads as leave every job its own cores; never more than one run would use.
  const share = Math.max(1, Math.floor(availableParallelism() / (options.jobs ?? availableParallelism())));
  const threads = options.threads === 'auto' ? Math.min(threadsOf(scale), share) : options.threads;
  return createSweep({ experiment, scale, grid, seeds, seed, threads, device, out });
}

function executorOf(sweep: Sweep, options: SweepOptions): Executor {
  const { jobs, executor = wasSubmitted(sweep) ? 'slurm' : 'local', slurmArgs = '' } = options;
  if (executor === 'slurm') {
    return slurmExecutor({ jobs, arguments: slurmArgs.split(/\s+/).filter(Boolean) })(sweep);
  }
  if (slurmArgs || options.detach) throw new UserError('--slurm-args and --detach need --executor slurm');
  return localExecutor(jobs ?? Math.max(1, Math.floor(availableParallelism() / sweep.config.threads)))(sweep);
}

/** Gives the open points to the queue and leaves them to it. */
async function detach(shell: Shell, sweep: Sweep, options: SweepOptions): Promise<void> {
  const points = openPoints(sweep, options.rerunFailed !== undefined);
  await executorOf(sweep, options).start(points);
  const collect = continueCommand(sweep, options.out);
  const record = { folder: sweep.folder, points: points.length, collect };
  shell.out.write(
    options.json ? `${writeJson(record)}\n` : `${points.length} points in the queue; collect with: ${collect}\n`,
  );
}

/** Works on the open points and writes down what there is then, interrupted or not. */
async function work(shell: Shell, sweep: Sweep, experiment: Experiment, options: SweepOptions): Promise<SweepSummary> {
  const { result, points } = sweep.config;
  const executor = executorOf(sweep, options);
  const conclude = async () => {
    const summary = summarize(sweep, await executor.explain());
    writeSummary(sweep, summary);
    writeSweepReport(sweep, experiment, summary);
    return summary;
  };
  if (options.status) return conclude();
  const meter = startSweepMeter(result, points, progressStyle(shell, options), shell);
  const stopping = () => meter.note('running points stop at their next checkpoint; Ctrl-C again stops now');
  shell.signal.addEventListener('abort', stopping, { once: true });
  try {
    await carryOutSweep(sweep, executor, openPoints(sweep, options.rerunFailed !== undefined), {
      onProgress: meter.update,
      interrupts: shell,
    });
    return await conclude();
  } catch (error) {
    await conclude();
    meter.note(`go on with: ${continueCommand(sweep, options.out)}`);
    throw error;
  } finally {
    shell.signal.removeEventListener('abort', stopping);
    meter.end();
  }
}

function continueCommand({ folder }: Sweep, out: string): string {
  return `deeptheory sweep ${basename(folder).slice(-6)}${out === defaultRoot ? '' : ` --out ${out}`}`;
}
