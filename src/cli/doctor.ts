/** `deeptheory doctor`: whether this machine has what the laboratory needs. */

import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { dataDirectory } from '../data/index.ts';
import { packageVersion } from '../lab/environment.ts';
import { type Device, findDevice, runtimeVersion } from '../runtime/index.ts';
import { painter, type Shell, textWidth } from './shell.ts';
import { textTable } from './text-table.ts';

interface Finding {
  readonly what: string;
  readonly found: string;
  /** What to do about it; absent where all is well. */
  readonly advice?: string;
  /** Not there, and nothing needs it. */
  readonly absent?: true;
}

export function addDoctor(program: Command, shell: Shell, finish: (code: number) => void): void {
  program
    .command('doctor')
    .description('check Node, the runtime, devices, threads, memory, disk and data')
    .option('--out <dir>', 'root of the run folders', 'runs')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  deeptheory doctor')
    .action(async (options: { out: string; json?: boolean }) => {
      const findings = await examine(shell, options.out);
      if (options.json) {
        shell.out.write(`${JSON.stringify(findings, null, 2)}\n`);
      } else {
        const paint = painter(shell.out, shell.environment);
        const columns = [
          {
            header: '',
            paint: (text: string, cell: string) => (cell === '–' ? text : paint(cell === 'ok' ? 'green' : 'red', text)),
          },
          { header: 'what' },
          { header: 'found', flexible: true },
        ];
        const rows = findings.map(({ what, found, advice, absent }) =>
          advice ? ['no', what, `${found}; ${advice}`] : [absent ? '–' : 'ok', what, found],
        );
        const [, ...lines] = textTable(columns, rows, textWidth(shell.out));
        shell.out.write(`${lines.join('\n')}\n`);
      }
      finish(findings.some((finding) => finding.advice) ? 2 : 0);
    });
}

async function examine(shell: Shell, out: string): Promise<Finding[]> {
  const data = dataDirectory(shell.environment);
  return [
    { what: 'deeptheory', found: packageVersion() },
    node(),
    await runtime(),
    await device('webgpu'),
    await device('cuda'),
    { what: 'threads', found: `${availableParallelism()} usable` },
    { what: 'memory', found: `${gib(freemem())} free of ${gib(totalmem())}` },
    folder('run folders', resolve(out), 'choose another with --out DIR'),
    folder('data folder', data, 'choose another with DEEPTHEORY_DATA'),
  ];
}

function node(): Finding {
  const found = process.versions.node;
  const [major, minor] = found.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return { what: 'Node', found, ...(enough ? {} : { advice: 'deeptheory needs 20.19 or later' }) };
}

async function runtime(): Promise<Finding> {
  try {
    return { what: 'runtime', found: await runtimeVersion() };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { what: 'runtime', found, advice: 'install it again with "npm install"' };
  }
}

/** Nothing needs a GPU, so one that is not there is no fault. */
async function device(name: Device): Promise<Finding> {
  const found = await findDevice(name);
  return 'problem' in found
    ? { what: name, found: `not usable: ${found.problem}`, absent: true }
    : { what: name, found: found.runtime };
}

/** A folder need not exist yet; the nearest one that does must be writable. */
function folder(what: string, path: string, remedy: string): Finding {
  let place = path;
  while (!existsSync(place)) place = dirname(place);
  try {
    if (!statSync(place).isDirectory()) throw new Error('not a folder');
    accessSync(place, constants.W_OK);
    const { bavail, bsize } = statfsSync(place);
    const free = bavail * bsize;
    const found = `${path}, ${gib(free)} free`;
    return free < 2 ** 28 ? { what, found, advice: `too little; free some or ${remedy}` } : { what, found };
  } catch {
    return { what, found: `${path} cannot be written`, advice: remedy };
  }
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
