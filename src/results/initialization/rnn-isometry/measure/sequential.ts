/** @file Claim I10: images read a few pixels at a time, critical or not, Gaussian or orthogonal (learning dynamics). */
import type { NDArray } from '../../../../array/ndarray.ts';
import type { Tree } from '../../../../array/tree.ts';
import { takeRows } from '../../../../data/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { scan, valueAndGrad, vmap } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { initMinimal, initVanilla } from '../cells.ts';
import { criticalInit } from '../critical.ts';
import { type AdamState, clipped, imageOrder, shuffled, stacked } from './loop.ts';
import type { TaskData } from './memory-task.ts';

export interface SequentialSettings {
  readonly R: number;
  readonly N: number;
  /** Pixels of one step; the sequence has 196 divided by it. */
  readonly pixels: number;
  readonly steps: number;
  readonly every: number;
  readonly batch: number;
  readonly images: number;
  readonly rate: number;
}

export interface SequentialCurve {
  readonly cell: 'vanilla' | 'minimal';
  readonly critical: boolean;
  readonly kind: 'gaussian' | 'orthogonal';
  readonly permuted: boolean;
  readonly steps: readonly number[];
  /** [seed][record] */
  readonly accuracy: readonly number[][];
}

/** Held-out images that are read at a time. */
const probed = 100;

/** Off the critical line, sw is a tenth larger. */
const offCritical = 1.1;

export async function measureSequential(
  s: SequentialSettings,
  data: TaskData,
  context: RunContext,
): Promise<SequentialCurve[]> {
  const curves: SequentialCurve[] = [];
  for (const cell of ['vanilla', 'minimal'] as const) curves.push(...(await learn(cell, s, data, context)));
  return curves;
}

type Params = { cell: Tree; readout: nn.Dense };
type State = { params: Params; optimizer: AdamState };
type RunData = { order: NDArray; labels: NDArray };

async function learn(kindOfCell: 'vanilla' | 'minimal', s: SequentialSettings, data: TaskData, context: RunContext) {
  const { R, N, pixels, steps, every, batch } = s;
  const T = 196 / pixels;
  const identity: nn.Activation = (x) => x;
  const cell = (kindOfCell === 'vanilla'
    ? nn.vanillaRnn(pixels, N)
    : nn.minimalRnn(pixels, N, { activation: identity })) as unknown as nn.Cell<Tree, NDArray, Tree>;
  const at =
    kindOfCell === 'vanilla'
      ? criticalInit({ cell: 'vanilla', qStar: 0.1, R })
      : criticalInit({ cell: 'minimal', mub: 6, qStar: 5, R });
  const settings = [
    ...[true, false].flatMap((critical) =>
      (['gaussian', 'orthogonal'] as const).map((kind) => ({ critical, kind, permuted: false })),
    ),
    { critical: true, kind: 'orthogonal' as const, permuted: true },
  ];
  const root = random.foldIn(random.key(context.seed), 40);
  const initial: Params[] = [];
  const perRun: RunData[] = [];
  for (const { critical, kind, permuted } of settings)
    for (let seed = 0; seed < context.seeds; seed++) {
      const sw = critical ? at.sw : offCritical * at.sw;
      const options = { N, M: pixels, sw, sv: at.sv, kind, key: random.foldIn(root, seed) };
      const params = kindOfCell === 'vanilla' ? await initVanilla(options) : await initMinimal({ ...options, mub: 6 });
      initial.push({ cell: params as Tree, readout: { weight: np.zeros([N, 10]), bias: np.zeros([10]) } });
      const order = imageOrder(data.train.n, s, seed, context.seed);
      const labels = takeRows(data.train.labels, 1, order);
      perRun.push({
        order: np.array(order, { shape: [steps, batch] }),
        labels: np.array(permuted ? shuffled(labels, context.seed + seed) : labels, { shape: [steps, batch] }),
      });
    }
  // [T, batch, pixels]; the states are divided by their expected size.
  const logits = ({ cell: params, readout }: Params, images: NDArray) => {
    const xs = np.transpose(np.reshape(images, [images.shape[0], T, pixels]), [1, 0, 2]);
    return nn.dense(readout, np.multiply(1 / Math.sqrt(at.Q), nn.unroll(cell, params, xs)[1]));
  };
  const loss = (params: Params, images: NDArray, labels: NDArray) => nn.crossEntropy(logits(params, images), labels);
  const optimizer = nn.adam(s.rate, { rates: { cell: 1, readout: 30 } });
  type Images = { train: NDArray; test: NDArray; testLabels: NDArray };
  const step = ({ params, optimizer: adam }: State, run: RunData, { train }: Images): State => {
    const index = np.astype(adam.step, 'int32');
    const images = np.take(train, np.take(run.order, index, 0), 0);
    const [, gradient] = valueAndGrad(loss)(params, images, np.take(run.labels, index, 0));
    const [next, state] = optimizer.update(clipped(gradient, 1), adam, params);
    return { params: next, optimizer: state };
  };
  // In parts: what the inputs drive is kept for all T steps at once.
  const part = Math.min(probed, data.test.n);
  const parts = Math.floor(data.test.n / part);
  const probe = ({ params }: State, { test, testLabels }: Images) => {
    const [, right] = scan(
      (none: null, { images, labels }: { images: NDArray; labels: NDArray }) => [
        none,
        np.mean(np.astype(np.equal(np.argmax(logits(params, images), -1), labels), 'float32')),
      ],
      null,
      { images: test, labels: testLabels },
    );
    return { accuracy: np.mean(right) };
  };
  type Data = { runs: RunData; images: Images };
  const start = jit(vmap((params: Params): State => ({ params, optimizer: optimizer.init(params) })));
  const { steps: made, records } = await nn.train<State, Data, { accuracy: NDArray }>(
    {
      step: (state, d) => vmap(step, [0, 0, null])(state, d.runs, d.images),
      probe: (state, d) => vmap(probe, [0, null])(state, d.images),
    },
    start(stacked(initial)),
    {
      runs: stacked(perRun),
      images: {
        train: np.array(data.train.images, { shape: [data.train.n, 196] }),
        test: np.array(data.test.images.slice(0, parts * part * 196), { shape: [parts, part, 196] }),
        testLabels: np.array(data.test.labels.slice(0, parts * part), { shape: [parts, part] }),
      },
    },
    { steps, every, ...context.follow(`${T} pieces of an image, ${kindOfCell}, ${initial.length} networks`) },
  );
  const values = await records.accuracy.data();
  return settings.map(
    (setting, i): SequentialCurve => ({
      cell: kindOfCell,
      ...setting,
      steps: made,
      accuracy: Array.from({ length: context.seeds }, (_, seed) =>
        made.map((__, t) => values[t * initial.length + i * context.seeds + seed]),
      ),
    }),
  );
}
