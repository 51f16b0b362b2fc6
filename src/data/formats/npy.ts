/**
 * npy files, NumPy's format of one array: a magic string, a version, the length of the header, a Python dictionary
 * {'descr': …, 'fortran_order': …, 'shape': …}, then the elements. Published as NumPy Enhancement Proposal 1 and in
 * numpy.lib.format.
 */
import type { DType } from '../../array/dtype.ts';
import { type StoredType, storedBytes } from '../../array/elements.ts';
import { UserError } from '../../array/errors.ts';
import type { NDArray } from '../../array/ndarray.ts';
import { sizeOf } from '../../array/shape.ts';
import { transpose } from '../../numpy/shape.ts';
import { arrayOfBytes, bytesOfArray } from './bytes.ts';

const magic = [0x93, ...new TextEncoder().encode('NUMPY')];

/** Type codes without the byte order. */
const types: ReadonlyMap<string, StoredType> = new Map([
  ['b1', 'bool'],
  ['i1', 'int8'],
  ['i2', 'int16'],
  ['i4', 'int32'],
  ['i8', 'int64'],
  ['u1', 'uint8'],
  ['u2', 'uint16'],
  ['u4', 'uint32'],
  ['u8', 'uint64'],
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
]);

/** NumPy has at most this many axes. */
const mostAxes = 64;

/**
 * Reads an npy file held in memory. 16-bit floats are widened to float32; integers become int32.
 *
 * @param name what to call the bytes in an error, usually the path
 * @throws UserError when the bytes are no npy file, are cut short, or hold other elements than numbers and bools
 */
export function parseNpy(bytes: Uint8Array, name: string): NDArray {
  const { type, littleEndian, columnsFirst, shape, start } = parseHeader(bytes, name);
  const length = sizeOf(shape) * storedBytes[type];
  if (bytes.length - start !== length) {
    throw new UserError(
      `${name}: expected ${length} bytes of elements (${type}, shape [${shape.join(', ')}]), found ${bytes.length - start}.`,
    );
  }
  const stored = columnsFirst ? [...shape].reverse() : shape;
  const x = arrayOfBytes(bytes.subarray(start), type, stored, littleEndian, name);
  return columnsFirst ? transpose(x) : x;
}

function parseHeader(bytes: Uint8Array, name: string) {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw new UserError(`${name}: expected an npy file (first bytes \\x93NUMPY), found other bytes.`);
  }
  const version = bytes[6];
  if (version < 1 || version > 3) throw new UserError(`${name}: expected version 1, 2 or 3 of npy, found ${version}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const wide = version > 1;
  if (wide && bytes.length < 12) throw new UserError(`${name}: expected a header, found a file cut short.`);
  const start = wide ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
  if (start > bytes.length) {
    throw new UserError(
      `${name}: expected a header that ends at byte ${start}, found a file of ${bytes.length} bytes.`,
    );
  }
  const header = new TextDecoder().decode(bytes.subarray(wide ? 12 : 10, Math.min(start, 10_000)));
  const entry = (key: string, value: string) => new RegExp(`['"]${key}['"]\\s*:\\s*${value}`).exec(header)?.[1];
  const descr = entry('descr', `['"]([^'"]*)['"]`);
  const order = entry('fortran_order', '(True|False)');
  const sizes = entry('shape', '\\(([^()]*)\\)')
    ?.split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '');
  if (
    descr === undefined ||
    order === undefined ||
    sizes === undefined ||
    !sizes.every((size) => /^\d{1,15}$/.test(size))
  ) {
    const shown = header.trim().slice(0, 120);
    throw new UserError(
      `${name}: expected a header with descr (a type of numbers), fortran_order and shape, found ${JSON.stringify(shown)}.`,
    );
  }
  const type = /^[<>|=]/.test(descr) ? types.get(descr.slice(1)) : undefined;
  if (type === undefined) {
    throw new UserError(
      `${name}: expected floats of 16 to 64 bits, integers of 8 to 64 bits or bools, found elements of type ${JSON.stringify(descr)}.`,
    );
  }
  if (sizes.length > mostAxes)
    throw new UserError(`${name}: expected at most ${mostAxes} axes, found ${sizes.length}.`);
  return { type, littleEndian: descr[0] !== '>', columnsFirst: order === 'True', shape: sizes.map(Number), start };
}

const codes: Readonly<Record<DType, string>> = { float32: '<f4', float64: '<f8', int32: '<i4', bool: '|b1' };

/** An array as an npy file (version 1, row-major), as `numpy.save` writes it. */
export async function encodeNpy(x: NDArray): Promise<Uint8Array> {
  // A tuple of one element needs its comma.
  const shape = x.ndim === 1 ? `${x.shape[0]},` : x.shape.join(', ');
  const text = `{'descr': '${codes[x.dtype]}', 'fortran_order': False, 'shape': (${shape}), }`;
  // The elements begin at a multiple of 64 bytes; the header ends with a line feed.
  const start = Math.ceil((10 + text.length + 1) / 64) * 64;
  const elements = await bytesOfArray(x);
  const bytes = new Uint8Array(start + elements.length);
  bytes.set([...magic, 1, 0, (start - 10) & 255, (start - 10) >> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(start - 11)}\n`), 10);
  bytes.set(elements, start);
  return bytes;
}
