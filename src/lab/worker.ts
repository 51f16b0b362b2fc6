/** The thread that measures. The runtime blocks the thread it computes in; the main thread stays free for progress. */
import { parentPort } from 'node:worker_threads';
import { results } from '../results/index.ts';
import { configure } from '../runtime/index.ts';
import { Stopped, type Stopping } from './run-context.ts';
import { measure, throttled } from './task.ts';
import type { WorkerMessage, WorkerTask } from './thread.ts';

const post = (message: WorkerMessage) => parentPort?.postMessage(message);
const progress = throttled((update) => post({ kind: 'progress', update }), 100);

parentPort?.on('message', async ({ task, stop, last }: WorkerTask) => {
  const asked = new Int32Array(stop);
  const stopping = (): Stopping => (['no', 'at a checkpoint', 'now'] as const)[Atomics.load(asked, 0)];
  try {
    configure({ threads: task.threads, device: task.device });
    post({ kind: 'measured', measurements: await measure(results, task, progress, stopping) });
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    post(error instanceof Stopped ? { kind: 'stopped' } : { kind: 'failed', name, message, stack });
  }
  if (last) parentPort?.close();
});
