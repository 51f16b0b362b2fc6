/**
 * safetensors files: the length of the header (8 bytes, little-endian), a JSON object with dtype, shape and the first
 * and last byte of every tensor, then the bytes of all tensors without holes. Published at huggingface/safetensors.
 */
import type { DType } from '../../array/dtype.ts';
import { type StoredType, storedBytes } from '../../array/elements.ts';
import { UserError } from '../../array/errors.ts';
import { namedLeaves, treeFromNames } from '../../array/named-tree.ts';
import type { NDArray } from '../../array/ndarray.ts';
import { sizeOf } from '../../array/shape.ts';
import type { Tree } from '../../array/tree.ts';
import { arrayOfBytes, bytesOfArray } from './bytes.ts';

export interface Safetensors {
  /** Names are cut at dots: `layers.0.weight` is `tensors.layers[0].weight`. */
  readonly tensors: Tree;
  readonly metadata: Readonly<Record<string, string>>;
}

const types: ReadonlyMap<unknown, StoredType> = new Map([
  ['BOOL', 'bool'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['I16', 'int16'],
  ['U16', 'uint16'],
  ['I32', 'int32'],
  ['U32', 'uint32'],
  ['I64', 'int64'],
  ['U64', 'uint64'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F32', 'float32'],
  ['F64', 'float64'],
]);

/** The reference implementation refuses longer headers. */
const longestHeader = 100_000_000;
const mostAxes = 64;
const metadataKey = '__metadata__';

/**
 * Reads a safetensors file held in memory. 16-bit floats are widened to float32; integers become int32.
 *
 * @param name what to call the bytes in an error, usually the path
 * @throws UserError when the header is not as published, tensors overlap or leave holes, bytes are missing or left over,
 *   or elements are of a type without a counterpart
 */
export function parseSafetensors(bytes: Uint8Array, name: string): Safetensors {
  const { header, start } = parseHeader(bytes, name);
  const metadata = metadataOf(header[metadataKey], name);
  const entries = Object.entries(header)
    .filter(([key]) => key !== metadataKey)
    .map(([key, value]) => entryOf(key, value, name))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  const arrays = new Map<string, NDArray>();
  for (const entry of entries) {
    if (entry.begin !== end) {
      throw new UserError(
        `${name}: expected tensor ${JSON.stringify(entry.key)} to begin at byte ${end}, where the one before ends, found ${entry.begin}.`,
      );
    }
    end = entry.end;
    if (start + end > bytes.length) break;
    const elements = bytes.subarray(start + entry.begin, start + end);
    arrays.set(entry.key, arrayOfBytes(elements, entry.type, entry.shape, true, `${name}, ${entry.key}`));
  }
  if (start + end !== bytes.length) {
    throw new UserError(`${name}: expected ${start + end} bytes (header and tensors), found ${bytes.length}.`);
  }
  return { tensors: treeFromNames(arrays), metadata };
}

const isObject = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);

function parseHeader(bytes: Uint8Array, name: string) {
  if (bytes.length < 8) throw new UserError(`${name}: expected a safetensors file, found ${bytes.length} bytes.`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > Math.min(longestHeader, bytes.length - 8)) {
    throw new UserError(
      `${name}: expected a safetensors file, found a header of ${length} bytes in a file of ${bytes.length}.`,
    );
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (error) {
    throw new UserError(`${name}: expected a header in JSON, found other bytes (${(error as Error).message}).`);
  }
  if (!isObject(header)) throw new UserError(`${name}: expected a JSON object as header, found another value.`);
  return { header, start: 8 + length };
}

function metadataOf(value: unknown, name: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string'))
    throw new UserError(`${name}: expected texts in ${metadataKey}, found ${JSON.stringify(value)?.slice(0, 80)}.`);
  return value as Record<string, string>;
}

interface Entry {
  readonly key: string;
  readonly type: StoredType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const areWhole = (list: unknown): list is readonly number[] =>
  Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);

function entryOf(key: string, value: unknown, name: string): Entry {
  const where = `${name}, tensor ${JSON.stringify(key)}`;
  const { dtype, shape, data_offsets: offsets } = isObject(value) ? value : {};
  if (!areWhole(shape) || !areWhole(offsets) || offsets.length !== 2 || shape.length > mostAxes)
    throw new UserError(
      `${where}: expected dtype, shape and data_offsets, found ${JSON.stringify(value)?.slice(0, 120)}.`,
    );
  const type = types.get(dtype);
  if (type === undefined) {
    throw new UserError(
      `${where}: expected one of the dtypes ${[...types.keys()].join(', ')}, found ${JSON.stringify(dtype)}.`,
    );
  }
  const [begin, end] = offsets;
  if (end - begin !== sizeOf(shape) * storedBytes[type]) {
    throw new UserError(
      `${where}: expected ${sizeOf(shape) * storedBytes[type]} bytes (${type}, shape [${shape.join(', ')}]), found offsets ${begin} to ${end}.`,
    );
  }
  return { key, type, shape, begin, end };
}

const codes: Readonly<Record<DType, string>> = { float32: 'F32', float64: 'F64', int32: 'I32', bool: 'BOOL' };

/**
 * A tree of arrays as a safetensors file, with the tensors named by their paths.
 *
 * @param tree a single array is named `array`
 * @param metadata texts for whoever reads the file, e.g. `{ format: 'pt' }`
 * @throws UserError if two leaves have one name, or one the name `__metadata__`
 */
export async function encodeSafetensors(
  tree: Tree,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const named = [...namedLeaves(tree, 'array')];
  if (named.some(([key]) => key === metadataKey)) throw new UserError(`a tensor cannot be named ${metadataKey}`);
  // Wide elements first, so that all are aligned.
  const sorted = named.sort(([, a], [, b]) => storedBytes[b.dtype] - storedBytes[a.dtype]);
  const contents = await Promise.all(sorted.map(([, x]) => bytesOfArray(x)));
  let end = 0;
  const entries = sorted.map(([key, x], i) => {
    const begin = end;
    end += contents[i].length;
    return [key, { dtype: codes[x.dtype], shape: x.shape, data_offsets: [begin, end] }] as const;
  });
  const about = Object.keys(metadata).length === 0 ? [] : [[metadataKey, metadata] as const];
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...about, ...entries])));
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, 8 + text.length, 8 + length);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const content of contents) {
    bytes.set(content, at);
    at += content.length;
  }
  return bytes;
}
