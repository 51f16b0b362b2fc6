/** @file Claims R4, R5 and R7: one layer and many layers of random weights of six laws, on images. */
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import type { RunContext } from '../../../contract.ts';
import { angleCollapse, preservingVariance, upperCosines } from '../angle-map.ts';
import { rms } from '../empirical-kernel.ts';
import { arrayOf, type Matrix, squaredLengths, timesTransposed } from '../matrix.ts';
import { studentT, unitWeights, type WeightLaw } from '../rectifier-init.ts';
import { rectifiedSquare } from '../rectifier-kernel.ts';
import { compiled, type Draw } from './draw.ts';

export interface DeepSettings {
  readonly x: Matrix;
  readonly width: number;
  readonly layers: number;
  readonly slopes: readonly number[];
  /** Mean of the shifted weights, in deviations. */
  readonly shift: number;
}

/** One network in all its layers. */
export interface NetworkTrace {
  readonly slope: number;
  /** Root mean square over the pairs of measured - predicted cosine after the first layer. */
  readonly oneLayerError: number;
  /** Mean cosine over the pairs after 0, 1, ... layers. */
  readonly cosine: number[];
  /** Mean over the inputs of log(|h|^2 / width). */
  readonly logSquare: number[];
}

/** Networks that differ in slope and share their weights. */
export interface LawTraces {
  readonly law: string;
  /** [seed][slope] */
  readonly networks: NetworkTrace[][];
}

export interface DeepNetworks {
  /** Mean cosine by the depth map, [slope][layer]. */
  readonly predicted: number[][];
  readonly laws: readonly LawTraces[];
  /** Weights with a mean. */
  readonly shifted: LawTraces;
  /** Variance 1 / fanIn in place of the preserving one; the first slope alone. */
  readonly halved: LawTraces;
  /** Cauchy weights, the first layer's error, [seed][slope]. */
  readonly cauchy: number[][];
}

const lawOf = (law: WeightLaw): Draw => compiled((key, shape) => unitWeights(key, law, shape));

const laws: Readonly<Record<string, Draw>> = {
  normal: lawOf('normal'),
  uniform: lawOf('uniform'),
  Rademacher: lawOf('rademacher'),
  Laplace: lawOf('laplace'),
  't, ν = 5': lawOf({ studentT: 5 }),
  'multivariate t, ν = 5': lawOf({ multivariateT: 5 }),
};

/** A network by what it makes of the shared unit weights. */
interface Variant {
  readonly slope: number;
  readonly mean: number;
  /** Multiplies the preserving variance. */
  readonly gain: number;
}

export async function measureDeepNetworks(settings: DeepSettings, context: RunContext): Promise<DeepNetworks> {
  const { x, slopes, layers, shift } = settings;
  const plain = slopes.map((slope): Variant => ({ slope, mean: 0, gain: 1 }));
  const controls = [
    ...slopes.map((slope): Variant => ({ slope, mean: shift, gain: 1 })),
    { slope: slopes[0], mean: 0, gain: rectifiedSquare(slopes[0]) },
  ];
  const cosines = upperCosines((await timesTransposed(x, x)).data, squaredLengths('images', x).map(Math.sqrt));
  const predicted = slopes.map((slope) => Array.from(angleCollapse({ rho0: cosines, slope, depth: layers }).rho));
  const keys = random.split(random.foldIn(random.key(context.seed), 4), context.seeds);
  const traced: LawTraces[] = Object.keys(laws).map((law) => ({ law, networks: [] }));
  const shifted: LawTraces = { law: 'normal with a mean', networks: [] };
  const halved: LawTraces = { law: 'normal, variance 1/fan-in', networks: [] };
  const cauchy: number[][] = [];
  const oneStep = stepOf(plain);
  for (let seed = 0; seed < context.seeds; seed++) {
    for (const [l, { law, networks }] of traced.entries()) {
      const key = random.foldIn(np.slice(keys, seed), l);
      const variants = law === 'normal' ? [...plain, ...controls] : plain;
      const traces = await context.stage(`random networks, ${law}, seed ${seed}`, () =>
        traceNetworks(settings, variants, laws[law], key),
      );
      networks.push(traces.slice(0, slopes.length));
      if (law !== 'normal') continue;
      shifted.networks.push(traces.slice(slopes.length, 2 * slopes.length));
      halved.networks.push(traces.slice(2 * slopes.length));
    }
    const key = random.foldIn(np.slice(keys, seed), traced.length);
    const h = oneStep(studentT(key, 1, [settings.width, x.columns]), start(x, plain.length));
    cauchy.push((await observed(h.outputs, x.rows)).map((o, v) => pairError(o.cosines, cosines, plain[v].slope)));
  }
  return { predicted, laws: traced, shifted, halved, cauchy };
}

/** The inputs of every variant. */
const start = (x: Matrix, variants: number): np.NDArray =>
  np.repeat(np.expandDims(np.astype(arrayOf(x), 'float32'), 0), variants, 0);

/**
 * One layer of all variants, h [V, N, m]; each is brought to a mean square of 1 (a rectifier is positively homogeneous, so
 * this changes no angle), and the logarithm of what it had is returned.
 */
function stepOf(variants: readonly Variant[]) {
  const column = (of: (v: Variant) => number) =>
    np.array(Float32Array.from(variants, of), { shape: [variants.length, 1, 1] });
  return jit((weights: np.NDArray, h: np.NDArray) => {
    const fanIn = weights.shape[1];
    const deviation = column(({ slope, gain }) => Math.sqrt(gain * preservingVariance(fanIn, slope)));
    const mean = np.multiply(
      column((v) => v.mean),
      np.sum(h, 2, true),
    );
    const z = np.multiply(deviation, np.add(np.matmul(h, np.transpose(weights)), mean));
    const outputs = np.where(
      np.greater(z, 0),
      z,
      np.multiply(
        column((v) => v.slope),
        z,
      ),
    );
    const square = np.mean(np.square(outputs), [1, 2], true);
    return { outputs: np.divide(outputs, np.sqrt(square)), logSquare: np.log(np.reshape(square, [variants.length])) };
  });
}

async function traceNetworks(
  { x, width, layers }: DeepSettings,
  variants: readonly Variant[],
  draw: Draw,
  key: np.NDArray,
): Promise<NetworkTrace[]> {
  const step = stepOf(variants);
  const keys = random.split(key, layers);
  let h = start(x, variants.length);
  const inputs = (await observed(h, x.rows))[0];
  const traces = variants.map(({ slope }) => ({
    slope,
    oneLayerError: Number.NaN,
    cosine: [mean(inputs.cosines)],
    logSquare: [inputs.logSquare],
  }));
  const scale = new Float64Array(variants.length);
  for (let layer = 0; layer < layers; layer++) {
    const { outputs, logSquare } = step(draw(np.slice(keys, layer), [width, h.shape[2]]), h);
    h = outputs;
    const logs = await logSquare.data();
    for (const [v, { cosines, logSquare }] of (await observed(h, x.rows)).entries()) {
      scale[v] += logs[v];
      traces[v].cosine.push(mean(cosines));
      traces[v].logSquare.push(scale[v] + logSquare);
      if (layer === 0) traces[v].oneLayerError = pairError(cosines, inputs.cosines, variants[v].slope);
    }
  }
  return traces;
}

async function observed(h: np.NDArray, rows: number) {
  const gram = await np.matmul(h, np.swapaxes(h, 1, 2)).data();
  return Array.from({ length: h.shape[0] }, (_, v) => {
    const own = Float64Array.from(gram.subarray(v * rows ** 2, (v + 1) * rows ** 2));
    const squares = Float64Array.from({ length: rows }, (__, i) => own[i * rows + i]);
    const logs = squares.map((square) => Math.log(square / h.shape[2]));
    return { cosines: upperCosines(own, squares.map(Math.sqrt)), logSquare: mean(logs) };
  });
}

const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Root mean square of measured - g_a(cosine of the inputs). */
const pairError = (measured: Float64Array, inputs: Float64Array, slope: number): number =>
  rms(measured.map((rho, pair) => rho - angleCollapse({ rho0: inputs[pair], slope, depth: 1 }).rho[1]));
