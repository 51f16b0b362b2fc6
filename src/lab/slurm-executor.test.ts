/** Against commands that stand in for Slurm's: what they are asked, and what is made of their answers. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { experiment } from './fake-experiment.fixture.ts';
import { expandGrid } from './grid.ts';
import { slurmExecutor, wasSubmitted } from './slurm-executor.ts';
import { createSweep, type Sweep } from './sweep.ts';
import { summarize } from './sweep-status.ts';

const place = mkdtempSync(join(tmpdir(), 'deeptheory-slurm-'));
const path = process.env['PATH'];
afterAll(() => {
  process.env['PATH'] = path;
  rmSync(place, { recursive: true });
});

/** Puts a command into PATH that notes its arguments and prints `text`, or fails with it. */
function command(name: string, text: string, fails = false): void {
  const lines = [
    '#!/bin/sh',
    `echo "$@" >> '${join(place, `${name}.log`)}'`,
    `cat <<'END'${fails ? ' >&2' : ''}`,
    text,
    'END',
  ];
  writeFileSync(join(place, name), [...lines, `exit ${fails ? 1 : 0}`, ''].join('\n'));
  chmodSync(join(place, name), 0o755);
}
const asked = (name: string) =>
  readFileSync(join(place, `${name}.log`), 'utf8')
    .trimEnd()
    .split('\n');

let sweep: Sweep;
beforeEach(() => {
  process.env['PATH'] = `${place}${delimiter}${path}`;
  for (const name of ['sbatch', 'squeue', 'sacct', 'scancel', 'scontrol']) {
    rmSync(join(place, `${name}.log`), { force: true });
    command(name, '');
  }
  const grid = expandGrid(experiment, 'smoke', ['steps=1..3']);
  const [scale, device] = ['smoke', 'cpu'] as const;
  sweep = createSweep({ experiment, scale, grid, seeds: 2, seed: 0, threads: 3, device, out: place });
});

describe('slurmExecutor', () => {
  it('submits one array, a task per point, with the options given last', async () => {
    command('sbatch', '77;cluster');
    const { start } = slurmExecutor({ jobs: 4, arguments: ['--partition=gpu'] })(sweep);
    expect(wasSubmitted(sweep)).toBe(false);
    await start([1, 3, 5]);
    expect(wasSubmitted(sweep)).toBe(true);
    const script = join(sweep.folder, 'slurm', 'submission-1.sh');
    expect(asked('sbatch')).toEqual([
      `--parsable --array=0-2%4 --job-name=deeptheory-fake-decay --cpus-per-task=3 --output=${join(sweep.folder, 'slurm', '%A_%a.txt')} --partition=gpu ${script}`,
    ]);
    expect(readFileSync(script, 'utf8')).toMatch(
      /^set -- 1 3 5\nshift "\$SLURM_ARRAY_TASK_ID"\nexec '.*' '.*point-worker.js' '.*' "\$1"$/m,
    );
  });

  it('finds what an earlier process has submitted, and submits it no second time', async () => {
    command('sbatch', '77');
    await slurmExecutor({ arguments: [] })(sweep).start([0, 1, 2]);
    command('squeue', '77_1\n77_2\n99_0\n77_[3-9]');
    command('sbatch', '78');
    const later = slurmExecutor({ arguments: [] })(sweep);
    expect(await later.open()).toEqual(new Set([1, 2]));
    await later.start([0, 1, 2, 4]);
    expect(readFileSync(join(sweep.folder, 'slurm', 'submission-2.sh'), 'utf8')).toContain('set -- 0 4\n');
    command('squeue', '78_0\n78_1');
    expect(await later.open()).toEqual(new Set([0, 4]));
    await later.stop(false);
    await later.stop(true);
    expect(asked('scancel')).toEqual(['--quiet 77 78', '--quiet --signal=KILL --full 77 78']);
  });

  it('takes reasons from the accounting, the last submission deciding', async () => {
    command('sbatch', '77');
    const executor = slurmExecutor({ arguments: [] })(sweep);
    await executor.start([0, 1, 2, 3]);
    command('sbatch', '78');
    await executor.start([3]);
    command(
      'sacct',
      '77_0|OUT_OF_MEMORY|0:125\n77_1|COMPLETED|0:0\n77_2|CANCELLED by 1000|0:0\n77_3|TIMEOUT|0:0\n78_0|RUNNING|0:0',
    );
    const reasons = await executor.explain();
    expect([...reasons]).toEqual([
      [0, 'Slurm says OUT_OF_MEMORY (exit code 0:125) of job 77_0'],
      [2, 'Slurm says CANCELLED by 1000 (exit code 0:0) of job 77_2'],
    ]);
    // A point that the queue gave up before it began is a failure with this reason; the others only wait.
    const { failures, states, exitCode } = summarize(sweep, reasons);
    expect(failures.map(({ point, error }) => [sweep.config.points.indexOf(point), error])).toEqual([...reasons]);
    expect([states.waiting, exitCode]).toEqual([6, 70]);
  });

  it('asks the controller where there is no accounting', async () => {
    command('sbatch', '77');
    const executor = slurmExecutor({ arguments: [] })(sweep);
    await executor.start([4, 5]);
    command('sacct', 'Slurm accounting storage is disabled', true);
    command(
      'scontrol',
      'JobId=79 ArrayJobId=77 ArrayTaskId=1 JobState=NODE_FAIL Reason=None ExitCode=1:0\nJobId=78 ArrayJobId=77 ArrayTaskId=0 JobState=COMPLETED ExitCode=0:0',
    );
    expect([...(await executor.explain())]).toEqual([[5, 'Slurm says NODE_FAIL (exit code 1:0) of job 77_1']]);
  });

  it('tells what Slurm refuses, and that it is not there', async () => {
    command('sbatch', 'sbatch: error: invalid partition specified: gpu', true);
    const { start } = slurmExecutor({ arguments: [] })(sweep);
    await expect(start([0])).rejects.toThrow('sbatch: sbatch: error: invalid partition specified: gpu');
    process.env['PATH'] = '/nowhere';
    await expect(start([0])).rejects.toThrow('sbatch: it is not installed on this machine, or not in PATH');
  });
});
