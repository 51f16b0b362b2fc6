/** Whether a file on disk is the published one. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { isGzip } from './files.ts';
import type { DataFile } from './sources.ts';

/**
 * What is wrong with a file, in words that follow "expected ..., found", or null where it is the published one.
 * The file is unpacked as a stream where it is gzipped: memory stays small whatever it holds.
 */
export async function mismatch(path: string, published: DataFile): Promise<string | null> {
  const hash = createHash('md5');
  let bytes = 0;
  const consume = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > published.bytes) return;
      hash.update(chunk);
    }
  };
  try {
    if (await startsAsGzip(path)) await pipeline(createReadStream(path), createGunzip(), consume);
    else await pipeline(createReadStream(path), consume);
  } catch (error) {
    return `a file that cannot be read whole (${error instanceof Error ? error.message : String(error)})`;
  }
  if (bytes > published.bytes) return `more than ${published.bytes} bytes once unpacked`;
  const md5 = hash.digest('hex');
  return md5 === published.md5 ? null : `${bytes} bytes with MD5 ${md5} once unpacked`;
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
