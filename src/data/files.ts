/** Reading data files, gzipped or not, with errors that name the file and memory that stays within what was expected. */
import { readFile, stat } from 'node:fs/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import { UserError } from '../array/errors.ts';

/** Files beyond 2 GiB are refused, packed or unpacked: Node reads no larger ones whole. */
const LARGEST = 2 ** 31 - 1;

/**
 * The bytes of a file as they lie on disk.
 *
 * @throws UserError when the file is missing, unreadable, no plain file or larger than 2 GiB
 */
export async function readDataFile(path: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new UserError(`${path}: expected a file, found a folder or a device.`);
    if (found.size > LARGEST) {
      throw new UserError(`${path}: expected at most ${LARGEST} bytes, found ${found.size}; split the file.`);
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new UserError(`${path}: expected a data file, found none; check the path.`);
    }
    throw new UserError(`${path}: could not be read (${error instanceof Error ? error.message : String(error)}).`);
  }
}

/** Whether the bytes start as gzip does (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks gzip.
 *
 * @param name what to call the bytes in an error
 * @param largest most bytes to unpack to; default 2 GiB. A file that would grow beyond is refused without being held
 * @throws UserError when the gzip is broken or cut short, or too large
 */
export function gunzip(bytes: Uint8Array, name: string, largest: number = LARGEST): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.min(largest, LARGEST) });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new UserError(`${name}: expected at most ${largest} bytes once unpacked, found more.`);
    }
    throw brokenGzip(bytes, name, error);
  }
}

/** The first `wanted` bytes of a gzip file unpacked, or all there are; what follows them is not looked at. */
export async function gunzipStart(bytes: Uint8Array, wanted: number, name: string): Promise<Uint8Array> {
  const stream = createGunzip();
  stream.end(bytes);
  let start: Uint8Array = new Uint8Array(0);
  try {
    for await (const chunk of stream) {
      start = Buffer.concat([start, chunk]);
      if (start.length >= wanted) break;
    }
  } catch (error) {
    throw brokenGzip(bytes, name, error);
  }
  return start.subarray(0, wanted);
}

function brokenGzip(bytes: Uint8Array, name: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(
    `${name}: expected a whole gzip file, found a broken one of ${bytes.length} bytes (${reason}); copy or fetch it again.`,
  );
}
