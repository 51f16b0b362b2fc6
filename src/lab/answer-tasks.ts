/** The other end of a worker thread: takes tasks, and answers with progress and results. */
import { parentPort } from 'node:worker_threads';
import type { Progress } from '../results/contract.ts';
import { Stopped, type Stopping } from './run-context.ts';
import { throttled } from './task.ts';
import type { WorkerMessage, WorkerTask } from './thread.ts';

/**
 * From now on this thread carries out what it is sent. The runtime blocks the thread it computes in; the main thread stays
 * free for progress.
 *
 * @param carryOut must throw `Stopped` where it is told to stop; what it returns must be plain data
 */
export function answerTasks<T>(
  carryOut: (task: T, progress: Progress, stopping: () => Stopping) => Promise<unknown>,
): void {
  const post = (message: WorkerMessage) => parentPort?.postMessage(message);
  const progress = throttled((update) => post({ kind: 'progress', update }), 100);
  parentPort?.on('message', async ({ task, stop, last }: WorkerTask<T>) => {
    const asked = new Int32Array(stop);
    const stopping = (): Stopping => (['no', 'at a checkpoint', 'now'] as const)[Atomics.load(asked, 0)];
    try {
      post({ kind: 'measured', measurements: await carryOut(task, progress, stopping) });
    } catch (error) {
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
      post(error instanceof Stopped ? { kind: 'stopped' } : { kind: 'failed', name, message, stack });
    }
    if (last) parentPort?.close();
  });
}
