/** @file Claim R8: whether the depth map at initialisation says which networks can be trained. */
import { takeRows } from '../../../../data/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { scan, valueAndGrad, vmap } from '../../../../transforms/index.ts';
import type { RunContext } from '../../../contract.ts';
import { angleCollapse, pairwiseCosines } from '../angle-map.ts';
import type { Matrix } from '../matrix.ts';

export interface Labelled {
  readonly x: Matrix;
  readonly labels: Int32Array;
}

export interface TrainabilitySettings {
  readonly train: Labelled;
  readonly test: Labelled;
  readonly width: number;
  readonly depths: readonly number[];
  readonly slopes: readonly number[];
  readonly learningRate: number;
  readonly batch: number;
  readonly steps: number;
  readonly every: number;
}

export interface Trainability {
  readonly depths: readonly number[];
  readonly slopes: readonly number[];
  /** Mean cosine of the test images after the last hidden layer at initialisation, by the depth map: [depth][slope]. */
  readonly predicted: number[][];
  /** Share of right answers on the test images: [depth][slope][seed]. */
  readonly accuracy: number[][][];
}

const classes = 10;
/** Deviation of the read-out's initial weights. */
const readout = 0.01;
/** Test images whose pairs give the predicted cosine. */
const compared = 100;

type Params = { readonly first: np.NDArray; readonly hidden: np.NDArray; readonly last: np.NDArray };

/** A network of `depth` rectified layers without biases; the slope is an array, so that networks of many run together. */
function network(inputs: number, width: number, depth: number) {
  const init = (key: np.NDArray, slope: np.NDArray): Params => {
    const keys = random.split(key, 3);
    const gain = np.sqrt(np.divide(2, np.add(1, np.square(slope))));
    const weights = (k: number, shape: readonly number[], fanIn: number) =>
      np.multiply(np.multiply(gain, 1 / Math.sqrt(fanIn)), random.normal(np.slice(keys, k), shape));
    return {
      first: weights(0, [inputs, width], inputs),
      hidden: weights(1, [depth - 1, width, width], width),
      last: np.multiply(readout, random.normal(np.slice(keys, 2), [width, classes])),
    };
  };
  const apply = ({ first, hidden, last }: Params, slope: np.NDArray, x: np.NDArray): np.NDArray => {
    const layer = (h: np.NDArray, w: np.NDArray) => {
      const z = np.matmul(h, w);
      return np.where(np.greater(z, 0), z, np.multiply(slope, z));
    };
    const [h] = scan((carry: np.NDArray, w: np.NDArray) => [layer(carry, w), null], layer(x, first), hidden);
    return np.matmul(h, last);
  };
  return { init, apply };
}

export async function measureTrainability(settings: TrainabilitySettings, context: RunContext): Promise<Trainability> {
  const { train, test, width, depths, slopes, learningRate, batch, steps, every } = settings;
  const array = ({ x }: Labelled) => np.array(Float32Array.from(x.data), { shape: [x.rows, x.columns] });
  const [trainX, testX] = [array(train), array(test)];
  const [trainY, testY] = [np.array(train.labels), np.array(test.labels)];
  const some = { rows: Math.min(compared, test.x.rows), columns: test.x.columns };
  const data = takeRows(
    test.x.data,
    some.columns,
    Array.from({ length: some.rows }, (_, i) => i),
  );
  const cosines = await pairwiseCosines({ data, ...some });

  // One network for each slope and seed; those of one seed see the same batches.
  const seedKeys = random.split(random.foldIn(random.key(context.seed), 5), context.seeds);
  const keys = np.tile(seedKeys, [slopes.length, 1]);
  const slopeOf = np.array(Float32Array.from(slopes.flatMap((a) => new Array<number>(context.seeds).fill(a))));
  const optimizer = nn.adam(learningRate);
  const accuracy: number[][][] = [];
  for (const depth of depths) {
    const { init, apply } = network(train.x.columns, width, depth);
    type State = { params: Params; optimizer: ReturnType<typeof optimizer.init>; key: np.NDArray };
    const begin = vmap((key: np.NDArray, slope: np.NDArray): State => {
      const params = init(random.foldIn(key, depth), slope);
      return { params, optimizer: optimizer.init(params), key };
    });
    const step = vmap((state: State, slope: np.NDArray): State => {
      const next = random.split(state.key);
      const rows = random.randint(np.slice(next, 1), [batch], 0, train.x.rows);
      const [x, y] = [np.take(trainX, rows, 0), np.take(trainY, rows, 0)];
      const loss = (params: Params) => nn.crossEntropy(apply(params, slope, x), y);
      const [, gradient] = valueAndGrad(loss)(state.params);
      const [params, updated] = optimizer.update(gradient, state.optimizer, state.params);
      return { params, optimizer: updated, key: np.slice(next, 0) };
    });
    const score = vmap(({ params }: State, slope: np.NDArray) => {
      const right = np.equal(np.argmax(apply(params, slope, testX), -1), testY);
      return np.mean(np.astype(right, 'float32'));
    });
    const { records } = await nn.train(
      {
        step: (state: State, data: { slope: np.NDArray }) => step(state, data.slope),
        probe: (state: State, data: { slope: np.NDArray }) => ({ accuracy: score(state, data.slope) }),
      },
      jit(begin)(keys, slopeOf),
      { slope: slopeOf },
      { steps, every, ...context.follow(`training, depth ${depth}`) },
    );
    const last = (await np.slice(records.accuracy, -1).data()) as Float32Array;
    accuracy.push(slopes.map((_, a) => Array.from(last.subarray(a * context.seeds, (a + 1) * context.seeds))));
  }
  const predicted = depths.map((depth) =>
    slopes.map((slope) => angleCollapse({ rho0: cosines, slope, depth }).rho[depth]),
  );
  return { depths, slopes, predicted, accuracy };
}
