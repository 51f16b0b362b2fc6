/** Fetching the published data sets: resumable, checked against their published sums, never half there. */
import { access, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../array/errors.ts';
import { mismatch } from './checksum.ts';
import { dataDirectory } from './directory.ts';
import { type DataFile, type DataSource, sources } from './sources.ts';

/** Called with the name of the file under way and its bytes; `total` is 0 where the mirror does not say. */
export type FetchProgress = (update: { stage: string; done: number; total: number }) => void;

export interface FetchOptions {
  /** Folder of all data sets; the files go into one of the set's name in it. Default `dataDirectory()`. */
  readonly directory?: string;
  /** Default: silent. */
  readonly progress?: FetchProgress;
}

/** How often a broken transfer is taken up again at one mirror, as long as each try brings something. */
const TRIES = 5;

/** A mirror that sends nothing for this long is given up, in milliseconds. */
const PATIENCE = 60_000;

/** Gzip adds at most this many bytes to what it cannot compress, for files of the sizes here. */
const GZIP_OVERHEAD = 65_536;

/**
 * Fetches a published data set, or checks that it is there. Files already present with the right sum are kept.
 *
 * A file grows as `<name>.part`, which a later call continues where it broke off; it gets its name only once its sum is
 * right.
 *
 * @param name a name in `sources`, e.g. "mnist"
 * @returns the paths of the files
 * @throws UserError when the name is unknown, no mirror gives the published file, a file of that name differs from the
 *   published one, or the folder cannot be written
 */
export async function fetchDataset(name: string, options: FetchOptions = {}): Promise<string[]> {
  const source = sources.find((candidate) => candidate.name === name);
  if (source === undefined) {
    const known = sources.map((candidate) => candidate.name).join(', ');
    throw new UserError(`data fetch: expected one of ${known}, found "${name}".`);
  }
  return fetchSource(source, options);
}

/** `fetchDataset` for a source of the caller's own. */
export async function fetchSource(source: DataSource, options: FetchOptions = {}): Promise<string[]> {
  const { directory = dataDirectory(), progress = () => {} } = options;
  const folder = join(directory, source.name);
  const paths: string[] = [];
  for (const file of source.files) {
    paths.push((await present(folder, file)) ?? (await fetchFile(source, file, folder, progress)));
  }
  return paths;
}

/** The path of a file that is there, gzipped or unpacked, and is the published one; null where there is none. */
async function present(folder: string, file: DataFile): Promise<string | null> {
  for (const path of [join(folder, file.name), join(folder, file.name.replace(/\.gz$/, ''))]) {
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (!exists) continue;
    const found = await mismatch(path, file);
    if (found === null) return path;
    throw new UserError(
      `${path}: expected ${file.bytes} bytes with MD5 ${file.md5} once unpacked, found ${found}; delete the file and fetch again, or set DEEPTHEORY_DATA to another folder.`,
    );
  }
  return null;
}

async function fetchFile(source: DataSource, file: DataFile, folder: string, progress: FetchProgress): Promise<string> {
  const path = join(folder, file.name);
  const part = `${path}.part`;
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  const reasons: string[] = [];
  for (const mirror of source.mirrors) {
    const url = new URL(file.name, mirror).href;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const had = await sizeOf(part);
      const problem = await transfer(url, part, had, file, progress);
      if (problem !== null) {
        reasons.push(`${url}: ${problem}`);
        // A transfer that brought something is worth continuing; one that brought nothing will not do better at once.
        if ((await sizeOf(part)) > had) continue;
        break;
      }
      const found = await mismatch(part, file);
      if (found === null) {
        await onDisk(path, () => rename(part, path));
        return path;
      }
      await onDisk(part, () => rm(part, { force: true }));
      reasons.push(`${url}: expected ${file.bytes} bytes with MD5 ${file.md5} once unpacked, found ${found}`);
      // A part that was begun elsewhere may be what spoilt the sum; a file from this mirror alone is not worth repeating.
      if (had === 0) break;
    }
  }
  throw new UserError(
    [
      `${source.name}: could not fetch ${file.name} into ${folder}.`,
      ...reasons.map((reason) => `  ${reason}`),
      `Without a network, put ${source.files.map((f) => f.name).join(', ')} into ${folder}, or set DEEPTHEORY_DATA to the folder that holds "${source.name}".`,
    ].join('\n'),
  );
}

/**
 * Adds to `part`, which has `had` bytes, what the mirror still has to send. Returns null when the mirror has sent all,
 * else what went wrong.
 */
async function transfer(
  url: string,
  part: string,
  had: number,
  file: DataFile,
  progress: FetchProgress,
): Promise<string | null> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error(`nothing came for ${PATIENCE / 1000} s`)), PATIENCE);
  try {
    const response = await fetch(url, {
      headers: { 'accept-encoding': 'identity', ...(had > 0 ? { range: `bytes=${had}-` } : {}) },
      signal: stalled.signal,
    });
    // Nothing lies beyond what we have: the part is whole, or it is not this file, which its sum will tell.
    if (response.status === 416 && had > 0) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return `answered ${response.status} ${response.statusText}`;
    }
    // A mirror may ignore the range and send the whole file (200), or send another one than asked for.
    const from = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
    if (response.status === 206 && Number(from) !== had) {
      await response.body.cancel();
      return `sent the range "${response.headers.get('content-range')}" when asked for bytes from ${had}`;
    }
    const start = response.status === 206 ? had : 0;
    const announced = Number(response.headers.get('content-length') ?? 0);
    let done = start;
    const handle = await onDisk(part, () => open(part, start > 0 ? 'a' : 'w'));
    try {
      for await (const chunk of response.body) {
        timer.refresh();
        if (done + chunk.length > file.bytes + GZIP_OVERHEAD) {
          await onDisk(part, () => handle.truncate(0));
          return `sent more than ${file.bytes} bytes, the size of the file once unpacked`;
        }
        await onDisk(part, () => handle.writeFile(chunk));
        done += chunk.length;
        progress({ stage: file.name, done, total: announced > 0 ? start + announced : 0 });
      }
      await onDisk(part, () => handle.sync());
    } finally {
      await handle.close();
    }
    return null;
  } catch (error) {
    if (error instanceof UserError) throw error;
    return networkReason(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a step that writes to disk; its failure is the user's disk's and ends the fetch, whatever other mirrors there are. */
async function onDisk<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${path}: could not be written (${reason}); free or choose a folder with DEEPTHEORY_DATA.`);
  }
}

/** Size of a file in bytes, 0 where there is none. */
async function sizeOf(path: string): Promise<number> {
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
