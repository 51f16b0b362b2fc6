import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../array/errors.ts';
import { Interruption } from './exit-code.ts';
import { type Decay, experiment } from './fake-experiment.fixture.ts';
import { readJson } from './json.ts';
import { type RunRequest, runExperiment } from './run.ts';
import { resolveSettings } from './settings.ts';
import { measure } from './task.ts';
import type { ClaimVerdict } from './verdict.ts';

const out = mkdtempSync(join(tmpdir(), 'deeptheory-run-'));
afterAll(() => rmSync(out, { recursive: true }));

const request = (changes: Partial<RunRequest> = {}): RunRequest => ({
  experiment,
  scale: 'smoke',
  settings: resolveSettings(experiment, 'smoke'),
  seeds: 5,
  seed: 7,
  threads: 1,
  device: 'cpu' as const,
  out,
  execute: (task, progress) => measure({ 'fake-decay': async () => experiment }, task, progress),
  progress: () => {},
  signal: new AbortController().signal,
  ...changes,
});

const read = (folder: string, name: string) => readJson(readFileSync(join(folder, name), 'utf8'));
const onlyFolder = (root: string) => join(root, 'fake-decay', readdirSync(join(root, 'fake-decay'))[0]);

describe('runExperiment', () => {
  it('leaves a complete folder', async () => {
    const run = await runExperiment(request());
    expect(run.folder).toMatch(/fake-decay[\\/]\d{8}-\d{6}-[\da-f]{6}$/);
    expect(readdirSync(run.folder).sort()).toEqual([
      'claims.json',
      'claims.md',
      'config.json',
      'environment.json',
      'exit.json',
      'measurements.json',
      'metrics.jsonl',
      'report.html',
      'summary.json',
    ]);
    expect(read(run.folder, 'config.json')).toMatchObject({
      result: 'fake-decay',
      scale: 'smoke',
      settings: { steps: 400, frequencies: [1, 2, 4, 8, 16] },
      seeds: 5,
      seed: 7,
    });
    expect(read(run.folder, 'environment.json')).toMatchObject({
      node: process.versions.node,
      threads: 1,
      device: 'cpu',
      seed: 7,
    });
    const measurements = read(run.folder, 'measurements.json') as Decay;
    expect(measurements.predicted).toBeInstanceOf(Float64Array);
    expect(measurements.measured).toHaveLength(5);
    const claims = read(run.folder, 'claims.json') as ClaimVerdict[];
    expect(claims).toEqual(run.claims);
    expect(claims.map((claim) => claim.verdict)).toEqual([
      'holds',
      'fails',
      'inconclusive',
      'not-applicable',
      'inconclusive',
    ]);
    expect(claims[4].control.checks[0].values[1]).toBeNaN();
    const lines = readFileSync(join(run.folder, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    expect(readJson(lines[0])).toMatchObject({ stage: 'training', done: 0, total: 400 });
    expect(read(run.folder, 'summary.json')).toMatchObject({ verdict: 'fails', exitCode: 1, claims: { D2: 'fails' } });
    expect(read(run.folder, 'exit.json')).toMatchObject({ state: 'finished', code: 1 });
    expect(run.exitCode).toBe(1);
  });

  it('records a broken run with what was measured before', async () => {
    const root = join(out, 'broken');
    const execute = async () => {
      throw new UserError('data set mnist is not there');
    };
    await expect(runExperiment(request({ execute, out: root }))).rejects.toThrow(UserError);
    const folder = onlyFolder(root);
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'environment.json', 'exit.json']);
    expect(read(folder, 'exit.json')).toMatchObject({
      state: 'failed',
      code: 2,
      message: 'data set mnist is not there',
    });
  });

  it('records an interruption', async () => {
    const root = join(out, 'interrupted');
    const controller = new AbortController();
    const execute: RunRequest['execute'] = (_task, progress, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        progress({ stage: 'training', done: 0, total: 2 });
        controller.abort(new Interruption('SIGINT'));
      });
    const run = runExperiment(request({ execute, out: root, signal: controller.signal }));
    await expect(run).rejects.toThrow('interrupted by Ctrl-C');
    expect(read(onlyFolder(root), 'exit.json')).toMatchObject({ state: 'interrupted', code: 130 });
  });

  it('refuses measurements that are not plain data, saying which', async () => {
    const execute = async () => ({ curves: new Map() });
    await expect(runExperiment(request({ execute }))).rejects.toThrow('value.curves is a Map');
  });

  it('names the place that it cannot write to', async () => {
    writeFileSync(join(out, 'file'), '');
    const run = runExperiment(request({ out: join(out, 'file') }));
    await expect(run).rejects.toThrow(/cannot make the run folder .*file.*; choose another place with --out DIR/);
    await expect(run).rejects.toThrow(UserError);
  });

  it('ends when the folder cannot be written any more', async () => {
    const root = join(out, 'removed');
    const execute: RunRequest['execute'] = (_task, progress, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        rmSync(root, { recursive: true });
        progress({ stage: 'training', done: 0, total: 2 });
      });
    const run = runExperiment(request({ execute, out: root }));
    await expect(run).rejects.toThrow(/cannot write .*metrics.jsonl: the folder was removed meanwhile/);
  });
});
