/** Kernel matrices in closed form: of one wide layer, and of a deep rectified network. */
import { UserError } from '../../../array/errors.ts';
import { angleOfGap, nextGap, preservingVariance } from './angle-map.ts';
import { gaussianKernel, type LayerActivation } from './gaussian-kernel.ts';
import { type Matrix, type MatrixLike, matrixOf, squaredLengths, timesTransposed } from './matrix.ts';
import { rectifiedSquare, shrinkage } from './rectifier-kernel.ts';

/**
 * k(x, y) = E[s(w.x) s(w.y)] for all rows x and y: what the inner product of the outputs of a layer tends to, divided by
 * the number of neurons. O(N N' m); activations without a closed form take 10^4 evaluations per pair.
 *
 * @param inputs [N, m]
 * @param options.other [N', m]; default: the inputs themselves
 * @param options.activation default ReLU, `{ slope: 0 }`
 * @param options.variance E[w_i^2]; default 1
 * @returns N x N'
 * @throws UserError for a zero input (named) or sizes that do not fit
 */
export async function layerKernelMatrix(
  inputs: MatrixLike,
  {
    other,
    activation = { slope: 0 },
    variance = 1,
  }: { other?: MatrixLike; activation?: LayerActivation; variance?: number } = {},
): Promise<Matrix> {
  const x = await matrixOf('inputs', inputs);
  const y = other === undefined ? x : await matrixOf('other', other);
  if (x.columns !== y.columns) {
    throw new UserError(
      `layerKernelMatrix: expected inputs of one length, found ${x.columns} and ${y.columns} numbers a row.`,
    );
  }
  if (!(variance >= 0)) throw new UserError(`variance: expected a number of at least 0, found ${variance}.`);
  const [squaresX, squaresY] = [squaredLengths('inputs', x), squaredLengths('other', y)];
  const products = await timesTransposed(x, y);
  const size = x.rows * y.rows;
  const [xx, xy, yy] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  for (let i = 0, at = 0; i < x.rows; i++) {
    for (let j = 0; j < y.rows; j++, at++) {
      // By Cauchy and Schwarz; rounding may exceed it.
      const most = Math.sqrt(squaresX[i] * squaresY[j]);
      xx[at] = variance * squaresX[i];
      yy[at] = variance * squaresY[j];
      xy[at] = variance * Math.min(most, Math.max(-most, products.data[at]));
    }
  }
  return { data: await gaussianKernel(activation, xx, xy, yy), rows: x.rows, columns: y.rows };
}

export interface DeepKernelOptions {
  /** Number of rectified layers, at least 0. */
  readonly depth: number;
  /** Default 0. */
  readonly slope?: number;
  /**
   * fanIn E[w^2]: one number for all layers, or one for each of the depth + 1 weight matrices. Default `preserve`:
   * 2/(1+a^2), which keeps the mean square.
   */
  readonly variances?: 'preserve' | number | readonly number[];
  /** E[b^2], default 0. */
  readonly biasVariance?: number;
}

export interface DeepKernels {
  /** N x N: covariance of the outputs of wide random networks (their Gaussian-process kernel). */
  readonly kernel: Matrix;
  /** N x N: their tangent kernel at initialisation, in the NTK parametrisation (Jacot et al. 2018, Theorem 1). */
  readonly ntk: Matrix;
}

/**
 * Kernels of the network x -> (linear, rectifier) x depth -> linear, all layers wide, for every law of the weights that
 * the paper covers. With S = variance x.y / m + sb^2 to begin with, each rectified layer takes
 * `S <- variance sqrt(S_xx S_yy) kappa_a(theta) + sb^2` and `Theta <- variance ((1+a^2)/2 - (1-a)^2 theta/(2 pi)) Theta + S`.
 * The recursion runs on 1 - cos theta, so nearly equal inputs stay distinct. O(N^2 (m + depth)).
 *
 * @param inputs [N, m]
 * @throws UserError for a zero input (named), or options out of range
 */
export async function deepKernelMatrix(
  inputs: MatrixLike,
  { depth, slope = 0, variances = 'preserve', biasVariance = 0 }: DeepKernelOptions,
): Promise<DeepKernels> {
  const x = await matrixOf('inputs', inputs);
  const squares = squaredLengths('inputs', x);
  const gamma = shrinkage(slope);
  const layers = layerVariances(depth, variances, slope);
  if (!(biasVariance >= 0)) {
    throw new UserError(`biasVariance: expected a number of at least 0, found ${biasVariance}.`);
  }
  const n = x.rows;
  const gram = (await timesTransposed(x, x)).data;
  const half = rectifiedSquare(slope);

  // q: mean squares of each input; gap: 1 - cosine of each pair i < j; theta: its tangent kernel.
  let q = squares.map((square) => (layers[0] * square) / x.columns);
  const gap = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const cosine = gram[i * n + j] / Math.sqrt(squares[i] * squares[j]);
      gap[i * n + j] = Math.min(2, Math.max(0, 1 - cosine));
    }
  }
  if (biasVariance > 0) {
    addBias(gap, q, biasVariance);
    q = q.map((square) => square + biasVariance);
  }
  const ntk = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) ntk[i * n + j] = Math.sqrt(q[i] * q[j]) * (1 - gap[i * n + j]);
  }
  for (const variance of layers.slice(1)) {
    const next = q.map((square) => variance * half * square);
    const roots = next.map(Math.sqrt);
    for (let i = 0; i < n; i++) {
      for (let j = i; j < n; j++) {
        const at = i * n + j;
        const angle = angleOfGap(gap[at]);
        gap[at] = nextGap(gap[at], gamma, angle);
        ntk[at] = variance * half * (1 - (gamma * angle) / Math.PI) * ntk[at];
        if (biasVariance === 0) ntk[at] += roots[i] * roots[j] * (1 - gap[at]);
      }
    }
    q = next;
    if (biasVariance === 0) continue;
    addBias(gap, q, biasVariance);
    q = q.map((square) => square + biasVariance);
    for (let i = 0; i < n; i++) {
      for (let j = i; j < n; j++) ntk[i * n + j] += Math.sqrt(q[i] * q[j]) * (1 - gap[i * n + j]);
    }
  }
  const kernel = new Float64Array(n * n);
  const roots = q.map(Math.sqrt);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      kernel[i * n + j] = roots[i] * roots[j] * (1 - gap[i * n + j]);
      kernel[j * n + i] = kernel[i * n + j];
      ntk[j * n + i] = ntk[i * n + j];
    }
  }
  return { kernel: { data: kernel, rows: n, columns: n }, ntk: { data: ntk, rows: n, columns: n } };
}

/**
 * 1 - cosine after adding the same variance b to all three covariances, without cancellation:
 * `(q_i + b)(q_j + b) - (sqrt(q_i q_j) + b)^2 = b (sqrt(q_i) - sqrt(q_j))^2`.
 */
function addBias(gap: Float64Array, q: Float64Array, b: number): void {
  const n = q.length;
  const roots = q.map(Math.sqrt);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const product = roots[i] * roots[j];
      const scale = Math.sqrt((q[i] + b) * (q[j] + b));
      const lengths = (b * (roots[i] - roots[j]) ** 2) / (scale + product + b);
      gap[i * n + j] = (lengths + product * gap[i * n + j]) / scale;
    }
  }
}

function layerVariances(depth: number, variances: DeepKernelOptions['variances'], slope: number): readonly number[] {
  if (!Number.isInteger(depth) || depth < 0) {
    throw new UserError(`depth: expected a whole number of layers, found ${depth}.`);
  }
  const list =
    typeof variances === 'object'
      ? variances
      : new Array<number>(depth + 1).fill(typeof variances === 'number' ? variances : preservingVariance(1, slope));
  const strange = list.find((variance) => !(variance > 0 && Number.isFinite(variance)));
  if (list.length !== depth + 1 || strange !== undefined) {
    throw new UserError(
      `variances: expected ${depth + 1} positive numbers, one for each of the ${depth} rectified layers and one for the output layer, found [${list.join(', ')}].`,
    );
  }
  return list;
}
