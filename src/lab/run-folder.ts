/** Writing a run's folder: whole files by write-and-rename, records by appending; what the system says in words. */
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../array/errors.ts';

export interface RunFolder {
  readonly path: string;
  /** Writes a whole file, on the disk when it returns; a reader sees the old one or the new one, never a half. */
  write(name: string, data: string | Uint8Array): void;
  /** Adds one line to a file. */
  append(name: string, line: string): void;
  /** Adds to `log.txt`, each line with the time. What cannot be logged is no reason to end a run. */
  log(text: string): void;
  /** Cuts a file after so many bytes. */
  cut(name: string, bytes: number): void;
  /** Removes a file or folder, if it is there. */
  remove(name: string): void;
}

/**
 * Makes `<root>/<group>/<yyyymmdd-hhmmss>-<short id>/`, time in the machine's zone.
 * @throws UserError where the folder cannot be made.
 */
export function createRunFolder(root: string, group: string, now: Date): RunFolder {
  const parent = join(root, group);
  const path = join(parent, `${stamp(now)}-${randomBytes(3).toString('hex')}`);
  attempt('make the run folder', path, () => {
    mkdirSync(parent, { recursive: true });
    mkdirSync(path); // fails where another run of the same second has drawn the same id
  });
  return openRunFolder(path);
}

/** The folder for writing; every method throws a UserError that names the file where it cannot. */
export function openRunFolder(path: string): RunFolder {
  return {
    path,
    write(name, data) {
      const target = join(path, name);
      const part = `${target}.part`;
      attempt('write', target, () => {
        // Not recursively: a run's folder that was removed must not come back with one file in it.
        if (dirname(name) !== '.' && !existsSync(dirname(target))) mkdirSync(dirname(target));
        try {
          writeWhole(part, data);
        } catch (error) {
          rmSync(part, { force: true }); // half a file is of no use, and the disk may be full
          throw error;
        }
        renameSync(part, target);
      });
    },
    append(name, line) {
      const target = join(path, name);
      attempt('write', target, () => appendFileSync(target, `${line}\n`));
    },
    log(text) {
      const time = new Date().toISOString();
      const lines = text.trimEnd().split('\n');
      try {
        appendFileSync(join(path, 'log.txt'), lines.map((line) => `${time}  ${line}\n`).join(''));
      } catch {
        // e.g. the disk is full, of which the next checkpoint will tell
      }
    },
    cut(name, bytes) {
      const target = join(path, name);
      attempt('write', target, () => truncateSync(target, bytes));
    },
    remove(name) {
      const target = join(path, name);
      attempt('remove', target, () => rmSync(target, { recursive: true, force: true }));
    },
  };
}

function writeWhole(path: string, data: string | Uint8Array): void {
  const file = openSync(path, 'w');
  try {
    writeFileSync(file, data);
    // Renamed before the data is on the disk, it would be an empty file after a loss of power.
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const causes: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than allowed',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'a file of that name is in the way',
  ENOENT: 'the folder was removed meanwhile',
};

/** Carries out something with files; what the user can mend becomes a UserError that names the option of the place. */
export function attempt<T>(what: string, path: string, action: () => T, option = '--out DIR'): T {
  try {
    return action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const cause = causes[code];
    if (cause === undefined) throw error;
    throw new UserError(`cannot ${what} ${path}: ${cause} (${code}); choose another place with ${option}`);
  }
}

function stamp(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${date}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
