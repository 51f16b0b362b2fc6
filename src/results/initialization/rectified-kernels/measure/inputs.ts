/** @file The images that the experiments read, as rows of pixels. */
import { downscale, type LabelledImages, loadCifar10 } from '../../../../data/index.ts';
import { loadDigits } from '../../../digits.ts';
import type { Matrix } from '../matrix.ts';

export type ImageSource = 'mnist' | 'rendered' | 'cifar10';

/** The first `n` images, averaged over blocks of `pool` x `pool` pixels. */
export async function loadImages(
  source: ImageSource,
  { n, seed, pool, split }: { n: number; seed: number; pool: number; split: 'train' | 'test' },
): Promise<LabelledImages> {
  const images =
    source === 'cifar10' ? await loadCifar10({ split, limit: n }) : await loadDigits(source, { n, seed, split });
  return downscale(images, pool);
}

/** One row per image, pixels in [0, 1]; `centred`: less the mean of the images. */
export function pixelRows({ images, n }: Pick<LabelledImages, 'images' | 'n'>, centred = false): Matrix {
  const columns = images.length / n;
  const data = Float64Array.from(images);
  if (!centred) return { data, rows: n, columns };
  const mean = new Float64Array(columns);
  data.forEach((v, at) => {
    mean[at % columns] += v / n;
  });
  return { data: data.map((v, at) => v - mean[at % columns]), rows: n, columns };
}
