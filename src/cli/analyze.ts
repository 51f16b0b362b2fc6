/** `deeptheory analyze MODEL.onnx --data NAME|FOLDER` */
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Card, type CardRequest, defaultFolder } from '../card/card.ts';
import { dataNames } from '../card/data.ts';
import type { Layout } from '../card/inputs.ts';
import { attempt, openRunFolder } from '../lab/run-folder.ts';
import type { Loss } from '../results/analysis.ts';
import { type Device, devices, type Threads } from '../runtime/index.ts';
import { progressStyle, startMeter } from './progress.ts';
import { positiveInteger, seedNumber, threadNumber } from './run-options.ts';
import { painter, type Shell, textWidth } from './shell.ts';
import { textTable, wrap } from './text-table.ts';

interface AnalyzeOptions {
  readonly data: string;
  readonly labels?: string;
  readonly split: 'train' | 'test';
  readonly samples?: number;
  readonly loss?: Loss['name'];
  readonly output?: string;
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly layout?: Layout;
  readonly batch: number;
  readonly seed: number;
  readonly threads: Threads;
  readonly device: Device;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  deeptheory analyze net.onnx --data mnist
  deeptheory analyze net.onnx --data mnist --mean 0.1307 --std 0.3081      as PyTorch's examples normalize it
  deeptheory analyze net.onnx --data cifar10 --mean 0.4914,0.4822,0.4465 --std 0.2471,0.2435,0.2616
  deeptheory analyze net.onnx --data photos/                               a folder of images per class
  deeptheory analyze net.onnx --data x.npy --labels y.npy --loss squared-error

The card is written to NAME.card/card.html and card.json; docs/theory-card.md says what each figure means.
Exit codes: 0 the card is written, 2 bad usage or input.`;

export function addAnalyze(program: Command, shell: Shell): void {
  program
    .command('analyze')
    .description('write a theory card: what theory says about your own finished network on your own data')
    .argument('<model>', 'path of an ONNX file')
    .requiredOption('--data <name|path>', `${dataNames.join(', ')}; a folder of images; an .npz or .npy file`)
    .option('--labels <file>', 'labels or targets of an .npy file, themselves an .npy file')
    .addOption(new Option('--split <split>', 'part of a published data set').choices(['train', 'test']).default('test'))
    .option(
      '--samples <n>',
      'examples for every analysis (default: up to 2000, fewer where they are costly)',
      positiveInteger,
    )
    .addOption(
      new Option('--loss <loss>', 'default: from the outputs and the labels').choices([
        'cross-entropy',
        'squared-error',
        'binary-cross-entropy',
      ] satisfies Loss['name'][]),
    )
    .option('--output <name>', 'value of the model that is its output (logits), where it has several')
    .option('--scale <factor>', 'inputs are given as (value * scale - mean) / std; pixels are in [0, 1]', number, 1)
    .option('--mean <list>', 'one number, or one per channel: 0.49,0.48,0.45', numbers, [0])
    .option('--std <list>', 'likewise', positiveNumbers, [1])
    .addOption(
      new Option('--layout <layout>', 'of images (default: what the model’s input says)').choices([
        'nchw',
        'nhwc',
      ] satisfies Layout[]),
    )
    .option('--batch <n>', 'examples computed together', positiveInteger, 250)
    .option('--seed <n>', 'of the choice of examples and of random vectors', seedNumber, 0)
    .option('--threads <n>', 'threads of the runtime, or auto (all cores)', threadNumber, 'auto')
    .addOption(new Option('--device <device>', 'where to compute').choices(devices).default('cpu'))
    .option('--out <dir>', 'folder of the card (default: NAME.card)')
    .option('--json', 'progress as JSON lines on stderr, what was found as JSON on stdout')
    .option('--quiet', 'no progress')
    .addHelpText('after', examples)
    .action(async (model: string, options: AnalyzeOptions) => {
      const out = options.out ?? defaultFolder(model);
      // First of all: what was computed must not be lost for want of a place.
      const made = attempt('make the folder', out, () => mkdirSync(out, { recursive: true }));
      const card = await analyze(shell, requestOf(model, options), options).catch((error) => {
        if (made !== undefined) rmSync(made, { recursive: true });
        throw error;
      });
      const folder = openRunFolder(out);
      folder.write('card.json', card.json);
      folder.write('card.html', card.html);
      const path = join(out, 'card.html');
      const { lines, warnings } = card;
      shell.out.write(
        options.json
          ? `${JSON.stringify({ model, lines, warnings, card: path, json: join(out, 'card.json') })}\n`
          : cardText(shell, card, path),
      );
    });
}

function requestOf(model: string, options: AnalyzeOptions): CardRequest {
  const { data, labels, split, samples, loss, output, scale, mean, std, layout, batch, seed, threads, device } =
    options;
  return {
    ...{ model, data, split, batch, seed, device },
    threads: threads === 'auto' ? availableParallelism() : threads,
    ...(labels === undefined ? {} : { labels }),
    ...(samples === undefined ? {} : { samples }),
    ...(loss === undefined ? {} : { loss }),
    ...(output === undefined ? {} : { output }),
    preprocessing: { scale, mean, std, ...(layout === undefined ? {} : { layout }) },
  };
}

async function analyze(shell: Shell, request: CardRequest, options: AnalyzeOptions): Promise<Card> {
  const meter = startMeter('analyze', progressStyle(shell, options), shell);
  const stopping = () => meter.note('stopping; no card is written');
  shell.signal.addEventListener('abort', stopping, { once: true });
  try {
    return await shell.analyze(request, meter.update, shell);
  } finally {
    shell.signal.removeEventListener('abort', stopping);
    meter.end();
  }
}

function cardText(shell: Shell, { lines, warnings }: Card, path: string): string {
  const width = textWidth(shell.out);
  const paint = painter(shell.out, shell.environment);
  const columns = [
    { header: 'what', narrow: 30 },
    { header: 'found', flexible: true },
  ];
  const rows = lines.map(({ title, state, text }) => [title, state === 'measured' ? text : `${state}: ${text}`]);
  const [, ...table] = textTable(columns, rows, width);
  const warned = warnings.flatMap((text) => wrap(`warning: ${text}`, width)).map((line) => paint('yellow', line));
  return `${[...warned, ...table, '', path].join('\n')}\n`;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

function numbers(text: string): number[] {
  return text.split(',').map(number);
}

function positiveNumbers(text: string): number[] {
  const list = numbers(text);
  if (list.some((value) => value <= 0)) throw new InvalidArgumentError('Expected numbers above 0.');
  return list;
}
