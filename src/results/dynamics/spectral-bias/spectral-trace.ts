/** @file What a network has learned at each frequency while it trains, measured inside of the compiled loop. */
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import { type Dense, type TrainingRecord, train } from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import { scan } from '../../../transforms/index.ts';
import { fourierMatrix } from './fourier.ts';

/**
 * Captured fractions c_k = 2 |DFT_k(f)| / (N A_k) of outputs on a uniform grid, as arrays of the engine: 1 means that
 * the sinusoid of amplitude A_k is learned.
 *
 * @param outputs [..., N]
 * @param frequencies K whole numbers in [0, N/2)
 * @param amplitudes [..., K] or [K]
 * @returns [..., K]
 */
export function capturedFractions(outputs: NDArray, frequencies: readonly number[], amplitudes: NDArray): NDArray {
  const n = outputs.shape[outputs.ndim - 1];
  const { cos, sin } = fourierMatrix(n, frequencies);
  const along = (wave: Float64Array) =>
    np.matmul(outputs, np.array(wave, { shape: [n, frequencies.length], dtype: outputs.dtype }));
  const power = np.add(np.square(along(cos)), np.square(along(sin)));
  return np.divide(np.multiply(2 / n, np.sqrt(power)), amplitudes);
}

export interface SpectralTrace<S extends Tree> {
  readonly state: S;
  readonly steps: readonly number[];
  /** [records, ..., K] captured fractions. */
  readonly captured: NDArray;
}

/**
 * Runs any training loop and returns the captured fraction of every target frequency by step (Exp. 1, Fig. 1).
 *
 * @param loop.step one update of the loop's state
 * @param loop.outputs the network's values on the uniform training grid, [..., N]
 * @param options.amplitudes of the target sinusoids, [..., K] or [K]
 * @param options.every updates between two records
 */
export async function spectralTrace<S extends Tree, D extends Tree>(
  loop: { step: (state: S, data: D) => S; outputs: (state: S, data: D) => NDArray },
  initial: S,
  data: D,
  options: {
    frequencies: readonly number[];
    amplitudes: NDArray;
    steps: number;
    every: number;
    onRecords?: (done: number) => void;
  },
): Promise<SpectralTrace<S>> {
  const probe = (state: S, given: D) =>
    capturedFractions(loop.outputs(state, given), options.frequencies, options.amplitudes);
  const { state, steps, records }: TrainingRecord<S, NDArray> = await train(
    { step: loop.step, probe },
    initial,
    data,
    options,
  );
  return { state, steps, captured: records };
}

/** Spectral norms ||W_k||_2 of dense layers, [layers], by power iteration on W^T W (the notebook's W alone is wrong). */
export function spectralNorms(params: readonly Dense[], iterations = 20): NDArray {
  return np.stack(params.map(({ weight }) => spectralNorm(weight, iterations)));
}

function spectralNorm(weight: NDArray, iterations: number): NDArray {
  const [, m] = weight.shape;
  // Keeps a zero matrix from 0/0.
  const tiny = 1e-30;
  const normalized = (v: NDArray) => np.divide(v, np.maximum(np.norm(v), tiny));
  // A fixed start that is not orthogonal to anything likely: all directions, unequal weights.
  const start = normalized(
    np.array(
      Float64Array.from({ length: m }, (_, i) => 1 + Math.sin(i + 1) / 2),
      { dtype: weight.dtype },
    ),
  );
  const [v] = scan(
    (x: NDArray): [NDArray, null] => [normalized(np.matmul(np.matmul(weight, x), weight)), null],
    start,
    null,
    { length: iterations },
  );
  return np.norm(np.matmul(weight, v));
}
