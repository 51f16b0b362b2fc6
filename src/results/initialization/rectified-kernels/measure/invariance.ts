/** @file Claim R1: the kernel at all angles under rotation-invariant laws (Theorem A), sampled. */
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import type { RunContext } from '../../../contract.ts';
import { arrayOf } from '../matrix.ts';
import { unitWeights, type WeightLaw } from '../rectifier-init.ts';
import { compiled, type Draw } from './draw.ts';

export interface InvarianceSettings {
  /** Dimension of the inputs, and number of weight vectors drawn, a multiple of 10. */
  readonly inputs: number;
  readonly rows: number;
  readonly slopes: readonly number[];
}

export interface SampledKernel {
  readonly law: string;
  /** [seed][slope][angle]: k(x, y)/sqrt(k(x, x) k(y, y)), and its standard error. */
  readonly kernel: number[][][];
  readonly standardError: number[][][];
}

export interface Invariance {
  /** Angles between x and y. */
  readonly theta: readonly number[];
  readonly laws: readonly SampledKernel[];
  /** Per seed: k/E[w_i^2] of two independent Laplace weights for x = e1, y = e2 (ReLU). */
  readonly independentLaplace: readonly number[];
}

/** Rows of N(0, I) with lengths halved or doubled at random. */
function radialMixture(key: np.NDArray, shape: readonly [number, number]): np.NDArray {
  const keys = random.split(key);
  const double = random.bernoulli(np.slice(keys, 0), 0.5, [shape[0], 1]);
  return np.multiply(random.normal(np.slice(keys, 1), shape), np.where(double, 2, 0.5));
}

const drawnBy = (law: WeightLaw): Draw => compiled((key, shape) => unitWeights(key, law, shape));

const laws = {
  normal: drawnBy('normal'),
  sphere: drawnBy('sphere'),
  'multivariate t, ν = 10': drawnBy({ multivariateT: 10 }),
  'multivariate t, ν = 5': drawnBy({ multivariateT: 5 }),
  'radial mixture': compiled(radialMixture),
};

const angles = 20;
const groups = 10;

export async function measureInvariance(settings: InvarianceSettings, context: RunContext): Promise<Invariance> {
  const { inputs, rows, slopes } = settings;
  const theta = Array.from({ length: angles }, (_, k) => (k * Math.PI) / (angles - 1));
  // Group means of s(w.x) s(w.y) and of s(w.y)^2 for every y, [slope, angle] each.
  const means = jit((weights: np.NDArray, y: np.NDArray) => {
    const z = np.matmul(weights, np.transpose(y));
    const kernels = slopes.map((slope) => {
      const h = np.where(np.greater(z, 0), z, np.multiply(slope, z));
      return [np.mean(np.multiply(h, np.slice(h, [], [0, 1])), 0), np.mean(np.square(h), 0)];
    });
    return [np.stack(kernels.map(([cross]) => cross)), np.stack(kernels.map(([, square]) => square))];
  });
  const keys = random.split(random.foldIn(random.key(context.seed), 1), context.seeds);
  const names = Object.keys(laws) as (keyof typeof laws)[];
  const sampled = names.map((law): SampledKernel => ({ law, kernel: [], standardError: [] }));
  const independentLaplace: number[] = [];
  for (let seed = 0; seed < context.seeds; seed++) {
    const own = np.slice(keys, seed);
    const y = arrayOf(await plane(random.foldIn(own, 0), inputs, theta));
    for (const [l, law] of names.entries()) {
      context.progress({
        stage: 'sampled kernels',
        done: seed * names.length + l,
        total: context.seeds * names.length,
      });
      const draws = random.split(random.foldIn(own, l + 1), groups);
      const parts: { cross: number[]; square: number[] }[] = [];
      for (let g = 0; g < groups; g++) {
        const weights = laws[law](np.slice(draws, g), [rows / groups, inputs]);
        const [cross, square] = means(weights, np.astype(y, 'float32'));
        parts.push({ cross: Array.from(await cross.data()), square: Array.from(await square.data()) });
      }
      const { kernel, error } = ratio(parts, theta.length);
      sampled[l].kernel.push(kernel);
      sampled[l].standardError.push(error);
    }
    const pairs = np.relu(unitWeights(random.foldIn(own, names.length + 1), 'laplace', [rows, 2]));
    independentLaplace.push(await np.mean(np.prod(pairs, 1)).item());
  }
  context.progress({ stage: 'sampled kernels', done: 1, total: 1 });
  return { theta, laws: sampled, independentLaplace };
}

/** Vectors at the given angles to the first of them, in the plane of two Gaussian vectors. */
async function plane(key: np.NDArray, m: number, theta: readonly number[]) {
  const two = await random.normal(key, [2, m], { dtype: 'float64' }).data();
  const [x, z] = [Array.from(two.subarray(0, m)), Array.from(two.subarray(m))];
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const share = dot(x, z) / dot(x, x);
  const normal = z.map((v, i) => v - share * x[i]);
  const scale = Math.sqrt(dot(x, x) / dot(normal, normal));
  const rows = theta.map((angle) => x.map((v, i) => Math.cos(angle) * v + Math.sin(angle) * scale * normal[i]));
  return { data: Float64Array.from(rows.flat()), rows: theta.length, columns: m };
}

/** Normalised kernels [slope][angle] of all groups together, and their standard errors from the groups'. */
function ratio(parts: readonly { cross: number[]; square: number[] }[], count: number) {
  const normalised = (cross: readonly number[], square: readonly number[]) =>
    cross.map((c, at) => c / Math.sqrt(square[at] * square[at - (at % count)]));
  const meanOf = (pick: (part: (typeof parts)[number]) => number[]) =>
    pick(parts[0]).map((_, at) => parts.reduce((sum, part) => sum + pick(part)[at], 0) / parts.length);
  const all = normalised(
    meanOf(({ cross }) => cross),
    meanOf(({ square }) => square),
  );
  const each = parts.map(({ cross, square }) => normalised(cross, square));
  const error = all.map((_, at) => {
    const mean = each.reduce((sum, k) => sum + k[at], 0) / each.length;
    const variance = each.reduce((sum, k) => sum + (k[at] - mean) ** 2, 0) / (each.length - 1);
    return Math.sqrt(variance / each.length);
  });
  const bySlope = (flat: readonly number[]) =>
    Array.from({ length: flat.length / count }, (_, s) => flat.slice(s * count, (s + 1) * count));
  return { kernel: bySlope(all), error: bySlope(error) };
}
