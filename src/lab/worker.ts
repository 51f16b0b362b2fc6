/** The thread that measures. The runtime blocks the thread it computes in; the main thread stays free for progress. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Progress } from '../results/contract.ts';
import { results } from '../results/index.ts';
import { configure } from '../runtime/index.ts';
import { measure, throttled } from './task.ts';
import type { WorkerMessage, WorkerTask } from './thread.ts';

const { task, stop } = workerData as WorkerTask;
const stopped = new Int32Array(stop);
const post = (message: WorkerMessage) => parentPort?.postMessage(message);
const tell = throttled((update) => post({ kind: 'progress', update }), 100);
const progress: Progress = (update) => {
  if (Atomics.load(stopped, 0) === 1) throw new Error('stopped by the main thread');
  tell(update);
};

try {
  configure({ threads: task.threads, device: task.device });
  post({ kind: 'measured', measurements: await measure(results, task, progress) });
} catch (error) {
  const known = error instanceof Error ? error : new Error(String(error));
  post({ kind: 'failed', name: known.name, message: known.message, stack: known.stack });
}
