import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import { mnistSource } from '../sets/mnist.ts';
import type { DataSource } from '../source.ts';
import { fetchDataset, fetchSource } from './fetch.ts';

// Incompressible, so that the gzip file is cut at meaningful places.
const content = Buffer.from(Array.from({ length: 3000 }, (_, i) => createHash('md5').update(String(i)).digest()[0]));
const packed = gzipSync(content);
const file = { name: 'file.gz', bytes: content.length, md5: createHash('md5').update(content).digest('hex') };

/** Answers a range request as HTTP prescribes (RFC 9110, section 14). */
const whole: RequestListener = (request, response) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= packed.length) {
    response.writeHead(416, { 'content-range': `bytes */${packed.length}` }).end();
    return;
  }
  const body = packed.subarray(from);
  const headers = {
    'content-length': body.length,
    'content-range': `bytes ${from}-${packed.length - 1}/${packed.length}`,
  };
  response.writeHead(request.headers.range ? 206 : 200, headers).end(body);
};

/** Sends the given bytes of a longer answer, then breaks the connection. */
const broken =
  (bytes: number): RequestListener =>
  (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': packed.length - from,
      'content-range': `bytes ${from}-${packed.length - 1}/${packed.length}`,
    });
    response.write(packed.subarray(from, from + bytes), () => setTimeout(() => response.destroy(), 20));
  };

describe('fetchSource', () => {
  let directory: string;
  let server: Server;
  let answers: RequestListener[];
  let requests: string[];
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const source = (...mirrors: string[]): DataSource => ({ ...mnistSource, name: 'set', mirrors, files: [file] });
  const path = () => join(directory, 'set', 'file.gz');
  const exists = (name: string) =>
    access(name).then(
      () => true,
      () => false,
    );

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(`${request.url} ${request.headers.range ?? 'all'}`);
      (answers.length > 1 ? answers.shift()! : answers[0])(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fetch-'));
    answers = [whole];
    requests = [];
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('fetches, reports progress up to the whole, and keeps what is there', async () => {
    const seen: number[] = [];
    const progress = ({ stage, done, total }: { stage: string; done: number; total: number }) => {
      expect([stage, total]).toEqual(['file.gz', packed.length]);
      seen.push(done);
    };
    expect(await fetchSource(source(address()), { directory, progress })).toEqual([path()]);
    expect(await readFile(path())).toEqual(packed);
    expect(seen.at(-1)).toBe(packed.length);
    expect(await exists(`${path()}.part`)).toBe(false);
    await fetchSource(source(address()), { directory });
    expect(requests).toEqual(['/file.gz all']);
  });

  test('continues an interrupted transfer where it broke off, within a call and across calls', async () => {
    answers = [broken(1000), broken(500), whole];
    await fetchSource(source(address()), { directory });
    expect(requests).toEqual(['/file.gz all', '/file.gz bytes=1000-', '/file.gz bytes=1500-']);
    expect(await readFile(path())).toEqual(packed);

    await rm(path());
    requests = [];
    await writeFile(`${path()}.part`, packed.subarray(0, 2500));
    await fetchSource(source(address()), { directory });
    expect(requests).toEqual(['/file.gz bytes=2500-']);
    expect(await readFile(path())).toEqual(packed);
  });

  test('takes the whole file from a server that ignores ranges', async () => {
    await mkdir(join(directory, 'set'));
    await writeFile(`${path()}.part`, 'left over');
    answers = [(_, response) => response.writeHead(200).end(packed)];
    await fetchSource(source(address()), { directory });
    expect(await readFile(path())).toEqual(packed);
  });

  test('accepts a part that is already whole, and starts over from one that is not this file', async () => {
    await mkdir(join(directory, 'set'));
    await writeFile(`${path()}.part`, packed);
    await fetchSource(source(address()), { directory });
    expect(requests).toEqual([`/file.gz bytes=${packed.length}-`]);

    await rm(path());
    await writeFile(`${path()}.part`, Buffer.alloc(100));
    requests = [];
    await fetchSource(source(address()), { directory });
    expect(requests).toEqual(['/file.gz bytes=100-', '/file.gz all']);
    expect(await readFile(path())).toEqual(packed);
  });

  test('refuses a wrong file, leaves nothing of it, and goes on to the next mirror', async () => {
    const other = gzipSync('something else');
    answers = [(_, response) => response.end(other)];
    await expect(fetchSource(source(address()), { directory })).rejects.toThrow(
      /expected 3000 bytes with MD5 .* found 14 bytes with MD5/,
    );
    expect(await exists(path())).toBe(false);
    expect(await exists(`${path()}.part`)).toBe(false);

    answers = [(_, response) => response.end(other), (_, response) => response.writeHead(404).end(), whole];
    await fetchSource(source(`${address()}a/`, `${address()}b/`, `${address()}c/`), { directory });
    expect(requests.slice(1)).toEqual(['/a/file.gz all', '/b/file.gz all', '/c/file.gz all']);
    expect(await readFile(path())).toEqual(packed);
  });

  test('stops a server that sends without end', async () => {
    answers = [
      (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(16_384))) {}
        };
        response.on('drain', more);
        more();
      },
    ];
    await expect(fetchSource(source(address()), { directory })).rejects.toThrow(/sent more than 68536 bytes, the most the file can have/);
  });

  test('offline: names the mirrors, the folder, the files and DEEPTHEORY_DATA', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(closed.address() as AddressInfo).port}/`;
    await new Promise((resolve) => closed.close(resolve));
    const failure = fetchSource(source(url), { directory });
    await expect(failure).rejects.toThrow(UserError);
    await expect(failure).rejects.toThrow(/file\.gz.*ECONNREFUSED/s);
    await expect(failure).rejects.toThrow(join(directory, 'set'));
    await expect(failure).rejects.toThrow(/put file\.gz into .* or set DEEPTHEORY_DATA/);
  });

  test('leaves a file of the right name and wrong content to the user; takes an unpacked one', async () => {
    await mkdir(join(directory, 'set'));
    await writeFile(path(), 'mine');
    await expect(fetchSource(source(address()), { directory })).rejects.toThrow(
      /found 4 bytes with MD5.*delete the file/,
    );
    expect(await readFile(path(), 'utf8')).toBe('mine');
    await rm(path());
    await writeFile(join(directory, 'set', 'file'), content);
    expect(await fetchSource(source(address()), { directory })).toEqual([join(directory, 'set', 'file')]);
    expect(requests).toEqual([]);
  });

  test('says when the folder cannot be written, and when the data set is unknown', async () => {
    await writeFile(join(directory, 'set'), 'a file where the folder should be');
    await expect(fetchSource(source(address()), { directory })).rejects.toThrow(/could not be written/);
    await expect(fetchDataset('mnits', { directory })).rejects.toThrow(/expected one of mnist, found "mnits"/);
  });
});
