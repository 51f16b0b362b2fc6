import { UserError } from '../../array/errors.ts';
import { shapeText } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { type Activation, relu } from '../activations.ts';
import { type Dense, type DenseOptions, denseLayer } from '../dense.ts';
import type { Model } from '../model.ts';
import type { Parametrization } from '../parametrization.ts';

export interface MlpOptions extends DenseOptions {
  /** Between the layers, not after the last; default relu. */
  readonly activation?: Activation;
  /** Default: standard. */
  readonly parametrization?: Parametrization;
}

/** A multilayer perceptron as two pure functions. */
export type Mlp = Model<readonly Dense[]>;

/**
 * A multilayer perceptron with dense layers sizes[0] -> sizes[1] -> … -> sizes[L], from [..., sizes[0]] to
 * [..., sizes[L]].
 *
 * @param sizes at least [inputs, outputs]
 */
export function mlp(sizes: readonly number[], { activation = relu, ...layer }: MlpOptions = {}): Mlp {
  if (sizes.length < 2 || sizes.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new UserError(`mlp: sizes must be at least two positive integers, got ${shapeText(sizes)}`);
  }
  const last = sizes.length - 2;
  const layers = sizes.slice(1).map((outputs, i) => {
    // A single layer keeps its size: it has the inputs of the first and the outputs of the last.
    const role = i === 0 ? 'input' : i === last ? 'output' : 'hidden';
    return denseLayer(sizes[i], outputs, { ...layer, role });
  });
  return {
    init(key) {
      const keys = random.split(key, layers.length);
      return layers.map((l, i) => l.init(np.slice(keys, i)));
    },
    apply(params, x) {
      return layers.reduce((h, l, i) => (i === last ? l.apply(params[i], h) : activation(l.apply(params[i], h))), x);
    },
    rates: layers.map((l) => l.rates),
  };
}
