/** Fetching the published data sets: resumable, checked against their published sums, never half there. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../array/errors.ts';
import { dataDirectory } from '../directory.ts';
import { onDisk } from '../disk.ts';
import { folderOf, locate } from '../locate.ts';
import { sources } from '../sets/sources.ts';
import { type DataSource, filesOf } from '../source.ts';
import { unpack } from './archive.ts';
import { describe, mismatch, type Published } from './checksum.ts';
import { withLock } from './lock.ts';
import { type FetchProgress, removePart, sizeOf, transfer } from './transfer.ts';

export interface FetchOptions {
  /** Folder of all data sets; the files go into the set's folder in it. Default `dataDirectory()`. */
  readonly directory?: string;
  /** Default: silent. */
  readonly progress?: FetchProgress;
  /** Ends the transfer; what has come stays for the next call to continue. */
  readonly signal?: AbortSignal;
}

/** How often a broken transfer is taken up again at one mirror, as long as each try brings something. */
const TRIES = 5;

/** Gzip adds at most this many bytes to what it cannot compress, for files of the sizes here. */
const GZIP_OVERHEAD = 65_536;

/** Most bytes of a file whose size is not known. */
const LARGEST = 2 ** 31 - 1;

/**
 * Fetches a published data set, or checks that it is there. Files already present with the right sum are kept.
 *
 * A file grows as `<name>.part`, which a later call continues where it broke off, unless the server says that its file
 * has changed; it gets its name only once its sum is right. A process that fetches the same set meanwhile is waited for.
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
  const { directory = dataDirectory(), progress = () => {}, signal } = options;
  const folder = folderOf(source, directory);
  const here = await present(source, folder);
  if (here !== null) return here;
  if (source.mirrors.length === 0) {
    throw new UserError(
      `${source.name}: its publisher has no address to fetch it from; see ${source.home} and put ${fileNames(source)} into ${folder}.`,
    );
  }
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  const waiting = () => progress({ stage: 'waiting for another process', done: 0, total: 0 });
  const work = () => fetchMissing({ source, folder, progress, signal });
  return withLock(join(folder, `.${source.name}.lock`), work, { signal, waiting });
}

/** The paths of a data set that is there, or null where a file is missing. Whole files are checked by their sums. */
async function present(source: DataSource, folder: string): Promise<string[] | null> {
  const published = filesOf(source);
  const paths = published.map(({ name }) => locate(folder, name));
  if (published.length > 0 && paths.every((found) => found.length > 0)) {
    for (const [i, file] of published.entries()) if (paths[i].length === 1) await check(paths[i][0], file);
    return paths.flat();
  }
  const other = (source.otherForm ?? []).map((name) => locate(folder, name));
  return other.length > 0 && other.every((found) => found.length > 0) ? other.flat() : null;
}

async function check(path: string, file: Published, unpacked = true): Promise<void> {
  const found = await mismatch(path, file, unpacked);
  if (found === null) return;
  throw new UserError(
    `${path}: expected ${describe(file, unpacked)}, found ${found}; delete the file and fetch again, or set DEEPTHEORY_DATA to another folder.`,
  );
}

interface Job {
  readonly source: DataSource;
  readonly folder: string;
  readonly progress: FetchProgress;
  readonly signal?: AbortSignal;
}

async function fetchMissing(job: Job): Promise<string[]> {
  const { source, folder } = job;
  for (const file of source.files) {
    const [path, ...more] = locate(folder, file.name);
    if (path === undefined) await fetchFile(job, file.path ?? file.name, file.name, file, true);
    else if (more.length === 0) await check(path, file);
  }
  for (const archive of source.archives ?? []) {
    if (archive.members.every(({ name }) => locate(folder, name).length > 0)) continue;
    const name = basename(archive.path);
    const path = join(folder, name);
    // One that the user put here, or that an interrupted call left.
    if ((await sizeOf(path)) > 0) await check(path, archive, false);
    else await fetchFile(job, archive.path, name, archive, false);
    job.progress({ stage: `unpacking ${name}`, done: 0, total: 0 });
    await unpack(path, archive, folder);
    await onDisk(path, () => rm(path, { force: true }));
  }
  return filesOf(source).flatMap(({ name }) => locate(folder, name));
}

/** Fetches one file from the first mirror that has it. `unpacked`: its size and sum are those of the unpacked file. */
async function fetchFile(job: Job, address: string, name: string, file: Published, unpacked: boolean): Promise<void> {
  const { source, folder, progress, signal } = job;
  const path = join(folder, name);
  const part = `${path}.part`;
  const checked = file.md5 !== undefined;
  const largest = file.bytes === undefined ? LARGEST : file.bytes + (name.endsWith('.gz') ? GZIP_OVERHEAD : 0);
  const reasons: string[] = [];
  for (const mirror of source.mirrors) {
    const url = new URL(address, mirror).href;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const had = await sizeOf(part);
      const problem = await transfer({ url, part, stage: name, largest, checked, progress, signal });
      if (problem !== null) {
        reasons.push(`${url}: ${problem}`);
        // A transfer that brought something, or found that it must begin again, is worth another; one that did neither
        // will not do better at once.
        if ((await sizeOf(part)) !== had) continue;
        break;
      }
      const found = await mismatch(part, file, unpacked);
      if (found === null) {
        await onDisk(path, () => rename(part, path));
        await removePart(part);
        return;
      }
      await removePart(part);
      reasons.push(`${url}: expected ${describe(file, unpacked)}, found ${found}`);
      // A part that was begun elsewhere may be what spoilt the sum; a file from this mirror alone is not worth repeating.
      if (had === 0) break;
    }
  }
  throw new UserError(
    [
      `${source.name}: could not fetch ${name} into ${folder}.`,
      ...reasons.map((reason) => `  ${reason}`),
      `Without a network, put ${fileNames(source)} into ${folder}, or set DEEPTHEORY_DATA to the folder that holds "${source.folder ?? source.name}".`,
    ].join('\n'),
  );
}

/** What to put into the folder by hand. */
function fileNames({ files, archives = [], otherForm = [] }: DataSource): string {
  const names = [...files.map(({ name }) => name), ...archives.map(({ path }) => basename(path))];
  return (names.length > 0 ? names : otherForm).join(', ');
}
