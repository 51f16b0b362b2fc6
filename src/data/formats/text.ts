/** Plain text in UTF-8. */
import { UserError } from '../../array/errors.ts';
import { gunzip, isGzip, readDataFile } from '../files.ts';

/** Longest string that Node makes, rounded down. */
const LONGEST_TEXT = 2 ** 29 - 64;

/**
 * Reads a text, gzipped (recognized by its first bytes) or not.
 *
 * @throws UserError when the file is missing, its gzip broken, larger than 512 MiB unpacked, or not UTF-8
 */
export async function loadText(path: string): Promise<string> {
  const packed = await readDataFile(path);
  const bytes = isGzip(packed) ? gunzip(packed, path, LONGEST_TEXT) : packed;
  if (bytes.length > LONGEST_TEXT) {
    throw new UserError(
      `${path}: expected at most ${LONGEST_TEXT} bytes of text, found ${bytes.length}; split the file.`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${path}: expected text in UTF-8, found bytes that are none.`);
  }
}
