/** Bringing one file over HTTP, continuing where an earlier transfer broke off (RFC 9110, sections 13 and 14). */
import { open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { UserError } from '../../array/errors.ts';
import { onDisk } from '../disk.ts';

/** Called with the name of the file under way and its bytes; `total` is 0 where the mirror does not say. */
export type FetchProgress = (update: { stage: string; done: number; total: number }) => void;

/** A mirror that sends nothing for this long is given up, in milliseconds. */
const PATIENCE = 60_000;

export interface Transfer {
  readonly url: string;
  /** The file that grows. */
  readonly part: string;
  /** Name of the file in reports of progress. */
  readonly stage: string;
  /** A mirror that sends more bytes than this is not sending the file. */
  readonly largest: number;
  /** Whether a sum will tell if the pieces belong together; without one only what is surely the same file is continued. */
  readonly checked: boolean;
  readonly progress: FetchProgress;
  readonly signal?: AbortSignal;
}

/** Where the bytes of a part came from; kept beside it. */
interface Origin {
  readonly url: string;
  /** What the server names this version of the file by: a strong ETag, or the time of its last change. */
  readonly validator: string | null;
  /** Bytes of the whole file, null where the server does not say. */
  readonly total: number | null;
}

/** Adds to the part what the mirror still has to send. Returns null when the mirror has sent all, else what went wrong. */
export async function transfer(job: Transfer): Promise<string | null> {
  const { url, part } = job;
  const origin = await readOrigin(part);
  const same = origin?.url === url ? origin : null;
  if (!job.checked && same?.validator == null) await discardPart(part);
  const had = await sizeOf(part);
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error(`nothing came for ${PATIENCE / 1000} s`)), PATIENCE);
  try {
    const response = await fetch(url, {
      headers: {
        'accept-encoding': 'identity',
        ...(had > 0 ? { range: `bytes=${had}-` } : {}),
        ...(had > 0 && same?.validator ? { 'if-range': same.validator } : {}),
      },
      signal: job.signal ? AbortSignal.any([job.signal, stalled.signal]) : stalled.signal,
    });
    return await receive(job, response, had, same, () => timer.refresh());
  } catch (error) {
    if (job.signal?.aborted) throw job.signal.reason;
    if (error instanceof UserError) throw error;
    return networkReason(error);
  } finally {
    clearTimeout(timer);
  }
}

async function receive(
  { url, part, stage, largest, progress }: Transfer,
  response: Response,
  had: number,
  origin: Origin | null,
  alive: () => void,
): Promise<string | null> {
  const { start, total, problem } = readHead(response, had);
  // The same address now holds a file of another length: what we have is a piece of the old one.
  const changed = start > 0 && origin?.total != null && total !== null && total !== origin.total;
  if (changed || (response.status === 416 && total !== null && total < had)) {
    await response.body?.cancel();
    await discardPart(part);
    return `holds another file than before (${total} bytes, not ${origin?.total ?? `at least ${had}`})`;
  }
  // Nothing lies beyond what we have: the part is whole, or it is not this file, which its sum will tell.
  if (response.status === 416 && had > 0) {
    await response.body?.cancel();
    return null;
  }
  if (problem !== null || response.body === null) {
    await response.body?.cancel();
    return problem ?? 'sent nothing';
  }
  const handle = await onDisk(part, () => open(part, start > 0 ? 'a' : 'w'));
  let done = start;
  try {
    await writeOrigin(part, { url, validator: validatorOf(response), total });
    for await (const chunk of response.body) {
      alive();
      if (done + chunk.length > largest) {
        await onDisk(part, () => handle.truncate(0));
        return `sent more than ${largest} bytes, the most the file can have`;
      }
      await onDisk(part, () => handle.writeFile(chunk));
      done += chunk.length;
      progress({ stage, done, total: total ?? 0 });
    }
    await onDisk(part, () => handle.sync());
  } finally {
    await handle.close();
  }
  return total === null || done === total ? null : `ended after ${done} of ${total} bytes`;
}

/** Where in the file the answer begins, how long the file is, and what is wrong with the answer. */
function readHead(response: Response, had: number): { start: number; total: number | null; problem: string | null } {
  const range = response.headers.get('content-range') ?? '';
  const [, from, size] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(range) ?? [];
  const total = size === undefined || size === '*' ? null : Number(size);
  if (!response.ok) return { start: 0, total, problem: `answered ${response.status} ${response.statusText}`.trim() };
  if (response.status === 206) {
    const problem = Number(from) === had ? null : `sent the range "${range}" when asked for bytes from ${had}`;
    return { start: had, total, problem };
  }
  // A mirror may ignore the range and send the whole file. The length it announces is that of the encoded body.
  const encoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
  const length = encoded ? null : response.headers.get('content-length');
  return { start: 0, total: length === null ? null : Number(length), problem: null };
}

/** A weak ETag may stand for files that differ in their bytes; ranges must not be joined by it. */
function validatorOf({ headers }: Response): string | null {
  const tag = headers.get('etag');
  return tag !== null && !tag.startsWith('W/') ? tag : headers.get('last-modified');
}

const originOf = (part: string) => `${part}.json`;

async function readOrigin(part: string): Promise<Origin | null> {
  try {
    return JSON.parse(await readFile(originOf(part), 'utf8'));
  } catch {
    return null;
  }
}

async function writeOrigin(part: string, origin: Origin): Promise<void> {
  await onDisk(originOf(part), () => writeFile(originOf(part), JSON.stringify(origin)));
}

/** Begins again from nothing. */
async function discardPart(part: string): Promise<void> {
  if ((await sizeOf(part)) > 0) await onDisk(part, () => truncate(part));
}

/** Takes away the part and what was kept beside it. */
export async function removePart(part: string): Promise<void> {
  await onDisk(part, () => rm(part, { force: true }));
  await onDisk(part, () => rm(originOf(part), { force: true }));
}

/** Size of a file in bytes, 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}

/** Node hides why a request failed in the cause of a bare "fetch failed". */
function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  if (!(cause instanceof Error)) return error.message;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return [error.message, code, cause.message].filter((text) => text !== '').join(': ');
}
