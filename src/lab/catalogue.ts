/**
 * All runs under a root, listed. The folders are the truth. What is known of runs that have ended is kept in a file beside
 * them, so that ten thousand are listed with one look at each; it may be deleted at any time, and where it cannot be written
 * nothing is kept. A plain file replaced as a whole needs no lock, which databases on shared disks do.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Verdict } from '../results/contract.ts';
import { runFolders } from './find-run.ts';
import { readJson, writeJson } from './json.ts';
import { attempt } from './run-folder.ts';
import { type Heartbeat, type RunConfig, type RunRecord, type RunState, readRun } from './run-record.ts';

interface Place {
  /** Absolute path. */
  readonly folder: string;
  /** The folder's own name. */
  readonly name: string;
  /** The short id. */
  readonly id: string;
  readonly result: string;
}

export interface ListedRun extends Place {
  readonly state: RunState;
  readonly config: RunConfig;
  readonly attempts: number;
  /** Computed so far, all attempts together. */
  readonly seconds?: number;
  readonly verdict?: Verdict;
  /** Verdicts by the id of the claim. */
  readonly claims?: Readonly<Record<string, Verdict>>;
  /** Where it stands, or stood when it ended early. */
  readonly progress?: Heartbeat['progress'];
  /** Why it failed. */
  readonly reason?: string;
}

/** A folder named as a run's that cannot be read as one. */
export interface BrokenRun extends Place {
  readonly state: 'broken';
  readonly reason: string;
}

export type CatalogueEntry = ListedRun | BrokenRun;

/** What is kept of a run. */
interface Row {
  /** Relative to the root. */
  readonly folder: string;
  /** Change time of the folder when it was read, milliseconds. */
  readonly changed: number;
  readonly entry: Omit<ListedRun, keyof Place>;
}

/** Of the rows; another version's are not read. */
const version = 1;
const fileName = '.catalogue.json';
/**
 * A folder that changed so short a time before it was read may change again without its time showing it: clocks of file
 * systems tick in milliseconds, those of some in seconds.
 */
const clockTick = 2000;

/**
 * The runs under `root`, the newest first; none where there is no such folder.
 * @param now milliseconds
 * @throws UserError where the root cannot be read.
 */
export function readCatalogue(root: string, now = Date.now()): CatalogueEntry[] {
  const base = resolve(root);
  const folders = attempt('read', base, () => runFolders(base));
  const known = readRows(base);
  const kept: Row[] = [];
  let unchanged = 0;
  const entries = folders.flatMap((folder): CatalogueEntry[] => {
    const place = relative(base, folder);
    const changed = changeTime(folder);
    if (changed === undefined) return []; // removed just now
    const row = known.get(place);
    if (row?.changed === changed) {
      unchanged++;
      kept.push(row);
      return [{ ...placeOf(folder, row.entry.config.result), ...row.entry }];
    }
    const entry = readEntry(folder);
    if (entry === undefined) return [];
    if (isSettled(entry) && changed < now - clockTick) kept.push({ folder: place, changed, entry: facts(entry) });
    return [entry];
  });
  if (kept.length !== unchanged || known.size !== unchanged) writeRows(base, kept);
  return entries.sort(newestFirst);
}

/** As the folders' names tell; within a second, as the runs do. */
export function newestFirst(a: CatalogueEntry, b: CatalogueEntry): number {
  const [s, t] = [a.name.slice(0, -7), b.name.slice(0, -7)];
  if (s !== t) return s < t ? 1 : -1;
  const begun = (entry: CatalogueEntry) => (entry.state === 'broken' ? 0 : Date.parse(entry.config.started));
  return begun(b) - begun(a) || (a.folder < b.folder ? -1 : 1);
}

/**
 * Its state follows from files alone, and not from the processes and clocks of the moment; and nothing that should be
 * there is missing, which may be for want of permission.
 */
function isSettled(entry: CatalogueEntry): entry is ListedRun {
  if (entry.state === 'finished') return entry.verdict !== undefined;
  return entry.state === 'failed' || entry.state === 'interrupted' || entry.state === 'waiting';
}

/** Undefined for what only has the name of a run's folder, e.g. that of a report over several. */
function readEntry(folder: string): CatalogueEntry | undefined {
  const broken = (reason: string): BrokenRun => ({
    ...placeOf(folder, basename(dirname(folder))),
    state: 'broken',
    reason,
  });
  try {
    if (!existsSync(join(folder, 'config.json'))) {
      const files = readdirSync(folder);
      return files.length === 0 || files.some(isOfRun) ? broken('it has no config.json') : undefined;
    }
    const run = readRun(folder);
    if (!isConfig(run.config)) return broken('its config.json is not that of a run');
    return describe(run);
  } catch (error) {
    if (!existsSync(folder)) return undefined;
    return broken(error instanceof Error ? error.message : String(error));
  }
}

function describe({ folder, config, state, attempts, heartbeat, exit, summary }: RunRecord): ListedRun {
  const seconds = [summary?.seconds, heartbeat?.seconds].find((value) => typeof value === 'number');
  const verdict = verdicts.find((word) => word === summary?.verdict);
  const claims = verdict === undefined ? undefined : summary?.claims;
  const progress = state === 'finished' ? undefined : heartbeat?.progress;
  const reason = state === 'failed' ? exit?.message : undefined;
  return {
    ...placeOf(folder, config.result),
    state,
    config,
    attempts,
    ...(seconds === undefined ? {} : { seconds }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(isObject(claims) ? { claims } : {}),
    ...(isProgress(progress) ? { progress } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  };
}

function facts({ folder: _, name: __, id: ___, result: ____, ...entry }: ListedRun): Row['entry'] {
  return entry;
}

function placeOf(folder: string, result: string): Place {
  const name = basename(folder);
  return { folder, name, id: name.slice(-6), result };
}

export const verdicts: readonly Verdict[] = ['holds', 'fails', 'inconclusive', 'not-applicable'];

const isOfRun = (file: string): boolean =>
  /^(attempt-\d+\.json|heartbeat|metrics\.jsonl|measurements\.json|summary\.json|exit\.json)$/.test(file);

/** Other files than a run's may be called `config.json`. */
function isConfig(config: unknown): config is RunConfig {
  if (!isObject(config)) return false;
  const { result, scale, settings, seeds, started } = config;
  const texts = [result, scale, started].every((value) => typeof value === 'string');
  return texts && typeof seeds === 'number' && isObject(settings) && !Number.isNaN(Date.parse(String(started)));
}

function isProgress(value: unknown): boolean {
  return isObject(value) && typeof value['done'] === 'number' && typeof value['total'] === 'number';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function changeTime(folder: string): number | undefined {
  // Not the time of modification: copying and unpacking set that one back.
  return statSync(folder, { throwIfNoEntry: false })?.ctimeMs;
}

/** What was kept, by place; nothing where the file is not there, damaged, or of another version. */
function readRows(root: string): Map<string, Row> {
  try {
    const kept = readJson(readFileSync(join(root, fileName), 'utf8'));
    if (!isObject(kept) || kept['version'] !== version || !Array.isArray(kept['rows'])) return new Map();
    const rows: unknown[] = kept['rows'];
    return new Map(rows.filter(isRow).map((row) => [row.folder, row]));
  } catch {
    return new Map();
  }
}

function isRow(row: unknown): row is Row {
  return (
    isObject(row) && typeof row['folder'] === 'string' && isObject(row['entry']) && isConfig(row['entry']['config'])
  );
}

function writeRows(root: string, rows: readonly Row[]): void {
  const path = join(root, fileName);
  const part = `${path}.${randomBytes(4).toString('hex')}.part`; // several may read, and write, at once
  try {
    writeFileSync(part, writeJson({ version, rows }));
    renameSync(part, path);
  } catch {
    rmSync(part, { force: true }); // read-only or full: the next reading takes as long as this one
  }
}
