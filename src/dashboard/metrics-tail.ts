/** `metrics.jsonl` from where a reader left off: a page that watches a run asks for what is new, not for everything again. */
import { open } from 'node:fs/promises';
import { readJson } from '../lab/json.ts';
import type { MetricsRecord } from '../lab/run-record.ts';

export interface MetricsTail {
  readonly records: readonly MetricsRecord[];
  /** Where to go on, in bytes. */
  readonly next: number;
  /** There is more already. */
  readonly more: boolean;
  /** The file is shorter than the reader knew it, a resumed run replaces its end: this is from the beginning. */
  readonly anew: boolean;
}

/** Bytes read at a time: some ten thousand records. */
const stretch = 1 << 20;

/** The records after byte `from`, at most about a megabyte of them. A last line that is still being written is left out. */
export async function readMetricsFrom(file: string, from: number): Promise<MetricsTail> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const anew = from > size;
    const start = anew ? 0 : from;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(stretch, size - start)), 0, undefined, start);
    const end = buffer.lastIndexOf('\n', bytesRead - 1) + 1;
    const next = start + end;
    const lines = buffer.toString('utf8', 0, end).split('\n').slice(0, -1);
    return { records: lines.flatMap(record), next, more: end > 0 && start + bytesRead < size, anew };
  } finally {
    await handle.close();
  }
}

/** Nothing for a line that is not a record: of a file damaged in one place the rest can still be seen. */
function record(line: string): MetricsRecord[] {
  try {
    return [readJson(line) as MetricsRecord];
  } catch {
    return [];
  }
}
