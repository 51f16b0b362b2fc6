/** Carries out tasks in worker threads. */
import { Worker } from 'node:worker_threads';
import { UserError } from '../array/errors.ts';
import type { Progress } from '../results/contract.ts';
import { openRunFolder } from './run-folder.ts';
import type { Execute, Interrupts, Task } from './task.ts';

/** What the worker is sent. */
export interface WorkerTask<T> {
  readonly task: T;
  /** One shared 32-bit integer: 1 asks the worker to stop at its next checkpoint, 2 at its next report, writing nothing. */
  readonly stop: SharedArrayBuffer;
  /** No other task follows: the worker ends when it has answered. */
  readonly last: boolean;
}

export type WorkerMessage =
  | { readonly kind: 'progress'; readonly update: Parameters<Progress>[0] }
  | { readonly kind: 'measured'; readonly measurements: unknown }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string; readonly stack?: string };

interface Thread {
  readonly worker: Worker;
  /** Where what it prints is written. */
  log: (text: string) => void;
}

/** What a task is called in errors, and who is told what its worker prints. */
export interface About {
  readonly name: string;
  readonly log: (text: string) => void;
}

/** A worker that has answered is gone within milliseconds; one that is not waits for something, outside of native code. */
const patience = 2000;

/**
 * One worker per task. Compiled code only: a worker of Node 20 cannot load TypeScript. A thread and not a process: when the
 * program is killed nothing is left behind that computes on, or writes to the run's folder.
 *
 * Stopped at a checkpoint it rejects when the worker is there; urgently it rejects at once. It does not terminate a worker
 * that computes: that aborts the whole process while the runtime's native code is in it. A worker that never reports keeps
 * the process alive, which the program answers by dying of the signal.
 */
export const inThread: Execute = (task, progress, interrupts) =>
  inThreadOf<Task>(measuring)(task, progress, interrupts, aboutRun(task));

const aboutRun = ({ result, folder }: Task): About => ({ name: result, log: openRunFolder(folder).log });

const measuring = new URL('./worker.js', import.meta.url);

/**
 * The same for tasks of any kind: plain data that a compiled script answers by `answerTasks`.
 * @returns (task, progress, interrupts, about) -> what the script computed
 */
export function inThreadOf<T>(
  script: URL,
): (task: T, progress: Progress, interrupts: Interrupts, about: About) => Promise<unknown> {
  return (task, progress, interrupts, about) => {
    const thread = startThread(script);
    // Its computation is over and it ends by itself, in its own time: the runtime aborts the process when it is cut short
    // while it gives back memory. Only a timer that the experiment forgot would keep it for longer.
    const release = () => void setTimeout(() => void thread.worker.terminate(), patience).unref();
    return computeIn(thread, true, release, task, progress, interrupts, about);
  };
}

/** The same with one worker for one task after the other, so that its modules are loaded once. It ends with the process. */
export function inOneThread(): Execute {
  let idle: Thread | undefined;
  const start = () => {
    const thread = startThread(measuring);
    thread.worker.once('exit', () => {
      if (idle === thread) idle = undefined;
    });
    return thread;
  };
  return (task, progress, interrupts) => {
    const thread = idle ?? start();
    idle = undefined;
    const release = () => {
      idle = thread;
    };
    return computeIn(thread, false, release, task, progress, interrupts, aboutRun(task));
  };
}

function startThread(script: URL): Thread {
  const worker = new Worker(script, { stdout: true, stderr: true });
  const thread: Thread = { worker, log: () => {} };
  for (const stream of [worker.stdout, worker.stderr]) {
    // Whatever an experiment prints must not end up in the result on stdout.
    stream.pipe(process.stderr, { end: false });
    stream.on('data', (text) => thread.log(String(text)));
  }
  return thread;
}

/** `release`: told when the worker has done with the task and could take another. */
function computeIn<T>(
  thread: Thread,
  last: boolean,
  release: () => void,
  task: T,
  progress: Progress,
  { signal, urgent }: Interrupts,
  { name, log }: About,
): Promise<unknown> {
  const { worker } = thread;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      release();
      return reject(signal.reason);
    }
    const stop = new SharedArrayBuffer(4);
    thread.log = log;
    const ask = () => Atomics.store(new Int32Array(stop), 0, 1);
    const leave = () => {
      Atomics.store(new Int32Array(stop), 0, 2);
      reject(urgent.reason);
    };
    const listen = (message: WorkerMessage) => {
      if (message.kind === 'progress') {
        // Reports already on their way when the run was left must not reach it any more.
        if (!urgent.aborted) progress(message.update);
        return;
      }
      if (message.kind === 'measured') resolve(message.measurements);
      else reject(message.kind === 'stopped' ? signal.reason : revive(message));
      end();
      release();
    };
    const crash = (error: Error) => reject(explainCrash(error));
    const exit = (code: number) => {
      end();
      reject(new Error(`the computation of ${name} ended without a result (exit code ${code})`));
    };
    const end = () => {
      signal.removeEventListener('abort', ask);
      urgent.removeEventListener('abort', leave);
      worker.off('message', listen).off('error', crash).off('exit', exit);
    };
    signal.addEventListener('abort', ask, { once: true });
    urgent.addEventListener('abort', leave, { once: true });
    worker.on('message', listen).on('error', crash).on('exit', exit);
    worker.postMessage({ task, stop, last } satisfies WorkerTask<T>);
  });
}

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
