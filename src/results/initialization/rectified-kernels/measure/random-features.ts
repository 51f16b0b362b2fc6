/** @file Claim R10: kernel regression with the closed form against random features of growing number. */
import { UserError } from '../../../../array/errors.ts';
import { cholesky, choleskySolve } from '../../../../linalg/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import type { RunContext } from '../../../contract.ts';
import { deepKernelMatrix } from '../deep-kernel.ts';
import { rms } from '../empirical-kernel.ts';
import { arrayOf, squaredLengths } from '../matrix.ts';
import { studentT, unitWeights } from '../rectifier-init.ts';
import { compiled } from './draw.ts';
import type { Labelled } from './trainability.ts';

export interface RandomFeaturesSettings {
  readonly images: Labelled;
  /** Of the images to train on; the rest is predicted. */
  readonly trained: number;
  /** Numbers of features of one layer; and of each of three layers. */
  readonly features: readonly number[];
  readonly deepFeatures: readonly number[];
}

export interface FeatureCurve {
  readonly law: 'normal' | 'Rademacher' | 'Cauchy';
  readonly depth: number;
  readonly features: readonly number[];
  /** [seed][number of features]: rms difference of the predictions from those of the closed form, over the rms of these. */
  readonly difference: number[][];
}

export interface RandomFeatures {
  readonly curves: readonly FeatureCurve[];
  /** Share of right answers of the closed form on the images that were not trained on, at depth 1 and 3. */
  readonly accuracy: readonly number[];
}

const laws = {
  normal: compiled((key, shape) => unitWeights(key, 'normal', shape)),
  Rademacher: compiled((key, shape) => unitWeights(key, 'rademacher', shape)),
  Cauchy: compiled((key, shape) => studentT(key, 1, shape)),
};
type Law = keyof typeof laws;

const classes = 10;
const depths = [1, 3] as const;
/** Ridge, a multiple of the number of images trained on; the kernel's diagonal is 1. */
const ridge = 1e-2;
/** Features whose weights are drawn at once. */
const perDraw = 4096;

export async function measureRandomFeatures(
  settings: RandomFeaturesSettings,
  context: RunContext,
): Promise<RandomFeatures> {
  const { images, trained, features, deepFeatures } = settings;
  const { rows: n, columns: m } = images.x;
  if (!(trained >= 1 && trained < n)) {
    throw new UserError(`random features: expected fewer than the ${n} images to train on, found ${trained}.`);
  }
  // Mean square 1, so that the kernel's diagonal is 1.
  const squares = squaredLengths('images', images.x);
  const x = { ...images.x, data: images.x.data.map((v, at) => v * Math.sqrt(m / squares[Math.floor(at / m)])) };
  const target = new Float64Array(trained * classes);
  for (let i = 0; i < trained; i++) target[i * classes + images.labels[i]] = 1;

  const exact: Float64Array[] = [];
  for (const depth of depths) {
    // Rectified layers of variance 2/fanIn; the output layer adds nothing.
    const { kernel } = await deepKernelMatrix(x, { depth, variances: [...new Array<number>(depth).fill(2), 1] });
    exact.push(ridgeRegression(kernel.data, n, trained, target));
  }
  const input = np.astype(arrayOf(x), 'float32');
  const keys = random.split(random.foldIn(random.key(context.seed), 7), context.seeds);
  const curves: FeatureCurve[] = [];
  const plan: readonly [Law, number, readonly number[]][] = [
    ['normal', 0, features],
    ['Rademacher', 0, features],
    ['Cauchy', 0, features],
    ['normal', 1, deepFeatures],
    ['Rademacher', 1, deepFeatures],
  ];
  for (const [c, [law, d, counts]] of plan.entries()) {
    const difference: number[][] = [];
    for (let seed = 0; seed < context.seeds; seed++) {
      const own = random.foldIn(np.slice(keys, seed), c);
      const stage = `random features, ${law}, depth ${depths[d]}, seed ${seed}`;
      difference.push(
        await context.stage(stage, async () => {
          const values: number[] = [];
          for (const [k, count] of counts.entries()) {
            context.progress({ stage, done: k, total: counts.length });
            const kernel = await featureKernel(input, law, depths[d], count, random.foldIn(own, k));
            const predicted = ridgeRegression(kernel, n, trained, target);
            values.push(rms(predicted.map((v, at) => v - exact[d][at])) / rms(exact[d]));
          }
          return values;
        }),
      );
    }
    curves.push({ law, depth: depths[d], features: counts, difference });
  }
  const accuracy = exact.map((predicted) => {
    let right = 0;
    for (let i = trained; i < n; i++) {
      const row = predicted.subarray((i - trained) * classes, (i - trained + 1) * classes);
      if (row.indexOf(Math.max(...row)) === images.labels[i]) right++;
    }
    return right / (n - trained);
  });
  return { curves, accuracy };
}

const layer = jit((h: np.NDArray, weights: np.NDArray) =>
  np.multiply(Math.sqrt(2 / h.shape[1]), np.relu(np.matmul(h, np.transpose(weights)))),
);
const gram = jit((h: np.NDArray, count: number) => np.divide(np.matmul(h, np.transpose(h)), count), { static: [1] });

/** Phi Phi^T / n of `depth` layers of n features, scaled to a mean diagonal of 1 (Cauchy weights have no other scale). */
async function featureKernel(
  input: np.NDArray,
  law: Law,
  depth: number,
  count: number,
  key: np.NDArray,
): Promise<Float64Array> {
  let h = input;
  let kernel = new Float64Array(input.shape[0] ** 2);
  for (let l = 0; l < depth; l++) {
    const last = l === depth - 1;
    const parts: np.NDArray[] = [];
    for (let from = 0; from < count; from += perDraw) {
      const draw = random.foldIn(random.foldIn(key, l), from);
      const part = layer(h, laws[law](draw, [Math.min(perDraw, count - from), h.shape[1]]));
      if (last) {
        const products = await gram(part, count).data();
        kernel = kernel.map((k, at) => k + products[at]);
      } else {
        parts.push(part);
      }
    }
    if (!last) h = parts.length === 1 ? parts[0] : np.concatenate(parts, 1);
  }
  const n = input.shape[0];
  let trace = 0;
  for (let i = 0; i < n; i++) trace += kernel[i * n + i] / n;
  return kernel.map((k) => k / trace);
}

/** Predictions (n - trained) x classes for the images after the first `trained`: K_* (K + ridge trained I)^-1 Y. */
function ridgeRegression(kernel: Float64Array, n: number, trained: number, target: Float64Array): Float64Array {
  const square = new Float64Array(trained ** 2);
  for (let i = 0; i < trained; i++) {
    square.set(kernel.subarray(i * n, i * n + trained), i * trained);
    square[i * trained + i] += ridge * trained;
  }
  const alpha = choleskySolve(cholesky(square, trained), trained, target);
  const predicted = new Float64Array((n - trained) * classes);
  for (let i = trained; i < n; i++) {
    for (let j = 0; j < trained; j++) {
      const k = kernel[i * n + j];
      for (let c = 0; c < classes; c++) predicted[(i - trained) * classes + c] += k * alpha[j * classes + c];
    }
  }
  return predicted;
}
