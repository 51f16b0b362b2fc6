/** @file Claim I11: the next character of a text, by four cells of equally many parameters. */
import type { NDArray } from '../../../../array/ndarray.ts';
import { type Tree, treeLeaves } from '../../../../array/tree.ts';
import { characterTokens, loadTinyShakespeare } from '../../../../data/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { valueAndGrad, vmap } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { initMinimal, initVanilla } from '../cells.ts';
import { criticalInit } from '../critical.ts';
import { type AdamState, clipped, stacked } from './loop.ts';

export interface LanguageSettings {
  /** Hidden units of the minimalRNN; the others get as many parameters. */
  readonly units: number;
  readonly steps: number;
  readonly rates: readonly number[];
}

export interface LanguageResult {
  readonly cell: 'minimal' | 'gru' | 'lstm' | 'vanilla';
  readonly units: number;
  readonly parameters: number;
  /** Bits per character of the validation text after each fifth of the updates: [rate][record]. */
  readonly bits: readonly number[][];
}

export interface Language {
  readonly results: readonly LanguageResult[];
  /** Bits per character by the frequencies of the characters alone. */
  readonly unigram: number;
}

const streams = 20;
const length = 35;
/** Steps of the validation text in each stream. */
const validation = 350;
const records = 5;

type AnyCell = nn.Cell<Tree, Tree, Tree>;
type Params = { cell: Tree; readout: nn.Dense };
type State = { params: Params; optimizer: AdamState; state: Tree };

function cellOf(name: LanguageResult['cell'], vocabulary: number, units: number): AnyCell {
  const made = {
    minimal: () => nn.minimalRnn(vocabulary, units),
    vanilla: () => nn.vanillaRnn(vocabulary, units),
    gru: () => nn.gru(vocabulary, units),
    lstm: () => nn.lstm(vocabulary, units),
  }[name]();
  return made as unknown as AnyCell;
}

/** Parameters of a cell and its read-out. */
function parametersOf(name: LanguageResult['cell'], vocabulary: number, units: number): number {
  const gates = { minimal: 0, vanilla: 1, gru: 3, lstm: 4 }[name];
  const cell =
    name === 'minimal' ? (vocabulary + 1) * units + 2 * units ** 2 + units : gates * units * (vocabulary + units + 2);
  return cell + (units + 1) * vocabulary;
}

/** So many units that the parameters are nearest to `target`. */
export function matchedUnits(name: LanguageResult['cell'], vocabulary: number, target: number): number {
  let units = 1;
  while (parametersOf(name, vocabulary, units + 1) <= target) units++;
  const [below, above] = [units, units + 1].map((n) => Math.abs(parametersOf(name, vocabulary, n) - target));
  return below <= above ? units : units + 1;
}

/** Consecutive pieces of a text side by side, [streams, tokens each]. */
function sideBySide(tokens: Int32Array): NDArray {
  const each = Math.floor(tokens.length / streams);
  return np.array(tokens.slice(0, each * streams), { shape: [streams, each] });
}

/** Bits per character of tokens under the frequencies of others. */
function unigramBits(train: Int32Array, test: Int32Array, vocabulary: number): number {
  const counts = new Float64Array(vocabulary).fill(1);
  for (const token of train) counts[token]++;
  const total = train.length + vocabulary;
  return test.reduce((sum, token) => sum - Math.log2(counts[token] / total), 0) / test.length;
}

/** Initial parameters: the theory's for vanilla and minimal cells, PyTorch's for the others. */
async function initialCell(name: LanguageResult['cell'], cell: AnyCell, M: number, N: number, key: NDArray) {
  // A one-hot input of M characters has mean square 1 / M; the encodings of the minimalRNN are scaled to R.
  const R = 0.46;
  const common = { N, M, kind: 'orthogonal' as const, key };
  if (name === 'vanilla') {
    const { sw, sv } = criticalInit({ cell: 'vanilla', qStar: 0.1, R: 1 / M });
    return (await initVanilla({ ...common, sw, sv })) as Tree;
  }
  if (name === 'minimal') {
    const { sw, sv } = criticalInit({ cell: 'minimal', mub: 0, qStar: 16, R });
    const params = await initMinimal({ ...common, sw, sv });
    return {
      ...params,
      encoder: { ...params.encoder, weight: np.multiply(Math.sqrt(M), params.encoder.weight) },
    } as Tree;
  }
  return cell.init(key);
}

/** Trains all cells at all rates on the first nine tenths of a text. */
export async function measureLanguage(s: LanguageSettings, context: RunContext): Promise<Language> {
  const { tokens, vocabulary } = characterTokens(await loadTinyShakespeare());
  const V = vocabulary.length;
  const cut = Math.floor(0.9 * tokens.length);
  const heldOut = tokens.subarray(cut, cut + streams * (validation + 1));
  const texts = { train: sideBySide(tokens.subarray(0, cut)), test: sideBySide(heldOut) };
  const target = parametersOf('minimal', V, s.units);
  const results: LanguageResult[] = [];
  for (const [k, name] of (['minimal', 'gru', 'lstm', 'vanilla'] as const).entries()) {
    const units = matchedUnits(name, V, target);
    const cell = cellOf(name, V, units);
    const key = random.foldIn(random.foldIn(random.key(context.seed), 50), k);
    const params: Params = {
      cell: await initialCell(name, cell, V, units, key),
      readout: { weight: np.zeros([units, V]), bias: np.zeros([V]) },
    };
    results.push({
      cell: name,
      units,
      parameters: treeLeaves(params).reduce((sum, x) => sum + x.size, 0),
      bits: await trainCell(`characters, ${name} of ${units} units`, cell, params, texts, s, context),
    });
  }
  return { results, unigram: unigramBits(tokens.subarray(0, cut), heldOut, V) };
}

async function trainCell(
  stage: string,
  cell: AnyCell,
  initial: Params,
  texts: { train: NDArray; test: NDArray },
  { steps, rates }: LanguageSettings,
  context: RunContext,
): Promise<number[][]> {
  const V = initial.readout.bias.size;
  // Mean cross-entropy of tokens [streams, T + 1], and the last state.
  const loss = ({ cell: params, readout }: Params, tokens: NDArray, from: Tree): [NDArray, Tree] => {
    const T = tokens.shape[1] - 1;
    const times = np.transpose(tokens);
    const inputs = np.oneHot(np.slice(times, [0, T]), V);
    const [outputs, last] = nn.unroll(cell, params, inputs, from);
    return [nn.crossEntropy(nn.dense(readout, outputs), np.slice(times, [1, T + 1])), last];
  };
  const pieces = Math.floor((texts.train.shape[1] - 1) / length);
  const optimizerOf = (rate: NDArray) => nn.adam(() => rate);
  const step = ({ params, optimizer, state }: State, rate: NDArray, train: NDArray): State => {
    const index = np.astype(optimizer.step, 'int32');
    const piece = np.subtract(index, np.multiply(pieces, np.floorDivide(index, pieces)));
    const tokens = np.take(
      train,
      np.add(np.multiply(length, piece), np.array(Int32Array.from({ length: length + 1 }, (_, t) => t))),
      1,
    );
    const [, gradient] = valueAndGrad((p: Params) => loss(p, tokens, state)[0])(params);
    const [next, adam] = optimizerOf(rate).update(clipped(gradient, 5), optimizer, params);
    return { params: next, optimizer: adam, state: loss(params, tokens, state)[1] };
  };
  const probe = ({ params }: State, test: NDArray) => ({
    bits: np.divide(loss(params, test, cell.initial([streams], 'float32'))[0], Math.LN2),
  });
  const start = jit(
    vmap(
      (params: Params): State => ({
        params,
        optimizer: optimizerOf(np.array(0)).init(params),
        state: cell.initial([streams], 'float32'),
      }),
    ),
  );
  type Data = { rates: NDArray; train: NDArray; test: NDArray };
  const { records: found, steps: made } = await nn.train<State, Data, { bits: NDArray }>(
    {
      step: (state, d) => vmap(step, [0, 0, null])(state, d.rates, d.train),
      probe: (state, d) => vmap(probe, [0, null])(state, d.test),
    },
    start(stacked(rates.map(() => initial))),
    { rates: np.array(rates, { dtype: 'float32' }), ...texts },
    { steps, every: steps / records, ...context.follow(stage) },
  );
  const values = await found.bits.data();
  return rates.map((_, r) => made.map((__, t) => values[t * rates.length + r]));
}
