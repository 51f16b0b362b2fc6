/** The options that `run` and `verify` share. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Scale } from '../results/contract.ts';
import { type Device, devices, type Threads } from '../runtime/index.ts';

/** What every verb that works with runs takes. */
export interface OutputOptions {
  /** Root of the run folders. */
  readonly out: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const defaultRoot = 'runs';

export interface RunOptions extends OutputOptions {
  readonly scale: Scale;
  /** Default: the scale's own. */
  readonly seeds?: number;
  readonly seed: number;
  readonly threads: Threads;
  readonly device: Device;
}

export function addRunOptions(command: Command): Command {
  command
    .addOption(
      new Option('--scale <scale>', 'smoke: seconds; small: minutes; paper: the setting of the paper')
        .choices(['smoke', 'small', 'paper'])
        .default('smoke'),
    )
    .option('--seeds <n>', 'number of seeds (default: the scale’s own)', positiveInteger)
    .option('--seed <n>', 'first seed', seedNumber, 0)
    .option(
      '--threads <n>',
      'threads of the runtime, or auto (smoke: 1, small: 2, paper: all cores)',
      threadNumber,
      'auto',
    )
    .addOption(new Option('--device <device>', 'where to compute').choices(devices).default('cpu'));
  return addOutputOptions(command);
}

export function addOutputOptions(command: Command): Command {
  return addRoot(command)
    .option('--json', 'progress as JSON lines on stderr, the result as JSON on stdout')
    .option('--quiet', 'no progress');
}

export function addRoot(command: Command): Command {
  return command.option('--out <dir>', 'root of the run folders', defaultRoot);
}

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.');
  return Number(text);
}

export function seedNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** 32) {
    throw new InvalidArgumentError('Expected a whole number from 0 to 4294967295.');
  }
  return Number(text);
}

export function threadNumber(text: string): Threads {
  return text === 'auto' ? 'auto' : positiveInteger(text);
}
