/** Runs as files of other programs' formats. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { writeJson } from '../json.ts';
import { attempt } from '../run-folder.ts';
import { csv } from './csv.ts';
import { type ExportedRun, readExportedRun } from './exported-run.ts';
import { runTables } from './tables.ts';
import { eventFile, eventFileName } from './tensorboard.ts';

interface ExportedFile {
  /** Relative to the place of the export. */
  readonly path: string;
  readonly data: string | Uint8Array;
}

type Writer = (runs: readonly ExportedRun[]) => readonly ExportedFile[] | Promise<readonly ExportedFile[]>;

const writers = {
  csv: (runs) => runTables(runs).map((table) => ({ path: `${table.name}.csv`, data: csv(table) })),
  parquet: async (runs) => {
    const { parquet } = await import('./parquet.ts'); // a library that nothing else needs
    return runTables(runs).map((table) => ({ path: `${table.name}.parquet`, data: parquet(table) }));
  },
  // TensorBoard takes each folder for a run, and the folder's name for the run's.
  tensorboard: (runs) =>
    runs.map((run) => ({ path: join(run.config.result, run.name, eventFileName(run)), data: eventFile(run) })),
  json: (runs) => [{ path: 'runs.json', data: `${writeJson(runs)}\n` }],
} as const satisfies Record<string, Writer>;

export type ExportFormat = keyof typeof writers;
export const exportFormats = Object.keys(writers) as readonly ExportFormat[];

/**
 * Writes what is known of the runs, but not their measurements, to a folder; files of an earlier export are replaced.
 * @param folders those of the runs
 * @returns absolute paths of the files
 * @throws UserError where a run cannot be read or a file cannot be written.
 */
export async function exportRuns(folders: readonly string[], format: ExportFormat, to: string): Promise<string[]> {
  const files: readonly ExportedFile[] = await writers[format](folders.map(readExportedRun));
  return files.map(({ path, data }) => {
    const target = resolve(to, path);
    attempt('write', target, () => writeWhole(target, data), '--to DIR');
    return target;
  });
}

function writeWhole(target: string, data: string | Uint8Array): void {
  const part = `${target}.part`;
  mkdirSync(dirname(target), { recursive: true });
  try {
    writeFileSync(part, data);
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
