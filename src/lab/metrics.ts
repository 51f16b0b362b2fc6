/** `metrics.jsonl` as its run writes it: records are added, and those of an earlier attempt are not repeated. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { writeJson } from './json.ts';
import type { RunFolder } from './run-folder.ts';
import { type MetricsRecord, wholeLines } from './run-record.ts';

export interface Metrics {
  /** Writes a record, unless an earlier attempt has written the same one here. */
  readonly add: (record: Omit<MetricsRecord, 'flagged'>) => void;
  /** Records up to here. */
  readonly count: () => number;
  /** Goes to where a checkpoint was made: the records up to there stand, the next are compared with those that follow. */
  readonly goTo: (count: number) => void;
}

const file = 'metrics.jsonl';
const bytes = (lines: readonly string[]): number => Buffer.byteLength(lines.map((line) => `${line}\n`).join(''));

export function openMetrics(folder: RunFolder): Metrics {
  let earlier = wholeLines(folder.path, file);
  cutTornLine(folder, bytes(earlier));
  let count = 0;
  return {
    add: (record) => {
      const { text, line } = written(record);
      const there = earlier[count];
      if (there !== undefined && !there.startsWith(text)) {
        folder.log(
          `${record.stage}, step ${record.step}: other metrics than before the interruption; they replace those`,
        );
        earlier = earlier.slice(0, count);
        folder.cut(file, bytes(earlier));
      }
      if (count >= earlier.length) folder.append(file, line);
      count++;
    },
    count: () => count,
    goTo: (wanted) => {
      count = Math.max(count, wanted);
    },
  };
}

/** The line, and the beginning of it that says what was measured; when it was comes last. */
function written({ stage, step, metrics, seconds }: Omit<MetricsRecord, 'flagged'>): { text: string; line: string } {
  const flagged = Object.keys(metrics).filter((name) => !Number.isFinite(metrics[name]));
  const facts = writeJson({ stage, step, metrics, ...(flagged.length > 0 ? { flagged } : {}) });
  const text = `${facts.slice(0, -1)},"seconds":`;
  return { text, line: `${text}${seconds.toFixed(3)}}` };
}

function cutTornLine(folder: RunFolder, whole: number): void {
  try {
    if (statSync(join(folder.path, file)).size === whole) return;
  } catch {
    return; // no metrics yet
  }
  folder.cut(file, whole);
}
