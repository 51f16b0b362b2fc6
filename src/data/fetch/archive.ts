/** Taking the files of a data set out of the archive they are published in. */
import { createReadStream, createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { UserError } from '../../array/errors.ts';
import { onDisk } from '../disk.ts';
import { tarEntries } from '../formats/tar.ts';
import { unzip } from '../formats/zip.ts';
import type { DataArchive, DataFile } from '../source.ts';
import { describe, mismatch } from './checksum.ts';

/**
 * Writes the members of an archive into a folder; each gets its name only once it is whole and its sum is right.
 *
 * @param path the archive on disk
 * @throws UserError when a member is missing or is not the published one, or the folder cannot be written
 */
export async function unpack(path: string, archive: DataArchive, folder: string): Promise<void> {
  const missing = new Map(archive.members.map((member) => [member.path ?? member.name, member]));
  for await (const { name, data } of archive.path.endsWith('.zip') ? zipEntries(path) : tarGzEntries(path)) {
    const member = missing.get(name.replace(/^\.\//, ''));
    if (member === undefined) continue;
    missing.delete(member.path ?? member.name);
    await writeMember(data, member, folder, path);
  }
  if (missing.size > 0) {
    throw new UserError(`${path}: expected ${[...missing.keys()].join(', ')} in the archive, found no such file.`);
  }
}

async function writeMember(data: Chunks, member: DataFile, folder: string, archive: string): Promise<void> {
  const target = join(folder, member.name);
  const part = `${target}.part`;
  let bytes = 0;
  const limited = async function* () {
    for await (const chunk of data) {
      bytes += chunk.length;
      if (bytes > (member.bytes ?? Number.POSITIVE_INFINITY)) return;
      yield chunk;
    }
  };
  await onDisk(part, () => pipeline(limited, createWriteStream(part, { flush: true })));
  const found = await mismatch(part, member);
  if (found !== null) {
    throw new UserError(`${archive}: expected ${describe(member)} as ${member.path ?? member.name}, found ${found}.`);
  }
  await onDisk(target, () => rename(part, target));
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
type Entries = AsyncIterable<{ readonly name: string; readonly data: Chunks }>;

function tarGzEntries(path: string): Entries {
  const unpacked = createGunzip();
  // The reader of the entries meets the error that ends the pipeline.
  pipeline(createReadStream(path), unpacked).catch(() => {});
  return tarEntries(unpacked, path);
}

async function* zipEntries(path: string): Entries {
  for (const [name, data] of await unzip(path)) yield { name, data: [data] };
}
