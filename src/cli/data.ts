/** `deeptheory data list` and `deeptheory data fetch NAME` */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { UserError } from '../array/errors.ts';
import { type DataSource, dataDirectory, fetchDataset, sources } from '../data/index.ts';
import { didYouMean } from '../lab/suggest.ts';
import { progressStyle, startMeter } from './progress.ts';
import { painter, type Shell, textWidth } from './shell.ts';
import { textTable } from './text-table.ts';

export function addData(program: Command, shell: Shell): void {
  const data = program.command('data').description('data sets that experiments at small and paper scale use');
  addDataList(data, shell);
  addDataFetch(data, shell);
}

function addDataList(data: Command, shell: Shell): void {
  data
    .command('list')
    .description('the data sets that can be fetched, and which are here')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  deeptheory data list')
    .action((options: { json?: boolean }) => {
      const directory = dataDirectory(shell.environment);
      const records = sources.map((source) => ({
        name: source.name,
        title: source.title,
        megabytes: Math.round(source.files.reduce((sum, file) => sum + file.bytes, 0) / 1e6),
        present: isPresent(source, directory),
        folder: join(directory, source.name),
        citation: source.citation,
      }));
      if (options.json) {
        shell.out.write(`${JSON.stringify(records, null, 2)}\n`);
        return;
      }
      const columns = [{ header: 'name' }, { header: 'title', flexible: true }, { header: 'size' }, { header: 'here' }];
      const rows = records.map((set) => [set.name, set.title, `${set.megabytes} MB`, set.present ? 'yes' : 'no']);
      const [header, ...lines] = textTable(columns, rows, textWidth(shell.out));
      const paint = painter(shell.out, shell.environment);
      shell.out.write(`${[paint('dim', header), ...lines, '', `in ${directory}`].join('\n')}\n`);
    });
}

function addDataFetch(data: Command, shell: Shell): void {
  data
    .command('fetch')
    .description('fetch a data set from its official source, or check the one that is here')
    .argument('<name>', 'name of the data set, see "deeptheory data list"')
    .option('--json', 'progress as JSON lines on stderr, the result as JSON on stdout')
    .option('--quiet', 'no progress')
    .addHelpText('after', '\nExample:\n  deeptheory data fetch mnist')
    .action(async (name: string, options: { json?: boolean; quiet?: boolean }) => {
      const names = sources.map((source) => source.name);
      if (!names.includes(name)) {
        throw new UserError(
          `there is no data set "${name}"${didYouMean(name, names)}; those that can be fetched are ${names.join(', ')}`,
        );
      }
      const directory = dataDirectory(shell.environment);
      const meter = startMeter(name, progressStyle(shell, options), shell);
      try {
        const files = await Promise.race([
          fetchDataset(name, { directory, progress: meter.update }),
          rejectOnAbort(shell.signal),
        ]);
        const text = options.json ? JSON.stringify({ name, files }) : files.join('\n');
        shell.out.write(`${text}\n`);
      } finally {
        meter.end();
      }
    });
}

/** Present by name; `data fetch` also checks the contents. */
function isPresent(source: DataSource, directory: string): boolean {
  const folder = join(directory, source.name);
  return source.files.every(({ name }) =>
    [name, name.replace(/\.gz$/, '')].some((file) => existsSync(join(folder, file))),
  );
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
