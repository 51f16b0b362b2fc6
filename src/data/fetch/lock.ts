/** A lock between processes, also on different machines that share a folder: a file that its holder keeps fresh. */
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { onDisk } from '../disk.ts';

export interface LockOptions {
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Called while another holds the lock. */
  readonly waiting?: () => void;
  /** A lock untouched for so many milliseconds was left by a process that died; default 30 s. */
  readonly staleAfter?: number;
}

/**
 * Runs `work` while no other process holds the lock `path`, waiting for one that does.
 *
 * Two processes that find the same dead lock in the same instant may both go on: the files a lock guards must bear it
 * (here every file is checked before it gets its name).
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { signal, waiting, staleAfter = 30_000 } = options;
  while (!(await take(path))) {
    if (await isStale(path, staleAfter)) {
      await onDisk(path, () => rm(path, { force: true }));
      continue;
    }
    waiting?.();
    await sleep(Math.min(250, staleAfter), undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
  const fresh = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, staleAfter / 4);
  try {
    return await work();
  } finally {
    clearInterval(fresh);
    await rm(path, { force: true }).catch(() => {});
  }
}

/** Makes the file where there is none; false where there is. */
function take(path: string): Promise<boolean> {
  return onDisk(path, async () => {
    try {
      await writeFile(path, `${process.pid} ${hostname()}`, { flag: 'wx' });
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw error;
    }
  });
}

/** Whether the holder is dead: by its process where that ran on this machine, by the age of the file elsewhere. */
async function isStale(path: string, staleAfter: number): Promise<boolean> {
  try {
    const [pid, host] = (await readFile(path, 'utf8')).split(' ');
    if (host === hostname() && !isAlive(Number(pid))) return true;
    return Date.now() - (await stat(path)).mtimeMs > staleAfter;
  } catch {
    // Given back in the meantime.
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
