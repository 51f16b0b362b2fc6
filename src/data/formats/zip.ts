/** Files in zip archives. */
import { unzipSync } from 'fflate';
import { UserError } from '../../array/errors.ts';
import { readDataFile } from '../files.ts';

/**
 * The files of an archive by their names.
 *
 * @param wanted which to unpack; default all
 * @throws UserError when the file is missing or is no zip archive
 */
export async function unzip(
  path: string,
  wanted: (name: string) => boolean = () => true,
): Promise<Map<string, Uint8Array>> {
  const bytes = await readDataFile(path);
  try {
    return new Map(Object.entries(unzipSync(bytes, { filter: ({ name }) => wanted(name) })));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${path}: expected a zip archive, found ${bytes.length} bytes that are none (${reason}).`);
  }
}
