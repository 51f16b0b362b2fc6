/** What a network one has does to angles and lengths, layer by layer. */
import { UserError } from '../../../array/errors.ts';
import { shapeText } from '../../../array/shape.ts';
import * as np from '../../../numpy/index.ts';
import { upperCosines } from './angle-map.ts';
import { applied, type LayerActivation } from './gaussian-kernel.ts';
import { arrayOf, checkColumns, type MatrixLike, matrixOf, squaredLengths } from './matrix.ts';

/** The activations of a network: for inputs [N, m] those after each of its layers, each [N, ...]. */
export type Activations = (inputs: np.NDArray) => readonly np.NDArray[];

/** One number for the inputs (place 0) and one after each layer. */
export interface AngleMeasurement {
  /** Mean and deviation over the pairs of inputs of the cosine between their activations. */
  readonly cosineMean: Float64Array;
  readonly cosineSd: Float64Array;
  /** Mean and deviation over the inputs of log(|h|^2 / width). */
  readonly logSquareMean: Float64Array;
  readonly logSquareSd: Float64Array;
}

/**
 * The activations of a chain of layers s(W h) without biases.
 *
 * @param layers weights [n, m], first to last, one row per neuron
 * @param activation default ReLU, `{ slope: 0 }`
 */
export async function chain(
  layers: readonly MatrixLike[],
  activation: LayerActivation = { slope: 0 },
): Promise<Activations> {
  const weights = await Promise.all(layers.map((given, i) => matrixOf(`weights of layer ${i}`, given)));
  weights.slice(1).forEach((w, i) => {
    checkColumns(`layer ${i + 1}`, { ...weights[i], columns: weights[i].rows }, w);
  });
  const s = applied(activation);
  return (inputs) => {
    let h = inputs;
    return weights.map((w) => {
      h = s(np.matmul(h, np.transpose(arrayOf(w))));
      return h;
    });
  };
}

/**
 * Cosines between the activations of different inputs and the activations' lengths after each layer of any model: beside
 * `angleCollapse`, which predicts them at initialisation.
 *
 * @param net the activations after each layer as a function of the inputs (float64), or the weights of a chain of layers
 *   (`chain`), each [n, m]
 * @param inputs [N, m], N >= 2, none of them zero
 * @param options.activation of the chain; default ReLU
 * @throws UserError when an activation vector is zero or not finite (layer and example are named)
 */
export async function measureAngles(
  net: Activations | readonly MatrixLike[],
  inputs: MatrixLike,
  { activation }: { activation?: LayerActivation } = {},
): Promise<AngleMeasurement> {
  const x = await matrixOf('inputs', inputs);
  if (x.rows < 2) throw new UserError('measureAngles: expected at least two inputs to have a pair, found one.');
  const activations = typeof net === 'function' ? net : await chain(net, activation);
  const layers = [arrayOf(x), ...activations(arrayOf(x))];
  const measured = await Promise.all(
    layers.map((h, layer) => {
      if (h.shape[0] !== x.rows) {
        throw new UserError(
          `measureAngles: expected activations of ${x.rows} examples (axis 0) after layer ${layer}, found the shape ${shapeText(h.shape)}.`,
        );
      }
      return lengthsAndAngles(`activations after layer ${layer}`, h);
    }),
  );
  const column = (name: keyof (typeof measured)[number]) => Float64Array.from(measured, (m) => m[name]);
  return {
    cosineMean: column('cosineMean'),
    cosineSd: column('cosineSd'),
    logSquareMean: column('logSquareMean'),
    logSquareSd: column('logSquareSd'),
  };
}

async function lengthsAndAngles(what: string, h: np.NDArray) {
  const rows = h.shape[0];
  const flat = np.reshape(h, [rows, h.size / rows]);
  const squares = squaredLengths(what, await matrixOf(what, flat));
  const gram = Float64Array.from(await np.matmul(flat, np.transpose(flat)).data());
  const cosines = upperCosines(gram, squares.map(Math.sqrt));
  const logs = squares.map((square) => Math.log(square / flat.shape[1]));
  const [cosine, log] = [moments(cosines), moments(logs)];
  return { cosineMean: cosine.mean, cosineSd: cosine.sd, logSquareMean: log.mean, logSquareSd: log.sd };
}

function moments(values: Float64Array): { mean: number; sd: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { mean, sd: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) };
}
