/** `deeptheory data list` and `deeptheory data fetch NAME` */

import type { Command } from 'commander';
import { UserError } from '../array/errors.ts';
import { type DataSource, dataDirectory, fetchDataset, filesOf, folderOf, presence, sources } from '../data/index.ts';
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
    .description('the data sets that there are loaders for, and which are here')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  deeptheory data list')
    .action((options: { json?: boolean }) => {
      const directory = dataDirectory(shell.environment);
      const records = sources.map((source) => ({
        name: source.name,
        title: source.title,
        bytes: bytesOf(source),
        licence: source.licence,
        here: presence(source, directory),
        fetchable: source.mirrors.length > 0,
        folder: folderOf(source, directory),
        home: source.home,
        citation: source.citation,
      }));
      if (options.json) {
        shell.out.write(`${JSON.stringify(records, null, 2)}\n`);
        return;
      }
      const paint = painter(shell.out, shell.environment);
      const columns = [
        { header: 'name' },
        { header: 'what it is', flexible: true },
        { header: 'size' },
        { header: 'licence', narrow: 16 },
        { header: 'here', paint: (text: string) => (text.startsWith('yes') ? paint('green', text) : text) },
      ];
      const rows = records.map(({ name, title, bytes, licence, here, fetchable }) => {
        const place = here === 'yes' || fetchable ? here : `${here}, by hand`;
        return [name, title, bytes === null ? '' : sizeText(bytes), licence, place];
      });
      const [header, ...lines] = textTable(columns, rows, textWidth(shell.out));
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
        throw new UserError(`there is no data set "${name}"${didYouMean(name, names)}; see "deeptheory data list"`);
      }
      const directory = dataDirectory(shell.environment);
      const meter = startMeter(name, progressStyle(shell, options), shell);
      try {
        const files = await fetchDataset(name, { directory, progress: meter.update, signal: shell.signal });
        const text = options.json ? JSON.stringify({ name, files }) : files.join('\n');
        shell.out.write(`${text}\n`);
      } finally {
        meter.end();
      }
    });
}

/** What the files take once unpacked; null where a file's size is not published. */
function bytesOf(source: DataSource): number | null {
  const sizes = filesOf(source).map((file) => file.bytes);
  return sizes.length === 0 || sizes.includes(undefined) ? null : sizes.reduce((sum: number, bytes) => sum + bytes!, 0);
}

function sizeText(bytes: number): string {
  if (bytes < 1e5) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e6)} MB`;
}
