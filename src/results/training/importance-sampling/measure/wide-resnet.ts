/** @file Wide residual networks (Zagoruyko and Komodakis, BMVC 2016, arXiv 1605.07146), normalised per example. */
import { UserError } from '../../../../array/errors.ts';
import type { NDArray } from '../../../../array/ndarray.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';

type Block = {
  readonly first: nn.Norm;
  readonly conv1: nn.Conv;
  readonly second: nn.Norm;
  readonly conv2: nn.Conv;
  readonly shortcut: nn.Conv | null;
};
export type WideResNet = {
  readonly stem: nn.Conv;
  readonly blocks: readonly Block[];
  readonly last: nn.Norm;
  readonly head: nn.Dense;
};

const kernel = (inputs: number, outputs: number, size: number, stride: number) =>
  nn.convLayer(inputs, outputs, [size, size], {
    stride,
    padding: (size - 1) / 2,
    weight: nn.initializers.heNormal,
    bias: null,
  });

/** Layer normalisation over channels and space, then ReLU. Batch normalisation would mix the examples' gradients. */
const active = (norm: nn.Norm, x: NDArray): NDArray => nn.relu(nn.groupNorm(norm, x, 1));

/**
 * WRN-depth-width: 16 channels, three stages of (depth - 4) / 6 blocks with 16 k, 32 k, 64 k channels, each block
 * norm-ReLU-conv twice beside a shortcut; from [n, 3, h, w] to [n, classes].
 */
export function wideResNet(depth: number, width: number, classes: number): nn.Model<WideResNet> {
  const count = (depth - 4) / 6;
  if (!Number.isInteger(count) || count < 1) throw new UserError(`wideResNet: the depth must be 6 n + 4, got ${depth}`);
  const stem = kernel(3, 16, 3, 1);
  const blocks = [16, 32, 64].flatMap((base, stage) =>
    Array.from({ length: count }, (_, b) => {
      const outputs = base * width;
      const inputs = b > 0 ? outputs : stage === 0 ? 16 : outputs / 2;
      const stride = b === 0 && stage > 0 ? 2 : 1;
      return {
        inputs,
        outputs,
        conv1: kernel(inputs, outputs, 3, stride),
        conv2: kernel(outputs, outputs, 3, 1),
        shortcut: inputs === outputs && stride === 1 ? null : kernel(inputs, outputs, 1, stride),
      };
    }),
  );
  const features = 64 * width;
  const head = nn.denseLayer(features, classes, { role: 'output' });
  return {
    init(key) {
      const keys = random.split(key, 3 * blocks.length + 2);
      const at = (i: number) => np.slice(keys, i);
      return {
        stem: stem.init(at(0)),
        head: head.init(at(1)),
        last: nn.normInit(features),
        blocks: blocks.map(({ inputs, outputs, conv1, conv2, shortcut }, i) => ({
          first: nn.normInit(inputs),
          conv1: conv1.init(at(3 * i + 2)),
          second: nn.normInit(outputs),
          conv2: conv2.init(at(3 * i + 3)),
          shortcut: shortcut?.init(at(3 * i + 4)) ?? null,
        })),
      };
    },
    apply(params, x) {
      const h = blocks.reduce(
        (y, { conv1, conv2, shortcut }, i) => {
          const p = params.blocks[i];
          const a = active(p.first, y);
          const residual = conv2.apply(p.conv2, active(p.second, conv1.apply(p.conv1, a)));
          // Where the shape changes the shortcut sees what the branch sees.
          return np.add(residual, shortcut === null ? y : shortcut.apply(p.shortcut!, a));
        },
        stem.apply(params.stem, x),
      );
      return head.apply(params.head, np.mean(active(params.last, h), [2, 3]));
    },
    rates: 1,
  };
}
