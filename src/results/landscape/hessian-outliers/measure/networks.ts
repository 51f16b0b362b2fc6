/** @file The networks of the experiment: small ones with batch normalisation, and the paper's. */
import * as nn from '../../../../nn/index.ts';
import { convNorm, normUnit, sequence } from '../../../../nn/models/units.ts';
import type { NDArray, Tree } from '../../../../numpy/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';

export const networkNames = ['mlp', 'narrow-mlp', 'cnn', 'resnet18', 'vgg11', 'densenet40'] as const;
export type NetworkName = (typeof networkNames)[number];

/** How reports call them. */
export const networkTitles: Readonly<Record<NetworkName, string>> = {
  mlp: 'MLP of width 128',
  'narrow-mlp': 'MLP of width 64',
  cnn: 'small CNN',
  resnet18: 'ResNet18',
  vgg11: 'VGG11',
  densenet40: 'DenseNet-40',
};

export const isPapers = (name: NetworkName): boolean => ['resnet18', 'vgg11', 'densenet40'].includes(name);

/** Of any parameters and statistics: what differs between the networks stays inside of them. */
export type Network = nn.StatefulModel<Tree, Tree>;

/** A network for images [batch, channels, height, width]; 14 x 14 for the small ones, 32 x 32 for the paper's. */
export function network(name: NetworkName, classes: number, [channels, height, width]: readonly number[]): Network {
  const given = { classes, channels };
  const networks: Record<NetworkName, () => unknown> = {
    mlp: () => normalizedMlp(channels * height * width, 128, classes),
    'narrow-mlp': () => normalizedMlp(channels * height * width, 64, classes),
    cnn: () => smallCnn(channels, 16, classes),
    resnet18: () => nn.imageNetResNet(18, { ...given, stem: 'small' }),
    vgg11: () => nn.vgg({ ...given, blocks: nn.vggBlocks[11], size: [height, width], normalization: 'batch' }),
    densenet40: () => nn.denseNet({ ...given, growth: 12, blocks: [12, 12, 12], bottleneck: false, compression: 1 }),
  };
  return networks[name]() as Network;
}

type Linear = { readonly weight: NDArray; readonly norm: nn.Norm };

/** Three hidden layers, each linear without bias, batch normalisation and ReLU; a linear head. */
function normalizedMlp(inputs: number, width: number, classes: number): nn.StatefulModel<Tree, Tree> {
  const sizes = [inputs, width, width, width];
  const norm = normUnit('batch', width);
  const head = nn.denseLayer(width, classes, { role: 'output' });
  const hidden = sizes.slice(1).map(
    (outputs, i): nn.StatefulModel<Linear, nn.NormState> => ({
      init(key) {
        const { params, state } = norm.init(key);
        const weight = nn.initializers.uniformFanIn(key, [sizes[i], outputs], sizes[i], outputs);
        return { params: { weight, norm: params! }, state };
      },
      apply(params, state, x, options) {
        const [y, next] = norm.apply(params.norm, state, np.matmul(x, params.weight), options);
        return [nn.relu(y), next];
      },
      rates: 1,
    }),
  );
  return withHead(
    sequence(hidden),
    head,
    (x) => np.reshape(x, [x.shape[0], -1]),
    (h) => h,
  );
}

/** Four 3 x 3 convolutions with batch normalisation and ReLU, of strides 2, 1, 2, 1; mean over space, a linear head. */
function smallCnn(channels: number, width: number, classes: number): nn.StatefulModel<Tree, Tree> {
  const sizes = [channels, width, width, 2 * width, 2 * width];
  const body = sizes
    .slice(1)
    .map((outputs, i) =>
      convNorm(
        sizes[i],
        outputs,
        3,
        { stride: i % 2 === 0 ? 2 : 1, role: i === 0 ? 'input' : 'hidden', activation: nn.relu },
        { normalization: 'batch', weight: nn.initializers.uniformFanIn },
      ),
    );
  const head = nn.denseLayer(2 * width, classes, { role: 'output' });
  return withHead(
    sequence(body),
    head,
    (x) => x,
    (h) => np.mean(h, [2, 3]),
  );
}

function withHead<P extends Tree, S extends Tree>(
  body: nn.StatefulModel<P, S>,
  head: nn.Model<nn.Dense>,
  before: (x: NDArray) => NDArray,
  after: (h: NDArray) => NDArray,
): nn.StatefulModel<Tree, Tree> {
  const whole: nn.StatefulModel<{ body: P; head: nn.Dense }, S> = {
    init(key) {
      const keys = random.split(key);
      const { params, state } = body.init(np.slice(keys, 0));
      return { params: { body: params, head: head.init(np.slice(keys, 1)) }, state };
    },
    apply(params, state, x, options) {
      const [h, next] = body.apply(params.body, state, before(x), options);
      return [head.apply(params.head, after(h)), next];
    },
    rates: 1,
  };
  return whole as unknown as nn.StatefulModel<Tree, Tree>;
}
