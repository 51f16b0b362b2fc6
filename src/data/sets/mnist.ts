/** MNIST and the sets published in its form. */
import { UserError } from '../../array/errors.ts';
import type { LabelledImages } from '../dataset.ts';
import { type Idx, loadIdx } from '../formats/idx.ts';
import { folderOf, locate, missing } from '../locate.ts';
import type { DataSource } from '../source.ts';
import { checkImageOptions, type ImageBytes, type ImageOptions, selectImages } from './image-selection.ts';

/** MNIST. Its own page, http://yann.lecun.com/exdb/mnist/, refuses downloads; these two mirrors hold its files. */
export const mnistSource: DataSource = {
  name: 'mnist',
  title: 'MNIST: 70 000 handwritten digits of 28 x 28 pixels',
  citation:
    'LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the IEEE 86, 1998',
  licence: 'none stated',
  home: 'http://yann.lecun.com/exdb/mnist/',
  mirrors: ['https://storage.googleapis.com/cvdf-datasets/mnist/', 'https://ossci-datasets.s3.amazonaws.com/mnist/'],
  files: [
    { name: 'train-images-idx3-ubyte.gz', bytes: 47_040_016, md5: '6bbc9ace898e44ae57da46a324031adb' },
    { name: 'train-labels-idx1-ubyte.gz', bytes: 60_008, md5: 'a25bea736e30d166cdddb491f175f624' },
    { name: 't10k-images-idx3-ubyte.gz', bytes: 7_840_016, md5: '2646ac647ad5339dbf082846283269ea' },
    { name: 't10k-labels-idx1-ubyte.gz', bytes: 10_008, md5: '27ae3e4e09519cfbb04c329615203637' },
  ],
};

export const fashionMnistSource: DataSource = {
  name: 'fashion-mnist',
  title: 'Fashion-MNIST: 70 000 articles of clothing of 28 x 28 pixels, in the form of MNIST',
  citation:
    'Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", arXiv:1708.07747, 2017',
  licence: 'MIT',
  home: 'https://github.com/zalandoresearch/fashion-mnist',
  mirrors: [
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
    'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
  ],
  files: [
    { name: 'train-images-idx3-ubyte.gz', bytes: 47_040_016, md5: 'f4a8712d7a061bf5bd6d2ca38dc4d50a' },
    { name: 'train-labels-idx1-ubyte.gz', bytes: 60_008, md5: '9018921c3c673c538a1fc5bad174d6f9' },
    { name: 't10k-images-idx3-ubyte.gz', bytes: 7_840_016, md5: '8181f5470baa50b63fa0f6fddb340f0a' },
    { name: 't10k-labels-idx1-ubyte.gz', bytes: 10_008, md5: '15d484375f8d13e6eb1aabb0c3f46965' },
  ],
};

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

const CLOTHING = [
  ...['T-shirt/top', 'trouser', 'pullover', 'dress', 'coat'],
  ...['sandal', 'shirt', 'sneaker', 'bag', 'ankle boot'],
];

/**
 * MNIST (LeCun et al., 1998) from the files it is published in, gzipped or not, in their order: 60 000 images to train
 * on, 10 000 to test with.
 *
 * @returns `images` n x 1 x 28 x 28, pixel bytes divided by 255; `labels` the digits of the file, also where only some
 *   are kept
 * @throws UserError when a file is missing or is not what MNIST's should be, or an option is out of range
 */
export function loadMnist(options: ImageOptions): Promise<LabelledImages> {
  return loadIdxImages(mnistSource, DIGITS, options);
}

/** Fashion-MNIST (Xiao et al., 2017), as `loadMnist`. */
export function loadFashionMnist(options: ImageOptions): Promise<LabelledImages> {
  return loadIdxImages(fashionMnistSource, CLOTHING, options);
}

async function loadIdxImages(
  source: DataSource,
  classNames: readonly string[],
  options: ImageOptions,
): Promise<LabelledImages> {
  checkImageOptions(source.name, options, classNames.length);
  const folder = folderOf(source, options.directory);
  const prefix = options.split === 'train' ? 'train' : 't10k';
  const find = (name: string) => {
    const paths = locate(folder, name);
    if (paths.length === 0) throw missing(source, folder, [`${name}.gz`]);
    return paths;
  };
  const imagePaths = find(`${prefix}-images-idx3-ubyte`);
  const labelPaths = find(`${prefix}-labels-idx1-ubyte`);
  return selectImages(pairs(imagePaths, labelPaths, classNames.length), options, [1, 28, 28], classNames);
}

/** The images of each file with their labels; images in several files share one of labels. */
async function* pairs(imagePaths: string[], labelPaths: string[], classes: number): AsyncGenerator<ImageBytes> {
  const labels = await loadLabels(labelPaths, classes);
  let start = 0;
  for (const [k, path] of imagePaths.entries()) {
    const { data, shape } = bytesOf(await loadIdx(path), path, 3);
    if (shape[1] !== 28 || shape[2] !== 28) {
      throw new UserError(`${path}: expected images of 28 x 28, found ${shape.slice(1).join(' x ')}.`);
    }
    const end = start + shape[0];
    if (end > labels.length || (k === imagePaths.length - 1 && end < labels.length)) {
      throw new UserError(
        `${labelPaths[0]}: expected ${end} labels, one per image of ${imagePaths.join(', ')}, found ${labels.length}.`,
      );
    }
    yield { pixels: data, labels: labels.subarray(start, end) };
    start = end;
  }
}

async function loadLabels(paths: readonly string[], classes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const path of paths) {
    const { data } = bytesOf(await loadIdx(path), path, 1);
    const wrong = data.findIndex((label) => label >= classes);
    if (wrong !== -1) {
      throw new UserError(`${path}: expected labels 0 to ${classes - 1}, found ${data[wrong]} at index ${wrong}.`);
    }
    parts.push(data);
  }
  return Buffer.concat(parts);
}

function bytesOf({ data, shape }: Idx, path: string, dimensions: number): { data: Uint8Array; shape: number[] } {
  if (!(data instanceof Uint8Array) || shape.length !== dimensions) {
    throw new UserError(
      `${path}: expected ${dimensions} dimensions of unsigned bytes, found ${shape.length} of ${data.constructor.name}.`,
    );
  }
  return { data, shape };
}
