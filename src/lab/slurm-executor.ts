/**
 * The points of a sweep on a cluster: job arrays of Slurm, one task per point, in a folder that all nodes share. What was
 * submitted is on file beside the sweep, so that any later process finds it: state is what the queue, the accounting and
 * the runs' own records say, never what the shell that submitted remembers.
 */
import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../array/errors.ts';
import type { MakeExecutor } from './executor.ts';
import { pointWorker } from './local-executor.ts';
import { attempt, openRunFolder } from './run-folder.ts';
import type { Sweep } from './sweep.ts';

/** `slurm/submission-N.json`: a job array, task i of which is the i-th point. */
interface Submission {
  readonly job: string;
  readonly points: readonly number[];
}

export interface SlurmOptions {
  /** Tasks of an array that may run at once; default: as many as the cluster lets. */
  readonly jobs?: number;
  /** Options of sbatch, e.g. `--partition=gpu`. */
  readonly arguments: readonly string[];
}

/** Slurm's own default for the size of an array (MaxArraySize) is 1001. */
const mostTasks = 1000;
const submissionName = /^submission-(\d+)\.json$/;

export function slurmExecutor(options: SlurmOptions): MakeExecutor {
  return (sweep) => {
    const open = async (): Promise<Set<number>> => {
      const submissions = readSubmissions(sweep);
      if (submissions.length === 0) return new Set();
      const queued = await slurm('squeue', ['-h', '-r', '-u', userInfo().username, '-o', '%i']);
      return new Set(tasksOf(submissions, queued.split('\n')).map(({ point }) => point));
    };
    const cancel = async (args: readonly string[]) => {
      const jobs = readSubmissions(sweep).map(({ job }) => job);
      // Jobs that have ended meanwhile, or are forgotten, are no error here.
      if (jobs.length > 0) await slurm('scancel', ['--quiet', ...args, ...jobs]).catch(() => {});
    };
    return {
      interval: 3000,
      start: async (points) => {
        const queued = await open();
        const fresh = points.filter((point) => !queued.has(point));
        for (let at = 0; at < fresh.length; at += mostTasks) {
          await submit(sweep, fresh.slice(at, at + mostTasks), options);
        }
      },
      open,
      explain: async () => {
        const submissions = readSubmissions(sweep);
        const ends = new Map<number, string>();
        if (submissions.length === 0) return ends;
        const states = await accounting(submissions);
        for (const { task, point } of tasksOf(submissions, [...states.keys()])) {
          const state = states.get(task) as string;
          // A later submission of the point has the last word.
          if (/^(COMPLETED|COMPLETING|PENDING|RUNNING|CONFIGURING|SUSPENDED)/.test(state)) ends.delete(point);
          else ends.set(point, `Slurm says ${state} of job ${task}`);
        }
        return ends;
      },
      // Cancelled, a running task gets SIGTERM, at which it stops at its next checkpoint, if that is soon.
      stop: (urgent) => cancel(urgent ? ['--signal=KILL', '--full'] : []),
    };
  };
}

/** Whether points of the sweep were ever given to Slurm. */
export function wasSubmitted({ folder }: Sweep): boolean {
  return existsSync(join(folder, 'slurm'));
}

async function submit(sweep: Sweep, points: readonly number[], options: SlurmOptions): Promise<void> {
  const { folder, config } = sweep;
  const place = join(folder, 'slurm');
  attempt('make the folder', place, () => mkdirSync(place, { recursive: true }));
  const number = 1 + Math.max(0, ...readdirSync(place).map((name) => Number(submissionName.exec(name)?.[1] ?? 0)));
  const { write } = openRunFolder(folder);
  const script = join('slurm', `submission-${number}.sh`);
  write(script, batchScript(folder, points));
  const most = options.jobs === undefined ? '' : `%${options.jobs}`;
  const args = [
    '--parsable',
    `--array=0-${points.length - 1}${most}`,
    `--job-name=deeptheory-${config.result}`,
    `--cpus-per-task=${config.threads}`,
    `--output=${join(place, '%A_%a.txt')}`,
    ...options.arguments,
    join(folder, script),
  ];
  const [job] = (await slurm('sbatch', args)).trim().split(';');
  write(join('slurm', `submission-${number}.json`), JSON.stringify({ job, points } satisfies Submission));
}

function batchScript(folder: string, points: readonly number[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  return `#!/bin/sh
# Task i of the array is the i-th of these points of the sweep.
set -- ${points.join(' ')}
shift "$SLURM_ARRAY_TASK_ID"
exec ${[process.execPath, pointWorker, folder].map(quoted).join(' ')} "$1"
`;
}

function readSubmissions({ folder }: Sweep): Submission[] {
  const place = join(folder, 'slurm');
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .filter((name) => submissionName.test(name))
    .sort((a, b) => Number(submissionName.exec(a)?.[1]) - Number(submissionName.exec(b)?.[1]))
    .map((name) => JSON.parse(readFileSync(join(place, name), 'utf8')) as Submission);
}

/** Those of the tasks (`<job>_<i>`) that are ours, with their points, in the order of submission. */
function tasksOf(
  submissions: readonly Submission[],
  tasks: readonly string[],
): { readonly task: string; readonly point: number }[] {
  return submissions.flatMap(({ job, points }) =>
    tasks.flatMap((task) => {
      const [, id, index] = /^(\d+)_(\d+)$/.exec(task.trim()) ?? [];
      return id === job && Number(index) < points.length ? [{ task: task.trim(), point: points[Number(index)] }] : [];
    }),
  );
}

/** State and exit code by task: from the accounting; where there is none, what the controller still remembers. */
async function accounting(submissions: readonly Submission[]): Promise<Map<string, string>> {
  const jobs = submissions.map(({ job }) => job);
  try {
    const text = await slurm('sacct', ['-P', '-n', '-X', '-j', jobs.join(','), '-o', 'JobID,State,ExitCode']);
    const rows = text
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('|'));
    return new Map(rows.map(([task, state, code]) => [task, `${state} (exit code ${code})`]));
  } catch {
    const texts = await Promise.all(jobs.map((job) => slurm('scontrol', ['show', 'job', '-o', job]).catch(() => '')));
    return new Map(
      texts
        .flatMap((text) => text.split('\n'))
        .flatMap((line) => {
          const field = (name: string) => new RegExp(`\\b${name}=(\\S+)`).exec(line)?.[1];
          const state = field('JobState');
          if (state === undefined) return [];
          return [
            [`${field('ArrayJobId')}_${field('ArrayTaskId')}`, `${state} (exit code ${field('ExitCode')})`] as const,
          ];
        }),
    );
  }
}

/** What a command of Slurm prints. @throws UserError with what it says is wrong */
function slurm(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 2 ** 28 };
    execFile(command, args, options, (error: ExecFileException | null, out, err) => {
      if (!error) return resolve(out);
      const missing = error.code === 'ENOENT';
      const why = missing ? 'it is not installed on this machine, or not in PATH' : err.trim() || error.message;
      reject(new UserError(`${command}: ${why}`));
    });
  });
}
