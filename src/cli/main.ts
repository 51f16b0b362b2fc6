#!/usr/bin/env node
/** The program `deeptheory`. */
import { Interruption } from '../lab/exit-code.ts';
import { inThread } from '../lab/thread.ts';
import { results } from '../results/index.ts';
import { errorText, runCommandLine } from './program.ts';

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second Ctrl-C ends the process there and then.
  process.once(signal, () => {
    controller.abort(new Interruption(signal));
    // A computation that does not report for so long cannot be stopped otherwise; how the run ended is written down.
    setTimeout(() => process.kill(process.pid, signal), 1500).unref();
  });
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
  signal: controller.signal,
});
