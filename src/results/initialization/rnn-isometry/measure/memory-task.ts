/**
 * @file The memory task: an image at the first step, noise at all others, and its class asked for at the end. Networks of
 * one cell and one length are trained together in one graph, whatever their initialisation, rate and seed.
 */
import type { NDArray } from '../../../../array/ndarray.ts';
import type { Tree } from '../../../../array/tree.ts';
import { downscale, takeRows } from '../../../../data/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { scan, valueAndGrad, vmap } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { loadDigits } from '../../../digits.ts';
import { initMinimal, initVanilla } from '../cells.ts';
import { type RnnParams, rnnTrajectory } from '../mean-field.ts';
import { type AdamState, clipped, imageOrder, shuffled, stacked } from './loop.ts';

/** Pixels of an image, 14 x 14. */
const pixels = 196;

export interface Digits {
  /** Standardised, times sqrt(R); rows of 196 pixels. */
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly n: number;
}

export interface TaskData {
  readonly train: Digits;
  readonly test: Digits;
}

/** 14 x 14 digits of mean 0 and mean square R over all pixels. */
export async function loadTaskData(
  source: 'mnist' | 'rendered',
  { train, test, seed, R }: { train: number; test: number; seed: number; R: number },
): Promise<TaskData> {
  const [first, second] = await Promise.all([
    loadDigits(source, { n: train, seed }),
    loadDigits(source, { n: test, seed, split: 'test' }),
  ]);
  const raw = downscale(first, 2).images;
  const mean = raw.reduce((sum, x) => sum + x, 0) / raw.length;
  const deviation = Math.sqrt(raw.reduce((sum, x) => sum + (x - mean) ** 2, 0) / raw.length);
  const standard = (x: Float32Array) => x.map((value) => (Math.sqrt(R) * (value - mean)) / deviation);
  return {
    train: { images: standard(raw), labels: first.labels, n: train },
    test: { images: standard(downscale(second, 2).images), labels: second.labels, n: test },
  };
}

/** One network to train. */
export interface Run {
  readonly theory: RnnParams;
  readonly kind: 'gaussian' | 'orthogonal';
  /** Of Adam; the read-out has 30 times as much. */
  readonly rate: number;
  /** What the states are divided by before the read-out; default: their root mean square as theory expects it. */
  readonly size?: number;
  /** Number of the seed within the experiment: decides on weights, noise, images and their order. */
  readonly seed: number;
  /** Train on labels in random order: nothing can be learned of them. */
  readonly permuted?: boolean;
}

export interface TrainingSettings {
  readonly N: number;
  /** Steps of the sequence. */
  readonly T: number;
  readonly batch: number;
  readonly steps: number;
  readonly every: number;
  /** Training images of each seed. */
  readonly images: number;
}

export interface Learned {
  /** Updates made at each record. */
  readonly steps: readonly number[];
  /** [run][record] accuracy on held-out images. */
  readonly accuracy: number[][];
}

type CellParams = nn.Recurrence | nn.MinimalRnnParams;
type TaskCell = nn.Cell<CellParams, NDArray, Tree>;
type State = { readonly params: Tree & { cell: CellParams; readout: nn.Dense }; readonly optimizer: AdamState };
type RunData = { order: NDArray; labels: NDArray; noise: NDArray; rate: NDArray; scale: NDArray };
type Images = { train: NDArray; test: NDArray; testLabels: NDArray };

const identity: nn.Activation = (x) => x;

/** The read-out's rate is this many times that of the cell. */
const readoutRate = 30;

/** The cell, and which of its parameters are trained: one bias and one input matrix of each kind is enough. */
function cellOf(kind: RnnParams['cell'], N: number): { cell: TaskCell; rates: nn.Rates } {
  const vanilla = kind === 'vanilla';
  const cell = vanilla ? nn.vanillaRnn(pixels, N) : nn.minimalRnn(pixels, N, { activation: identity });
  return {
    // Each takes its own parameters; which ones these are is known to `kind`.
    cell: cell as TaskCell,
    rates: vanilla
      ? { input: { weight: 1, bias: 0 }, recurrent: 1 }
      : { encoder: { weight: 1, bias: 0 }, input: 1, recurrent: 1 },
  };
}

/** Logits [batch, 10] of a network that sees the images [batch, 196] first and then the noise [T - 1, 196]. */
function forward(kind: RnnParams['cell'], { N, T }: { N: number; T: number }) {
  const { cell } = cellOf(kind, N);
  return ({ cell: params, readout }: State['params'], images: NDArray, noise: NDArray, scale: NDArray): NDArray => {
    let h = cell.step(params, np.zeros([images.shape[0], N]), cell.drive(params, images));
    if (T > 1) {
      [h] = scan(
        (state: NDArray, drive: Tree) => [cell.step(params, state, drive), null],
        h,
        cell.drive(params, noise),
      );
    }
    return nn.dense(readout, np.multiply(scale, h));
  };
}

/** Root mean square of the states that theory expects at the end: what the read-out divides by. */
function expectedSize(theory: RnnParams, T: number): number {
  const { Q } = rnnTrajectory(theory, { sigma: new Array<number>(T).fill(1) });
  return Math.sqrt(Q[T - 1]);
}

/**
 * Trains networks of one cell on sequences of one length.
 *
 * @param name of the stage
 * @param stream of random numbers, one per experiment
 */
export async function learnMemory(
  name: string,
  runs: readonly Run[],
  settings: TrainingSettings,
  data: TaskData,
  context: RunContext,
  stream: number,
): Promise<Learned> {
  const { N, T, batch, steps, every } = settings;
  const kind = runs[0].theory.cell;
  const R = runs[0].theory.R;
  const { rates } = cellOf(kind, N);
  const logits = forward(kind, settings);
  const root = random.foldIn(random.key(context.seed), stream);
  const initial: State['params'][] = [];
  const perRun: RunData[] = [];
  for (const [r, run] of runs.entries()) {
    const ofSeed = random.foldIn(root, run.seed);
    const { sw, sv } = run.theory;
    // Networks of a seed start from the same random numbers: they differ in what is compared.
    const options = { N, M: pixels, sw, sv, kind: run.kind, key: random.foldIn(ofSeed, 0) };
    const cell =
      run.theory.cell === 'vanilla'
        ? await initVanilla(options)
        : await initMinimal({ ...options, mub: run.theory.mub ?? 0 });
    initial.push({ cell, readout: { weight: np.zeros([N, 10]), bias: np.zeros([10]) } });
    const order = imageOrder(data.train.n, settings, run.seed, context.seed);
    const labels = takeRows(data.train.labels, 1, order);
    perRun.push({
      order: np.array(order, { shape: [steps, batch] }),
      labels: np.array(run.permuted ? shuffled(labels, context.seed + r) : labels, { shape: [steps, batch] }),
      noise: np.multiply(Math.sqrt(R), random.normal(random.foldIn(ofSeed, 1), [Math.max(1, T - 1), pixels])),
      rate: np.array(run.rate, { dtype: 'float32' }),
      scale: np.array(1 / (run.size ?? expectedSize(run.theory, T)), { dtype: 'float32' }),
    });
  }
  const loss = (params: State['params'], images: NDArray, labels: NDArray, { noise, scale }: RunData) =>
    nn.crossEntropy(logits(params, images, noise, scale), labels);
  const optimizerOf = (rate: NDArray) => nn.adam(() => rate, { rates: { cell: rates, readout: readoutRate } });
  const step = ({ params, optimizer }: State, run: RunData, { train }: Images): State => {
    const at = np.astype(optimizer.step, 'int32');
    const images = np.take(train, np.take(run.order, at, 0), 0);
    const [, gradient] = valueAndGrad(loss)(params, images, np.take(run.labels, at, 0), run);
    const [next, state] = optimizerOf(run.rate).update(clipped(gradient, 1), optimizer, params);
    return { params: next, optimizer: state };
  };
  const probe = ({ params }: State, run: RunData, { test, testLabels }: Images) => ({
    accuracy: np.mean(
      np.astype(np.equal(np.argmax(logits(params, test, run.noise, run.scale), -1), testLabels), 'float32'),
    ),
  });
  type Data = { runs: RunData; images: Images };
  const params = stacked(initial);
  const start = jit(vmap((p: State['params']): State => ({ params: p, optimizer: optimizerOf(np.array(0)).init(p) })));
  const rows = ({ images, n }: Digits) => np.array(images, { shape: [n, pixels] });
  const { steps: at, records } = await nn.train<State, Data, { accuracy: NDArray }>(
    {
      step: (state, d) => vmap(step, [0, 0, null])(state, d.runs, d.images),
      probe: (state, d) => vmap(probe, [0, 0, null])(state, d.runs, d.images),
    },
    start(params),
    {
      runs: stacked(perRun),
      images: { train: rows(data.train), test: rows(data.test), testLabels: np.array(data.test.labels) },
    },
    { steps, every, ...context.follow(`${name}: ${runs.length} networks, ${T} steps`) },
  );
  const values = await records.accuracy.data();
  return { steps: at, accuracy: runs.map((_, r) => at.map((__, t) => values[t * runs.length + r])) };
}

/** The accuracy of each run at the end. */
export const finalAccuracy = ({ accuracy }: Learned): number[] =>
  accuracy.map((records) => records[records.length - 1]);
