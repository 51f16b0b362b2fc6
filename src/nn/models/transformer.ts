/** @file A pre-norm transformer, as decoder (causal) and as encoder. */
import { ShapeError, UserError } from '../../array/errors.ts';
import type { NDArray } from '../../array/ndarray.ts';
import { shapeText } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { type Activation, gelu } from '../activations.ts';
import { causalMask, type MultiHeadAttention, multiHeadAttention } from '../attention.ts';
import { type Dense, type DenseOptions, denseLayer, drawnAt, scaled } from '../dense.ts';
import { dropout } from '../dropout.ts';
import { embedding, sinusoidalPositions } from '../embedding.ts';
import { lecunNormal, normal, zeros } from '../initializers.ts';
import type { Model } from '../model.ts';
import { layerNorm, type Norm, normInit } from '../normalization.ts';
import { type Parametrization, standard } from '../parametrization.ts';

export interface TransformerOptions extends DenseOptions {
  /** Number of different tokens of the input, int32 [..., positions]; or give `features`. */
  readonly vocabulary?: number;
  /** Number of features of the input, floats [..., positions, features]; or give `vocabulary`. */
  readonly features?: number;
  /** Most positions of an input. */
  readonly length: number;
  /** Of the readout at every position; default: the vocabulary. */
  readonly outputs?: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  /** Hidden units of the blocks' networks; default 4 width. */
  readonly hidden?: number;
  /** True (default): a position sees itself and those before it (decoder). False: all of them (encoder). */
  readonly causal?: boolean;
  /** Default: learned. */
  readonly positions?: 'learned' | 'sinusoidal';
  /** Default: gelu. */
  readonly activation?: Activation;
  /** Of what is added to the residual stream, with a key only; default 0. */
  readonly dropout?: number;
  /** Default: standard. Under muP `heads` is the base network's. */
  readonly parametrization?: Parametrization;
}

export type TransformerBlock = {
  readonly attentionNorm: Norm;
  readonly attention: MultiHeadAttention;
  readonly mlpNorm: Norm;
  readonly up: Dense;
  readonly down: Dense;
};

export type TransformerParams = {
  /** A table [vocabulary, width], or the dense layer [features, width]. */
  readonly embed: NDArray | Dense;
  /** [length, width], or null where positions are sinusoidal. */
  readonly positions: NDArray | null;
  readonly blocks: readonly TransformerBlock[];
  readonly norm: Norm;
  readonly readout: Dense;
};

/** With a key dropout is active (training). */
export type TransformerInputs = readonly [x: NDArray, key?: NDArray];

/**
 * A transformer with the normalisation in front of each branch (Xiong et al. 2020, the form of GPT-2):
 * h += attention(norm(h)), h += down(activation(up(norm(h)))), readout(norm(h)); outputs [..., positions, outputs].
 * Dense weights are drawn from N(0, 1 / fan-in), biases are 0, tables N(0, 0.02^2).
 */
export function transformer(options: TransformerOptions): Model<TransformerParams, TransformerInputs> {
  const { vocabulary, features, length, width, depth, heads, hidden = 4 * width, causal = true } = options;
  const { outputs = vocabulary, positions = 'learned', activation = gelu, dropout: rate = 0 } = options;
  const { weight = lecunNormal, bias = zeros, parametrization = standard } = options;
  if ((vocabulary === undefined) === (features === undefined)) {
    throw new UserError('transformer: give either vocabulary (inputs are tokens) or features (inputs are vectors)');
  }
  if (outputs === undefined) throw new UserError('transformer: give the number of outputs');
  const layer = { weight, bias, parametrization };
  const ofTable = parametrization.weight('input', 1);
  const table = (key: NDArray, rows: number) => drawnAt(normal(0.02), ofTable)(key, [rows, width], 1, width);
  const ofFeatures = denseLayer(features ?? 1, width, { ...layer, role: 'input' });
  const attend = multiHeadAttention(width, heads, layer);
  const up = denseLayer(width, hidden, layer);
  const down = denseLayer(hidden, width, layer);
  const readout = denseLayer(width, outputs, { ...layer, role: 'output' });
  const ofNorm = parametrization.bias('hidden', width).rate;
  return {
    init(key) {
      const keys = random.split(key, 3 + depth);
      return {
        embed: vocabulary === undefined ? ofFeatures.init(np.slice(keys, 0)) : table(np.slice(keys, 0), vocabulary),
        positions: positions === 'learned' ? table(np.slice(keys, 1), length) : null,
        blocks: Array.from({ length: depth }, (_, i) => {
          const own = random.split(np.slice(keys, 3 + i), 3);
          return {
            attentionNorm: normInit(width),
            attention: attend.init(np.slice(own, 0)),
            mlpNorm: normInit(width),
            up: up.init(np.slice(own, 1)),
            down: down.init(np.slice(own, 2)),
          };
        }),
        norm: normInit(width),
        readout: readout.init(np.slice(keys, 2)),
      };
    },
    apply(params, x, key) {
      const t = x.shape[x.ndim - (vocabulary === undefined ? 2 : 1)];
      if (t === undefined || t > length) {
        throw new ShapeError(
          'transformer',
          `takes up to ${length} positions, got an input of shape ${shapeText(x.shape)}`,
        );
      }
      const { embed } = params;
      const content = 'weight' in embed ? ofFeatures.apply(embed, x) : scaled(embedding(embed, x), ofTable);
      const dtype = content.dtype === 'float64' ? 'float64' : 'float32';
      const place =
        params.positions === null
          ? sinusoidalPositions(t, width, dtype)
          : scaled(np.slice(params.positions, [0, t]), ofTable);
      const keys = key && random.split(key, 1 + 2 * depth);
      const drop = (y: NDArray, i: number) => (keys ? dropout(np.slice(keys, i), y, rate) : y);
      const mask = causal ? causalMask(t) : undefined;
      let h = drop(np.add(content, place), 0);
      params.blocks.forEach((block, i) => {
        const seen = attend.apply(block.attention, layerNorm(block.attentionNorm, h), { mask });
        h = np.add(h, drop(seen, 2 * i + 1));
        const inner = activation(up.apply(block.up, layerNorm(block.mlpNorm, h)));
        h = np.add(h, drop(down.apply(block.down, inner), 2 * i + 2));
      });
      return readout.apply(params.readout, layerNorm(params.norm, h));
    },
    rates: {
      embed: vocabulary === undefined ? ofFeatures.rates : ofTable.rate,
      positions: positions === 'learned' ? ofTable.rate : null,
      blocks: Array.from({ length: depth }, () => ({
        attentionNorm: ofNorm,
        attention: attend.rates,
        mlpNorm: ofNorm,
        up: up.rates,
        down: down.rates,
      })),
      norm: ofNorm,
      readout: readout.rates,
    },
  };
}
