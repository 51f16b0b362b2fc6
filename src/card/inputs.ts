/** Examples as a model takes them: normalized, in its layout. */
import { UserError } from '../array/errors.ts';
import { sizeOf } from '../array/shape.ts';
import { takeRows } from '../data/index.ts';
import type { ModelValue } from '../onnx/index.ts';
import { channelsLast, type RawData } from './data.ts';

export type Layout = 'nchw' | 'nhwc';

export interface Preprocessing {
  /** `(value * scale - mean[c]) / std[c]`; pixels of images are in [0, 1] before. */
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Of images; by default what the model's input says. */
  readonly layout?: Layout;
}

export interface ModelInputs {
  readonly values: Float32Array;
  /** Of one example, as the model takes it. */
  readonly shape: readonly number[];
  /** What was done, in words. */
  readonly remarks: readonly string[];
}

/** Sizes of one example; null where the file leaves a size open; undefined where it says nothing. */
export function exampleShape({ name, shape, dtype }: ModelValue): readonly (number | null)[] | undefined {
  if (dtype === 'int32' || dtype === 'bool') {
    throw new UserError(
      `the model's input "${name}" is ${dtype}; a theory card needs an input of floats (images, tables), not of tokens`,
    );
  }
  if (shape === null) return undefined;
  if (shape.length < 2) {
    throw new UserError(
      `the model's input "${name}" has shape [${shape.join(', ')}]; its first axis must be the batch, [N, …]: export it with one`,
    );
  }
  return shape.slice(1).map((size) => (typeof size === 'number' ? size : null));
}

/** [channels, height, width] of the images that a model takes, where its input tells. */
export function imageShape(
  declared: readonly (number | null)[] | undefined,
  layout: Layout | undefined,
): readonly [1 | 3, number, number] | undefined {
  if (declared?.length !== 3 || declared.some((size) => size === null)) return undefined;
  const [a, b, c] = declared as readonly number[];
  if ((a === 1 || a === 3) && layout !== 'nhwc') return [a, b, c];
  return c === 1 || c === 3 ? [c, a, b] : undefined;
}

/**
 * Some rows of the data as the model takes them.
 *
 * @throws UserError when the shapes do not fit
 */
export function modelInputs(
  data: RawData,
  rows: ArrayLike<number>,
  declared: readonly (number | null)[] | undefined,
  preprocessing: Preprocessing,
): ModelInputs {
  const taken = takeRows(data.values, sizeOf(data.shape), rows);
  const { remark, normalized } = normalize(data, taken, preprocessing);
  const { shape, isLast } = layoutOf(data, declared, preprocessing.layout);
  const [channels] = data.shape;
  const values = isLast ? channelsLast(normalized, sizeOf(data.shape) / channels, channels) : normalized;
  const text = `The model takes [batch, ${shape.join(', ')}]`;
  const order = data.isImage && data.shape[0] > 1 ? `, channels ${isLast ? 'last' : 'first'}` : '';
  return { values, shape, remarks: [...data.remarks, `${text}${order}.`, remark] };
}

function normalize(
  { shape, isImage }: RawData,
  values: Float32Array,
  { scale, mean, std }: Preprocessing,
): { normalized: Float32Array; remark: string } {
  const size = sizeOf(shape);
  const groups = isImage ? shape[0] : size;
  for (const [name, list] of [
    ['--mean', mean],
    ['--std', std],
  ] as const) {
    if (list.length !== 1 && list.length !== groups) {
      throw new UserError(
        `${name} ${list.join(',')}: expected one number, or one for each of the ${groups} ${isImage ? 'channels' : 'inputs'}, found ${list.length}`,
      );
    }
  }
  const each = size / groups;
  const at = (list: readonly number[], i: number) => list[list.length === 1 ? 0 : Math.floor((i % size) / each)];
  const normalized = values.map((v, i) => (v * scale - at(mean, i)) / at(std, i));
  const isPlain = scale === 1 && mean.every((m) => m === 0) && std.every((s) => s === 1);
  const source = isImage ? 'Pixels, in [0, 1] before,' : 'Inputs';
  const remark = isPlain
    ? `${source} are given as they are (no --scale, --mean, --std).`
    : `${source} are given as (value × ${scale} − ${mean.join(', ')}) / ${std.join(', ')}.`;
  return { normalized, remark };
}

/** The model's shape for one example, and whether the channels come last. */
function layoutOf(
  { shape, isImage, name }: RawData,
  declared: readonly (number | null)[] | undefined,
  layout: Layout | undefined,
): { shape: readonly number[]; isLast: boolean } {
  const fits = (sizes: readonly number[]) =>
    declared === undefined ||
    (declared.length === sizes.length && declared.every((size, i) => size === null || size === sizes[i]));
  const last = isImage ? [...shape.slice(1), shape[0]] : shape;
  if (layout !== 'nhwc' && fits(shape)) return { shape, isLast: false };
  if (isImage && layout !== 'nchw' && fits(last)) return { shape: last, isLast: true };
  const known = (declared ?? []).reduce((product: number, size) => product * (size ?? 1), 1);
  const open = (declared ?? []).filter((size) => size === null).length;
  const wanted = sizeOf(shape);
  // Flat, or with axes of length 1: another shape of as many numbers. Three axes are an image of another size.
  const isOther = isImage && declared?.length === 3 && declared.filter((size) => size !== 1).length === 3;
  if (declared !== undefined && !isOther && (open === 0 ? known === wanted : open === 1 && wanted % known === 0)) {
    return { shape: declared.map((size) => size ?? wanted / known), isLast: layout === 'nhwc' };
  }
  const text = (sizes: readonly (number | null)[]) => `[${sizes.map((size) => size ?? '?').join(', ')}]`;
  throw new UserError(
    `the model takes examples of shape ${text(declared ?? [])}, ${name} has ${text(shape)}${isImage ? ' (channels, height, width)' : ''}; is it the data it was trained on?`,
  );
}
