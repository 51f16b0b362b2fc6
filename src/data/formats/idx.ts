/**
 * IDX files, the format of MNIST: two zero bytes, a type code, the number of dimensions, each dimension as a big-endian
 * 32-bit integer, then the elements, big-endian, last dimension fastest. Published on Yann LeCun's MNIST page.
 */
import { UserError } from '../../array/errors.ts';
import { gunzip, gunzipStart, isGzip, readDataFile } from '../files.ts';

export interface Idx {
  readonly shape: number[];
  readonly data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

/** Type codes as published. */
const TYPES = new Map([
  [0x08, { name: 'uint8', bytes: 1 }],
  [0x09, { name: 'int8', bytes: 1 }],
  [0x0b, { name: 'int16', bytes: 2 }],
  [0x0c, { name: 'int32', bytes: 4 }],
  [0x0d, { name: 'float32', bytes: 4 }],
  [0x0e, { name: 'float64', bytes: 8 }],
]);

/** Longest header there can be: the magic number and 255 dimensions. */
const LONGEST_HEADER = 4 + 4 * 255;

/**
 * Reads an IDX file held in memory (unpacked). One-byte elements share memory with `bytes`.
 *
 * @param name what to call the bytes in an error, usually the path
 * @throws UserError when the magic number is wrong or the length is not what the header says
 */
export function parseIdx(bytes: Uint8Array, name: string): Idx {
  const header = parseHeader(bytes, name);
  if (bytes.length !== header.total) {
    const what = bytes.length < header.total ? 'a file cut short' : 'trailing bytes';
    throw new UserError(`${name}: expected ${describe(header)}, found ${what}: ${bytes.length} bytes.`);
  }
  return { shape: header.shape, data: elements(bytes, header) };
}

/**
 * Reads an IDX file, gzipped (recognized by its first bytes) or not. A gzip file that claims more than it can hold is
 * refused before it is unpacked.
 *
 * @throws UserError as `parseIdx`, and when the file is missing or its gzip broken
 */
export async function loadIdx(path: string): Promise<Idx> {
  const bytes = await readDataFile(path);
  if (!isGzip(bytes)) return parseIdx(bytes, path);
  const header = parseHeader(await gunzipStart(bytes, LONGEST_HEADER, path), path);
  // No gzip member expands more than 1032 times (the limit of deflate).
  if (header.total > 1032 * bytes.length) {
    throw new UserError(`${path}: expected ${describe(header)}, found ${bytes.length} gzipped bytes, too few for it.`);
  }
  return parseIdx(gunzip(bytes, path, header.total), path);
}

interface Header {
  readonly type: { readonly name: string; readonly bytes: number };
  readonly shape: number[];
  /** Bytes of header and elements. */
  readonly total: number;
  readonly length: number;
}

function parseHeader(bytes: Uint8Array, name: string): Header {
  const magic = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const type = TYPES.get(bytes[2]);
  const dimensions = bytes[3];
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || type === undefined || dimensions === 0) {
    throw new UserError(
      `${name}: expected an IDX file (first bytes 00 00, a type code 08, 09, 0b, 0c, 0d or 0e, and the number of dimensions), found ${bytes.length === 0 ? 'an empty file' : `first bytes ${magic}`}.`,
    );
  }
  const length = 4 + 4 * dimensions;
  if (bytes.length < length) {
    throw new UserError(
      `${name}: expected an IDX header of ${length} bytes (${dimensions} dimensions), found a file cut short: ${bytes.length} bytes.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  // In double precision a hostile product becomes huge, never negative; a zero dimension must win over Infinity.
  const count = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  return { type, shape, total: length + count * type.bytes, length };
}

function describe({ shape, type, total, length }: Header): string {
  return `${total} bytes (header of ${length}, ${shape.join(' x ')} elements of type ${type.name})`;
}

function elements(bytes: Uint8Array, { type, total, length }: Header): Idx['data'] {
  const count = (total - length) / type.bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset + length, count * type.bytes);
  switch (type.name) {
    case 'uint8':
      return new Uint8Array(view.buffer, view.byteOffset, count);
    case 'int8':
      return new Int8Array(view.buffer, view.byteOffset, count);
    case 'int16':
      return filled(new Int16Array(count), (i) => view.getInt16(2 * i));
    case 'int32':
      return filled(new Int32Array(count), (i) => view.getInt32(4 * i));
    case 'float32':
      return filled(new Float32Array(count), (i) => view.getFloat32(4 * i));
    default:
      return filled(new Float64Array(count), (i) => view.getFloat64(8 * i));
  }
}

function filled<A extends Int16Array | Int32Array | Float32Array | Float64Array>(
  array: A,
  at: (i: number) => number,
): A {
  for (let i = 0; i < array.length; i++) array[i] = at(i);
  return array;
}
