/** @file Convolutional layers over any number of spatial axes, as many as the window has: x [batch, channels, ...space]. */
import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { type Shape, sizeOf } from '../array/shape.ts';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { drawnAt, type LayerOptions, scaled } from './dense.ts';
import { type Initializer, uniformFanIn } from './initializers.ts';
import type { Model } from './model.ts';
import { standard } from './parametrization.ts';

/** A kernel [outputs, inputs / groups, ...window] and a bias [outputs] or none. */
export type Conv = { readonly weight: NDArray; readonly bias: NDArray | null };

const perChannel = (bias: NDArray, rank: number): NDArray =>
  np.reshape(bias, [bias.size, ...new Array<number>(rank - 2).fill(1)]);

/** x convolved with the kernel, plus the bias: [batch, outputs, ...steps]. */
export function conv({ weight, bias }: Conv, x: NDArray, options: np.ConvOptions = {}): NDArray {
  const y = np.conv(x, weight, options);
  return bias === null ? y : np.add(y, perChannel(bias, y.ndim));
}

export type ConvTransposeOptions = np.ConvOptions & { readonly outputPadding?: number | readonly number[] };

/** The transposed convolution ("deconvolution"): kernel [inputs, outputs / groups, ...window]. */
export function convTranspose({ weight, bias }: Conv, x: NDArray, options: ConvTransposeOptions = {}): NDArray {
  const y = np.convTranspose(x, weight, options);
  return bias === null ? y : np.add(y, perChannel(bias, y.ndim));
}

export interface ConvLayerOptions extends np.ConvOptions, Omit<LayerOptions, 'bias'> {
  /** null: no bias. Default: as the weight's. */
  readonly bias?: Initializer | null;
}

function layer(
  inputs: number,
  shape: Shape,
  fanIn: number,
  fanOut: number,
  outputs: number,
  { role = 'hidden', parametrization = standard, weight = uniformFanIn, bias = uniformFanIn }: ConvLayerOptions,
  apply: (params: Conv, x: NDArray) => NDArray,
): Model<Conv> {
  if (![inputs, outputs, ...shape].every((n) => Number.isInteger(n) && n >= 1)) {
    throw new UserError(
      `convLayer: ${inputs} inputs and ${outputs} outputs do not make a kernel ${JSON.stringify(shape)}`,
    );
  }
  const ofWeight = parametrization.weight(role, fanIn);
  const ofBias = parametrization.bias(role, fanIn);
  return {
    init(key) {
      const keys = random.split(key);
      return {
        weight: drawnAt(weight, ofWeight)(np.slice(keys, 0), shape, fanIn, fanOut),
        bias: bias && drawnAt(bias, ofBias)(np.slice(keys, 1), [outputs], fanIn, fanOut),
      };
    },
    apply: (p, x) => apply({ weight: scaled(p.weight, ofWeight), bias: p.bias && scaled(p.bias, ofBias) }, x),
    rates: { weight: ofWeight.rate, bias: bias && ofBias.rate },
  };
}

/**
 * A convolution from [batch, inputs, ...space] to [batch, outputs, ...steps]. The fan-in is inputs / groups times the
 * window.
 *
 * @param window one size for each spatial axis
 */
export function convLayer(
  inputs: number,
  outputs: number,
  window: readonly number[],
  options: ConvLayerOptions = {},
): Model<Conv> {
  const { groups = 1 } = options;
  const area = sizeOf(window);
  return layer(
    inputs,
    [outputs, inputs / groups, ...window],
    (inputs / groups) * area,
    (outputs / groups) * area,
    outputs,
    options,
    (p, x) => conv(p, x, options),
  );
}

/** A transposed convolution from [batch, inputs, ...steps] to [batch, outputs, ...space]. */
export function convTransposeLayer(
  inputs: number,
  outputs: number,
  window: readonly number[],
  options: ConvLayerOptions & ConvTransposeOptions = {},
): Model<Conv> {
  const { groups = 1 } = options;
  const area = sizeOf(window);
  return layer(
    inputs,
    [inputs, outputs / groups, ...window],
    (inputs / groups) * area,
    (outputs / groups) * area,
    outputs,
    options,
    (p, x) => convTranspose(p, x, options),
  );
}
