/**
 * A sweep: seeds x grid, every point a run of its own in the sweep's folder, which is a root of run folders like any
 * other. What is in it is in docs/sweeps.md. Where the sweep stands follows from the folders of its points.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../array/errors.ts';
import type { Experiment, Scale } from '../results/contract.ts';
import type { Device } from '../runtime/index.ts';
import type { GridPoint } from './grid.ts';
import { readJson, writeJson } from './json.ts';
import { runConfig } from './run.ts';
import { attempt, createRunFolder, openRunFolder } from './run-folder.ts';
import { isRunFolder } from './run-record.ts';

export interface SweepPoint extends GridPoint {
  /** Hash of result, scale, settings and seed: what is computed once. */
  readonly hash: string;
  readonly seed: number;
  /** Folder of its run, relative to the sweep's. */
  readonly run: string;
  /** Hash of the point that was made, with another seed, when this one had failed. */
  readonly replacedBy?: string;
}

/** `sweep.json` */
export interface SweepConfig {
  readonly result: string;
  readonly scale: Scale;
  /** Seeds per combination of values. */
  readonly seeds: number;
  readonly threads: number;
  readonly device: Device;
  /** ISO date. */
  readonly started: string;
  readonly points: readonly SweepPoint[];
}

export interface Sweep {
  /** Absolute path. */
  readonly folder: string;
  readonly config: SweepConfig;
}

export interface SweepRequest {
  readonly experiment: Pick<Experiment, 'name'>;
  readonly scale: Scale;
  readonly grid: readonly GridPoint[];
  readonly seeds: number;
  /** The first. */
  readonly seed: number;
  /** Of each run. */
  readonly threads: number;
  readonly device: Device;
  /** The sweep's folder is made in `<out>/sweeps/<result>/`. */
  readonly out: string;
}

/**
 * Makes the folder of a sweep; its points then wait for an executor.
 * @throws UserError where it cannot be made
 */
export function createSweep({ experiment, out, grid, seed, ...rest }: SweepRequest): Sweep {
  const now = new Date();
  const { scale, seeds, threads, device } = rest;
  const folder = createRunFolder(join(out, 'sweeps'), experiment.name, now);
  const stamp = basename(folder.path).slice(0, 15);
  const points = new Map<string, SweepPoint>();
  const names = new Set<string>();
  for (const combination of grid) {
    for (let i = 0; i < seeds; i++) {
      const point = sweepPoint(experiment.name, scale, combination, seed + i, stamp, names);
      points.set(point.hash, point); // two texts of one value are one point
    }
  }
  const started = now.toISOString();
  const config = { result: experiment.name, scale, seeds, threads, device, started, points: [...points.values()] };
  return writeSweep(folder.path, config);
}

function sweepPoint(
  result: string,
  scale: Scale,
  { settings, values }: GridPoint,
  seed: number,
  stamp: string,
  names: Set<string>,
): SweepPoint {
  const identity = { result, scale, settings: Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)), seed };
  const hash = sha256(writeJson(identity));
  // Six digits of the hash; of a hash of it where another point has the same six.
  let digits = hash;
  while (names.has(digits.slice(0, 6))) digits = sha256(digits);
  names.add(digits.slice(0, 6));
  return { hash: hash.slice(0, 16), seed, values, settings, run: `${result}/${stamp}-${digits.slice(0, 6)}` };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Writes `sweep.json` and the folders of the points that have none yet. */
function writeSweep(folder: string, config: SweepConfig): Sweep {
  openRunFolder(folder).write('sweep.json', writeJson(config, 2));
  const sweep = { folder: resolve(folder), config };
  makePoints(sweep);
  return sweep;
}

function makePoints({ folder, config }: Sweep): void {
  const { result, scale, threads, device, points, started } = config;
  for (const { settings, seed, run } of points) {
    const path = join(folder, run);
    if (isRunFolder(path)) continue;
    attempt('make the run folder', path, () => mkdirSync(path, { recursive: true }));
    const request = { experiment: { name: result }, scale, settings, seeds: 1, seed, threads, device };
    openRunFolder(path).write('config.json', writeJson(runConfig(request, new Date(started)), 2));
  }
}

/**
 * The sweep in a folder; points that an interruption has left without a folder get theirs.
 * @throws UserError where there is none, or its `sweep.json` cannot be read
 */
export function openSweep(folder: string): Sweep {
  const sweep = readSweep(folder);
  makePoints(sweep);
  return sweep;
}

/** The same, only read. */
export function readSweep(folder: string): Sweep {
  const path = join(folder, 'sweep.json');
  if (!existsSync(path)) throw new UserError(`${folder} is not the folder of a sweep: it has no sweep.json`);
  try {
    return { folder: resolve(folder), config: readJson(readFileSync(path, 'utf8')) as SweepConfig };
  } catch (error) {
    throw new UserError(`${path} cannot be read (${error instanceof Error ? error.message : error})`);
  }
}

/** Puts a point with the next free seed in the place of each of these; their runs stay where they are. */
export function replacePoints({ folder, config }: Sweep, replaced: readonly SweepPoint[]): Sweep {
  const { result, scale, points } = config;
  const names = new Set(points.map(({ run }) => run.slice(-6)));
  const stamp = basename(folder).slice(0, 15);
  let seed = Math.max(...points.map((point) => point.seed));
  const successors = new Map(
    replaced.map((point) => [point.hash, sweepPoint(result, scale, point, ++seed, stamp, names)]),
  );
  const marked = points.map((point) => {
    const successor = successors.get(point.hash);
    return successor ? { ...point, replacedBy: successor.hash } : point;
  });
  return writeSweep(folder, { ...config, points: [...marked, ...successors.values()] });
}

/** Folders of all sweeps under the root, the newest first. */
export function listSweeps(root: string): string[] {
  const folders = (path: string) => (existsSync(path) ? readdirSync(path) : []);
  const place = join(resolve(root), 'sweeps');
  return folders(place)
    .flatMap((result) => folders(join(place, result)).map((name) => join(place, result, name)))
    .filter((path) => existsSync(join(path, 'sweep.json')))
    .sort((a, b) => (basename(a) < basename(b) ? 1 : -1));
}

/** The folder that `given` means: a path, a folder's name, a short id, or `last`; undefined where it means none. */
export function findSweep(root: string, given: string): string | undefined {
  for (const path of [given, join(given, '..')]) if (existsSync(join(path, 'sweep.json'))) return path;
  const sweeps = listSweeps(root);
  if (given === 'last') return sweeps[0];
  return sweeps.find((path) => [basename(path), basename(path).slice(-6)].includes(given));
}
