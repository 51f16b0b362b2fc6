/** Whether a file on disk is the published one. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { isGzip } from '../files.ts';

/** Size and sum of a file; what is not known is not checked. */
export interface Published {
  readonly bytes?: number;
  /** In hexadecimal. */
  readonly md5?: string;
}

/**
 * What is wrong with a file, in words that follow "expected ..., found", or null where nothing is. The file is read as
 * a stream: memory stays small whatever it holds.
 *
 * @param unpack whether size and sum are those of the unpacked file, where the file is gzipped: mirrors repack, so that
 *   sums of the gzip files differ
 */
export async function mismatch(path: string, published: Published, unpack = true): Promise<string | null> {
  const { bytes: wanted = Number.POSITIVE_INFINITY, md5 } = published;
  const unpacked = unpack ? ' once unpacked' : '';
  const hash = createHash('md5');
  let bytes = 0;
  const consume = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > wanted) return;
      hash.update(chunk);
    }
  };
  try {
    if (unpack && (await startsAsGzip(path))) await pipeline(createReadStream(path), createGunzip(), consume);
    else await pipeline(createReadStream(path), consume);
  } catch (error) {
    return `a file that cannot be read whole (${error instanceof Error ? error.message : String(error)})`;
  }
  if (bytes > wanted) return `more than ${wanted} bytes${unpacked}`;
  const found = hash.digest('hex');
  if (md5 !== undefined) return found === md5 ? null : `${bytes} bytes with MD5 ${found}${unpacked}`;
  return published.bytes === undefined || bytes === published.bytes ? null : `${bytes} bytes${unpacked}`;
}

/** What a file should be, in words that follow "expected". */
export function describe({ bytes, md5 }: Published, unpack = true): string {
  const size = bytes === undefined ? 'a file' : `${bytes} bytes`;
  return `${size}${md5 === undefined ? '' : ` with MD5 ${md5}`}${unpack ? ' once unpacked' : ''}`;
}

async function startsAsGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
    return isGzip(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
