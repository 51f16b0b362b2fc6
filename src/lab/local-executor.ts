/** The points of a sweep on this machine's cores: some processes, each working off one point after the other. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MakeExecutor, PointOrder, PointReport } from './executor.ts';

/** Compiled code only, as the worker thread of a run. */
export const pointWorker = fileURLToPath(new URL('./point-worker.js', import.meta.url));

interface Worker {
  readonly child: ChildProcess;
  current?: number;
  /** The end of what it wrote to stderr. */
  said: string;
}

/** `jobs` processes at once. A process that dies takes one point with it, and another takes its place. */
export function localExecutor(jobs: number): MakeExecutor {
  return ({ folder }) => {
    const queue: number[] = [];
    const workers = new Set<Worker>();
    const ends = new Map<number, string>();
    let stopping = false;

    const tell = ({ child }: Worker, order: PointOrder) => {
      // One that has just died takes no orders; its end is reported.
      if (child.connected) child.send(order, () => {});
    };
    const next = (worker: Worker) => {
      worker.current = stopping ? undefined : queue.shift();
      if (worker.current !== undefined) tell(worker, { point: worker.current });
      else if (worker.child.connected) worker.child.disconnect();
    };
    const startWorker = () => {
      // A process group of its own: Ctrl-C in a terminal reaches the parent only, who tells what it means.
      const child = fork(pointWorker, [folder], { detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      const worker: Worker = { child, said: '' };
      workers.add(worker);
      child.stderr?.on('data', (text) => {
        worker.said = (worker.said + text).slice(-2000);
      });
      child.on('message', (_: PointReport) => next(worker));
      const ended = (how: string) => {
        if (!workers.delete(worker)) return;
        if (worker.current !== undefined) ends.set(worker.current, how);
        if (!stopping && queue.length > 0) startWorker();
      };
      child.on('error', (error) => {
        if (child.pid === undefined) ended(`the process could not be started: ${error.message}`);
      });
      child.on('close', (code, signal) => ended(endText(code, signal, worker.said)));
      next(worker);
    };

    return {
      interval: 250,
      start: async (points) => {
        queue.push(...points);
        while (workers.size < jobs && queue.length > 0) startWorker();
      },
      open: async () =>
        new Set([...queue, ...[...workers].flatMap(({ current }) => (current === undefined ? [] : [current]))]),
      explain: async () => ends,
      stop: async (urgent) => {
        stopping = true;
        queue.length = 0;
        for (const worker of workers) {
          tell(worker, { stop: urgent ? 'now' : 'at a checkpoint' });
          // How its run ended is written down by then.
          if (urgent) setTimeout(() => worker.child.kill('SIGKILL'), 1500).unref();
        }
      },
    };
  };
}

function endText(code: number | null, signal: NodeJS.Signals | null, said: string): string {
  const how = signal ? `the process was killed by ${signal}` : `the process ended with exit code ${code}`;
  const error = said.split('\n').find((line) => /error/i.test(line));
  return error ? `${how}: ${error.trim()}` : how;
}
