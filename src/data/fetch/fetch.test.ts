import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import { mnistSource } from '../sets/mnist.ts';
import type { DataFile, DataSource } from '../source.ts';
import { type FetchOptions, fetchDataset, fetchSource } from './fetch.ts';
import { broken, exists, fetchPlace, md5, noise, whole } from './server.fixture.ts';

const content = noise(3000);
const packed = gzipSync(content);
const file = { name: 'file.gz', bytes: content.length, md5: md5(content) };
const place = fetchPlace();
const source = (...mirrors: string[]): DataSource => ({ ...mnistSource, name: 'set', mirrors, files: [file] });
const path = () => join(place.directory, 'set', 'file.gz');
const brokenOff = (body: Uint8Array, bytes: number, etag?: string) => broken(() => `${path()}.part`, body, bytes, etag);

describe('fetchSource', () => {
  beforeEach(() => {
    place.answers = [whole(packed)];
  });

  test('fetches, reports progress up to the whole, and keeps what is there', async () => {
    const seen: number[] = [];
    const progress = ({ stage, done, total }: { stage: string; done: number; total: number }) => {
      expect([stage, total]).toEqual(['file.gz', packed.length]);
      seen.push(done);
    };
    expect(await fetchSource(source(place.address), { directory: place.directory, progress })).toEqual([path()]);
    expect(await readFile(path())).toEqual(packed);
    expect(seen.at(-1)).toBe(packed.length);
    expect(await exists(`${path()}.part`)).toBe(false);
    await fetchSource(source(place.address), { directory: place.directory });
    expect(place.requests).toEqual(['/file.gz all']);
  });

  test('continues an interrupted transfer where it broke off, within a call and across calls', async () => {
    place.answers = [brokenOff(packed, 1000), brokenOff(packed, 500), whole(packed)];
    await fetchSource(source(place.address), { directory: place.directory });
    expect(place.requests).toEqual(['/file.gz all', '/file.gz bytes=1000-', '/file.gz bytes=1500-']);
    expect(await readFile(path())).toEqual(packed);

    await rm(path());
    place.requests = [];
    await writeFile(`${path()}.part`, packed.subarray(0, 2500));
    await fetchSource(source(place.address), { directory: place.directory });
    expect(place.requests).toEqual(['/file.gz bytes=2500-']);
    expect(await readFile(path())).toEqual(packed);
  });

  test('takes the whole file from a server that ignores ranges', async () => {
    await mkdir(join(place.directory, 'set'));
    await writeFile(`${path()}.part`, 'left over');
    place.answers = [(_, response) => response.writeHead(200).end(packed)];
    await fetchSource(source(place.address), { directory: place.directory });
    expect(await readFile(path())).toEqual(packed);
  });

  test('accepts a part that is already whole, and starts over from one that is not this file', async () => {
    await mkdir(join(place.directory, 'set'));
    await writeFile(`${path()}.part`, packed);
    await fetchSource(source(place.address), { directory: place.directory });
    expect(place.requests).toEqual([`/file.gz bytes=${packed.length}-`]);

    await rm(path());
    await writeFile(`${path()}.part`, Buffer.alloc(100));
    place.requests = [];
    await fetchSource(source(place.address), { directory: place.directory });
    expect(place.requests).toEqual(['/file.gz bytes=100-', '/file.gz all']);
    expect(await readFile(path())).toEqual(packed);
  });

  test('refuses a wrong file, leaves nothing of it, and goes on to the next mirror', async () => {
    const other = gzipSync('something else');
    place.answers = [(_, response) => response.end(other)];
    await expect(fetchSource(source(place.address), { directory: place.directory })).rejects.toThrow(
      /expected 3000 bytes with MD5 .* found 14 bytes with MD5/,
    );
    expect(await exists(path())).toBe(false);
    expect(await exists(`${path()}.part`)).toBe(false);

    place.answers = [
      (_, response) => response.end(other),
      (_, response) => response.writeHead(404).end(),
      whole(packed),
    ];
    await fetchSource(source(`${place.address}a/`, `${place.address}b/`, `${place.address}c/`), {
      directory: place.directory,
    });
    expect(place.requests.slice(1)).toEqual(['/a/file.gz all', '/b/file.gz all', '/c/file.gz all']);
    expect(await readFile(path())).toEqual(packed);
  });

  test('stops a server that sends without end', async () => {
    place.answers = [
      (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(16_384))) {}
        };
        response.on('drain', more);
        more();
      },
    ];
    await expect(fetchSource(source(place.address), { directory: place.directory })).rejects.toThrow(
      /sent more than 68536 bytes, the most the file can have/,
    );
  });

  test('offline: names the mirrors, the folder, the files and DEEPTHEORY_DATA', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(closed.address() as AddressInfo).port}/`;
    await new Promise((resolve) => closed.close(resolve));
    const failure = fetchSource(source(url), { directory: place.directory });
    await expect(failure).rejects.toThrow(UserError);
    await expect(failure).rejects.toThrow(/file\.gz.*ECONNREFUSED/s);
    await expect(failure).rejects.toThrow(join(place.directory, 'set'));
    await expect(failure).rejects.toThrow(/put file\.gz into .* or set DEEPTHEORY_DATA/);
  });

  test('leaves a file of the right name and wrong content to the user; takes an unpacked one', async () => {
    await mkdir(join(place.directory, 'set'));
    await writeFile(path(), 'mine');
    await expect(fetchSource(source(place.address), { directory: place.directory })).rejects.toThrow(
      /found 4 bytes with MD5.*delete the file/,
    );
    expect(await readFile(path(), 'utf8')).toBe('mine');
    await rm(path());
    await writeFile(join(place.directory, 'set', 'file'), content);
    expect(await fetchSource(source(place.address), { directory: place.directory })).toEqual([
      join(place.directory, 'set', 'file'),
    ]);
    expect(place.requests).toEqual([]);
  });

  test('says when the folder cannot be written, and when the data set is unknown', async () => {
    await writeFile(join(place.directory, 'set'), 'a file where the folder should be');
    await expect(fetchSource(source(place.address), { directory: place.directory })).rejects.toThrow(
      /could not be written/,
    );
    await expect(fetchDataset('mnits', { directory: place.directory })).rejects.toThrow(
      /expected one of mnist, .*found "mnits"/,
    );
  });
});

describe('a file that may change on the server', () => {
  const newer = gzipSync(noise(2500, 'newer'));
  const get = (changes: Partial<DataFile> = {}, mirrors = [place.address]) =>
    fetchSource({ ...source(...mirrors), files: [{ ...file, ...changes }] }, { directory: place.directory });
  const unknown = { bytes: undefined, md5: undefined };

  test('is continued only as the version it was begun as, by its ETag', async () => {
    place.answers = [brokenOff(packed, 1000, '"one"'), whole(packed, '"one"')];
    await get(unknown);
    expect(place.requests).toEqual(['/file.gz all', '/file.gz bytes=1000-']);
    expect(place.conditions).toEqual([undefined, '"one"']);
    expect(await readFile(path())).toEqual(packed);

    await rm(path());
    place.answers = [brokenOff(packed, 1000, '"one"'), whole(newer, '"two"')];
    await get(unknown);
    expect(await readFile(path())).toEqual(newer);
    expect(await exists(`${path()}.part.json`)).toBe(false);
  });

  test('is begun again when its length is another than before', async () => {
    // Nothing names the version: only the length of the whole tells.
    place.answers = [brokenOff(newer, 1000), whole(packed)];
    await get();
    expect(place.requests).toEqual(['/file.gz all', '/file.gz bytes=1000-', '/file.gz all']);
    expect(await readFile(path())).toEqual(packed);

    await rm(path());
    place.answers = [brokenOff(Buffer.concat([packed, packed]), packed.length + 9), whole(packed)];
    await get();
    expect(await readFile(path())).toEqual(packed);
  });

  test('without a sum is not put together from pieces that may be of different versions', async () => {
    place.answers = [brokenOff(packed, 1000), whole(packed)];
    await get(unknown);
    expect(place.requests).toEqual(['/file.gz all', '/file.gz all']);

    await rm(path());
    place.requests = [];
    const weak = 'W/"one"';
    place.answers = [brokenOff(packed, 1000, weak), whole(packed, weak)];
    await get(unknown);
    expect(place.requests).toEqual(['/file.gz all', '/file.gz all']);
    expect(await readFile(path())).toEqual(packed);
  });

  test('without a sum must be whole gzip, and as long as announced', async () => {
    place.answers = [(_, response) => response.end(packed.subarray(0, 2000))];
    await expect(get(unknown)).rejects.toThrow(/expected a file once unpacked, found a file that cannot be read whole/);
    place.answers = [whole(gzipSync('not the file'))];
    await expect(get({ md5: undefined })).rejects.toThrow(/expected 3000 bytes once unpacked, found 12 bytes/);
  });
});

describe('what stands in the way', () => {
  const get = (options: FetchOptions = {}) =>
    fetchSource(source(place.address), { directory: place.directory, ...options });

  test('a stop leaves what has come for the next call', async () => {
    const stop = new AbortController();
    place.answers = [
      (_, response) => {
        response.writeHead(200, { 'content-length': packed.length }).write(packed.subarray(0, 1200));
      },
      whole(packed),
    ];
    const progress = () => stop.abort(new Error('stopped'));
    await expect(get({ signal: stop.signal, progress })).rejects.toThrow('stopped');
    await get();
    expect(place.requests).toEqual(['/file.gz all', '/file.gz bytes=1200-']);
  });

  test('a mirror without the file says so', async () => {
    place.answers = [(_, response) => response.writeHead(404, 'Not Found').end()];
    await expect(get()).rejects.toThrow(/file\.gz: answered 404 Not Found\n/);
    expect(place.requests).toHaveLength(1);
  });

  test.runIf(process.platform === 'linux')('a full disk', async () => {
    await mkdir(join(place.directory, 'set'));
    place.answers = [whole(packed)];
    await symlink('/dev/full', `${path()}.part`);
    await expect(get()).rejects.toThrow(/file\.gz\.part: could not be written \(the disk is full\); free or choose/);
  });

  test('a set that its publisher gives no address for', async () => {
    const byHand = { ...source(), otherForm: ['table.csv'], files: [] };
    await expect(fetchSource(byHand, { directory: place.directory })).rejects.toThrow(
      /no address to fetch it from; see http.* and put table\.csv into .*set/,
    );
    await mkdir(join(place.directory, 'set'));
    await writeFile(join(place.directory, 'set', 'table.csv.gz'), '');
    expect(await fetchSource(byHand, { directory: place.directory })).toHaveLength(1);
  });
});

test('two calls at the same time fetch once', async () => {
  place.answers = [(request, response) => void setTimeout(() => whole(packed)(request, response), 150)];
  const stages = new Set<string>();
  const progress = ({ stage }: { stage: string }) => stages.add(stage);
  const get = () => fetchSource(source(place.address), { directory: place.directory, progress });
  expect(await Promise.all([get(), get()])).toEqual([[path()], [path()]]);
  expect(place.requests).toEqual(['/file.gz all']);
  expect([...stages].sort()).toEqual(['file.gz', 'waiting for another process']);
});
