/** Where data files live on this machine. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * Folder of the data files: `DEEPTHEORY_DATA` where it is set, else `deeptheory` in the user's cache folder
 * (`XDG_CACHE_HOME`, else `~/.cache`). Each data set has a folder of its name in it.
 *
 * @param environment variables to read; default: those of the process
 */
export function dataDirectory(environment: Record<string, string | undefined> = process.env): string {
  const chosen = environment['DEEPTHEORY_DATA'];
  if (chosen) return resolve(chosen);
  const cache = environment['XDG_CACHE_HOME'];
  // The XDG Base Directory Specification has relative paths ignored.
  return join(cache && isAbsolute(cache) ? cache : join(homedir(), '.cache'), 'deeptheory');
}
