import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { tarHeader } from '../formats/tar.fixture.ts';
import { mnistSource } from '../sets/mnist.ts';
import type { DataArchive, DataSource } from '../source.ts';
import { fetchSource } from './fetch.ts';
import { fetchPlace, md5, noise, whole } from './server.fixture.ts';

const [one, two] = [noise(1500, 'one'), noise(512, 'two')];
const pad = (bytes: Uint8Array) => Buffer.concat([bytes, new Uint8Array((512 - (bytes.length % 512)) % 512)]);
const tar = Buffer.concat([
  ...[tarHeader('set/', 0, '5'), tarHeader('set/one.bin', one.length), pad(one)],
  ...[tarHeader('set/other.bin', 9), pad(noise(9)), tarHeader('set/two.bin', two.length), pad(two)],
  new Uint8Array(1024),
]);
const members = [
  { name: 'one.bin', path: 'set/one.bin', bytes: one.length, md5: md5(one) },
  { name: 'two.bin', path: 'set/two.bin', bytes: two.length },
];
const place = fetchPlace();

function source(path: string, bytes: Uint8Array, changes: Partial<DataArchive> = {}): DataSource {
  const archive = { path, bytes: bytes.length, md5: md5(bytes), members, ...changes };
  return { ...mnistSource, name: 'set', mirrors: [place.address], files: [], archives: [archive] };
}

describe.each([
  ['set.tar.gz', gzipSync(tar)],
  ['set.zip', Buffer.from(zipSync({ 'set/one.bin': one, 'set/other.bin': noise(9), 'set/two.bin': two }))],
])('%s', (path, bytes) => {
  const folder = () => join(place.directory, 'set');
  const get = (changes: Partial<DataArchive> = {}) =>
    fetchSource(source(path, bytes, changes), { directory: place.directory });

  test('is fetched, unpacked and not kept; what is there is not fetched again', async () => {
    place.answers = [whole(bytes)];
    expect(await get()).toEqual([join(folder(), 'one.bin'), join(folder(), 'two.bin')]);
    expect(await readFile(join(folder(), 'one.bin'))).toEqual(one);
    expect(await readFile(join(folder(), 'two.bin'))).toEqual(two);
    expect((await readdir(folder())).sort()).toEqual(['one.bin', 'two.bin']);
    await get();
    expect(place.requests).toEqual([`/${path} all`]);
  });

  test('that the user put there needs no network, and is checked', async () => {
    await mkdir(folder());
    await writeFile(join(folder(), path), bytes);
    expect(await get()).toHaveLength(2);
    await rm(join(folder(), 'two.bin'));
    await writeFile(join(folder(), path), bytes.subarray(0, 700));
    await expect(get()).rejects.toThrow(/expected \d+ bytes with MD5 \w+, found 700 bytes with MD5/);
    expect(place.requests).toEqual([]);
  });

  test('whose members are not as published leaves nothing of that name', async () => {
    place.answers = [whole(bytes)];
    await expect(get({ members: [{ ...members[0], md5: md5(two) }] })).rejects.toThrow(
      /expected 1500 bytes with MD5 .* as set\/one\.bin, found 1500 bytes with MD5/,
    );
    await expect(get({ members: [{ ...members[0], bytes: 1499, md5: undefined }] })).rejects.toThrow(/found/);
    await expect(get({ members: [{ name: 'three.bin' }] })).rejects.toThrow(/expected three\.bin in the archive/);
    expect(await readdir(folder())).not.toContain('one.bin');
  });
});

test('the program tar makes archives that can be read', async () => {
  await mkdir(join(place.directory, 'made'));
  await writeFile(join(place.directory, 'made', 'one.bin'), one);
  await writeFile(join(place.directory, 'made', 'two.bin'), two);
  const bytes = execFileSync('tar', ['-czf', '-', '-C', place.directory, 'made']);
  expect(gunzipSync(bytes).length % 512).toBe(0);
  place.answers = [whole(bytes)];
  const made = members.map((member) => ({ ...member, path: member.path.replace('set', 'made') }));
  await fetchSource(source('made.tar.gz', bytes, { members: made }), { directory: place.directory });
  expect(await readFile(join(place.directory, 'set', 'one.bin'))).toEqual(one);
});
