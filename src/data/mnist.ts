/** MNIST as arrays. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../array/errors.ts';
import { dataDirectory } from './directory.ts';
import { type Idx, loadIdx } from './idx.ts';
import type { LabelledImages } from './labelled-images.ts';

export interface MnistOptions {
  /** `train`: 60 000 images; `test`: 10 000. */
  readonly split: 'train' | 'test';
  /** Digits to keep; default all ten. */
  readonly classes?: readonly number[];
  /** At most this many images, the first ones of those classes; default all. */
  readonly limit?: number;
  /** Folder that holds `mnist/`; default `dataDirectory()`. */
  readonly directory?: string;
}

/** Pixels of an image: 28 x 28. */
const PIXELS = 784;

/**
 * MNIST (LeCun et al., 1998) from the files it is published in, gzipped or not, in their order.
 *
 * @returns `images` n x 784, pixel bytes divided by 255; `labels` the digits of the file, also where only some are kept
 * @throws UserError when a file is missing or is not what MNIST's should be, or an option is out of range
 */
export async function loadMnist({ split, classes, limit, directory }: MnistOptions): Promise<LabelledImages> {
  checkOptions(split, classes, limit);
  const folder = join(directory ?? dataDirectory(), 'mnist');
  const prefix = split === 'train' ? 'train' : 't10k';
  const imagePath = findFile(folder, `${prefix}-images-idx3-ubyte`);
  const labelPath = findFile(folder, `${prefix}-labels-idx1-ubyte`);
  const pixels = bytesOf(await loadIdx(imagePath), imagePath, 3);
  const digits = bytesOf(await loadIdx(labelPath), labelPath, 1);
  if (pixels.shape[1] !== 28 || pixels.shape[2] !== 28) {
    throw new UserError(`${imagePath}: expected images of 28 x 28, found ${pixels.shape.slice(1).join(' x ')}.`);
  }
  if (pixels.shape[0] !== digits.shape[0]) {
    throw new UserError(
      `${labelPath}: expected ${pixels.shape[0]} labels, one per image of ${imagePath}, found ${digits.shape[0]}.`,
    );
  }
  const wrong = digits.data.findIndex((digit) => digit > 9);
  if (wrong !== -1) {
    throw new UserError(`${labelPath}: expected labels 0 to 9, found ${digits.data[wrong]} at index ${wrong}.`);
  }

  const kept: number[] = [];
  for (let i = 0; i < digits.data.length && kept.length < (limit ?? Number.POSITIVE_INFINITY); i++) {
    if (classes === undefined || classes.includes(digits.data[i])) kept.push(i);
  }
  const images = new Float32Array(kept.length * PIXELS);
  kept.forEach((from, to) => {
    for (let k = 0; k < PIXELS; k++) images[to * PIXELS + k] = pixels.data[from * PIXELS + k] / 255;
  });
  return { images, labels: Int32Array.from(kept, (i) => digits.data[i]), n: kept.length };
}

function checkOptions(split: string, classes: readonly number[] | undefined, limit: number | undefined): void {
  if (split !== 'train' && split !== 'test') {
    throw new UserError(`mnist: expected the split "train" or "test", found "${split}".`);
  }
  const strange = classes?.find((digit) => !Number.isInteger(digit) || digit < 0 || digit > 9);
  if (classes?.length === 0 || strange !== undefined) {
    throw new UserError(`mnist: expected classes from 0 to 9, at least one, found [${classes?.join(', ')}].`);
  }
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 1)) {
    throw new UserError(`mnist: expected a limit of at least 1 image, found ${limit}.`);
  }
}

function findFile(folder: string, name: string): string {
  for (const path of [join(folder, `${name}.gz`), join(folder, name)]) if (existsSync(path)) return path;
  throw new UserError(
    `mnist: expected ${name}.gz or ${name} in ${folder}, found neither; run "deeptheory data fetch mnist", or set DEEPTHEORY_DATA to the folder that holds "mnist".`,
  );
}

function bytesOf({ data, shape }: Idx, path: string, dimensions: number): { data: Uint8Array; shape: number[] } {
  if (!(data instanceof Uint8Array) || shape.length !== dimensions) {
    throw new UserError(
      `${path}: expected ${dimensions} dimensions of unsigned bytes, found ${shape.length} of ${data.constructor.name}.`,
    );
  }
  return { data, shape };
}
