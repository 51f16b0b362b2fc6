/** A theory card: everything that theory says about one finished network. */
import { basename, extname } from 'node:path';
import { UserError } from '../array/errors.ts';
import { describeEnvironment, type Environment } from '../lab/environment.ts';
import { writeJson } from '../lab/json.ts';
import { Stopped, type Stopping } from '../lab/run-context.ts';
import { type Analysis, type FinishedNetwork, keyOf, type Loss } from '../results/analysis.ts';
import type { Progress } from '../results/contract.ts';
import type { Device, Threads } from '../runtime/index.ts';
import { analyses } from './analyses.ts';
import { loadData } from './data.ts';
import { exampleShape, imageShape, type Preprocessing } from './inputs.ts';
import { openModelFile } from './model-file.ts';
import { openNetwork } from './network.ts';
import { cardPage } from './page.ts';
import { type Section, warningsOf } from './section.ts';

export interface CardRequest {
  /** Path of the ONNX file. */
  readonly model: string;
  /** Name of a data set, or path of a folder, an .npz or an .npy file. */
  readonly data: string;
  /** Path of an .npy file. */
  readonly labels?: string;
  readonly split: 'train' | 'test';
  readonly samples?: number;
  readonly loss?: Loss['name'];
  readonly output?: string;
  readonly preprocessing: Preprocessing;
  /** Examples evaluated together. */
  readonly batch: number;
  readonly seed: number;
  readonly threads: Threads;
  readonly device: Device;
}

/** The card as files hold it. */
export interface Card {
  readonly html: string;
  readonly json: string;
  /** For the terminal: what each analysis found, in a line. */
  readonly lines: readonly {
    readonly title: string;
    readonly state: Section['outcome']['state'];
    readonly text: string;
  }[];
  readonly warnings: readonly string[];
}

/**
 * Reads model and data and runs every analysis that applies. One that fails is told on the page and ends nothing else.
 *
 * @param stopping asked at every report of progress
 * @throws UserError when model or data are not what they should be; Stopped
 */
export async function makeCard(
  request: CardRequest,
  progress: Progress = () => {},
  stopping: () => Stopping = () => 'no',
): Promise<Card> {
  const tell: Progress = (update) => {
    if (stopping() !== 'no') throw new Stopped();
    progress(update);
  };
  const started = new Date().toISOString();
  const network = await open(request, tell);
  const sections: Section[] = [];
  for (const analysis of analyses) sections.push(await sectionOf(analysis, network, request.seed, tell));
  const environment = await describeEnvironment(request.threads, request.device, request.seed);
  return {
    html: cardPage({ network, sections, started, environment, command: commandText(request) }),
    json: writeJson(recordOf(request, network, sections, started, environment), 2),
    lines: sections.map(({ analysis: { title }, outcome }) => ({
      title,
      state: outcome.state,
      text: outcome.state === 'measured' ? outcome.finding.headline : outcome.reason,
    })),
    warnings: warningsOf(sections),
  };
}

async function open(request: CardRequest, tell: Progress): Promise<FinishedNetwork> {
  const { model: path, data, labels, split, samples, preprocessing } = request;
  tell({ stage: 'reading the model', done: 0, total: 0 });
  const model = openModelFile(path);
  const { inputs } = model();
  const image = inputs.length === 1 ? imageShape(exampleShape(inputs[0]), preprocessing.layout) : undefined;
  tell({ stage: 'reading the data', done: 0, total: 0 });
  const raw = await loadData({
    ...{ data, split, most: Math.max(10_000, samples ?? 0) },
    ...(labels === undefined ? {} : { labels }),
    ...(image === undefined ? {} : { image }),
  });
  if (raw.n === 0) throw new UserError(`${data}: there are no examples`);
  if (samples !== undefined && samples > raw.n) {
    throw new UserError(`--samples ${samples}: ${raw.name} has only ${raw.n} examples`);
  }
  return openNetwork(model, raw, { ...request, name: basename(path) }, (done, total) =>
    tell({ stage: 'outputs', done, total }),
  );
}

async function sectionOf(analysis: Analysis, network: FinishedNetwork, seed: number, tell: Progress): Promise<Section> {
  const { name, title, question, citations } = analysis;
  const about = { name, title, question, citations };
  const reason = analysis.obstacle(network);
  if (reason !== undefined) return { analysis: about, outcome: { state: 'does not apply', reason } };
  tell({ stage: name, done: 0, total: 0 });
  const begin = Date.now();
  try {
    const progress = (done: number, total: number) => tell({ stage: name, done, total });
    const measured = await analysis.measure(network, { key: keyOf(seed, name), seed, progress });
    const finding = analysis.describe(measured);
    return { analysis: about, outcome: { state: 'measured', finding, measured, seconds: (Date.now() - begin) / 1000 } };
  } catch (error) {
    if (error instanceof Stopped) throw error;
    return {
      analysis: about,
      outcome: { state: 'failed', reason: error instanceof Error ? error.message : String(error) },
    };
  }
}

/** `card.json`: what the page says in numbers and sentences, and what it was measured from. */
function recordOf(
  request: CardRequest,
  { name, size, outputs, outputsAre, loss, sample, work, layers }: FinishedNetwork,
  sections: readonly Section[],
  started: string,
  environment: Environment,
): Readonly<Record<string, unknown>> {
  return {
    model: {
      name,
      parameters: size,
      outputs,
      outputsAre,
      multiplications: work,
      layers: layers.map((layer) => layer.name),
    },
    loss: loss === undefined ? null : { name: loss.name, formula: loss.formula, reason: loss.reason },
    data: { name: sample.name, selection: sample.selection, examples: sample.n, rows: [...sample.rows] },
    request: plain(request),
    sections: sections.map(({ analysis, outcome }) => {
      const { name: id, title, citations } = analysis;
      if (outcome.state !== 'measured') return { name: id, title, citations, ...outcome };
      const { headline, numbers, reading, warnings = [], limits } = outcome.finding;
      return {
        ...{ name: id, title, citations, state: outcome.state, seconds: outcome.seconds },
        ...{ headline, numbers: plain(numbers), reading, warnings, limits, measured: plain(outcome.measured) },
      };
    }),
    started,
    environment,
  };
}

/** Typed arrays as lists, for readers of other languages. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** How to make this card again. */
function commandText(request: CardRequest): string {
  const { model, data, labels, split, samples, loss, output, preprocessing, batch, seed } = request;
  const { scale, mean, std, layout } = preprocessing;
  const options: [string, string | undefined][] = [
    ['--data', data],
    ['--labels', labels],
    ['--split', split],
    ['--samples', samples?.toString()],
    ['--loss', loss],
    ['--output', output],
    ['--scale', scale === 1 ? undefined : String(scale)],
    ['--mean', mean.join() === '0' ? undefined : mean.join()],
    ['--std', std.join() === '1' ? undefined : std.join()],
    ['--layout', layout],
    ['--batch', String(batch)],
    ['--seed', String(seed)],
  ];
  const given = options.flatMap(([name, value]) => (value === undefined ? [] : [name, quoted(value)]));
  return ['deeptheory analyze', quoted(model), ...given].join(' ');
}

const quoted = (text: string): string => (/^[\w./,:=@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** `models/net.onnx` as `net.card`. */
export const defaultFolder = (model: string): string => `${basename(model, extname(model))}.card`;
