/** A run's folder: made once, written by its own process only, every file by write-and-rename. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../array/errors.ts';

export interface RunFolder {
  readonly path: string;
  /** Writes a whole file; a reader sees the old one or the new one, never a half. */
  write(name: string, text: string): void;
  /** Adds one line to a file. */
  append(name: string, line: string): void;
}

/**
 * Makes `<root>/<group>/<yyyymmdd-hhmmss>-<short id>/`, time in the machine's zone.
 * @throws UserError where the folder cannot be made.
 */
export function createRunFolder(root: string, group: string, now: Date): RunFolder {
  const path = join(root, group, `${stamp(now)}-${randomBytes(3).toString('hex')}`);
  attempt('make the run folder', path, () => mkdirSync(path, { recursive: true }));
  return {
    path,
    write(name, text) {
      const target = join(path, name);
      attempt('write', target, () => {
        writeFileSync(`${target}.part`, text);
        renameSync(`${target}.part`, target);
      });
    },
    append(name, line) {
      const target = join(path, name);
      attempt('write', target, () => appendFileSync(target, `${line}\n`));
    },
  };
}

const causes: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file of that name is in the way',
  ENOENT: 'the folder was removed meanwhile',
};

function attempt(what: string, path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const cause = causes[code];
    if (cause === undefined) throw error;
    throw new UserError(`cannot ${what} ${path}: ${cause} (${code}); choose another place with --out DIR`);
  }
}

function stamp(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${date}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
