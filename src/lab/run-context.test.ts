import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunContext } from '../results/contract.ts';
import { plainContext, recordedContext, Stopped, type Stopping } from './run-context.ts';
import { createRunFolder, openRunFolder } from './run-folder.ts';
import { readMetrics, wholeLines } from './run-record.ts';

const out = mkdtempSync(join(tmpdir(), 'deeptheory-context-'));
afterAll(() => rmSync(out, { recursive: true }));
const newFolder = () => createRunFolder(out, 'toy', new Date()).path;

/** What a process has that works on the folder; `computed` is what it did itself. */
function processOn(folder: string, stopping: Stopping = 'no') {
  const state = { stopping };
  const computed: string[] = [];
  const run = { progress: () => {}, seconds: () => 1, stopping: () => state.stopping };
  const context = recordedContext({ seed: 0, seeds: 1 }, openRunFolder(folder), run);
  const part = (name: string, value: unknown) =>
    context.stage(name, () => {
      computed.push(name);
      context.progress({ stage: name, done: 1, total: 1, metrics: { value: computed.length } });
      return value;
    });
  return { context, computed, part, state };
}

const steps = (folder: string) => readMetrics(folder).map(({ stage, step }) => `${stage} ${step}`);
const log = (folder: string) => readFileSync(join(folder, 'log.txt'), 'utf8');

describe('stages', () => {
  it('are computed once, whatever their result', async () => {
    const folder = newFolder();
    const values = [0, null, undefined, { a: Float64Array.of(Number.NaN, -0), b: [1n].length }, 'text'];
    const first = processOn(folder);
    for (const [i, value] of values.entries()) await first.part(`part ${i}`, value);
    const second = processOn(folder);
    for (const [i, value] of values.entries()) expect(await second.part(`part ${i}`, value)).toEqual(value);
    expect(second.computed).toEqual([]);
    expect(steps(folder)).toEqual(values.map((_, i) => `part ${i} 1`));
  });

  it('need names of their own', async () => {
    const { part } = processOn(newFolder());
    await part('once', 1);
    await expect(part('once', 2)).rejects.toThrow('the run has two stage once');
  });

  it('are computed again where a checkpoint cannot be read', async () => {
    const folder = newFolder();
    await processOn(folder).part('part', 1);
    const [file] = readdirSync(join(folder, 'checkpoints'));
    writeFileSync(join(folder, 'checkpoints', file), 'rubbish');
    const second = processOn(folder);
    expect(await second.part('part', 1)).toBe(1);
    expect(second.computed).toEqual(['part']);
    expect(log(folder)).toContain('the checkpoint of stage part cannot be read');
  });

  it('take the states of their loops with them when they end', async () => {
    const folder = newFolder();
    const { context } = processOn(folder);
    await context.stage('outer', async () => {
      const { checkpoint } = context.follow('loop');
      expect(checkpoint.restore()).toBeUndefined();
      await checkpoint.keep(async () => ({ made: 3, state: [Float32Array.of(1)], records: [] }), true);
      expect(readdirSync(join(folder, 'checkpoints'))).toHaveLength(1);
    });
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual([expect.stringMatching(/^stage-outer-/)]);
  });
});

describe('metrics', () => {
  const record = ({ progress }: RunContext, done: number, loss: number) =>
    progress({ stage: 'training', done, total: 9, metrics: { loss } });

  it('of an earlier attempt are not written twice, and a torn line is cut off', () => {
    const folder = newFolder();
    const first = processOn(folder).context;
    for (const done of [1, 2, 3]) record(first, done, done / 3);
    appendFileSync(join(folder, 'metrics.jsonl'), '{"stage":"training","st');
    expect(steps(folder)).toEqual(['training 1', 'training 2', 'training 3']);
    const before = wholeLines(folder, 'metrics.jsonl');
    const second = processOn(folder).context;
    for (const done of [1, 2, 3, 4]) record(second, done, done / 3);
    expect(wholeLines(folder, 'metrics.jsonl').slice(0, 3)).toEqual(before);
    expect(steps(folder)).toEqual(['training 1', 'training 2', 'training 3', 'training 4']);
  });

  it('that come out differently replace what followed, and the log says so', () => {
    const folder = newFolder();
    const first = processOn(folder).context;
    for (const done of [1, 2, 3]) record(first, done, 0.5);
    const second = processOn(folder).context;
    for (const done of [1, 2]) record(second, done, done === 1 ? 0.5 : 0.25);
    expect(readMetrics(folder).map(({ metrics }) => metrics.loss)).toEqual([0.5, 0.25]);
    expect(log(folder)).toContain('training, step 2: other metrics than before the interruption');
  });

  it('are gone on with from where the checkpoint was made', async () => {
    const folder = newFolder();
    const first = processOn(folder);
    await first.part('one', 1);
    record(first.context, 7, 1);
    const second = processOn(folder);
    await second.part('one', 1);
    record(second.context, 7, 1);
    record(second.context, 8, 1);
    expect(steps(folder)).toEqual(['one 1', 'training 7', 'training 8']);
  });
});

describe('a run that is to stop', () => {
  it('does so at the next report outside of stages, at the end of one inside', async () => {
    const folder = newFolder();
    const { context, part, state } = processOn(folder);
    state.stopping = 'at a checkpoint';
    expect(() => context.progress({ stage: 'x', done: 0, total: 1 })).toThrow(Stopped);
    await expect(part('part', 5)).rejects.toThrow(Stopped);
    const next = processOn(folder);
    expect(await next.part('part', 5)).toBe(5);
    expect(next.computed).toEqual([]);
  });

  it('keeps the state of a loop, unless it is to stop now', async () => {
    const taken = { made: 8, state: [Float32Array.of(2)], records: [Float32Array.of(1, 2)] };
    for (const stopping of ['at a checkpoint', 'now'] as const) {
      const folder = newFolder();
      const { onRecords, checkpoint } = processOn(folder, stopping).context.follow('loop');
      if (stopping === 'now') expect(() => onRecords(8, 16, { loss: 1 })).toThrow(Stopped);
      else onRecords(8, 16, { loss: 1 });
      await expect(checkpoint.keep(async () => taken, false)).rejects.toThrow(Stopped);
      const next = processOn(folder).context.follow('loop');
      expect(next.checkpoint.restore()).toEqual(stopping === 'now' ? undefined : taken);
    }
  });
});

it('a plain context stores nothing and tells of loops', async () => {
  const told: unknown[] = [];
  const context = plainContext(3, 2, (update) => told.push(update));
  expect(await context.stage('one', () => 7)).toBe(7);
  const { onRecords, checkpoint } = context.follow('loop');
  onRecords(1, 2, { loss: 0.5 });
  expect(checkpoint.restore()).toBeUndefined();
  expect(told).toEqual([
    { stage: 'one', done: 0, total: 0 },
    { stage: 'loop', done: 1, total: 2, metrics: { loss: 0.5 } },
  ]);
});
