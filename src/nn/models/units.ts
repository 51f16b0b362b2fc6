/** @file What convolutional networks are made of: a normalisation of any kind, convolutions around it, and sequences. */
import { UserError } from '../../array/errors.ts';
import type { Tree } from '../../array/tree.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { type Activation, identity, relu } from '../activations.ts';
import { type Conv, convLayer } from '../convolution.ts';
import { heNormal, type Initializer, zeros } from '../initializers.ts';
import type { StatefulModel } from '../model.ts';
import {
  type BatchStatistics,
  batchNorm,
  batchNormInference,
  batchStatisticsInit,
  groupNorm,
  type Norm,
  normInit,
} from '../normalization.ts';
import { type Parametrization, type Role, standard } from '../parametrization.ts';

/** `layer` is over channels and space of an example, `instance` over space; `{ groups }` is group normalisation. */
export type Normalization = 'batch' | 'layer' | 'instance' | 'none' | { readonly groups: number };

/** What all convolutional networks let one choose. */
export interface ConvNetOptions {
  /** Number of outputs. */
  readonly classes: number;
  /** Of the input; default 3. */
  readonly channels?: number;
  /** Default: batch. Convolutions have a bias (0 at first) only with none. */
  readonly normalization?: Normalization;
  /** Of the kernels; default heNormal. */
  readonly weight?: Initializer;
  /** Default: standard. */
  readonly parametrization?: Parametrization;
}

export type NormState = BatchStatistics | null;

/** A normalisation of x [batch, channels, ...space]. */
export function normUnit(
  kind: Normalization,
  channels: number,
  parametrization: Parametrization = standard,
): StatefulModel<Norm | null, NormState> {
  const groups = typeof kind === 'object' ? kind.groups : kind === 'instance' ? channels : 1;
  if (channels % groups !== 0) {
    throw new UserError(`normalisation: ${channels} channels do not make ${groups} groups of equal size`);
  }
  const { rate } = parametrization.bias('hidden', channels);
  return {
    init: () => ({
      params: kind === 'none' ? null : normInit(channels),
      state: kind === 'batch' ? batchStatisticsInit(channels) : null,
    }),
    apply(params, state, x, { training = false } = {}) {
      if (params === null) return [x, state];
      if (state === null) return [groupNorm(params, x, groups), state];
      return training ? batchNorm(params, state, x) : [batchNormInference(params, state, x), state];
    },
    rates: kind === 'none' ? null : rate,
  };
}

export type ConvNorm = { readonly conv: Conv; readonly norm: Norm | null };

export interface ConvUnitOptions {
  readonly stride?: number;
  /** Default: hidden. */
  readonly role?: Role;
  /** Last; default none. */
  readonly activation?: Activation;
}

export type UnitOptions = Omit<ConvNetOptions, 'classes' | 'channels'>;

/** A square convolution that keeps the space but for its stride. */
function kernelOf(
  inputs: number,
  outputs: number,
  size: number,
  { stride, role }: ConvUnitOptions,
  { normalization, weight = heNormal, parametrization }: UnitOptions,
) {
  const bias = normalization === 'none' ? zeros : null;
  const padding = (size - 1) / 2;
  return convLayer(inputs, outputs, [size, size], { stride, padding, role, weight, bias, parametrization });
}

/** activation(norm(conv(x))). */
export function convNorm(
  inputs: number,
  outputs: number,
  size: number,
  unit: ConvUnitOptions,
  options: UnitOptions,
): StatefulModel<ConvNorm, NormState> {
  const { activation = identity } = unit;
  const kernel = kernelOf(inputs, outputs, size, unit, options);
  const norm = normUnit(options.normalization ?? 'batch', outputs, options.parametrization);
  return {
    init(key) {
      const { params, state } = norm.init(key);
      return { params: { conv: kernel.init(key), norm: params }, state };
    },
    apply(params, state, x, o) {
      const [y, next] = norm.apply(params.norm, state, kernel.apply(params.conv, x), o);
      return [activation(y), next];
    },
    rates: { conv: kernel.rates, norm: norm.rates },
  };
}

/** conv(relu(norm(x))). */
export function normConv(
  inputs: number,
  outputs: number,
  size: number,
  options: UnitOptions,
): StatefulModel<ConvNorm, NormState> {
  const kernel = kernelOf(inputs, outputs, size, {}, options);
  const norm = normUnit(options.normalization ?? 'batch', inputs, options.parametrization);
  return {
    init(key) {
      const { params, state } = norm.init(key);
      return { params: { conv: kernel.init(key), norm: params }, state };
    },
    apply(params, state, x, o) {
      const [y, next] = norm.apply(params.norm, state, x, o);
      return [kernel.apply(params.conv, relu(y)), next];
    },
    rates: { conv: kernel.rates, norm: norm.rates },
  };
}

/** One after another; parameters and states are lists. */
export function sequence<P extends Tree, S extends Tree>(
  units: readonly StatefulModel<P, S>[],
): StatefulModel<readonly P[], readonly S[]> {
  return {
    init(key) {
      const keys = random.split(key, units.length);
      const all = units.map((unit, i) => unit.init(np.slice(keys, i)));
      return { params: all.map((one) => one.params), state: all.map((one) => one.state) };
    },
    apply(params, state, x, options) {
      let y = x;
      const next = units.map((unit, i) => {
        const [z, s] = unit.apply(params[i], state[i], y, options);
        y = z;
        return s;
      });
      return [y, next];
    },
    rates: units.map((unit) => unit.rates),
  };
}
