/** Finding a data set's files on disk, gzipped or not, whole or in parts. */
import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { UserError } from '../array/errors.ts';
import { dataDirectory } from './directory.ts';
import { type DataSource, filesOf } from './source.ts';

/** The folder of a data set. */
export function folderOf(source: DataSource, directory: string = dataDirectory()): string {
  return join(directory, source.folder ?? source.name);
}

/**
 * The paths that hold a file: its name, with `.gz` or without, else its parts `<stem>.part1<ext>`, `<stem>.part2<ext>`
 * and so on, in order. Empty where there is none.
 */
export function locate(folder: string, name: string): string[] {
  const bare = name.replace(/\.gz$/, '');
  for (const path of [join(folder, `${bare}.gz`), join(folder, bare)]) if (existsSync(path)) return [path];
  const extension = extname(bare);
  const start = `${bare.slice(0, bare.length - extension.length)}.part`;
  const numbered = filesIn(folder).flatMap((file) => {
    const rest = file.replace(/\.gz$/, '');
    if (!rest.startsWith(start) || !rest.endsWith(extension)) return [];
    const number = rest.slice(start.length, rest.length - extension.length);
    return /^[1-9]\d*$/.test(number) ? [{ number: Number(number), path: join(folder, file) }] : [];
  });
  const parts = numbered.sort((a, b) => a.number - b.number);
  return parts.every(({ number }, i) => number === i + 1) ? parts.map(({ path }) => path) : [];
}

/** Names of the files in a folder; none where there is no folder. */
export function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * The path of a file that is there whole.
 *
 * @param names the file's name, and others that do as well
 * @throws UserError when there is none, saying how to come by it
 */
export function findFile(source: DataSource, directory: string | undefined, ...names: string[]): string {
  const folder = folderOf(source, directory);
  for (const name of names) {
    const paths = locate(folder, name);
    if (paths.length === 1) return paths[0];
  }
  throw missing(source, folder, names);
}

/** The error for a file that is not there. */
export function missing(source: DataSource, folder: string, names: readonly string[]): UserError {
  const forms = names.flatMap((name) => (name.endsWith('.gz') ? [name, name.slice(0, -3)] : [name]));
  const found = forms.length > 2 ? 'none' : forms.length === 2 ? 'neither' : 'no such file';
  const remedy =
    source.mirrors.length > 0 ? `run "deeptheory data fetch ${source.name}"` : `get it from ${source.home}`;
  return new UserError(
    `${source.name}: expected ${forms.join(' or ')} in ${folder}, found ${found}; ${remedy}, or set DEEPTHEORY_DATA to the folder that holds "${source.folder ?? source.name}".`,
  );
}

/** How much of a data set is there, by the names of its files; `data fetch` also checks what they hold. */
export function presence(source: DataSource, directory: string): 'yes' | 'partly' | 'no' {
  const folder = folderOf(source, directory);
  const count = (names: readonly string[]) => names.filter((name) => locate(folder, name).length > 0).length;
  const published = filesOf(source).map(({ name }) => name);
  const other = source.otherForm ?? [];
  if ([published, other].some((names) => names.length > 0 && count(names) === names.length)) return 'yes';
  return count([...published, ...other]) > 0 ? 'partly' : 'no';
}
