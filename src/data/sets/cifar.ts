/** CIFAR-10 and CIFAR-100. */
import { join } from 'node:path';
import { UserError } from '../../array/errors.ts';
import type { LabelledImages } from '../dataset.ts';
import { loadCifar } from '../formats/cifar.ts';
import { filesIn, folderOf, locate, missing } from '../locate.ts';
import type { DataSource } from '../source.ts';
import { CIFAR100_CLASSES, CIFAR100_SUPERCLASSES } from './cifar-100-names.ts';
import { checkImageOptions, type ImageBytes, type ImageOptions, selectImages } from './image-selection.ts';

const citation =
  'Krizhevsky, "Learning multiple layers of features from tiny images", technical report, University of Toronto, 2009';
const home = 'https://www.cs.toronto.edu/~kriz/cifar.html';
const mirrors = ['https://www.cs.toronto.edu/~kriz/'];
const licence = 'free for research';

export const cifar10Source: DataSource = {
  name: 'cifar10',
  title: 'CIFAR-10: 60 000 colour images of 32 x 32 pixels in 10 classes',
  ...{ citation, licence, home, mirrors },
  files: [],
  archives: [
    {
      path: 'cifar-10-binary.tar.gz',
      bytes: 170_052_171,
      md5: 'c32a1d4ab5d03f1284b67883e8d87530',
      members: [...[1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`), 'test_batch.bin'].map((name) => ({
        name,
        path: `cifar-10-batches-bin/${name}`,
        bytes: 30_730_000,
      })),
    },
  ],
};

export const cifar100Source: DataSource = {
  name: 'cifar100',
  title: 'CIFAR-100: 60 000 colour images of 32 x 32 pixels in 100 classes',
  ...{ citation, licence, home, mirrors },
  files: [],
  archives: [
    {
      path: 'cifar-100-binary.tar.gz',
      bytes: 168_513_733,
      md5: '03b5dce01913d631647c71ecec9e9cb8',
      members: [
        { name: 'train.bin', path: 'cifar-100-binary/train.bin', bytes: 153_700_000 },
        { name: 'test.bin', path: 'cifar-100-binary/test.bin', bytes: 30_740_000 },
      ],
    },
  ],
};

const CIFAR10_CLASSES = [
  ...['airplane', 'automobile', 'bird', 'cat', 'deer'],
  ...['dog', 'frog', 'horse', 'ship', 'truck'],
];

/**
 * CIFAR-10 (Krizhevsky, 2009) from the files of its binary version, gzipped or not, whole or in parts, in their order:
 * 50 000 images to train on, 10 000 to test with. Only as many files are read, and need be there, as `limit` asks for.
 *
 * @returns `images` n x 3 x 32 x 32 (red, green, blue), pixel bytes divided by 255
 * @throws UserError when a file is missing or is not what it should be, or an option is out of range
 */
export async function loadCifar10(options: ImageOptions): Promise<LabelledImages> {
  checkImageOptions('cifar10', options, 10);
  const batches = options.split === 'train' ? [1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`) : ['test_batch.bin'];
  const files = batchFiles(cifar10Source, 'cifar-10-batches-bin', batches, [10], 0, options.directory);
  return selectImages(files, options, [3, 32, 32], CIFAR10_CLASSES);
}

export interface Cifar100Options extends ImageOptions {
  /** The 100 classes or the 20 superclasses; default `fine`. */
  readonly labels?: 'fine' | 'coarse';
}

/**
 * CIFAR-100 (Krizhevsky, 2009), as `loadCifar10`.
 *
 * @throws UserError as `loadCifar10`
 */
export async function loadCifar100({ labels = 'fine', ...options }: Cifar100Options): Promise<LabelledImages> {
  if (labels !== 'fine' && labels !== 'coarse') {
    throw new UserError(`cifar100: expected the labels "fine" or "coarse", found "${labels}".`);
  }
  const classNames = labels === 'fine' ? CIFAR100_CLASSES : CIFAR100_SUPERCLASSES;
  checkImageOptions('cifar100', options, classNames.length);
  const which = labels === 'fine' ? 1 : 0;
  const files = batchFiles(
    cifar100Source,
    'cifar-100-binary',
    [`${options.split}.bin`],
    [20, 100],
    which,
    options.directory,
  );
  return selectImages(files, options, [3, 32, 32], classNames);
}

/** The batches one after the other, each from the set's folder or the folder that its archive unpacks to. */
async function* batchFiles(
  source: DataSource,
  unpacked: string,
  batches: readonly string[],
  classes: readonly number[],
  which: number,
  directory: string | undefined,
): AsyncGenerator<ImageBytes> {
  const folder = folderOf(source, directory);
  for (const batch of batches) {
    const whole = [folder, join(folder, unpacked)]
      .map((place) => locate(place, batch))
      .find((found) => found.length > 0);
    const paths = whole ?? beginning(folder, batch);
    for (const path of paths) {
      const { pixels, labels } = await loadCifar(path, classes);
      yield { pixels, labels: labels[which] };
    }
    if (whole !== undefined) continue;
    const error = missing(source, folder, [batch]);
    throw paths.length === 0
      ? error
      : new UserError(`${error.message} With ${paths[0]} alone, ask for a limit it can meet.`);
  }
}

/** The file `<stem>.first<number><extension>`, which holds the first records of a batch, if there is one. */
function beginning(folder: string, batch: string): string[] {
  const [stem, extension] = batch.split('.');
  const name = filesIn(folder).find((file) => {
    const [first, second, third] = file.split('.');
    return first === stem && /^first\d+$/.test(second) && third === extension;
  });
  return name === undefined ? [] : [join(folder, name)];
}
