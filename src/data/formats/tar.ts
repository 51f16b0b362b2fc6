/** Reading tar archives as a stream (POSIX.1-1988 "ustar" headers, which every tar writes for short names). */
import { UserError } from '../../array/errors.ts';

export interface TarEntry {
  readonly name: string;
  /** Bytes of the file. */
  readonly size: number;
  /** The bytes; what is not read before the next entry is passed over. */
  readonly data: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;

/**
 * The plain files of an archive, in order. Folders, links and extended headers are passed over.
 *
 * @param name what to call the archive in an error
 * @throws UserError when a header is broken or the archive is cut short
 */
export async function* tarEntries(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<TarEntry> {
  const reader = blockReader(chunks, name);
  for (;;) {
    const header = await reader.block();
    // An empty block ends the archive; some writers leave it out.
    if (header === null || header.every((byte) => byte === 0)) return;
    const entry = parseHeader(header, name);
    let left = entry.size;
    const data = (async function* () {
      while (left > 0) {
        const block = await reader.block();
        if (block === null) {
          throw new UserError(`${name}: expected ${left} more bytes of ${entry.name}, found the end of the archive.`);
        }
        const bytes = Math.min(left, BLOCK);
        left -= bytes;
        yield block.subarray(0, bytes);
      }
    })();
    if (entry.plain) yield { name: entry.name, size: entry.size, data };
    for await (const _ of data);
  }
}

function parseHeader(header: Uint8Array, name: string): { name: string; size: number; plain: boolean } {
  const text = (start: number, length: number) => {
    const field = header.subarray(start, start + length);
    const end = field.indexOf(0);
    return new TextDecoder('latin1').decode(end < 0 ? field : field.subarray(0, end));
  };
  // The sum counts its own eight bytes as spaces.
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  const stated = Number.parseInt(text(148, 8).trim(), 8);
  const size = Number.parseInt(text(124, 12).trim(), 8);
  if (sum !== stated || !(size >= 0)) {
    throw new UserError(`${name}: expected a tar archive, found a header whose sum is ${sum} and not ${stated}.`);
  }
  const prefix = text(257, 5) === 'ustar' ? text(345, 155) : '';
  const type = text(156, 1);
  return { name: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`, size, plain: type === '0' || type === '' };
}

/** Cuts a stream into blocks; null at its end. */
function blockReader(chunks: AsyncIterable<Uint8Array>, name: string): { block(): Promise<Uint8Array | null> } {
  const source = chunks[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array(0);
  const block = async () => {
    while (held.length < BLOCK) {
      const { done, value } = await source.next();
      if (done) {
        if (held.length === 0) return null;
        throw new UserError(`${name}: expected whole blocks of ${BLOCK} bytes, found ${held.length} at the end.`);
      }
      held = held.length === 0 ? value : Buffer.concat([held, value]);
    }
    const first = held.subarray(0, BLOCK);
    held = held.subarray(BLOCK);
    return first;
  };
  return { block };
}
