/** @file Recurrent layers: one scan over time for each direction. */
import { UserError } from '../../array/errors.ts';
import type { NDArray } from '../../array/ndarray.ts';
import { shapeText } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import { scan } from '../../transforms/scan.ts';
import type { Call, Operator } from '../call.ts';
import { named } from './activations.ts';

type Activation = (x: NDArray) => NDArray;
/** What is carried: h, and for an LSTM c. */
type State = readonly NDArray[];

/** One direction of a layer. Shapes: w [gates * hidden, input], r [gates * hidden, hidden], biases [gates * hidden]. */
interface Direction {
  readonly r: NDArray;
  readonly inputBias: NDArray;
  readonly recurrentBias: NDArray;
  /** LSTM only: weights from c to the gates i, o, f, [3 * hidden]; null where there are none. */
  readonly peepholes: NDArray | null;
  readonly activations: readonly Activation[];
}

interface Cell {
  readonly gates: number;
  readonly states: number;
  readonly defaults: readonly string[];
  /** The next state, given W x for this step. */
  step(call: Call, direction: Direction, projected: NDArray, state: State): State;
}

/** Rows of one gate. */
const gate = (x: NDArray, k: number, hidden: number): NDArray => np.slice(x, [], [k * hidden, (k + 1) * hidden]);
const part = (x: NDArray, k: number, hidden: number): NDArray => np.slice(x, [k * hidden, (k + 1) * hidden]);
const times = (state: NDArray, weights: NDArray): NDArray => np.einsum('bh,gh->bg', state, weights);

/** Arguments of activations limited to [-clip, clip]. */
function clipped(call: Call, x: NDArray): NDArray {
  if (!call.attributes.has('clip')) return x;
  const limit = call.attributes.float('clip');
  return np.clip(x, -limit, limit);
}

const rnn: Cell = {
  gates: 1,
  states: 1,
  defaults: ['Tanh'],
  step(call, { r, inputBias, recurrentBias, activations: [f] }, projected, [h]) {
    return [f(clipped(call, np.add(np.add(projected, times(h, r)), np.add(inputBias, recurrentBias))))];
  },
};

/** Gates z, r, h. */
const gru: Cell = {
  gates: 3,
  states: 1,
  defaults: ['Sigmoid', 'Tanh'],
  step(call, { r: weights, inputBias, recurrentBias, activations: [f, g] }, projected, [h]) {
    const hidden = h.shape[1];
    const x = np.add(projected, inputBias);
    const rows = (from: number, to: number) => np.slice(weights, [from * hidden, to * hidden]);
    const bias = (from: number, to: number) => np.slice(recurrentBias, [from * hidden, to * hidden]);
    const recurrent = np.add(times(h, rows(0, 2)), bias(0, 2));
    const z = f(clipped(call, np.add(gate(x, 0, hidden), gate(recurrent, 0, hidden))));
    const r = f(clipped(call, np.add(gate(x, 1, hidden), gate(recurrent, 1, hidden))));
    // PyTorch and cuDNN reset after the product, the original paper before it.
    const candidate = call.attributes.int('linear_before_reset', 0)
      ? np.multiply(r, np.add(times(h, rows(2, 3)), bias(2, 3)))
      : np.add(times(np.multiply(r, h), rows(2, 3)), bias(2, 3));
    const next = g(clipped(call, np.add(gate(x, 2, hidden), candidate)));
    return [np.add(np.multiply(np.subtract(1, z), next), np.multiply(z, h))];
  },
};

/** Gates i, o, f, c. */
const lstm: Cell = {
  gates: 4,
  states: 2,
  defaults: ['Sigmoid', 'Tanh', 'Tanh'],
  step(call, { r, inputBias, recurrentBias, peepholes, activations: [f, g, h] }, projected, [hidden, cell]) {
    const n = hidden.shape[1];
    const all = np.add(np.add(projected, times(hidden, r)), np.add(inputBias, recurrentBias));
    const argument = (k: number, from: NDArray | null) => {
      const plain = gate(all, k, n);
      return clipped(
        call,
        from === null || peepholes === null ? plain : np.add(plain, np.multiply(part(peepholes, k, n), from)),
      );
    };
    const i = f(argument(0, cell));
    const forget = call.attributes.int('input_forget', 0) ? np.subtract(1, i) : f(argument(2, cell));
    const c = np.add(np.multiply(forget, cell), np.multiply(i, g(argument(3, null))));
    const o = f(argument(1, c));
    return [np.multiply(o, h(c)), c];
  },
};

/** The activations of one direction: names with alpha and beta, which are listed for those that have them. */
function activationsOf(call: Call, cell: Cell, direction: number, directions: number): Activation[] {
  const count = cell.defaults.length;
  const names = call.attributes.strings('activations', Array.from({ length: directions }, () => cell.defaults).flat());
  if (names.length !== count * directions)
    throw new UserError(`needs ${count * directions} activations, got ${names.length}`);
  const alphas = [...call.attributes.floats('activation_alpha', [])];
  const betas = [...call.attributes.floats('activation_beta', [])];
  const list = names.map((name): Activation => {
    const key = Object.keys(named).find((known) => known.toLowerCase() === name.toLowerCase());
    if (key === undefined) throw new UserError(`activation ${JSON.stringify(name)} is not known`);
    const { f, alpha, beta } = named[key];
    const a = alpha === undefined ? 0 : (alphas.shift() ?? alpha);
    const b = beta === undefined ? 0 : (betas.shift() ?? beta);
    return (x) => f(x, a, b);
  });
  return list.slice(direction * count, (direction + 1) * count);
}

const layer =
  (cell: Cell): Operator =>
  (call) => {
    const { attributes } = call;
    const batchFirst = attributes.int('layout', 0) !== 0;
    const x = batchFirst ? np.swapaxes(call.input(0), 0, 1) : call.input(0);
    const [w, r] = [call.input(1), call.input(2)];
    const kind = attributes.string('direction', 'forward');
    if (!['forward', 'reverse', 'bidirectional'].includes(kind))
      throw new UserError(`direction ${JSON.stringify(kind)} is not known`);
    const directions = kind === 'bidirectional' ? 2 : 1;
    const hidden = r.shape[2];
    const rows = cell.gates * hidden;
    if (
      x.ndim !== 3 ||
      w.ndim !== 3 ||
      r.ndim !== 3 ||
      [w, r].some((m) => m.shape[0] !== directions || m.shape[1] !== rows)
    )
      throw new UserError(
        `shapes ${[x, w, r].map((m) => shapeText(m.shape)).join(', ')} are not [time, batch, input], [${directions}, ${cell.gates} hidden, input], [${directions}, ${cell.gates} hidden, hidden]`,
      );
    const [length, batch] = x.shape;
    const lengths = call.optional(4);
    const zeros = np.zeros([batch, hidden], x.dtype === 'float64' ? 'float64' : 'float32');
    const runs = Array.from({ length: directions }, (_, d) => {
      const of = (position: number): NDArray | undefined => {
        const all = call.optional(position);
        return all === undefined ? undefined : np.slice(all, d);
      };
      const initial = (position: number): NDArray => {
        const all = call.optional(position);
        if (all === undefined) return zeros;
        return batchFirst ? np.slice(all, [], d) : np.slice(all, d);
      };
      const bias = of(3) ?? np.zeros([2 * rows], zeros.dtype);
      const direction: Direction = {
        r: np.slice(r, d),
        inputBias: np.slice(bias, [0, rows]),
        recurrentBias: np.slice(bias, [rows, null]),
        peepholes: (cell === lstm ? of(7) : undefined) ?? null,
        activations: activationsOf(call, cell, d, directions),
      };
      // W x of all steps is one product.
      const projected = np.einsum('tbi,gi->tbg', x, np.slice(w, d));
      const start: State = [initial(5), initial(6)].slice(0, cell.states);
      return overTime(call, cell, direction, projected, start, kind === 'reverse' || d === 1, lengths);
    });
    const y = np.stack(
      runs.map(({ outputs }) => outputs),
      1,
    );
    const last = Array.from({ length: cell.states }, (_, k) =>
      np.stack(
        runs.map(({ state }) => state[k]),
        batchFirst ? 1 : 0,
      ),
    );
    if (length === 0) throw new UserError('needs at least one step of time');
    return [batchFirst ? np.transpose(y, [2, 0, 1, 3]) : y, ...last];
  };

/** Examples that are shorter keep their state beyond their end, where their outputs are 0. */
function overTime(
  call: Call,
  cell: Cell,
  direction: Direction,
  projected: NDArray,
  start: State,
  reverse: boolean,
  lengths: NDArray | undefined,
): { outputs: NDArray; state: State } {
  const dtype = projected.dtype === 'float64' || direction.r.dtype === 'float64' ? 'float64' : 'float32';
  const first = start.map((x) => np.astype(x, dtype));
  if (lengths === undefined) {
    const [state, outputs] = scan(
      (s: State, x: NDArray): readonly [State, NDArray] => {
        const next = cell.step(call, direction, x, s);
        return [next, next[0]];
      },
      first,
      projected,
      { reverse },
    );
    return { outputs, state };
  }
  const steps = np.arange(projected.shape[0]);
  const [state, outputs] = scan(
    (s: State, [x, t]: readonly [NDArray, NDArray]): readonly [State, NDArray] => {
      const isInside = np.expandDims(np.less(t, lengths), 1);
      const next = cell.step(call, direction, x, s).map((y, k) => np.where(isInside, y, s[k]));
      return [next, np.where(isInside, next[0], 0)];
    },
    first,
    [projected, steps] as const,
    { reverse },
  );
  return { outputs, state };
}

export const recurrent: Readonly<Record<string, Operator>> = { RNN: layer(rnn), GRU: layer(gru), LSTM: layer(lstm) };
