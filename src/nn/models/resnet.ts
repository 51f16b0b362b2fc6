/** @file Residual networks (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016). */
import { UserError } from '../../array/errors.ts';
import type { NDArray } from '../../array/ndarray.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { relu } from '../activations.ts';
import { type Dense, denseLayer } from '../dense.ts';
import type { StatefulModel } from '../model.ts';
import { type ConvNetOptions, type ConvNorm, convNorm, type NormState, sequence, type UnitOptions } from './units.ts';

/** `branch` are the convolutions of the residual; `shortcut` is null where the input is added as it is (or padded). */
export type ResNetBlock = { readonly branch: readonly ConvNorm[]; readonly shortcut: ConvNorm | null };
export type ResNetBlockState = { readonly branch: readonly NormState[]; readonly shortcut: NormState };

export type ResNetParams = {
  readonly stem: ConvNorm;
  readonly stages: readonly (readonly ResNetBlock[])[];
  readonly head: Dense;
};
export type ResNetState = {
  readonly stem: NormState;
  readonly stages: readonly (readonly ResNetBlockState[])[];
};

export interface ResNetOptions extends ConvNetOptions {
  /** Number of blocks of each stage; every stage but the first halves the space and doubles the channels. */
  readonly blocks: readonly number[];
  /** Channels of the first stage. */
  readonly width: number;
  /** Two 3x3 convolutions (default), or 1x1, 3x3 and 1x1 with four times as many channels at the end. */
  readonly block?: 'basic' | 'bottleneck';
  /** `large`: 7x7 of stride 2 and a maximum over 3x3 of stride 2. `small` (default): 3x3, for images of 32 x 32. */
  readonly stem?: 'large' | 'small';
  /**
   * Where shapes differ: B (default) projects by a 1x1 convolution, A leaves out every other position and adds
   * channels of zeros, without parameters.
   */
  readonly shortcut?: 'A' | 'B';
}

/** Every other position, and zeros for the channels that are missing, half of them on each side. */
function padded(x: NDArray, channels: number, stride: number): NDArray {
  const missing = channels - x.shape[1];
  const before = Math.floor(missing / 2);
  return np.pad(np.slice(x, [], [], [null, null, stride], [null, null, stride]), [
    [0, 0],
    [before, missing - before],
    [0, 0],
    [0, 0],
  ]);
}

function block(
  inputs: number,
  width: number,
  stride: number,
  { block: kind = 'basic', shortcut: option = 'B' }: Pick<ResNetOptions, 'block' | 'shortcut'>,
  options: UnitOptions,
): StatefulModel<ResNetBlock, ResNetBlockState> {
  const outputs = kind === 'basic' ? width : 4 * width;
  // The stride of a bottleneck is that of its 3x3 convolution, as in PyTorch and the authors' later code.
  const branch = sequence(
    kind === 'basic'
      ? [convNorm(inputs, width, 3, { stride, activation: relu }, options), convNorm(width, outputs, 3, {}, options)]
      : [
          convNorm(inputs, width, 1, { activation: relu }, options),
          convNorm(width, width, 3, { stride, activation: relu }, options),
          convNorm(width, outputs, 1, {}, options),
        ],
  );
  const same = inputs === outputs && stride === 1;
  const projection = same || option === 'A' ? null : convNorm(inputs, outputs, 1, { stride }, options);
  return {
    init(key) {
      const keys = random.split(key);
      const residual = branch.init(np.slice(keys, 0));
      const skip = projection?.init(np.slice(keys, 1));
      return {
        params: { branch: residual.params, shortcut: skip?.params ?? null },
        state: { branch: residual.state, shortcut: skip?.state ?? null },
      };
    },
    apply(params, state, x, o) {
      const [residual, next] = branch.apply(params.branch, state.branch, x, o);
      const [skip, skipState] =
        projection !== null
          ? projection.apply(params.shortcut!, state.shortcut, x, o)
          : [same ? x : padded(x, outputs, stride), null];
      return [relu(np.add(residual, skip)), { branch: next, shortcut: skipState }];
    },
    rates: { branch: branch.rates, shortcut: projection?.rates ?? null },
  };
}

/**
 * A residual network of any shape: stem, stages of blocks relu(branch(x) + shortcut(x)), mean over space, dense head;
 * from [batch, channels, height, width] to [batch, classes]. `cifarResNet` and `imageNetResNet` are those of the paper.
 */
export function resNet({
  blocks,
  width,
  classes,
  channels = 3,
  stem: size = 'small',
  block: kind,
  shortcut,
  ...options
}: ResNetOptions): StatefulModel<ResNetParams, ResNetState> {
  if (blocks.length === 0 || [width, classes, channels, ...blocks].some((n) => !Number.isInteger(n) || n < 1)) {
    throw new UserError(
      `resNet: numbers of blocks, channels and classes must be positive integers, got blocks ${JSON.stringify(blocks)}, width ${width}, ${channels} channels, ${classes} classes`,
    );
  }
  const large = size === 'large';
  const stem = convNorm(
    channels,
    width,
    large ? 7 : 3,
    { stride: large ? 2 : 1, role: 'input', activation: relu },
    options,
  );
  const expansion = kind === 'bottleneck' ? 4 : 1;
  const stages = sequence(
    blocks.map((count, s) => {
      const inside = width * 2 ** s;
      return sequence(
        Array.from({ length: count }, (_, b) => {
          const inputs = b > 0 ? inside * expansion : s > 0 ? (inside / 2) * expansion : width;
          return block(inputs, inside, b === 0 && s > 0 ? 2 : 1, { block: kind, shortcut }, options);
        }),
      );
    }),
  );
  const features = width * 2 ** (blocks.length - 1) * expansion;
  const head = denseLayer(features, classes, { role: 'output', parametrization: options.parametrization });
  return {
    init(key) {
      const keys = random.split(key, 3);
      const first = stem.init(np.slice(keys, 0));
      const rest = stages.init(np.slice(keys, 1));
      return {
        params: { stem: first.params, stages: rest.params, head: head.init(np.slice(keys, 2)) },
        state: { stem: first.state, stages: rest.state },
      };
    },
    apply(params, state, x, o) {
      const [h, stemState] = stem.apply(params.stem, state.stem, x, o);
      const pooled = large ? np.maxPool(h, 3, { stride: 2, padding: 1 }) : h;
      const [y, stageState] = stages.apply(params.stages, state.stages, pooled, o);
      return [head.apply(params.head, np.mean(y, [2, 3])), { stem: stemState, stages: stageState }];
    },
    rates: { stem: stem.rates, stages: stages.rates, head: head.rates },
  };
}

export type ResNetVariant = ConvNetOptions & Partial<Pick<ResNetOptions, 'width' | 'stem' | 'shortcut'>>;

/** Section 4.2: depth 6n + 2 (20, 32, 44, 56, 110, ...), three stages of n blocks, width 16, shortcuts of option A. */
export function cifarResNet(depth: number, options: ResNetVariant) {
  const n = (depth - 2) / 6;
  if (!Number.isInteger(n) || n < 1) throw new UserError(`cifarResNet: the depth must be 6 n + 2, got ${depth}`);
  return resNet({ width: 16, shortcut: 'A', ...options, blocks: [n, n, n] });
}

const imageNetBlocks = {
  18: { block: 'basic', blocks: [2, 2, 2, 2] },
  34: { block: 'basic', blocks: [3, 4, 6, 3] },
  50: { block: 'bottleneck', blocks: [3, 4, 6, 3] },
  101: { block: 'bottleneck', blocks: [3, 4, 23, 3] },
  152: { block: 'bottleneck', blocks: [3, 8, 36, 3] },
} as const;

/** Table 1: four stages, width 64, a large stem; for images of 32 x 32 take `stem: 'small'`. */
export const imageNetResNet = (depth: keyof typeof imageNetBlocks, options: ResNetVariant) =>
  resNet({ width: 64, stem: 'large', ...options, ...imageNetBlocks[depth] });
