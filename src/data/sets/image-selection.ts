/** What the loaders of labelled images share: which images to keep, and pixels as numbers. */
import { UserError } from '../../array/errors.ts';
import type { LabelledImages } from '../dataset.ts';

export interface ImageOptions {
  readonly split: 'train' | 'test';
  /** Classes to keep; default all. */
  readonly classes?: readonly number[];
  /** At most this many images, the first ones of those classes; default all. */
  readonly limit?: number;
  /** Folder that holds the folder of the data set; default `dataDirectory()`. */
  readonly directory?: string;
}

/** Images of one file. */
export interface ImageBytes {
  /** n x channels x height x width. */
  readonly pixels: Uint8Array;
  /** n. */
  readonly labels: Uint8Array;
}

/** @throws UserError naming the option that is out of range */
export function checkImageOptions(name: string, { split, classes, limit }: ImageOptions, count: number): void {
  if (split !== 'train' && split !== 'test') {
    throw new UserError(`${name}: expected the split "train" or "test", found "${split}".`);
  }
  const strange = classes?.find((label) => !Number.isInteger(label) || label < 0 || label >= count);
  if (classes?.length === 0 || strange !== undefined) {
    throw new UserError(
      `${name}: expected classes from 0 to ${count - 1}, at least one, found [${classes?.join(', ')}].`,
    );
  }
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 1)) {
    throw new UserError(`${name}: expected a limit of at least 1 image, found ${limit}.`);
  }
}

/** The first images of the chosen classes, in their order; files beyond those that are needed are not read. */
export async function selectImages(
  files: AsyncIterable<ImageBytes>,
  { classes, limit = Number.POSITIVE_INFINITY }: ImageOptions,
  shape: LabelledImages['shape'],
  classNames: readonly string[],
): Promise<LabelledImages> {
  const size = shape[0] * shape[1] * shape[2];
  const kept: { pixels: Uint8Array; label: number }[] = [];
  for await (const { pixels, labels } of files) {
    for (let i = 0; i < labels.length && kept.length < limit; i++) {
      if (classes !== undefined && !classes.includes(labels[i])) continue;
      kept.push({ pixels: pixels.subarray(i * size, (i + 1) * size), label: labels[i] });
    }
    if (kept.length >= limit) break;
  }
  const images = new Float32Array(kept.length * size);
  kept.forEach(({ pixels }, i) => {
    for (let k = 0; k < size; k++) images[i * size + k] = pixels[k] / 255;
  });
  return { images, labels: Int32Array.from(kept, ({ label }) => label), n: kept.length, shape, classNames };
}
