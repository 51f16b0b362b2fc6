/** @file DenseNet (Huang et al., "Densely Connected Convolutional Networks", CVPR 2017). */
import { UserError } from '../../array/errors.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { relu } from '../activations.ts';
import { type Conv, convLayer } from '../convolution.ts';
import { type Dense, denseLayer } from '../dense.ts';
import { heNormal, zeros } from '../initializers.ts';
import type { StatefulModel } from '../model.ts';
import type { Norm } from '../normalization.ts';
import { type ConvNetOptions, type ConvNorm, type NormState, normConv, normUnit, sequence } from './units.ts';

export interface DenseNetOptions extends ConvNetOptions {
  /** Layers of each block. */
  readonly blocks: readonly number[];
  /** Channels that each layer adds, k. */
  readonly growth: number;
  /** Channels kept between blocks, theta; default 0.5. */
  readonly compression?: number;
  /** A 1x1 convolution to 4 k channels before each 3x3 convolution; default true. */
  readonly bottleneck?: boolean;
}

/** A layer is one or two convolutions, each behind a normalisation and ReLU. */
export type DenseNetParams = {
  readonly stem: Conv;
  readonly blocks: readonly (readonly (readonly ConvNorm[])[])[];
  /** 1x1 convolutions between the blocks. */
  readonly transitions: readonly ConvNorm[];
  readonly norm: Norm | null;
  readonly head: Dense;
};
export type DenseNetState = {
  readonly blocks: readonly (readonly (readonly NormState[])[])[];
  readonly transitions: readonly NormState[];
  readonly norm: NormState;
};

/**
 * Blocks in which each layer sees the channels of all layers before it; 1x1 convolutions and means over 2x2 between
 * them. From [batch, channels, height, width] to [batch, classes]. The stem of 3x3 has 2 k channels (16 without
 * bottleneck), as in the paper for images of 32 x 32.
 */
export function denseNet({
  blocks,
  growth,
  classes,
  channels = 3,
  compression = 0.5,
  bottleneck = true,
  ...options
}: DenseNetOptions): StatefulModel<DenseNetParams, DenseNetState> {
  if (blocks.length === 0 || [growth, classes, channels, ...blocks].some((n) => !Number.isInteger(n) || n < 1)) {
    throw new UserError(
      `denseNet: numbers of layers, channels and classes must be positive integers, got blocks ${JSON.stringify(blocks)}, growth ${growth}, ${channels} channels, ${classes} classes`,
    );
  }
  const { normalization = 'batch', weight = heNormal, parametrization } = options;
  const bias = normalization === 'none' ? zeros : null;
  let width = bottleneck ? 2 * growth : 16;
  const stem = convLayer(channels, width, [3, 3], { padding: 1, role: 'input', weight, bias, parametrization });
  const body = blocks.map((count, b) => {
    const layers = Array.from({ length: count }, (_, i) => {
      const inputs = width + i * growth;
      return sequence(
        bottleneck
          ? [normConv(inputs, 4 * growth, 1, options), normConv(4 * growth, growth, 3, options)]
          : [normConv(inputs, growth, 3, options)],
      );
    });
    width += count * growth;
    if (b === blocks.length - 1) return { layers, transition: null };
    const kept = Math.floor(width * compression);
    const transition = normConv(width, kept, 1, options);
    width = kept;
    return { layers, transition };
  });
  const transitions = body.flatMap(({ transition }) => transition ?? []);
  const norm = normUnit(normalization, width, parametrization);
  const head = denseLayer(width, classes, { role: 'output', parametrization });
  return {
    init(key) {
      const keys = random.split(key, 4);
      const [forBlocks, forTransitions] = [1, 2].map((i) => random.split(np.slice(keys, i), blocks.length));
      const made = body.map(({ layers }, b) => {
        const own = random.split(np.slice(forBlocks, b), layers.length);
        return layers.map((layer, i) => layer.init(np.slice(own, i)));
      });
      const between = transitions.map((t, b) => t.init(np.slice(forTransitions, b)));
      const last = norm.init(key);
      return {
        params: {
          stem: stem.init(np.slice(keys, 0)),
          blocks: made.map((block) => block.map((layer) => layer.params)),
          transitions: between.map((t) => t.params),
          norm: last.params,
          head: head.init(np.slice(keys, 3)),
        },
        state: {
          blocks: made.map((block) => block.map((layer) => layer.state)),
          transitions: between.map((t) => t.state),
          norm: last.state,
        },
      };
    },
    apply(params, state, x, o) {
      let h = stem.apply(params.stem, x);
      const transitionStates: NormState[] = [];
      const blockStates = body.map(({ layers, transition }, b) => {
        const next = layers.map((layer, i) => {
          const [added, s] = layer.apply(params.blocks[b][i], state.blocks[b][i], h, o);
          h = np.concatenate([h, added], 1);
          return s;
        });
        if (transition !== null) {
          const [y, s] = transition.apply(params.transitions[b], state.transitions[b], h, o);
          h = np.averagePool(y, 2);
          transitionStates.push(s);
        }
        return next;
      });
      const [normalized, last] = norm.apply(params.norm, state.norm, h, o);
      const features = np.mean(relu(normalized), [2, 3]);
      return [head.apply(params.head, features), { blocks: blockStates, transitions: transitionStates, norm: last }];
    },
    rates: {
      stem: stem.rates,
      blocks: body.map(({ layers }) => layers.map((layer) => layer.rates)),
      transitions: transitions.map((t) => t.rates),
      norm: norm.rates,
      head: head.rates,
    },
  };
}

/** The bottleneck-compression form of L layers in three blocks, e.g. DenseNet-BC (L = 100, k = 12). */
export function denseNetBC(depth: number, growth: number, options: ConvNetOptions) {
  const n = (depth - 4) / 6;
  if (!Number.isInteger(n) || n < 1) throw new UserError(`denseNetBC: the depth must be 6 n + 4, got ${depth}`);
  return denseNet({ ...options, growth, blocks: [n, n, n] });
}
