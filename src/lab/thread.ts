/** Carries out tasks in a worker thread. */
import { Worker } from 'node:worker_threads';
import { UserError } from '../array/errors.ts';
import type { Progress } from '../results/contract.ts';
import type { Execute, Task } from './task.ts';

/** What the worker is started with. */
export interface WorkerTask {
  readonly task: Task;
  /** One shared 32-bit integer; 1 asks the worker to end at its next report of progress. */
  readonly stop: SharedArrayBuffer;
}

export type WorkerMessage =
  | { readonly kind: 'progress'; readonly update: Parameters<Progress>[0] }
  | { readonly kind: 'measured'; readonly measurements: unknown }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string; readonly stack?: string };

/**
 * One worker per task. Compiled code only: a worker of Node 20 cannot load TypeScript.
 *
 * When aborted it rejects at once and asks the worker to end at its next report. It does not terminate the worker:
 * that aborts the whole process while the runtime's native code is in it. A worker that never reports keeps the process
 * alive, which the program answers by dying of the signal.
 */
export const inThread: Execute = (task, progress, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = new SharedArrayBuffer(4);
    const workerData: WorkerTask = { task, stop };
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData, stdout: true });
    // Whatever an experiment prints must not end up in the result on stdout.
    worker.stdout.pipe(process.stderr, { end: false });
    const abort = () => {
      Atomics.store(new Int32Array(stop), 0, 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') {
        // Reports already on their way when the run was stopped must not reach it any more.
        if (!signal.aborted) progress(message.update);
        return;
      }
      if (message.kind === 'measured') resolve(message.measurements);
      else reject(revive(message));
      // Its computation is over; a timer that the experiment forgot must not keep it.
      void worker.terminate();
    });
    worker.on('error', (error: Error) => reject(explainCrash(error)));
    worker.on('exit', (code) => {
      signal.removeEventListener('abort', abort);
      reject(new Error(`the computation of ${task.result} ended without a result (exit code ${code})`));
    });
  });

/** The worker's error on this side, with the worker's stack; what was a UserError stays one. */
function revive({ name, message, stack }: Extract<WorkerMessage, { kind: 'failed' }>): Error {
  const error = name === 'UserError' ? new UserError(message) : new Error(message);
  if (error.name !== 'UserError') error.name = name;
  error.stack = stack;
  return error;
}

function explainCrash(error: Error): Error {
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new Error('the computation ran out of memory; try a smaller scale, fewer seeds or smaller settings', {
      cause: error,
    });
  }
  return error;
}
