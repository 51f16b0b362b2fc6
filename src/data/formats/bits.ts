/** Images of one bit per pixel, one record after the other: row by row, most significant bit first, the last byte padded. */
import { UserError } from '../../array/errors.ts';
import { gunzip, isGzip, readDataFile } from '../files.ts';

/**
 * Unpacks the records of a file held in memory.
 *
 * @param n number of records
 * @param pixels bits of each
 * @param name what to call the bytes in an error, usually the path
 * @returns n x pixels, 0 or 1
 * @throws UserError when the length is not that of n records
 */
export function parseBits(bytes: Uint8Array, n: number, pixels: number, name: string): Float32Array {
  const record = Math.ceil(pixels / 8);
  if (bytes.length !== n * record) {
    throw new UserError(`${name}: expected ${n} records of ${record} bytes, found ${bytes.length} bytes.`);
  }
  const images = new Float32Array(n * pixels);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < pixels; k++) images[i * pixels + k] = (bytes[i * record + (k >> 3)] >> (7 - (k & 7))) & 1;
  }
  return images;
}

/**
 * `parseBits` for a file, gzipped (recognized by its first bytes) or not.
 *
 * @throws UserError as `parseBits`, and when the file is missing or its gzip broken
 */
export async function loadBits(path: string, n: number, pixels: number): Promise<Float32Array> {
  const bytes = await readDataFile(path);
  return parseBits(isGzip(bytes) ? gunzip(bytes, path, n * Math.ceil(pixels / 8)) : bytes, n, pixels, path);
}
