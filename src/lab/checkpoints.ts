/** The files of `checkpoints/`: what a run needs to go on, each written whole under a name that its title gives. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pack, unpack } from './array-files.ts';
import type { RunFolder } from './run-folder.ts';

export interface StoredCheckpoint {
  /** Plain data. */
  readonly data: unknown;
  /** Records in `metrics.jsonl` when it was written. */
  readonly metrics: number;
}

export interface Checkpoints {
  /** Undefined where there is none, or none that can be read. */
  readonly read: (name: string) => StoredCheckpoint | undefined;
  readonly write: (name: string, checkpoint: StoredCheckpoint) => void;
  readonly remove: (name: string) => void;
  /** Whether so much was computed since the last that another is worth its time. */
  readonly due: () => boolean;
}

/** Writing checkpoints takes at most one part in so many of the time, and they are at least so far apart. */
const share = 20;
const leastMilliseconds = 500;

export function openCheckpoints(folder: RunFolder): Checkpoints {
  let next = performance.now() + leastMilliseconds;
  return {
    read: (name) => {
      const path = join(folder.path, fileOf(name));
      if (!existsSync(path)) return undefined;
      try {
        return unpack(readFileSync(path)) as StoredCheckpoint;
      } catch (error) {
        // Renamed into place as a whole: only a failing disk gets us here. The part is computed again.
        folder.log(`the checkpoint of ${name} cannot be read: ${error instanceof Error ? error.message : error}`);
        return undefined;
      }
    },
    write: (name, checkpoint) => {
      const begin = performance.now();
      folder.write(fileOf(name), pack(checkpoint));
      const end = performance.now();
      next = end + Math.max(leastMilliseconds, share * (end - begin));
    },
    remove: (name) => folder.remove(fileOf(name)),
    due: () => performance.now() >= next,
  };
}

/** Readable, and different for different names. */
function fileOf(name: string): string {
  const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `checkpoints/${words.slice(0, 60)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}.bin`;
}
