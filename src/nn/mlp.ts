import { ShapeError, UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { shapeText } from '../array/shape.ts';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { type Activation, relu } from './activations.ts';
import { type Initializer, uniformFanIn } from './initializers.ts';

/** Parameters of y = x W + b: weight [inputs, outputs], bias [outputs]. */
export type Dense = { readonly weight: NDArray; readonly bias: NDArray };

export interface DenseOptions {
  /** Default: PyTorch's, uniform with limit 1/sqrt(inputs). */
  readonly weight?: Initializer;
  readonly bias?: Initializer;
}

export function denseInit(
  key: NDArray,
  inputs: number,
  outputs: number,
  { weight = uniformFanIn, bias = uniformFanIn }: DenseOptions = {},
): Dense {
  const keys = random.split(key);
  return {
    weight: weight(np.slice(keys, 0), [inputs, outputs], inputs),
    bias: bias(np.slice(keys, 1), [outputs], inputs),
  };
}

/** x W + b for x of shape [..., inputs]. */
export function dense({ weight, bias }: Dense, x: NDArray): NDArray {
  if (x.shape[x.ndim - 1] !== weight.shape[0]) {
    throw new ShapeError(
      'dense',
      `the last axis of x (shape ${shapeText(x.shape)}) must have the layer's ${weight.shape[0]} inputs`,
    );
  }
  return np.add(np.matmul(x, weight), bias);
}

export interface MlpOptions extends DenseOptions {
  /** Between the layers, not after the last; default relu. */
  readonly activation?: Activation;
}

/** A multilayer perceptron as two pure functions. */
export interface Mlp {
  readonly init: (key: NDArray) => readonly Dense[];
  readonly apply: (params: readonly Dense[], x: NDArray) => NDArray;
}

/**
 * A multilayer perceptron with dense layers sizes[0] -> sizes[1] -> … -> sizes[L].
 *
 * @param sizes at least [inputs, outputs]
 */
export function mlp(sizes: readonly number[], { activation = relu, ...layer }: MlpOptions = {}): Mlp {
  if (sizes.length < 2 || sizes.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new UserError(`mlp: sizes must be at least two positive integers, got ${shapeText(sizes)}`);
  }
  return {
    init(key) {
      const keys = random.split(key, sizes.length - 1);
      return sizes.slice(1).map((outputs, i) => denseInit(np.slice(keys, i), sizes[i], outputs, layer));
    },
    apply(params, x) {
      return params.reduce((h, p, i) => (i === params.length - 1 ? dense(p, h) : activation(dense(p, h))), x);
    },
  };
}
