/** The data that a network is judged by: published sets by name, folders of images, NumPy files. */
import { existsSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { UserError } from '../array/errors.ts';
import { NDArray } from '../array/ndarray.ts';
import { sizeOf } from '../array/shape.ts';
import type { Tree } from '../array/tree.ts';
import { readDataFile } from '../data/files.ts';
import * as sets from '../data/index.ts';
import { didYouMean } from '../lab/suggest.ts';

/** Examples as they are on disk. */
export interface RawData {
  readonly name: string;
  readonly n: number;
  /** Of one example; of images [channels, height, width]. */
  readonly shape: readonly number[];
  readonly isImage: boolean;
  /** n x shape. */
  readonly values: Float32Array;
  readonly labels?: Int32Array;
  /** Given where the data set says which classes there are. */
  readonly classNames?: readonly string[];
  /** Numbers to predict, n x targetSize. */
  readonly targets?: Float32Array;
  readonly targetSize?: number;
  /** What the reader should know of how it was read. */
  readonly remarks: readonly string[];
}

export interface DataRequest {
  /** Name of a data set, or path of a folder, an .npz or an .npy file. */
  readonly data: string;
  /** Path of an .npy file. */
  readonly labels?: string;
  readonly split: 'train' | 'test';
  /** At most this many examples are read where a set is large. */
  readonly most: number;
  /** [channels, height, width] that images of a folder are brought to, as far as the model says. */
  readonly image?: readonly [1 | 3, number, number];
}

type Loader = (request: DataRequest) => Promise<RawData>;

const images =
  (name: string, load: (options: sets.ImageOptions) => Promise<sets.LabelledImages>): Loader =>
  async ({ split, most }) => {
    const { images: values, ...rest } = await load({ split, limit: await enough(load, split, most) });
    return { ...rest, name: `${name} (${split})`, isImage: true, values, remarks: [] };
  };

/** Where only the beginning of a set is there (the first 1000 of CIFAR-10's test images), as many as that. */
async function enough(
  load: (options: sets.ImageOptions) => Promise<sets.LabelledImages>,
  split: 'train' | 'test',
  most: number,
): Promise<number> {
  try {
    await load({ split, limit: most });
    return most;
  } catch (error) {
    const { n } = await load({ split, limit: 1000 }).catch(() => ({ n: 0 }));
    if (n === 0) throw error;
    return n;
  }
}

const table =
  (name: string, load: () => Promise<sets.LabelledPoints<Float64Array>>, classNames: readonly string[]): Loader =>
  async () => {
    const { inputs, labels, n, dimension } = await load();
    const values = Float32Array.from(inputs);
    return { name, n, shape: [dimension], isImage: false, values, labels, classNames, remarks: [noSplit(name)] };
  };

const noSplit = (name: string) => `${name} prescribes no split: all of it is used.`;

const digits = Array.from({ length: 10 }, (_, i) => String(i));

/** Published sets, by their names and the names people give them. */
const loaders: Readonly<Record<string, Loader>> = {
  mnist: images('mnist', sets.loadMnist),
  'fashion-mnist': images('fashion-mnist', sets.loadFashionMnist),
  cifar10: images('cifar10', sets.loadCifar10),
  'cifar-10': images('cifar10', sets.loadCifar10),
  cifar100: images('cifar100', sets.loadCifar100),
  'cifar-100': images('cifar100', sets.loadCifar100),
  digits: async (request) => ({
    ...(await table('digits', sets.loadDigits, digits)(request)),
    shape: [1, 8, 8],
    isImage: true,
  }),
  iris: table('iris', sets.loadIris, ['setosa', 'versicolor', 'virginica']),
  wine: table('wine', sets.loadWine, ['grower 0', 'grower 1', 'grower 2']),
  'breast-cancer': table('breast-cancer', sets.loadBreastCancer, ['malignant', 'benign']),
  diabetes: async () => {
    const { inputs, targets, n, dimension } = await sets.loadDiabetes();
    return {
      ...{ name: 'diabetes', n, shape: [dimension], isImage: false, values: Float32Array.from(inputs) },
      ...{ targets: Float32Array.from(targets), targetSize: 1, remarks: [noSplit('diabetes')] },
    };
  },
};

/** Names that `--data` knows. */
export const dataNames: readonly string[] = Object.keys(loaders);

/** @throws UserError when there is no such data, a file is broken, or inputs and labels do not fit */
export async function loadData(request: DataRequest): Promise<RawData> {
  const { data, labels } = request;
  const loader = Object.hasOwn(loaders, data) ? loaders[data] : undefined;
  const isNpy = loader === undefined && extname(data) === '.npy';
  if (labels !== undefined && !isNpy) {
    throw new UserError(`--labels goes with an .npy file as --data; ${data} brings its own labels`);
  }
  if (loader !== undefined) return loader(request);
  if (!existsSync(data)) {
    throw new UserError(
      `--data ${data}: no data set of this name${didYouMean(data, dataNames)}, and no such file or folder; data sets are ${dataNames.join(', ')}`,
    );
  }
  if (statSync(data).isDirectory()) return folder(request);
  if (isNpy) return npy(request);
  if (extname(data) === '.npz') return npz(request);
  throw new UserError(`--data ${data}: expected a folder of images, an .npz or an .npy file`);
}

async function folder({ data, image }: DataRequest): Promise<RawData> {
  const [channels, height, width] = image ?? [3, 0, 0];
  const size = height > 0 ? { size: [height, width] as const } : {};
  const { images: values, ...rest } = await sets.loadImageFolder(data, { channels, ...size });
  const remarks = height > 0 ? [`Images are brought to ${height} x ${width} pixels, as the model takes.`] : [];
  return { ...rest, name: data, isImage: true, values, remarks };
}

async function npy({ data, labels }: DataRequest): Promise<RawData> {
  const inputs = sets.parseNpy(await readDataFile(data), data);
  const given = labels === undefined ? undefined : sets.parseNpy(await readDataFile(labels), labels);
  return arrays(basename(data), inputs, given, labels ?? data);
}

const inputKeys = (split: string) => [`x_${split}`, 'x', 'X', 'inputs', 'images', 'data'];
const labelKeys = (split: string) => [`y_${split}`, 'y', 'Y', 'labels', 'targets'];

async function npz({ data, split }: DataRequest): Promise<RawData> {
  const tree = sets.parseNpz(await readDataFile(data), data) as Readonly<Record<string, Tree>>;
  const pick = (keys: readonly string[]) =>
    keys.map((key) => (Object.hasOwn(tree, key) ? tree[key] : null)).find((x) => x instanceof NDArray) as
      | NDArray
      | undefined;
  const inputs = pick(inputKeys(split));
  if (inputs === undefined) {
    throw new UserError(
      `${data}: expected inputs under one of ${inputKeys(split).join(', ')}, found ${Object.keys(tree).join(', ') || 'no arrays'}`,
    );
  }
  return arrays(basename(data), inputs, pick(labelKeys(split)), data);
}

async function arrays(name: string, inputs: NDArray, given: NDArray | undefined, where: string): Promise<RawData> {
  if (inputs.ndim < 2 || inputs.size === 0) {
    throw new UserError(`${name}: expected inputs with the examples along axis 0, [n, …], found ${inputs}`);
  }
  const n = inputs.shape[0];
  const remarks: string[] = [];
  const { shape, values, isImage } = await arranged(inputs, remarks);
  const broken = values.findIndex((v) => !Number.isFinite(v));
  if (broken >= 0) {
    throw new UserError(`${name}: input ${Math.floor(broken / sizeOf(shape))} holds ${values[broken]}`);
  }
  if (given === undefined) return { name, n, shape, isImage, values, remarks };
  if (given.ndim < 1 || given.ndim > 2 || given.shape[0] !== n) {
    throw new UserError(`${where}: expected ${n} labels, one per input, found ${given}`);
  }
  return { name, n, shape, isImage, values, remarks, ...(await answers(given, n, where)) };
}

/** Images with the channels first; integers are bytes of images. */
async function arranged(
  inputs: NDArray,
  remarks: string[],
): Promise<{ shape: readonly number[]; values: Float32Array; isImage: boolean }> {
  const stored = Float32Array.from(await inputs.data());
  const shape = inputs.shape.slice(1);
  const isColour = (size: number) => size === 1 || size === 3;
  const isImage = shape.length === 2 || (shape.length === 3 && (isColour(shape[0]) || isColour(shape[2])));
  if (inputs.dtype === 'int32' && isImage) {
    for (let i = 0; i < stored.length; i++) stored[i] /= 255;
    remarks.push('Pixels are integers in the file and were divided by 255.');
  }
  if (!isImage) return { shape, values: stored, isImage };
  if (shape.length === 2) return { shape: [1, ...shape], values: stored, isImage };
  if (isColour(shape[0])) return { shape, values: stored, isImage };
  const [h, w, c] = shape;
  return { shape: [c, h, w], values: channelsFirst(stored, h * w, c), isImage };
}

/** Whole numbers from 0 are classes, and so are rows with a single 1 among zeros; other numbers are to be predicted. */
async function answers(
  given: NDArray,
  n: number,
  where: string,
): Promise<Pick<RawData, 'labels' | 'targets' | 'targetSize'>> {
  const values = await given.data();
  const width = given.size / n;
  if (width === 1) {
    if (given.dtype === 'int32' || given.dtype === 'bool') {
      const negative = values.findIndex((v) => v < 0);
      if (negative >= 0) throw new UserError(`${where}: label ${negative} is ${values[negative]}; classes begin at 0`);
      return { labels: Int32Array.from(values) };
    }
    return { targets: Float32Array.from(values), targetSize: 1 };
  }
  const rows = Array.from({ length: n }, (_, i) => Array.from(values.slice(i * width, (i + 1) * width)));
  const isOneHot = rows.every((row) => row.every((v) => v === 0 || v === 1) && row.indexOf(1) === row.lastIndexOf(1));
  if (isOneHot && rows.every((row) => row.includes(1))) {
    return { labels: Int32Array.from(rows, (row) => row.indexOf(1)) };
  }
  return { targets: Float32Array.from(values), targetSize: width };
}

/** [rows, pixels, channels] to [rows, channels, pixels]. */
export function channelsFirst(values: Float32Array, pixels: number, channels: number): Float32Array {
  return swapped(values, pixels, channels);
}

/** [rows, channels, pixels] to [rows, pixels, channels]. */
export function channelsLast(values: Float32Array, pixels: number, channels: number): Float32Array {
  return swapped(values, channels, pixels);
}

function swapped(values: Float32Array, a: number, b: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += a * b) {
    for (let i = 0; i < a; i++) for (let j = 0; j < b; j++) result[start + j * a + i] = values[start + i * b + j];
  }
  return result;
}
