import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import { tarHeader } from './tar.fixture.ts';
import { tarEntries } from './tar.ts';

const pad = (bytes: Uint8Array) => Buffer.concat([bytes, new Uint8Array((512 - (bytes.length % 512)) % 512)]);
const file = fc.record({ name: fc.stringMatching(/^[a-z]{1,20}$/), bytes: fc.uint8Array({ maxLength: 1600 }) });

async function read(archive: Uint8Array, cut: number, skip = false) {
  const pieces = Array.from({ length: Math.ceil(archive.length / cut) }, (_, i) =>
    archive.subarray(i * cut, (i + 1) * cut),
  );
  const found: { name: string; bytes: Uint8Array }[] = [];
  for await (const { name, size, data } of tarEntries(Readable.from(pieces), 'a.tar')) {
    const parts: Uint8Array[] = [];
    if (!skip) for await (const part of data) parts.push(Uint8Array.from(part));
    const bytes = Uint8Array.from(Buffer.concat(parts));
    if (!skip) expect(bytes.length).toBe(size);
    found.push({ name, bytes });
  }
  return found;
}

test('reads back any files, however the stream is cut, with or without the empty blocks at the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { maxLength: 4 }),
      fc.integer({ min: 1, max: 1500 }),
      fc.boolean(),
      async (files, cut, end) => {
        const blocks = files.flatMap(({ name, bytes }) => [tarHeader(name, bytes.length), pad(bytes)]);
        const archive = Buffer.concat([...blocks, new Uint8Array(end ? 1024 : 0)]);
        expect(await read(archive, cut)).toEqual(files.map(({ name, bytes }) => ({ name, bytes })));
        expect((await read(archive, cut, true)).map(({ name }) => name)).toEqual(files.map(({ name }) => name));
      },
    ),
    { numRuns: 30 },
  );
});

test('refuses what is no archive, and one that is cut short', async () => {
  const archive = Buffer.concat([tarHeader('one', 1000), pad(new Uint8Array(1000).fill(7)), new Uint8Array(1024)]);
  await expect(read(new Uint8Array(600).fill(1), 100)).rejects.toThrow(
    /a\.tar: expected a tar archive, found a header/,
  );
  await expect(read(archive.subarray(0, 1024), 100)).rejects.toThrow(/expected 488 more bytes of one, found the end/);
  await expect(read(archive.subarray(0, 700), 100)).rejects.toThrow(/whole blocks of 512 bytes, found 188/);
  await fc.assert(
    fc.asyncProperty(fc.nat(511), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bad = Uint8Array.from(archive);
      bad[at] ^= flip;
      // The sum covers the whole header; its own field is compared with it as a number.
      const outcome = await read(bad, 512).catch((error: unknown) => error);
      if (Array.isArray(outcome)) expect(at).toBeGreaterThanOrEqual(148);
      else expect(outcome).toBeInstanceOf(UserError);
    }),
  );
});
