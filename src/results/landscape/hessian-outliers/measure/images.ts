/** @file The images that networks are trained on: balanced samples, drawn anew for each seed. */
import { UserError } from '../../../../array/errors.ts';
import {
  downscale,
  type LabelledImages,
  loadCifar10,
  loadCifar100,
  loadFashionMnist,
  loadMnist,
  renderedDigits,
  split,
  takeRows,
} from '../../../../data/index.ts';

export const sets = ['rendered', 'mnist', 'fashion-mnist', 'cifar10', 'cifar100'] as const;
export type SetName = (typeof sets)[number];

/** At most `limit` training images of a set. */
export function loadSet(name: SetName, limit: number, seed: number): Promise<LabelledImages> | LabelledImages {
  switch (name) {
    case 'rendered':
      return renderedDigits({ n: limit, seed });
    case 'mnist':
      return loadMnist({ split: 'train', limit });
    case 'fashion-mnist':
      return loadFashionMnist({ split: 'train', limit });
    case 'cifar10':
      return loadCifar10({ split: 'train', limit });
    case 'cifar100':
      return loadCifar100({ split: 'train', limit });
  }
}

/** Grey images of 28 x 28 pixels as means over 2 x 2; others as they are. */
export const halved = (set: LabelledImages): LabelledImages => (set.shape[1] === 28 ? downscale(set, 2) : set);

/** Images of 32 x 32 pixels, with borders of zeros where they were smaller, each channel of mean 0 and variance 1. */
export function padded(set: LabelledImages): LabelledImages {
  const [channels, height, width] = set.shape;
  const [top, left] = [(32 - height) / 2, (32 - width) / 2];
  const images = new Float32Array(set.n * channels * 32 * 32);
  for (let plane = 0; plane < set.n * channels; plane++) {
    for (let y = 0; y < height; y++) {
      const from = (plane * height + y) * width;
      images.set(set.images.subarray(from, from + width), (plane * 32 + top + y) * 32 + left);
    }
  }
  const area = 32 * 32;
  for (let c = 0; c < channels; c++) {
    let [sum, squares] = [0, 0];
    const each = (visit: (at: number) => void) => {
      for (let i = 0; i < set.n; i++) for (let k = 0; k < area; k++) visit((i * channels + c) * area + k);
    };
    each((at) => {
      sum += images[at];
      squares += images[at] ** 2;
    });
    const mean = sum / (set.n * area);
    const deviation = Math.sqrt(squares / (set.n * area) - mean ** 2);
    each((at) => {
      images[at] = (images[at] - mean) / deviation;
    });
  }
  return { ...set, images, shape: [channels, 32, 32] };
}

/** `perClass` random images of each of some classes, whose labels become 0, 1, …; sorted by class. */
export function drawn(set: LabelledImages, perClass: number, classes: readonly number[], seed: number): LabelledImages {
  const [order] = split(set.n, [1], seed);
  const size = set.images.length / set.n;
  const taken = classes.flatMap((label) => {
    const members = Array.from(order.filter((i) => set.labels[i] === label)).slice(0, perClass);
    if (members.length < perClass) {
      throw new UserError(
        `the images: expected ${perClass} of class ${set.classNames[label]}, found ${members.length} among ${set.n}; read more of them (setting pool), or take fewer of each class.`,
      );
    }
    return members;
  });
  return {
    ...set,
    images: takeRows(set.images, size, taken),
    labels: Int32Array.from(taken, (i) => classes.indexOf(set.labels[i])),
    n: taken.length,
    classNames: classes.map((label) => set.classNames[label]),
  };
}
