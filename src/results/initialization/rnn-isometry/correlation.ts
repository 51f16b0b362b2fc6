/** Two sequences through one network: how their states' correlation evolves, measured on any cell. */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { leastSquares } from '../../../stats/index.ts';
import { scan } from '../../../transforms/index.ts';
import type { Step } from './cells.ts';
import { timeScale } from './mean-field.ts';

export interface CorrelationOptions {
  /** Correlation of the two sequences' inputs at each step; its length is the number of steps. */
  readonly sigma: readonly number[];
  /** Inputs M of the cell, their mean square R, and the state's N. */
  readonly M: number;
  readonly R: number;
  readonly N: number;
  readonly key: NDArray;
  /** The first states of both sequences [2, N]; default zeros. */
  readonly initial?: NDArray;
}

/**
 * Runs two sequences of normal inputs through a network; a function of a graph: `jit` it, `vmap` it over keys.
 *
 * @param params the parameters; or a function that draws them anew at each step, from a key: `untied` weights, for which
 *   mean field theory is exact in the limit of many units
 * @returns `Q` [T] mean square of the states, `c` [T] correlation of the two sequences' states (NaN while they are 0)
 */
export function correlationTrajectory<P extends Tree>(
  step: Step<P>,
  params: P | ((key: NDArray) => P),
  { sigma, M, R, N, key, initial = np.zeros([2, N]) }: CorrelationOptions,
): { Q: NDArray; c: NDArray } {
  const keys = random.split(key, sigma.length);
  const alike = np.array(Float32Array.from(sigma, (s) => Math.sqrt(R) * s));
  const apart = np.array(Float32Array.from(sigma, (s) => Math.sqrt(R * (1 - s * s))));
  const [, path] = scan(
    (h: NDArray, at: { key: NDArray; alike: NDArray; apart: NDArray }) => {
      const [ofWeights, ofInputs] = [np.slice(random.split(at.key), 0), np.slice(random.split(at.key), 1)];
      const noise = random.normal(ofInputs, [2, M]);
      const first = np.slice(noise, 0);
      const inputs = [
        np.multiply(Math.sqrt(R), first),
        np.add(np.multiply(at.alike, first), np.multiply(at.apart, np.slice(noise, 1))),
      ];
      const now = typeof params === 'function' ? params(ofWeights) : params;
      const [a, b] = inputs.map((x, k) => step(now, np.slice(h, k), x));
      const mean = (x: NDArray) => np.mean(x);
      const [aa, bb, ab] = [mean(np.square(a)), mean(np.square(b)), mean(np.multiply(a, b))];
      return [np.stack([a, b]), { Q: np.divide(np.add(aa, bb), 2), c: np.divide(ab, np.sqrt(np.multiply(aa, bb))) }];
    },
    initial,
    { key: keys, alike, apart },
  );
  return path;
}

export interface MemoryTime {
  /** Factor by which the distance to the limit shrinks in a step. */
  readonly chi: number;
  /** 1 / |ln chi| steps. */
  readonly xi: number;
  /** Steps of the fit. */
  readonly points: number;
}

/**
 * The memory time of a trajectory: the slope of ln |limit - c^t| over the steps from the first one below `from` on, as
 * long as it stays above `to`.
 *
 * @param c correlations, one per step
 * @param options.limit that they approach, default 1
 * @param options.from default 1e-1
 * @param options.to default 1e-6; for a network of N units 5 / N, below which finite width rules
 * @throws UserError where fewer than three steps lie in the range
 */
export function memoryTime(
  c: ArrayLike<number>,
  { limit = 1, from = 1e-1, to = 1e-6 }: { limit?: number; from?: number; to?: number } = {},
): MemoryTime {
  const distance = Array.from(c, (value) => Math.abs(limit - value));
  const start = distance.findIndex((d) => d < from);
  const end = distance.findIndex((d, t) => t >= start && !(d > to));
  const steps = distance.map((_, t) => t).slice(Math.max(start, 0), end < 0 ? undefined : end);
  if (start < 0 || steps.length < 3) {
    throw new UserError(
      `memoryTime: expected at least 3 steps with |limit - c| between ${to} and ${from}, found ${start < 0 ? 0 : steps.length} of ${c.length}.`,
    );
  }
  const { slope } = leastSquares(
    steps,
    steps.map((t) => Math.log(distance[t])),
  );
  return { chi: Math.exp(slope), xi: timeScale(Math.exp(slope)), points: steps.length };
}

/**
 * R of the theory for one's own data: the mean square of what the cell sees.
 *
 * @param data inputs [..., M]
 * @param encoder what comes before the cell, e.g. the minimalRNN's `tanh(W_x x + b_z)`; default none
 */
export async function estimateInputSecondMoment(
  data: NDArray,
  encoder: (x: NDArray) => NDArray = (x) => x,
): Promise<number> {
  return Number((await np.mean(np.square(encoder(data))).data())[0]);
}
