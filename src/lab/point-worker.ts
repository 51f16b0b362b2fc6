/**
 * The process that works off points of a sweep: `point-worker.js SWEEP`, told by its parent which ones, in turn; or
 * `point-worker.js SWEEP POINT` for one. How a point ended is in its run's folder; this process ends well when the run
 * was finished, whatever the verdict.
 */
import { results } from '../results/index.ts';
import type { PointOrder, PointReport } from './executor.ts';
import { exitCodeOfError } from './exit-code.ts';
import { carryOut } from './run.ts';
import { listenToSignals } from './signals.ts';
import { readSweep } from './sweep.ts';
import { pointFolder } from './sweep-status.ts';
import { inOneThread, inThread } from './thread.ts';

const [folder, point] = process.argv.slice(2);
const interrupts = listenToSignals();
const execute = process.send ? inOneThread() : inThread;
const sweep = readSweep(folder);
const experiment = await results[sweep.config.result]();

async function work(index: number): Promise<number> {
  try {
    await carryOut(pointFolder(sweep, sweep.config.points[index]), {
      experiment,
      execute,
      progress: () => {},
      interrupts,
      warn: () => {},
    });
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return exitCodeOfError(error);
  }
}

if (process.send) {
  const tell = (report: PointReport) => process.send?.(report);
  let turn = Promise.resolve();
  let busy = false;
  process.on('message', (order: PointOrder) => {
    if ('stop' in order) return interrupt(order.stop === 'now');
    busy = true;
    turn = turn.then(async () => {
      await work(order.point);
      busy = false;
      if (process.connected) tell({ done: order.point });
    });
  });
  process.on('disconnect', () => {
    // No point is left, or the parent is gone, and with it whoever would wait for a checkpoint. How the run ended is
    // written down first. The thread is not ended in order: the runtime may be computing in it.
    if (busy) interrupt(true);
    void turn.then(() => process.kill(process.pid, 'SIGKILL'));
  });
} else {
  process.exitCode = await work(Number(point));
}

function interrupt(now: boolean): void {
  if (!interrupts.signal.aborted) interrupts.interrupt('SIGINT');
  if (now && !interrupts.urgent.aborted) interrupts.interrupt('SIGINT');
}
