#!/usr/bin/env node
/** The program `deeptheory`. */
import { Interruption } from '../lab/exit-code.ts';
import { inThread } from '../lab/thread.ts';
import { results } from '../results/index.ts';
import { errorText, runCommandLine } from './program.ts';

/** Who sends SIGTERM has no second one to send; after this long the program leaves without a checkpoint. */
const patience = 5000;

const gentle = new AbortController();
const urgent = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (gentle.signal.aborted) return leave(signal);
    gentle.abort(new Interruption(signal));
    if (signal === 'SIGTERM') setTimeout(() => leave(signal), patience).unref();
  });
}

function leave(signal: 'SIGINT' | 'SIGTERM'): void {
  urgent.abort(new Interruption(signal));
  // How the run ended is written down by then. A computation that does not report for so long cannot be stopped otherwise.
  setTimeout(() => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }, 1000).unref();
}

for (const stream of [process.stdout, process.stderr]) {
  // A reader that left (`| head`) is no reason to lose a run.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
process.on('uncaughtException', (error) => {
  process.stderr.write(`${errorText(error, process.env)}\n`);
  process.exit(70);
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  environment: process.env,
  results,
  execute: inThread,
  signal: gentle.signal,
  urgent: urgent.signal,
});
