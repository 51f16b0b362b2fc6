/**
 * The binary version of CIFAR-10 and CIFAR-100: records of one or two label bytes and 3072 pixel bytes, 1024 red, 1024
 * green, 1024 blue, row by row. Published on Alex Krizhevsky's CIFAR page.
 */
import { UserError } from '../../array/errors.ts';
import { gunzip, isGzip, readDataFile } from '../files.ts';

/** Bytes of an image: 3 x 32 x 32. */
export const CIFAR_PIXELS = 3072;

export interface CifarRecords {
  /** n x 3072. */
  readonly pixels: Uint8Array;
  /** n for each label byte of a record. */
  readonly labels: readonly Uint8Array[];
  readonly n: number;
}

/**
 * Reads CIFAR records held in memory.
 *
 * @param classes number of classes of each label byte: [10] for CIFAR-10, [20, 100] (coarse, fine) for CIFAR-100
 * @param name what to call the bytes in an error, usually the path
 * @throws UserError when the length is no whole number of records, or a label is out of range
 */
export function parseCifar(bytes: Uint8Array, classes: readonly number[], name: string): CifarRecords {
  const record = classes.length + CIFAR_PIXELS;
  const n = bytes.length / record;
  if (!Number.isInteger(n) || n === 0) {
    throw new UserError(
      `${name}: expected records of ${record} bytes, found ${bytes.length} bytes, ${n.toFixed(3)} records.`,
    );
  }
  const pixels = new Uint8Array(n * CIFAR_PIXELS);
  const labels = classes.map(() => new Uint8Array(n));
  for (let i = 0; i < n; i++) {
    const start = i * record;
    classes.forEach((count, k) => {
      const label = bytes[start + k];
      if (label >= count) {
        throw new UserError(`${name}: expected labels 0 to ${count - 1}, found ${label} in record ${i}, byte ${k}.`);
      }
      labels[k][i] = label;
    });
    pixels.set(bytes.subarray(start + classes.length, start + record), i * CIFAR_PIXELS);
  }
  return { pixels, labels, n };
}

/**
 * Reads a file of CIFAR records, gzipped (recognized by its first bytes) or not.
 *
 * @throws UserError as `parseCifar`, and when the file is missing or its gzip broken
 */
export async function loadCifar(path: string, classes: readonly number[]): Promise<CifarRecords> {
  const bytes = await readDataFile(path);
  return parseCifar(isGzip(bytes) ? gunzip(bytes, path) : bytes, classes, path);
}
