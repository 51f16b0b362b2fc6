/** A folder of images in a folder per class: the form of data sets of one's own. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { UserError } from '../../array/errors.ts';
import type { LabelledImages } from '../dataset.ts';
import { readDataFile } from '../files.ts';
import { type DecodedImage, decodeImage } from '../formats/image.ts';
import { resize, withChannels } from '../resize.ts';

export interface ImageFolderOptions {
  /** 1 for grey, 3 for colour; images of the other kind are converted. Default 3. */
  readonly channels?: 1 | 3;
  /** Brings every image to this size, its proportions changed where they are others. Default: all must have one size. */
  readonly size?: readonly [height: number, width: number];
  /** At most so many images of each class, the first ones by name; default all. */
  readonly limit?: number;
}

const EXTENSIONS = ['.png', '.jpg', '.jpeg', '.pgm', '.ppm', '.pnm'];

/** Values of all images together, at most: Node makes no longer arrays. */
const LARGEST = 2 ** 32 - 1;

/**
 * Reads the images below a folder, class by class, in order of their names. The folders in it are the classes, numbered
 * in order of their names; images may lie in folders of a class at any depth. Hidden files, and files of other kinds by
 * their names, are passed over.
 *
 * @returns `images` n x channels x height x width, samples over their largest value
 * @throws UserError when the folder is missing, has no classes or no images, when an image is broken or of another size,
 *   or an option is out of range
 */
export async function loadImageFolder(path: string, options: ImageFolderOptions = {}): Promise<LabelledImages> {
  const { channels = 3, size, limit = Number.POSITIVE_INFINITY } = options;
  checkOptions(channels, size, limit);
  const classNames = await foldersIn(path);
  const images: DecodedImage[] = [];
  const labels: number[] = [];
  let first: string | undefined;
  for (const [label, name] of classNames.entries()) {
    for (const file of (await imagesIn(join(path, name))).slice(0, limit)) {
      const decoded = withChannels(decodeImage(await readDataFile(file), file), channels);
      const image = size === undefined ? decoded : resize(decoded, ...size);
      first ??= file;
      const expected = images[0] ?? image;
      if (image.shape.some((length, k) => length !== expected.shape[k])) throw sizeError(file, image, first, expected);
      images.push(image);
      labels.push(label);
    }
  }
  if (images.length === 0) {
    throw new UserError(`${path}: expected images (${EXTENSIONS.join(', ')}) in a folder per class, found none.`);
  }
  const { shape, values } = images[0];
  if (images.length * values.length > LARGEST) {
    throw new UserError(
      `${path}: expected at most ${LARGEST} values, found ${images.length} images of ${values.length}; say size or limit.`,
    );
  }
  const all = new Float32Array(images.length * values.length);
  images.forEach((image, i) => {
    all.set(image.values, i * values.length);
  });
  return { images: all, labels: Int32Array.from(labels), n: images.length, shape, classNames };
}

function sizeError(file: string, image: DecodedImage, first: string, expected: DecodedImage): UserError {
  const text = ({ shape }: DecodedImage) => shape.slice(1).join(' x ');
  return new UserError(
    `${file}: expected ${text(expected)} pixels as in ${first}, found ${text(image)}; say size to bring all to one.`,
  );
}

function checkOptions(channels: number, size: readonly number[] | undefined, limit: number): void {
  if (channels !== 1 && channels !== 3)
    throw new UserError(`loadImageFolder: expected 1 or 3 channels, found ${channels}.`);
  if (size !== undefined && !(size.length === 2 && size.every((length) => Number.isInteger(length) && length >= 1))) {
    throw new UserError(
      `loadImageFolder: expected a size of whole pixels, [height, width], found [${size.join(', ')}].`,
    );
  }
  if (!(limit >= 1)) throw new UserError(`loadImageFolder: expected a limit of at least 1 image, found ${limit}.`);
}

/** By code unit, so that the numbering is the same in every language. */
const inOrder = (names: string[]) => names.sort();

async function foldersIn(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory())
    throw new UserError(`${path}: expected a folder with a folder per class, found ${found ? 'a file' : 'none'}.`);
  const entries = await readdir(path);
  const folders: string[] = [];
  for (const name of entries) {
    // Links to folders are folders.
    if (!name.startsWith('.') && (await stat(join(path, name)).catch(() => null))?.isDirectory()) folders.push(name);
  }
  if (folders.length === 0) throw new UserError(`${path}: expected a folder per class, found no folders.`);
  return inOrder(folders);
}

async function imagesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const isImage = (name: string) => EXTENSIONS.includes(extname(name).toLowerCase()) && !/(^|[/\\])\./.test(name);
  return inOrder(names.filter(isImage)).map((name) => join(folder, name));
}
