/** Ctrl-C and SIGTERM as the two interrupts of a run. */
import { Interruption } from './exit-code.ts';
import type { Interrupts } from './task.ts';

/** Who sends SIGTERM has no second one to send; after this long the program leaves without a checkpoint. */
const patience = 5000;

type Signal = 'SIGINT' | 'SIGTERM';

export interface SignalInterrupts extends Interrupts {
  /** As if the signal had come: the first time at the next checkpoint, the second time now. */
  readonly interrupt: (signal: Signal) => void;
}

/** From now on a signal interrupts, and a second one kills. */
export function listenToSignals(): SignalInterrupts {
  const gentle = new AbortController();
  const urgent = new AbortController();
  const leave = (signal: Signal) => {
    urgent.abort(new Interruption(signal));
    // How the run ended is written down by then. A computation that does not report for so long cannot be stopped otherwise.
    setTimeout(() => {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }, 1000).unref();
  };
  const interrupt = (signal: Signal) => {
    if (gentle.signal.aborted) return leave(signal);
    gentle.abort(new Interruption(signal));
    if (signal === 'SIGTERM') setTimeout(() => leave(signal), patience).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt(signal));
  return { signal: gentle.signal, urgent: urgent.signal, interrupt };
}
