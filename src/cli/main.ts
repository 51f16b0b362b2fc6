#!/usr/bin/env node
/** The program `deeptheory`. */
import { cardInThread } from '../card/thread.ts';
import { listenToSignals } from '../lab/signals.ts';
import { inThread } from '../lab/thread.ts';
import { results } from '../results/index.ts';
import { errorText, runCommandLine } from './program.ts';

const { signal, urgent } = listenToSignals();

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
  analyze: cardInThread,
  signal,
  urgent,
});
