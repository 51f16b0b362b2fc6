/** The runs of a root, as the addresses of the dashboard name them, and the latest finished one of each result and scale. */
import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { listRuns } from '../lab/find-run.ts';
import { readJson } from '../lab/json.ts';
import { type RunRecord, type RunSummary, readRun, runState } from '../lab/run-record.ts';
import type { Scale } from '../results/contract.ts';

/** `<result>/<name of the folder>`: nothing else names a run, so that no address leads out of the root. */
export const runPath = /^([a-z\d][a-z\d-]*)\/(\d{8}-\d{6}-[\da-f]{6})$/;

/** `<result>/<name of the folder>` of a folder. */
export function pathOf(folder: string): string {
  return `${basename(dirname(folder))}/${basename(folder)}`;
}

/** The run that an address names; undefined where there is none. @throws UserError where it is broken */
export function findByPath(root: string, path: string): RunRecord | undefined {
  if (!runPath.test(path) || ownFile(root, `${path}/config.json`) === undefined) return undefined;
  return readRun(join(root, path));
}

/** A file under the root, at the end of all links; undefined where there is none, or it lies elsewhere. */
export function ownFile(root: string, path: string): string | undefined {
  try {
    const file = realpathSync(join(root, path));
    return file.startsWith(`${realpathSync(root)}${sep}`) ? file : undefined;
  } catch {
    return undefined;
  }
}

export interface LatestRun {
  /** See `pathOf`. */
  readonly path: string;
  readonly summary: RunSummary;
}

export type LatestRuns = ReadonlyMap<string, Partial<Record<Scale, LatestRun>>>;

/** A function that finds the latest finished run of each result and scale; it reads a summary once. */
export function latestRuns(root: string): () => Promise<LatestRuns> {
  const known = new Map<string, RunSummary>();
  const look = async (folder: string) => {
    const summary = known.get(folder) ?? (await finished(folder));
    if (summary) known.set(folder, summary);
    return summary;
  };
  return async () => {
    const latest = new Map<string, Partial<Record<Scale, LatestRun>>>();
    const folders = listRuns(root);
    for (let i = 0; i < folders.length; i += atOnce) {
      const some = folders.slice(i, i + atOnce);
      const summaries = await Promise.all(some.map(look));
      for (const [j, summary] of summaries.entries()) {
        if (summary === undefined) continue;
        const scales = latest.get(summary.result) ?? {};
        scales[summary.scale] ??= { path: pathOf(some[j]), summary };
        latest.set(summary.result, scales);
      }
    }
    return latest;
  };
}

/** Files being read at a time, so that other requests have their turn. */
const atOnce = 64;

async function finished(folder: string): Promise<RunSummary | undefined> {
  try {
    const summary = readJson(await readFile(join(folder, 'summary.json'), 'utf8')) as RunSummary;
    return runState(folder) === 'finished' ? summary : undefined;
  } catch {
    return undefined;
  }
}
