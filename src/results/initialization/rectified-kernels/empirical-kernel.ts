/** The kernel of the layer one has, and how far it is from what theory says of random weights of its variance. */
import * as np from '../../../numpy/index.ts';
import { layerKernelMatrix } from './deep-kernel.ts';
import { applied, type LayerActivation } from './gaussian-kernel.ts';
import { arrayOf, checkColumns, type Matrix, type MatrixLike, matrixOf } from './matrix.ts';

export interface LayerOptions {
  /** Default ReLU, `{ slope: 0 }`. */
  readonly activation?: LayerActivation;
}

/** s(x W^T), [N, n]. */
const outputsOf = (weights: Matrix, inputs: Matrix, activation: LayerActivation): np.NDArray =>
  applied(activation)(np.matmul(arrayOf(inputs), np.transpose(arrayOf(weights))));

/** h h^T over the number of columns of h [N, n]. */
async function meanProducts(h: np.NDArray): Promise<Matrix> {
  const [rows, width] = h.shape;
  const data = await np.divide(np.matmul(h, np.transpose(h)), width).data();
  return { data: Float64Array.from(data), rows, columns: rows };
}

/**
 * (1/n) sum_j s(w_j.x) s(w_j.y) for all pairs of inputs, of any layer, random or trained (without its bias).
 *
 * @param weights [n, m]: one row per neuron (`nn.dense` keeps [inputs, neurons]: transpose it; a convolution's kernel
 *   [outputs, channels, ...window] is reshaped to [outputs, m], its inputs are the patches: `imagePatches`)
 * @param inputs [N, m]
 * @returns N x N
 */
export async function empiricalKernel(
  weights: MatrixLike,
  inputs: MatrixLike,
  { activation = { slope: 0 } }: LayerOptions = {},
): Promise<Matrix> {
  const [w, x] = [await matrixOf('weights', weights), await matrixOf('inputs', inputs)];
  checkColumns('empiricalKernel', x, w);
  return meanProducts(outputsOf(w, x, activation));
}

/** A measured kernel beside the predicted one. Errors are over all N^2 entries. */
export interface KernelComparison {
  /** Of random weights with the layer's second moment E[w^2], which is `variance`. */
  readonly predicted: Matrix;
  readonly measured: Matrix;
  readonly variance: number;
  /** Root mean square of measured - predicted. */
  readonly rmsError: number;
  /** The same over the root mean square of the predicted kernel. */
  readonly relativeError: number;
  /** Root mean square off the diagonal of the difference of the two kernels, each normalised to k(x, x) = 1. */
  readonly normalizedError: number;
  /**
   * What the number of neurons alone would let `relativeError` be: the root mean square of the standard errors of the
   * measured kernel (from ten groups of neurons) over that of the predicted kernel. NaN for fewer than 20 neurons.
   */
  readonly samplingError: number;
}

/**
 * Predicted and measured kernel of a layer; and the same after the mean of all weights has been taken from them, which
 * shows how much of the difference is due to a mean that is not zero.
 *
 * @param weights [n, m], one row per neuron (as for `empiricalKernel`)
 * @param inputs [N, m], none of them zero
 */
export async function compareKernels(
  weights: MatrixLike,
  inputs: MatrixLike,
  { activation = { slope: 0 } }: LayerOptions = {},
): Promise<KernelComparison & { readonly centred: KernelComparison }> {
  const [w, x] = [await matrixOf('weights', weights), await matrixOf('inputs', inputs)];
  checkColumns('compareKernels', x, w);
  return {
    ...(await compared(w, x, activation)),
    centred: await compared(centred(w), x, activation),
  };
}

/** The weights less the mean of all of them. */
export function centred({ data, ...shape }: Matrix): Matrix {
  const mean = data.reduce((sum, v) => sum + v, 0) / data.length;
  return { data: data.map((v) => v - mean), ...shape };
}

async function compared(w: Matrix, x: Matrix, activation: LayerActivation): Promise<KernelComparison> {
  const variance = w.data.reduce((sum, v) => sum + v * v, 0) / w.data.length;
  const predicted = await layerKernelMatrix(x, { activation, variance });
  const outputs = outputsOf(w, x, activation);
  const measured = await meanProducts(outputs);
  const scale = rms(predicted.data);
  const rmsError = rms(difference(measured.data, predicted.data));
  return {
    predicted,
    measured,
    variance,
    rmsError,
    relativeError: rmsError / scale,
    normalizedError: offDiagonalRms(difference(normalized(measured), normalized(predicted)), x.rows),
    samplingError: (await standardError(outputs)) / scale,
  };
}

const groups = 10;

/** Root mean square over the entries of the standard error of the mean over neurons, from the means of ten groups. */
async function standardError(outputs: np.NDArray): Promise<number> {
  const [rows, width] = outputs.shape;
  const size = Math.floor(width / groups);
  if (size < 2) return Number.NaN;
  const grouped = np.transpose(np.reshape(np.slice(outputs, [], [0, size * groups]), [rows, groups, size]), [1, 0, 2]);
  const kernels = np.divide(np.matmul(grouped, np.swapaxes(grouped, 1, 2)), size);
  const squares = np.mean(np.divide(np.variance(kernels, 0, { ddof: 1 }), groups));
  return Math.sqrt(await squares.item());
}

/** k(x, y) / sqrt(k(x, x) k(y, y)); 0 where a neuron layer answers an input with zeros. */
export function normalized({ data, rows }: Matrix): Float64Array {
  const diagonal = Float64Array.from({ length: rows }, (_, i) => Math.sqrt(data[i * rows + i]));
  return data.map((k, at) => {
    const scale = diagonal[Math.floor(at / rows)] * diagonal[at % rows];
    return scale === 0 ? 0 : k / scale;
  });
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, i) => v - b[i]);

/** Root mean square. */
export const rms = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  return Math.sqrt(sum / values.length);
};

/** Root mean square of the entries off the diagonal of an n x n matrix (0 for n = 1). */
const offDiagonalRms = (data: Float64Array, n: number): number => {
  const off = data.filter((_, at) => Math.floor(at / n) !== at % n);
  return off.length === 0 ? 0 : rms(off);
};
