import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from './lock.ts';

let folder: string;
const lock = () => join(folder, '.lock');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('one at a time, and the lock is given back whatever happens', async () => {
  let inside = 0;
  const work = async () => {
    inside++;
    expect(inside).toBe(1);
    await pause(10);
    inside--;
  };
  await Promise.all(Array.from({ length: 4 }, () => withLock(lock(), work, { staleAfter: 2000 })));
  await expect(withLock(lock(), () => Promise.reject(new Error('broke')))).rejects.toThrow('broke');
  expect(await readdir(folder)).toEqual([]);
});

test('a lock that a dead process left is taken: at once on this machine, after a while from another', async () => {
  // Beyond the largest number of a process.
  await writeFile(lock(), `4194305 ${hostname()}`);
  expect(await withLock(lock(), async () => 'done', { staleAfter: 1e9 })).toBe('done');
  await writeFile(lock(), '1 another-machine');
  const old = new Date(Date.now() - 60_000);
  await utimes(lock(), old, old);
  expect(await withLock(lock(), async () => 'done')).toBe('done');
});

test('a lock in use is waited for until told to stop; its holder keeps it fresh', async () => {
  let waits = 0;
  const held = withLock(lock(), () => pause(300), { staleAfter: 100 });
  await pause(20);
  await withLock(lock(), async () => {}, { staleAfter: 100, waiting: () => waits++ });
  await held;
  expect(waits).toBeGreaterThan(1);

  await writeFile(lock(), `${process.pid} ${hostname()}`);
  const stop = new AbortController();
  const stopped = withLock(lock(), async () => {}, {
    signal: stop.signal,
    waiting: () => stop.abort(new Error('stopped')),
  });
  await expect(stopped).rejects.toThrow('stopped');
});

test('says where it cannot be made', async () => {
  await expect(withLock(join(folder, 'none', '.lock'), async () => {})).rejects.toThrow(/none.*could not be written/);
});
