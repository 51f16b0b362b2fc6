/** The runs under a root, and which of them a word on the command line means. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../array/errors.ts';
import { isRunFolder } from './run-record.ts';
import { didYouMean } from './suggest.ts';

const runName = /^\d{8}-\d{6}-[\da-f]{6}$/;

/** Folders of all runs under `root`, or of one result, the newest first; none where there is no such folder. */
export function listRuns(root: string, result?: string): string[] {
  return runFolders(root, result)
    .filter(isRunFolder)
    .sort((a, b) => stamp(b).localeCompare(stamp(a)) || begun(b) - begun(a));
}

/** Everything that is named as the folder of a run, whatever is in it; in no order. */
export function runFolders(root: string, result?: string): string[] {
  const results = result === undefined ? folders(root) : [result];
  return results.flatMap((name) =>
    folders(join(root, name))
      .filter((run) => runName.test(run))
      .map((run) => join(resolve(root), name, run)),
  );
}

const stamp = (path: string): string => basename(path).slice(0, -7);

/** Within a second the names do not tell; `config.json` is written once, at the beginning. */
const begun = (path: string): number => statSync(join(path, 'config.json')).mtimeMs;

/**
 * The folder of the run that `given` means: a path, a folder's name, a short id, the beginning of either that no other run
 * shares, or `last`.
 * @throws UserError naming the runs that come near.
 */
export function findRun(root: string, given: string): string {
  if (/[\\/]/.test(given) || given === '.') return givenPath(given);
  const runs = listRuns(root);
  if (runs.length === 0) throw new UserError(`there are no runs in ${root}; name another root with --out DIR`);
  if (given === 'last') return runs[0];
  const matches = runs.filter((path) => [basename(path), shortId(path)].some((name) => name.startsWith(given)));
  const exact = matches.filter((path) => [basename(path), shortId(path)].includes(given));
  const [found, ...others] = exact.length > 0 ? exact : matches;
  if (found === undefined) {
    const hint = didYouMean(given, [...runs.map(shortId), 'last']);
    throw new UserError(`there is no run "${given}" in ${root}${hint}; the newest is ${describe(runs[0])}`);
  }
  if (others.length > 0) {
    const some = [found, ...others].slice(0, 5).map(describe).join(', ');
    throw new UserError(`"${given}" may mean ${others.length + 1} runs: ${some}${others.length > 4 ? ', …' : ''}`);
  }
  return found;
}

/** A path may also be that of a file in the folder, e.g. of the report. */
function givenPath(given: string): string {
  for (const path of [resolve(given), resolve(given, '..')]) if (isRunFolder(path)) return path;
  const why = existsSync(given) ? 'it has no config.json' : 'it does not exist';
  throw new UserError(`${given} is not the folder of a run: ${why}`);
}

function shortId(path: string): string {
  return basename(path).slice(-6);
}

/** `spectral-bias/20260102-030405-a1b2c3` */
function describe(path: string): string {
  return path.split(/[\\/]/).slice(-2).join('/');
}

function folders(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
