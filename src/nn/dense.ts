/** @file Dense layers. */
import { ShapeError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { shapeText } from '../array/shape.ts';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { type Initializer, uniformFanIn } from './initializers.ts';
import type { Model } from './model.ts';
import { type Parametrization, type Role, type Scale, standard } from './parametrization.ts';

/** Parameters of y = x W + b: weight [inputs, outputs], bias [outputs]. */
export type Dense = { readonly weight: NDArray; readonly bias: NDArray };

export interface DenseOptions {
  /** Default: PyTorch's, uniform with limit 1/sqrt(inputs). */
  readonly weight?: Initializer;
  readonly bias?: Initializer;
}

/** How a layer stands in its network. */
export interface LayerOptions extends DenseOptions {
  /** Default: hidden. */
  readonly role?: Role;
  /** Default: standard. */
  readonly parametrization?: Parametrization;
}

export function denseInit(
  key: NDArray,
  inputs: number,
  outputs: number,
  { weight = uniformFanIn, bias = uniformFanIn }: DenseOptions = {},
): Dense {
  const keys = random.split(key);
  return {
    weight: weight(np.slice(keys, 0), [inputs, outputs], inputs, outputs),
    bias: bias(np.slice(keys, 1), [outputs], inputs, outputs),
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

/** The initializer told another fan-in. */
export const drawnAt =
  (initializer: Initializer, { fanIn }: Scale): Initializer =>
  (key, shape, _, fanOut) =>
    initializer(key, shape, fanIn, fanOut);

/** The parameter as the layer computes with it. */
export const scaled = (x: NDArray, { multiplier }: Scale): NDArray =>
  multiplier === 1 ? x : np.multiply(multiplier, x);

/** A dense layer under a parametrisation. */
export function denseLayer(
  inputs: number,
  outputs: number,
  { role = 'hidden', parametrization = standard, weight = uniformFanIn, bias = uniformFanIn }: LayerOptions = {},
): Model<Dense> {
  const ofWeight = parametrization.weight(role, inputs);
  const ofBias = parametrization.bias(role, inputs);
  const options = { weight: drawnAt(weight, ofWeight), bias: drawnAt(bias, ofBias) };
  return {
    init: (key) => denseInit(key, inputs, outputs, options),
    apply: (p, x) => dense({ weight: scaled(p.weight, ofWeight), bias: scaled(p.bias, ofBias) }, x),
    rates: { weight: ofWeight.rate, bias: ofBias.rate },
  };
}
