/** One interface for every cell: a step is `(params, h, x) -> h`, one state and one input, no batch needed. */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import * as linalg from '../../../linalg/index.ts';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';

/** From a state [N] and an input [M] to the next state [N]. */
export type Step<P extends Tree> = (params: P, h: NDArray, x: NDArray) => NDArray;

/**
 * A cell of the library (`nn.vanillaRnn`, `nn.gru`, `nn.lstm`, …) as a step. A state of several arrays becomes one vector,
 * one array behind the other: of the LSTM cell state and hidden state, 2 N numbers.
 */
export function stepOf<P extends Tree, S extends Tree, D extends Tree>(cell: nn.Cell<P, S, D>): Step<P> {
  const [, unravel] = np.ravelTree(cell.initial([], 'float32'));
  return (params, h, x) => np.ravelTree(cell.step(params, unravel(h), cell.drive(params, x)))[0];
}

/**
 * The minimalRNN without its encoder: x is z itself, as in the theory, where z has independent entries of mean square R.
 */
export function encodedMinimalStep(hidden: number): Step<nn.MinimalRnnParams> {
  const cell = nn.minimalRnn(hidden, hidden);
  return (params, h, z) => cell.step(params, h, { z, gate: np.add(np.matmul(z, params.input), params.recurrent.bias) });
}

export interface InitOptions {
  /** Hidden units and inputs. */
  readonly N: number;
  readonly M: number;
  readonly sw: number;
  readonly sv: number;
  /** Deviation of the biases, default 0. */
  readonly sb?: number;
  /** `gaussian`: entries N(0, sw^2/N) and N(0, sv^2/M); `orthogonal`: multiples of Haar matrices of the same variance. */
  readonly kind: 'gaussian' | 'orthogonal';
  readonly key: NDArray;
}

/**
 * Initial parameters for `nn.vanillaRnn(M, N)`, drawn as the theory assumes.
 *
 * @throws UserError for a negative deviation or a size that is no positive whole number
 */
export async function initVanilla({ N, M, sb = 0, ...options }: InitOptions): Promise<nn.Recurrence> {
  const { sw, sv, kind } = checked({ N, M, sb, ...options });
  const keys = random.split(options.key, 3);
  return {
    input: { weight: await matrix(np.slice(keys, 0), kind, M, N, sv), bias: np.zeros([N]) },
    recurrent: { weight: await matrix(np.slice(keys, 1), kind, N, N, sw), bias: biases(np.slice(keys, 2), N, sb) },
  };
}

/**
 * Initial parameters for `nn.minimalRnn(M, N)`: V is N x N here, and the encoder's entries are N(0, 1/M), so that inputs
 * of mean square R give encodings of mean square R (before its activation).
 *
 * @param options.mub mean of the biases, default 0
 * @throws UserError for a negative deviation or a size that is no positive whole number
 */
export async function initMinimal({
  N,
  M,
  sb = 0,
  mub = 0,
  ...options
}: InitOptions & { mub?: number }): Promise<nn.MinimalRnnParams> {
  const { sw, sv, kind } = checked({ N, M, sb, ...options });
  const keys = random.split(options.key, 4);
  return {
    encoder: { weight: await matrix(np.slice(keys, 3), 'gaussian', M, N, 1), bias: np.zeros([N]) },
    input: await matrix(np.slice(keys, 0), kind, N, N, sv),
    recurrent: {
      weight: await matrix(np.slice(keys, 1), kind, N, N, sw),
      bias: np.add(mub, biases(np.slice(keys, 2), N, sb)),
    },
  };
}

function checked<O extends InitOptions>(options: O): O {
  const { N, M, sw, sv, sb = 0 } = options;
  for (const [what, value] of Object.entries({ N, M }))
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new UserError(`initial parameters: expected a size ${what} of at least 1, found ${value}.`);
    }
  for (const [what, value] of Object.entries({ sw, sv, sb }))
    if (!(value >= 0)) {
      throw new UserError(`initial parameters: expected a deviation ${what} of at least 0, found ${value}.`);
    }
  return options;
}

const biases = (key: NDArray, N: number, sb: number): NDArray =>
  sb === 0 ? np.zeros([N]) : np.multiply(sb, random.normal(key, [N]));

/** Entries of variance deviation^2 / inputs, float32. */
async function matrix(
  key: NDArray,
  kind: 'gaussian' | 'orthogonal',
  inputs: number,
  outputs: number,
  deviation: number,
): Promise<NDArray> {
  if (kind === 'gaussian') return np.multiply(deviation / Math.sqrt(inputs), random.normal(key, [inputs, outputs]));
  const q = await linalg.haar(key, inputs, outputs);
  // Entries of a Haar matrix have variance 1 / max(inputs, outputs).
  const scale = deviation * Math.sqrt(Math.max(inputs, outputs) / inputs);
  return np.array(
    Float32Array.from(q, (x) => scale * x),
    { shape: [inputs, outputs] },
  );
}
