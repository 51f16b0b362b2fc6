/** `deeptheory serve` */
import { type Command, InvalidArgumentError } from 'commander';
import { dashboard } from '../dashboard/app.ts';
import { listen } from '../dashboard/listen.ts';
import { addRoot } from './run-options.ts';
import type { Shell } from './shell.ts';

export function addServe(program: Command, shell: Shell): void {
  const command = program
    .command('serve')
    .description('a dashboard of the runs, for the browser on this machine; Ctrl-C ends it')
    .option('--port <n>', 'port of 127.0.0.1 and ::1; 0 for any that is free', portNumber, 4280)
    .addHelpText('after', '\nExamples:\n  deeptheory serve\n  deeptheory serve --port 0 --out results');
  addRoot(command)
    .option('--json', 'the address as JSON')
    .action(async ({ port: wanted, out, json }: { port: number; out: string; json?: boolean }) => {
      const { results, signal } = shell;
      const { url, port, close } = await listen((taken) => dashboard({ root: out, results, port: taken }), wanted);
      shell.out.write(json ? `${JSON.stringify({ url, port })}\n` : `${url}\nCtrl-C ends it.\n`);
      if (!signal.aborted) await new Promise((stop) => signal.addEventListener('abort', stop, { once: true }));
      await close();
    });
}

function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) {
    throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
  }
  return Number(text);
}
