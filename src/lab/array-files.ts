/**
 * Arrays outside of JSON. Measurements: one NumPy file per array, for people and their tools. Checkpoints: everything in one
 * file, since a state is renamed into place as a whole, and without base64, since it may be large.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../array/errors.ts';
import { type ArrayType, arrayOf, bytesOf, readJson, type StorableArray, writeJson } from './json.ts';
import type { RunFolder } from './run-folder.ts';

/** Arrays of fewer elements stay in the JSON text. */
const smallest = 64;

/** Writes `measurements.json`, its larger arrays before it to `arrays/`: once it is there, all is there. */
export function writeMeasurements(folder: RunFolder, measurements: unknown): void {
  const taken = new Set<string>();
  const text = writeJson(measurements, undefined, (array, type, path) => {
    if (array.length < smallest) return undefined;
    const file = arrayFile(path, taken);
    folder.write(file, npy(array, type));
    return file;
  });
  folder.write('measurements.json', text);
}

/** @throws UserError for a file that is missing or not what was written. */
export function readMeasurements(folder: string): unknown {
  const path = join(folder, 'measurements.json');
  try {
    return readJson(readFileSync(path, 'utf8'), (file, type) => {
      if (!/^arrays\/[^\\/]+\.npy$/.test(file)) throw new Error(`${file} is not a file of arrays/`);
      return fromNpy(readFileSync(join(folder, file)), type);
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`the measurements in ${path} cannot be read: ${why}`);
  }
}

/** `value.exact.curves[0].k` -> `arrays/exact.curves.0.k.npy`; what two names are made the same by gets a number. */
function arrayFile(path: string, taken: Set<string>): string {
  const plain = path.replace(/^value\.?/, '').replaceAll(/\[(\d+)\]/g, '.$1');
  const safe = plain.replaceAll(/[^\w.-]/g, '_').slice(0, 120) || 'measurements';
  for (let n = 1; ; n++) {
    const file = `arrays/${safe}${n > 1 ? `~${n}` : ''}.npy`;
    if (taken.has(file.toLowerCase())) continue;
    taken.add(file.toLowerCase()); // some file systems take a and A for the same
    return file;
  }
}

const magic = '\x93NUMPY\x01\x00';

/** A one-dimensional array in NumPy's format 1.0: magic, length of the header, header padded to 64 bytes, the memory. */
function npy(array: StorableArray, type: ArrayType): Buffer {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${array.length},), }`;
  const length = Math.ceil((magic.length + 2 + header.length + 1) / 64) * 64 - magic.length - 2;
  const start = Buffer.alloc(magic.length + 2);
  start.write(magic, 'latin1');
  start.writeUInt16LE(length, magic.length);
  return Buffer.concat([start, Buffer.from(`${header.padEnd(length - 1)}\n`, 'latin1'), bytesOf(array)]);
}

function fromNpy(bytes: Buffer, type: ArrayType): StorableArray {
  const start = magic.length + 2 + bytes.readUInt16LE(magic.length);
  const header = bytes.toString('latin1', magic.length + 2, start);
  const size = Number(/\((\d+),\)/.exec(header)?.[1]);
  const array = arrayOf(type, bytes.subarray(start));
  if (!header.includes(`'${type}'`) || array.length !== size) {
    throw new UserError(`an array file holds ${array.length} elements under the header ${header.trim()}`);
  }
  return array;
}

/** Bytes of plain data: the length of the JSON text, the text with the arrays' places, the arrays. */
export function pack(data: unknown): Buffer {
  const arrays: Buffer[] = [];
  let at = 0;
  const text = writeJson(data, undefined, (array) => {
    const place = `${at}+${array.byteLength}`;
    arrays.push(bytesOf(array));
    at += array.byteLength;
    return place;
  });
  const json = Buffer.from(text);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...arrays]);
}

/** The data that `pack` packed. */
export function unpack(bytes: Buffer): unknown {
  const start = 8 + Number(bytes.readBigUInt64LE());
  return readJson(bytes.toString('utf8', 8, start), (place, type) => {
    const [at, length] = place.split('+').map(Number);
    const part = bytes.subarray(start + at, start + at + length);
    if (part.length !== length) throw new Error('the file ends before its data');
    return arrayOf(type, part);
  });
}
