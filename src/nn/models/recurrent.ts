/**
 * @file Recurrent cells with one interface, and their unrolling in time. What a cell needs of its inputs is computed for
 * all times in one product before the loop.
 */
import type { NDArray } from '../../array/ndarray.ts';
import { type Tree, treeLeaves } from '../../array/tree.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { scan } from '../../transforms/index.ts';
import { type Activation, tanh } from '../activations.ts';
import { type Dense, type DenseOptions, denseLayer, drawnAt, scaled } from '../dense.ts';
import { uniformFanIn } from '../initializers.ts';
import type { Model } from '../model.ts';
import type { Rates } from '../optimizers.ts';
import { type Parametrization, standard } from '../parametrization.ts';

/** A recurrent cell with parameters P, state S, and a drive D that it computes from its inputs alone. */
export interface Cell<P extends Tree, S extends Tree, D extends Tree> {
  readonly init: (key: NDArray) => P;
  /** From inputs [..., inputs], of any number of times. */
  readonly drive: (params: P, xs: NDArray) => D;
  readonly step: (params: P, state: S, drive: D) => S;
  /** The state at rest, for one more axis in front of the features: [...batch]. */
  readonly initial: (batch: readonly number[], dtype: 'float32' | 'float64') => S;
  /** What other layers see of a state: [..., hidden]. */
  readonly output: (state: S) => NDArray;
  readonly rates: Rates;
  readonly hidden: number;
}

export interface CellOptions {
  /**
   * Initializers of the weights [inputs, k hidden] and of their bias. Default: uniform with limit 1/sqrt(fan-in), where
   * PyTorch takes 1/sqrt(hidden) for these too.
   */
  readonly input?: DenseOptions;
  /** Initializers of the weights [hidden, k hidden] and of their bias. */
  readonly recurrent?: DenseOptions;
  /** Default: standard. */
  readonly parametrization?: Parametrization;
}

/**
 * Runs a cell over time.
 *
 * @param xs [times, ...batch, inputs]
 * @param initial default: the state at rest
 * @returns outputs [times, ...batch, hidden] and the last state
 */
export function unroll<P extends Tree, S extends Tree, D extends Tree>(
  cell: Cell<P, S, D>,
  params: P,
  xs: NDArray,
  initial?: S,
): [NDArray, S] {
  const drives = cell.drive(params, xs);
  const dtype = treeLeaves(drives)[0].dtype === 'float64' ? 'float64' : 'float32';
  const [last, outputs] = scan(
    (state: S, drive: D) => {
      const next = cell.step(params, state, drive);
      return [next, cell.output(next)];
    },
    initial ?? cell.initial(xs.shape.slice(1, -1), dtype),
    drives,
  );
  return [outputs, last];
}

/** Two dense layers, of the inputs and of the state; each has a bias, as in PyTorch. */
export type Recurrence = { readonly input: Dense; readonly recurrent: Dense };

/** V x + b + W h + b' for `gates` times the hidden units. */
function recurrence(
  inputs: number,
  hidden: number,
  gates: number,
  { input, recurrent, parametrization = standard }: CellOptions,
) {
  const ofInput = denseLayer(inputs, gates * hidden, { ...input, parametrization, role: 'input' });
  const ofState = denseLayer(hidden, gates * hidden, { ...recurrent, parametrization, role: 'hidden' });
  const ofWeight = parametrization.weight('hidden', hidden);
  const ofBias = parametrization.bias('hidden', hidden);
  return {
    ofInput,
    ofState,
    init(key: NDArray): Recurrence {
      const keys = random.split(key);
      return { input: ofInput.init(np.slice(keys, 0)), recurrent: ofState.init(np.slice(keys, 1)) };
    },
    /** The part that does not depend on the state, with both biases. */
    drive: (params: Recurrence, xs: NDArray): NDArray =>
      np.add(ofInput.apply(params.input, xs), scaled(params.recurrent.bias, ofBias)),
    /** The rest is added by a single product. */
    add: (drive: NDArray, params: Recurrence, h: NDArray): NDArray =>
      np.add(np.matmul(h, scaled(params.recurrent.weight, ofWeight)), drive),
    rates: { input: ofInput.rates, recurrent: ofState.rates },
  };
}

const atRest =
  (hidden: number) =>
  (batch: readonly number[], dtype: 'float32' | 'float64'): NDArray =>
    np.zeros([...batch, hidden], dtype);

/** h' = phi(V x + W h + b) (Elman 1990). */
export function vanillaRnn(
  inputs: number,
  hidden: number,
  { activation = tanh, ...options }: CellOptions & { activation?: Activation } = {},
): Cell<Recurrence, NDArray, NDArray> {
  const { init, rates, drive, add } = recurrence(inputs, hidden, 1, options);
  return {
    init,
    rates,
    hidden,
    drive,
    step: (params, h, driven) => activation(add(driven, params, h)),
    initial: atRest(hidden),
    output: (h) => h,
  };
}

export type LstmState = { readonly hidden: NDArray; readonly cell: NDArray };

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), PyTorch's
 * equations. The gates lie behind one another in the order i, f, g, o:
 * c' = s(f) c + s(i) tanh(g), h' = s(o) tanh(c').
 */
export function lstm(inputs: number, hidden: number, options: CellOptions = {}): Cell<Recurrence, LstmState, NDArray> {
  const { init, rates, drive, add } = recurrence(inputs, hidden, 4, options);
  const zeros = atRest(hidden);
  return {
    init,
    rates,
    hidden,
    drive,
    step(params, state, driven) {
      const [i, f, g, o] = np.split(add(driven, params, state.hidden), 4, -1);
      const kept = np.multiply(np.sigmoid(f), state.cell);
      const cell = np.add(kept, np.multiply(np.sigmoid(i), np.tanh(g)));
      return { hidden: np.multiply(np.sigmoid(o), np.tanh(cell)), cell };
    },
    initial: (batch, dtype) => ({ hidden: zeros(batch, dtype), cell: zeros(batch, dtype) }),
    output: (state) => state.hidden,
  };
}

/**
 * Gated recurrent unit (Cho et al. 2014), PyTorch's equations. The gates lie behind one another in the order r, z, n:
 * n = tanh(n_x + s(r) n_h), h' = (1 - s(z)) n + s(z) h.
 */
export function gru(inputs: number, hidden: number, options: CellOptions = {}): Cell<Recurrence, NDArray, NDArray> {
  const { init, rates, ofInput, ofState } = recurrence(inputs, hidden, 3, options);
  return {
    init,
    rates,
    hidden,
    drive: ({ input }, xs) => ofInput.apply(input, xs),
    step({ recurrent }, h, driven) {
      const [rx, zx, nx] = np.split(driven, 3, -1);
      const [rh, zh, nh] = np.split(ofState.apply(recurrent, h), 3, -1);
      const reset = np.sigmoid(np.add(rx, rh));
      const update = np.sigmoid(np.add(zx, zh));
      const candidate = np.tanh(np.add(nx, np.multiply(reset, nh)));
      return np.add(candidate, np.multiply(update, np.subtract(h, candidate)));
    },
    initial: atRest(hidden),
    output: (h) => h,
  };
}

/** `encoder` [inputs, hidden] makes z, `input` [hidden, hidden] is V, `recurrent` W with the bias b. */
export type MinimalRnnParams = { readonly encoder: Dense; readonly input: NDArray; readonly recurrent: Dense };

/**
 * The minimalRNN (Chen 2017, arXiv 1711.06788): z = phi(W_x x + b_z), u = s(W h + V z + b),
 * h' = u h + (1 - u) z.
 *
 * @param options.encoder initializers of the encoder; `input` those of V (which has no bias)
 * @param options.activation phi, default tanh
 */
export function minimalRnn(
  inputs: number,
  hidden: number,
  { encoder, activation = tanh, ...options }: CellOptions & { encoder?: DenseOptions; activation?: Activation } = {},
): Cell<MinimalRnnParams, NDArray, { z: NDArray; gate: NDArray }> {
  const { parametrization = standard, input: { weight = uniformFanIn } = {} } = options;
  const ofInput = denseLayer(inputs, hidden, { ...encoder, parametrization, role: 'input' });
  const ofState = denseLayer(hidden, hidden, { ...options.recurrent, parametrization });
  const ofWeight = parametrization.weight('hidden', hidden);
  const ofBias = parametrization.bias('hidden', hidden);
  return {
    init(key) {
      const keys = random.split(key, 3);
      return {
        encoder: ofInput.init(np.slice(keys, 0)),
        input: drawnAt(weight, ofWeight)(np.slice(keys, 1), [hidden, hidden], hidden, hidden),
        recurrent: ofState.init(np.slice(keys, 2)),
      };
    },
    drive(params, xs) {
      const z = activation(ofInput.apply(params.encoder, xs));
      const driven = np.matmul(z, scaled(params.input, ofWeight));
      return { z, gate: np.add(driven, scaled(params.recurrent.bias, ofBias)) };
    },
    step({ recurrent }, h, { z, gate }) {
      const u = np.sigmoid(np.add(np.matmul(h, scaled(recurrent.weight, ofWeight)), gate));
      return np.add(z, np.multiply(u, np.subtract(h, z)));
    },
    initial: atRest(hidden),
    output: (h) => h,
    rates: { encoder: ofInput.rates, input: ofWeight.rate, recurrent: ofState.rates },
    hidden,
  };
}

/**
 * A cell and a dense readout of its last output: from [times, ...batch, inputs] to [...batch, outputs].
 */
export function recurrent<P extends Tree, S extends Tree, D extends Tree>(
  cell: Cell<P, S, D>,
  outputs: number,
  options: DenseOptions & { parametrization?: Parametrization } = {},
): Model<{ readonly cell: P; readonly readout: Dense }> {
  const readout = denseLayer(cell.hidden, outputs, { ...options, role: 'output' });
  return {
    init(key) {
      const keys = random.split(key);
      return { cell: cell.init(np.slice(keys, 0)), readout: readout.init(np.slice(keys, 1)) };
    },
    apply(params, xs) {
      const [, last] = unroll(cell, params.cell, xs);
      return readout.apply(params.readout, cell.output(last));
    },
    rates: { cell: cell.rates, readout: readout.rates },
  };
}
