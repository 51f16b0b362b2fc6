/** A small HTTP server on loopback whose answers a test prescribes, and a folder to fetch into. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

export interface FetchPlace {
  /** New for each test. */
  directory: string;
  /** Used one after the other; the last one again and again. */
  answers: RequestListener[];
  /** Path and range of each request so far. */
  requests: string[];
  /** The `If-Range` of each request so far. */
  conditions: (string | undefined)[];
  /** The server's address, with a slash at its end. */
  readonly address: string;
}

/** Starts the server for the tests of the file that calls it. */
export function fetchPlace(): FetchPlace {
  const server = createServer((request, response) => {
    place.requests.push(`${request.url} ${request.headers.range ?? 'all'}`);
    place.conditions.push(request.headers['if-range'] as string | undefined);
    (place.answers.length > 1 ? place.answers.shift()! : place.answers[0])(request, response);
  });
  const place: FetchPlace = {
    directory: '',
    answers: [],
    requests: [],
    conditions: [],
    get address() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    },
  };
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    place.directory = await mkdtemp(join(tmpdir(), 'fetch-'));
    place.requests = [];
    place.conditions = [];
  });
  afterEach(() => rm(place.directory, { recursive: true }));
  return place;
}

export const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

/** Bytes that do not compress, so that a gzip file of them is cut at meaningful places. */
export const noise = (length: number, seed = '') =>
  Buffer.from(Array.from({ length }, (_, i) => createHash('md5').update(`${seed}${i}`).digest()[0]));

export const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

const firstByte = (request: IncomingMessage) => Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);

/** Sends a file as HTTP prescribes (RFC 9110, sections 13 and 14), with an ETag where one is given. */
export const whole =
  (body: Uint8Array, etag?: string): RequestListener =>
  (request, response) => {
    const condition = request.headers['if-range'];
    const from = condition === undefined || condition === etag ? firstByte(request) : 0;
    const tag = etag === undefined ? {} : { etag };
    if (from >= body.length) {
      response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    } else if (from === 0) {
      response.writeHead(200, { ...tag, 'content-length': body.length }).end(body);
    } else {
      const rest = body.subarray(from);
      const range = `bytes ${from}-${body.length - 1}/${body.length}`;
      response.writeHead(206, { ...tag, 'content-length': rest.length, 'content-range': range }).end(rest);
    }
  };

/** Sends so many bytes of a longer answer, and breaks the connection once they have been written to the file `part`. */
export const broken =
  (part: () => string, body: Uint8Array, bytes: number, etag?: string): RequestListener =>
  (request, response) => {
    const from = firstByte(request);
    response.writeHead(from > 0 ? 206 : 200, {
      ...(etag === undefined ? {} : { etag }),
      'content-length': body.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}),
    });
    response.write(body.subarray(from, from + bytes));
    // The client drops what it has not read when the connection breaks.
    const timer = setInterval(() => {
      if ((statSync(part(), { throwIfNoEntry: false })?.size ?? 0) < from + bytes) return;
      clearInterval(timer);
      response.destroy();
    }, 2);
  };
