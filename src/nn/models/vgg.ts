import { UserError } from '../../array/errors.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { relu } from '../activations.ts';
import { type Dense, denseLayer } from '../dense.ts';
import type { StatefulModel } from '../model.ts';
import { type ConvNetOptions, type ConvNorm, convNorm, type NormState, sequence } from './units.ts';

export interface VggOptions extends ConvNetOptions {
  /** Channels of the 3x3 convolutions, a list for each block; a block ends with the maximum over 2x2. */
  readonly blocks: readonly (readonly number[])[];
  /** Height and width of the images; each block halves them (rounded down). */
  readonly size: readonly [height: number, width: number];
  /** Dense layers between the flattened last block and the outputs; default none. */
  readonly hidden?: readonly number[];
}

export type VggParams = { readonly blocks: readonly (readonly ConvNorm[])[]; readonly head: readonly Dense[] };
export type VggState = readonly (readonly NormState[])[];

/** Table 1 of Simonyan and Zisserman 2015, by the number of layers; the paper's `hidden` are two layers of 4096. */
export const vggBlocks = {
  11: [[64], [128], [256, 256], [512, 512], [512, 512]],
  13: [
    [64, 64],
    [128, 128],
    [256, 256],
    [512, 512],
    [512, 512],
  ],
  16: [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ],
  19: [
    [64, 64],
    [128, 128],
    [256, 256, 256, 256],
    [512, 512, 512, 512],
    [512, 512, 512, 512],
  ],
} as const;

/**
 * Blocks of 3x3 convolutions with ReLU, each of which halves the space, and dense layers (Simonyan and Zisserman 2015):
 * from [batch, channels, height, width] to [batch, classes]. Default: no normalisation.
 *
 * @example a plain network of four convolutions
 * vgg({ classes: 10, size: [32, 32], blocks: [[32, 32], [64, 64]] })
 */
export function vgg({
  blocks,
  size,
  classes,
  channels = 3,
  hidden = [],
  normalization = 'none',
  ...options
}: VggOptions): StatefulModel<VggParams, VggState> {
  const area = size.map((n) => Math.floor(n / 2 ** blocks.length));
  if (blocks.length === 0 || blocks.some((block) => block.length === 0) || area.some((n) => n < 1)) {
    throw new UserError(
      `vgg: needs blocks of at least one convolution, no more than halve ${size.join(' x ')} to 1, got ${JSON.stringify(blocks)}`,
    );
  }
  const body = blocks.map((block, b) => {
    const sizes = [b === 0 ? channels : blocks[b - 1][blocks[b - 1].length - 1], ...block];
    return sequence(
      block.map((outputs, i) => {
        const role = b === 0 && i === 0 ? 'input' : 'hidden';
        return convNorm(sizes[i], outputs, 3, { role, activation: relu }, { normalization, ...options });
      }),
    );
  });
  const lastBlock = blocks[blocks.length - 1];
  const sizes = [lastBlock[lastBlock.length - 1] * area[0] * area[1], ...hidden, classes];
  const head = sizes.slice(1).map((outputs, i) => {
    const role = i === hidden.length ? 'output' : 'hidden';
    return denseLayer(sizes[i], outputs, { role, parametrization: options.parametrization });
  });
  return {
    init(key) {
      const keys = random.split(key, body.length + head.length);
      const made = body.map((block, b) => block.init(np.slice(keys, b)));
      return {
        params: {
          blocks: made.map((one) => one.params),
          head: head.map((layer, i) => layer.init(np.slice(keys, body.length + i))),
        },
        state: made.map((one) => one.state),
      };
    },
    apply(params, state, x, o) {
      let h = x;
      const next = body.map((block, b) => {
        const [y, s] = block.apply(params.blocks[b], state[b], h, o);
        h = np.maxPool(y, 2);
        return s;
      });
      h = np.reshape(h, [h.shape[0], -1]);
      head.forEach((layer, i) => {
        const y = layer.apply(params.head[i], h);
        h = i === hidden.length ? y : relu(y);
      });
      return [h, next];
    },
    rates: { blocks: body.map((block) => block.rates), head: head.map((layer) => layer.rates) },
  };
}
