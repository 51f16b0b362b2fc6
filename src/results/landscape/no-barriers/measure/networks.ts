/** @file The networks of the paper by name (Section 3.1), and multilayer perceptrons. */
import { UserError } from '../../../../array/errors.ts';
import type { Tree } from '../../../../array/tree.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';

export type Network = nn.StatefulModel<Tree, Tree>;

/** A model of some trees as one of any. */
const network = <P extends Tree, S extends Tree>({ init, apply, rates }: nn.StatefulModel<P, S>): Network => ({
  init,
  apply: (params, state, x, options) => apply(params as P, state as S, x, options),
  rates,
});

const unit = { weight: nn.initializers.lecunNormal, bias: nn.initializers.zeros };

/** A layer, batch normalisation, ReLU; with a maximum over 2x2 after a convolution. */
type CnnLayer = { readonly layer: nn.Conv | nn.Dense; readonly norm: nn.Norm };

/**
 * 5x5 convolutions of `filters` channels, each with the maximum over 2x2, batch normalisation and ReLU; a dense layer of
 * 256 with batch normalisation and ReLU; a dense layer.
 */
function cnn(
  filters: number,
  depth: number,
  [channels, height, width]: readonly number[],
  classes: number,
): nn.StatefulModel<{ readonly body: readonly CnnLayer[]; readonly head: nn.Dense }, readonly nn.BatchStatistics[]> {
  const area = [height, width].reduce((size, side) => size * Math.floor(side / 2 ** depth), 1);
  const convolutions = Array.from({ length: depth }, (_, i) =>
    nn.convLayer(i === 0 ? channels : filters, filters, [5, 5], { ...unit, padding: 2 }),
  );
  const hidden = nn.denseLayer(filters * area, 256, unit);
  const head = nn.denseLayer(256, classes, unit);
  const sizes = [...convolutions.map(() => filters), 256];
  return {
    init(key) {
      const keys = random.split(key, depth + 2);
      const layers = [...convolutions, hidden].map((layer, i) => layer.init(np.slice(keys, i)));
      return {
        params: {
          body: layers.map((layer, i) => ({ layer, norm: nn.normInit(sizes[i]) })),
          head: head.init(np.slice(keys, depth + 1)),
        },
        state: sizes.map((size) => nn.batchStatisticsInit(size)),
      };
    },
    apply({ body, head: last }, state, x, { training = false } = {}) {
      const next = [...state];
      let h = x;
      body.forEach(({ layer, norm }, i) => {
        if (i < depth) {
          h = np.maxPool(convolutions[i].apply(layer as nn.Conv, h), 2);
        } else {
          h = hidden.apply(layer as nn.Dense, np.reshape(h, [h.shape[0], -1]));
        }
        if (training) [h, next[i]] = nn.batchNorm(norm, state[i], h);
        else h = nn.batchNormInference(norm, state[i], h);
        h = nn.relu(h);
      });
      return [head.apply(last, h), next];
    },
    rates: 1,
  };
}

/** A network without running statistics. */
function mlp(width: number, depth: number, inputs: number, classes: number): Network {
  const net = nn.mlp([inputs, ...new Array<number>(depth).fill(width), classes], unit);
  return {
    init: (key) => ({ params: net.init(key), state: null }),
    apply: (params, state, x) => [net.apply(params as readonly nn.Dense[], np.reshape(x, [x.shape[0], -1])), state],
    rates: net.rates,
  };
}

/**
 * `mlp-32x2` (width x hidden layers), `cnn-12x1` (filters x convolutions), `resnet-20` (depth), `densenet-40-12`,
 * `densenet-bc-100-12` (depth and growth).
 *
 * @param shape of one input, [channels, height, width] or [dimension]
 * @throws UserError for another name
 */
export function networkOf(name: string, shape: readonly number[], classes: number): Network {
  const plain = /^(mlp|cnn)-(\d+)x(\d+)$/.exec(name);
  if (plain !== null) {
    const [width, depth] = plain.slice(2).map(Number);
    const inputs = shape.reduce((size, n) => size * n, 1);
    return plain[1] === 'mlp' ? mlp(width, depth, inputs, classes) : network(cnn(width, depth, shape, classes));
  }
  const weight = nn.initializers.lecunNormal;
  const deep = /^(resnet|densenet|densenet-bc)-(\d+)(?:-(\d+))?$/.exec(name);
  if (deep?.[1] === 'resnet') {
    return network(nn.cifarResNet(Number(deep[2]), { classes, channels: shape[0], shortcut: 'B', weight }));
  }
  if (deep !== null && deep[3] !== undefined) {
    const bottleneck = deep[1] === 'densenet-bc';
    const layers = (Number(deep[2]) - 4) / (bottleneck ? 6 : 3);
    return network(
      nn.denseNet({
        blocks: [layers, layers, layers],
        growth: Number(deep[3]),
        bottleneck,
        compression: bottleneck ? 0.5 : 1,
        classes,
        channels: shape[0],
        weight,
      }),
    );
  }
  throw new UserError(`no network ${name}: expected e.g. mlp-32x2, cnn-12x1, resnet-20, densenet-40-12`);
}
