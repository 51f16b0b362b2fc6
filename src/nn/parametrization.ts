/**
 * @file How initial size, forward multiplier and learning rate of a tensor depend on its fan-in: the choices between
 * which wide networks behave as kernels or learn features (Yang and Hu, "Tensor Programs IV", ICML 2021).
 */
import { UserError } from '../array/errors.ts';

/** Which dimensions of a weight grow with the width: the outputs (`input` layer), both, or the inputs (`output` layer). */
export type Role = 'input' | 'hidden' | 'output';

export interface Scale {
  /** The fan-in that the layer's initializer is told. */
  readonly fanIn: number;
  /** The layer computes with this times the parameter. */
  readonly multiplier: number;
  /** Times the learning rate of the optimizer. */
  readonly rate: number;
}

export interface Parametrization {
  readonly weight: (role: Role, fanIn: number) => Scale;
  /** Of the layer's bias; norm layers take the rate of `hidden` for their gains and biases. */
  readonly bias: (role: Role, fanIn: number) => Scale;
  /** What attention multiplies q k^T with, for queries of `size` numbers a head. */
  readonly attention: (size: number) => number;
}

const unchanged = (_: Role, fanIn: number): Scale => ({ fanIn, multiplier: 1, rate: 1 });

/** Parameters as the initializers draw them. Stable training asks for learning rates that fall as 1 / width. */
export const standard: Parametrization = {
  weight: unchanged,
  bias: unchanged,
  attention: (size) => 1 / Math.sqrt(size),
};

/**
 * The NTK parametrisation (Jacot et al. 2018): y = weight / sqrt(fanIn) W x + bias b, with W and b of a size that does
 * not depend on the width: initializers are told a fan-in of 1. With `initializers.normal(1)` for both of them these are
 * the standard deviations sigma_w and sigma_b of the literature. Learning rates do not depend on the width.
 */
export const ntk = ({ weight = 1, bias = 1 }: { weight?: number; bias?: number } = {}): Parametrization => ({
  weight: (_, fanIn) => ({ fanIn: 1, multiplier: weight / Math.sqrt(fanIn), rate: 1 }),
  bias: () => ({ fanIn: 1, multiplier: bias, rate: 1 }),
  attention: standard.attention,
});

/**
 * The maximal update parametrisation, muP (Yang et al., "Tensor Programs V", 2022, table 8): every layer learns features
 * at any width, with the learning rate found at a small one. Hidden weights need an initializer that follows the fan-in.
 *
 * @param width how many times wider the network is than the one whose hyperparameters are used; at 1 it is that network
 * @param optimizer whether updates are proportional to gradients (`sgd`, with momentum too) or of fixed size (`adam`)
 */
export function muP(width: number, optimizer: 'sgd' | 'adam'): Parametrization {
  if (!(width > 0)) throw new UserError(`muP: the multiple of the base width must be positive, got ${width}`);
  const rate = (sgd: number, adam: number): number => (optimizer === 'sgd' ? sgd : adam);
  const weights: Record<Role, (fanIn: number) => Scale> = {
    input: (fanIn) => ({ fanIn, multiplier: 1, rate: rate(width, 1) }),
    hidden: (fanIn) => ({ fanIn, multiplier: 1, rate: rate(1, 1 / width) }),
    output: (fanIn) => ({ fanIn: fanIn / width, multiplier: 1 / width, rate: rate(width, 1) }),
  };
  return {
    weight: (role, fanIn) => weights[role](fanIn),
    bias: (role, fanIn) => ({
      fanIn: role === 'input' ? fanIn : fanIn / width,
      multiplier: 1,
      rate: role === 'output' ? 1 : rate(width, 1),
    }),
    // q k^T grows as the size of a head once they are correlated: 1 / size, equal to 1 / sqrt(size) at the base width.
    attention: (size) => 1 / Math.sqrt(size * width),
  };
}
