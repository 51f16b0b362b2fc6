/** npz files, NumPy's format of several arrays: a zip archive with one npy file for each. */
import { unzipSync, zipSync } from 'fflate';
import { UserError } from '../../array/errors.ts';
import { namedLeaves, treeFromNames } from '../../array/named-tree.ts';
import type { NDArray } from '../../array/ndarray.ts';
import type { Tree } from '../../array/tree.ts';
import { encodeNpy, parseNpy } from './npy.ts';

/** No deflated file expands more than this many times. */
const mostExpansion = 1032;
/** Larger archives are refused, as they are unpacked in memory. */
const largest = 2 ** 31 - 1;

/**
 * Reads an npz file held in memory, as `numpy.savez` and `numpy.savez_compressed` write it.
 *
 * @param name what to call the bytes in an error, usually the path
 * @returns the arrays as a tree: names are cut at dots, so `layer.weight` is `tree.layer.weight`
 * @throws UserError when the bytes are no zip archive, it is broken, or something in it is no array of numbers
 */
export function parseNpz(bytes: Uint8Array, name: string): Tree {
  const files = unzip(bytes, name);
  const arrays = new Map<string, NDArray>();
  for (const [file, content] of Object.entries(files)) {
    arrays.set(file.replace(/\.npy$/, ''), parseNpy(content, `${name}, ${file}`));
  }
  return treeFromNames(arrays);
}

function unzip(bytes: Uint8Array, name: string): Record<string, Uint8Array> {
  const seen = new Set<string>();
  let total = 0;
  try {
    return unzipSync(bytes, {
      filter({ name: file, originalSize }) {
        if (seen.has(file))
          throw new UserError(`${name}: expected every name once, found ${JSON.stringify(file)} again.`);
        seen.add(file);
        total += originalSize;
        // Archives may claim any size; none that is honest holds more than its bytes can expand to.
        if (!(total <= Math.min(largest, mostExpansion * bytes.length))) {
          throw new UserError(
            `${name}: expected an archive of ${bytes.length} bytes, found one that claims to hold ${total}.`,
          );
        }
        return true;
      },
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${name}: expected a zip archive, found none or a broken one (${(error as Error).message}).`);
  }
}

/** A tree of arrays as an npz file, uncompressed, with the arrays named by their paths (a single array: `arr_0`). */
export async function encodeNpz(tree: Tree): Promise<Uint8Array> {
  const files: Record<string, Uint8Array> = Object.create(null);
  for (const [key, x] of namedLeaves(tree, 'arr_0')) files[`${key}.npy`] = await encodeNpy(x);
  // Weights hardly compress; a fixed date makes equal trees equal files.
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) });
}
