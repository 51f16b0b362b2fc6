/** @file What is trained: data and network of every setting, drawn anew for each seed where they are generated. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../../../../array/errors.ts';
import type { NDArray } from '../../../../array/ndarray.ts';
import type { Tree } from '../../../../array/tree.ts';
import {
  clusteredClasses,
  type LabelledImages,
  loadCifar10,
  loadCifar100,
  loadImageFolder,
  split,
  takeRows,
} from '../../../../data/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import { importOnnx } from '../../../../onnx/index.ts';
import * as random from '../../../../random/index.ts';
import { loadDigits } from '../../../digits.ts';
import { type ExampleModel, type Examples, softmaxCrossEntropy } from '../example-loss.ts';
import { shiftedCopies } from './shifted-copies.ts';
import { wideResNet } from './wide-resnet.ts';

export interface Problem {
  readonly init: (key: NDArray) => Tree;
  readonly model: ExampleModel<Tree>;
  readonly train: Examples;
  readonly test: Examples;
  /** [channels, height, width] where the examples are images. */
  readonly image: readonly number[] | null;
  /** The parameters are those of dense layers with ReLU between them, so that the constant of the bound can be computed. */
  readonly isDense: boolean;
}

/** Which problem, and how large. */
export type ProblemSettings =
  | { readonly kind: 'clusters'; readonly samples: number; readonly separation: number; readonly hidden: number }
  | { readonly kind: 'mnist-mlp'; readonly samples: number; readonly hidden: number }
  | { readonly kind: 'mnist-cnn'; readonly samples: number; readonly copies: number }
  | {
      readonly kind: 'cifar10' | 'cifar100';
      readonly samples: number;
      readonly copies: number;
      readonly depth: number;
      readonly width: number;
    }
  | { readonly kind: 'permuted-mnist'; readonly samples: number; readonly hidden: number; readonly pixels: number }
  | { readonly kind: 'fine-tuning'; readonly images: string; readonly network: string };

const he = { weight: nn.initializers.heNormal, bias: nn.initializers.zeros };

/** A network, its data, and the loss that all of them have. */
function problem<P extends Tree>(
  net: { init: (key: NDArray) => P; apply: (params: P, x: NDArray) => NDArray },
  data: { train: Examples; test: Examples },
  { image = null, isDense = false }: { image?: readonly number[] | null; isDense?: boolean } = {},
): Problem {
  const { init, apply } = net as unknown as Problem & { apply: ExampleModel<Tree>['apply'] };
  return { init, model: { apply, loss: softmaxCrossEntropy }, ...data, image, isDense };
}

const flat = ({ images, labels, n }: LabelledImages): Examples => ({
  x: np.array(images, { shape: [n, images.length / n] }),
  y: np.array(labels),
});
const pictures = ({ images, labels, n, shape }: LabelledImages): Examples => ({
  x: np.array(images, { shape: [n, ...shape] }),
  y: np.array(labels),
});

/** Images of MNIST, others for every seed. */
async function drawnDigits(n: number, seed: number): Promise<LabelledImages> {
  const all = await loadDigits('mnist', { n: 60_000, seed });
  if (n > all.n) throw new UserError(`MNIST has ${all.n} training images, the settings ask for ${n}.`);
  const [rows] = split(all.n, [n / all.n], seed);
  return { ...all, n, images: takeRows(all.images, 784, rows), labels: takeRows(all.labels, 1, rows) };
}

/** Five times five and three times three, of stride 2, then a dense layer. */
function smallConvNet() {
  const conv1 = nn.convLayer(1, 8, [5, 5], { stride: 2, padding: 2, ...he });
  const conv2 = nn.convLayer(8, 16, [3, 3], { stride: 2, padding: 1, ...he });
  const head = nn.denseLayer(16 * 7 * 7, 10);
  return {
    init(key: NDArray) {
      const keys = random.split(key, 3);
      const [a, b, c] = [0, 1, 2].map((i) => np.slice(keys, i));
      return { conv1: conv1.init(a), conv2: conv2.init(b), head: head.init(c) };
    },
    apply(p: { conv1: nn.Conv; conv2: nn.Conv; head: nn.Dense }, x: NDArray) {
      const h = nn.relu(conv2.apply(p.conv2, nn.relu(conv1.apply(p.conv1, x))));
      return head.apply(p.head, np.reshape(h, [x.shape[0], 16 * 7 * 7]));
    },
  };
}

/** An LSTM that reads one pixel at a time, in an order drawn once: [n, pixels] to [n, 10]. */
function pixelLstm(hidden: number, pixels: number, seed: number) {
  const net = nn.recurrent(nn.lstm(1, hidden), 10);
  const [order] = split(pixels, [1], seed);
  return {
    init: net.init,
    apply: (params: ReturnType<typeof net.init>, x: NDArray) =>
      net.apply(params, np.expandDims(np.transpose(np.take(x, np.array(order), 1)), 2)),
  };
}

/** Data and network; `seed` draws what is generated and chooses among what is not. */
export async function loadProblem(settings: ProblemSettings, seed: number): Promise<Problem> {
  switch (settings.kind) {
    case 'clusters': {
      const { samples, separation, hidden } = settings;
      const points = (n: number, sample: number): Examples => {
        const { inputs, labels } = clusteredClasses({ n, separation, seed, sample });
        return { x: np.array(inputs, { shape: [n, 40] }), y: np.array(labels) };
      };
      const data = { train: points(samples, 0), test: points(4000, 1) };
      return problem(nn.mlp([40, hidden, hidden, 10], he), data, { isDense: true });
    }
    case 'mnist-mlp': {
      const { samples, hidden } = settings;
      const train = flat(await drawnDigits(samples, seed));
      const test = flat(await loadDigits('mnist', { n: 5000, seed, split: 'test' }));
      return problem(nn.mlp([784, hidden, hidden, 10], he), { train, test }, { image: [1, 28, 28], isDense: true });
    }
    case 'mnist-cnn': {
      const images = await drawnDigits(settings.samples, seed);
      const train = pictures(shiftedCopies(images, { copies: settings.copies, shift: 2, flip: false, seed }));
      const test = pictures(await loadDigits('mnist', { n: 5000, seed, split: 'test' }));
      return problem(smallConvNet(), { train, test }, { image: [1, 28, 28] });
    }
    case 'cifar10':
    case 'cifar100': {
      const { kind, samples, copies, depth, width } = settings;
      const load = kind === 'cifar10' ? loadCifar10 : loadCifar100;
      const images = await load({ split: 'train', limit: samples });
      const train = pictures(shiftedCopies(images, { copies, shift: 4, flip: true, seed }));
      const test = pictures(await load({ split: 'test' }));
      const net = wideResNet(depth, width, kind === 'cifar10' ? 10 : 100);
      return problem(net, { train, test }, { image: [3, 32, 32] });
    }
    case 'permuted-mnist': {
      const { samples, hidden, pixels } = settings;
      const columns = ({ images, n, labels }: LabelledImages): Examples => ({
        x: np.slice(np.array(images, { shape: [n, 784] }), [], [0, pixels]),
        y: np.array(labels),
      });
      const train = columns(await drawnDigits(samples, seed));
      const test = columns(await loadDigits('mnist', { n: Math.min(samples, 10_000), seed, split: 'test' }));
      return problem(pixelLstm(hidden, pixels, seed), { train, test });
    }
    case 'fine-tuning': {
      const { images: folder, network } = settings;
      const images = await loadImageFolder(folder, { size: [224, 224] });
      const [forTraining, forTest] = split(images.n, [0.8, 0.2], seed);
      const part = (rows: Int32Array): Examples =>
        pictures({
          ...images,
          n: rows.length,
          images: takeRows(images.images, images.images.length / images.n, rows),
          labels: takeRows(images.labels, 1, rows),
        });
      const data = { train: part(forTraining), test: part(forTest) };
      return problem(fineTuned(new Uint8Array(await readFile(network)), network, images), data, {
        image: images.shape,
      });
    }
  }
}

/** A pre-trained network whose outputs a new dense layer reads. */
function fineTuned(bytes: Uint8Array, name: string, { classNames, shape }: LabelledImages) {
  const pretrained = importOnnx(bytes);
  const [input] = pretrained.inputs.map((value) => value.name);
  const [output] = pretrained.outputs.map((value) => value.name);
  const features = (params: Tree, x: NDArray) => pretrained.apply(params, { [input]: x })[output];
  const seen = features(pretrained.params, np.zeros([1, ...shape]));
  if (seen.ndim !== 2) throw new UserError(`${name}: expected outputs [n, features], found [${seen.shape}]`);
  const head = nn.denseLayer(seen.shape[1], classNames.length, { role: 'output' });
  return {
    init: (key: NDArray) => ({ pretrained: pretrained.params, head: head.init(key) }),
    apply: (p: { pretrained: Tree; head: nn.Dense }, x: NDArray) => head.apply(p.head, features(p.pretrained, x)),
  };
}
