import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../array/errors.ts';
import type { Experiment } from '../results/contract.ts';
import { Interruption } from './exit-code.ts';
import { type Decay, experiment } from './fake-experiment.fixture.ts';
import { readJson } from './json.ts';
import { beginRun, carryOut, type RunRequest, type RunWork } from './run.ts';
import { readMetrics, readRun, runState } from './run-record.ts';
import { resolveSettings } from './settings.ts';
import { inThisThread } from './task.ts';
import type { ClaimVerdict } from './verdict.ts';

const out = mkdtempSync(join(tmpdir(), 'deeptheory-run-'));
afterAll(() => rmSync(out, { recursive: true }));

const begun = (changes: Partial<RunRequest> = {}): string =>
  beginRun({
    experiment,
    scale: 'smoke',
    settings: resolveSettings(experiment, 'smoke'),
    seeds: 5,
    seed: 7,
    threads: 1,
    device: 'cpu',
    out,
    ...changes,
  });

const never = new AbortController().signal;
const work = (changes: Partial<RunWork> = {}): RunWork => {
  const run = changes.experiment ?? experiment;
  return {
    experiment: run,
    execute: inThisThread({ 'fake-decay': async () => run }),
    progress: () => {},
    interrupts: { signal: never, urgent: never },
    warn: () => {},
    ...changes,
  };
};

const read = (folder: string, name: string) => readJson(readFileSync(join(folder, name), 'utf8'));

describe('carryOut', () => {
  it('leaves a complete folder', async () => {
    const folder = begun();
    expect(runState(folder)).toBe('waiting');
    const run = await carryOut(folder, work());
    expect(run.folder).toMatch(/fake-decay[\\/]\d{8}-\d{6}-[\da-f]{6}$/);
    expect(readdirSync(run.folder).sort()).toEqual([
      'attempt-1.json',
      'claims.json',
      'claims.md',
      'config.json',
      'environment.json',
      'exit.json',
      'heartbeat',
      'log.txt',
      'measurements.json',
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
    const record = readRun(folder);
    expect(record).toMatchObject({
      state: 'finished',
      attempts: 1,
      attempt: { process: { pid: process.pid } },
      heartbeat: { attempt: 1, progress: { stage: 'training', done: 400, total: 400 } },
      exit: { attempt: 1, state: 'finished', code: 1 },
      summary: { verdict: 'fails', exitCode: 1, claims: { D2: 'fails' }, attempts: 1 },
    });
    expect(run.folder.endsWith(record.id)).toBe(true);
    expect(run.exitCode).toBe(1);
  });

  it('refuses to go on with what is finished', async () => {
    const folder = begun();
    await carryOut(folder, work());
    await expect(carryOut(folder, work())).rejects.toThrow(/run .* is finished; there is nothing to go on with/);
  });

  it('records a broken run with what was measured before', async () => {
    const folder = begun();
    const execute = async () => {
      throw new UserError('data set mnist is not there');
    };
    await expect(carryOut(folder, work({ execute }))).rejects.toThrow(UserError);
    expect(readRun(folder)).toMatchObject({
      state: 'failed',
      exit: { code: 2, message: 'data set mnist is not there' },
    });
    expect(readFileSync(join(folder, 'log.txt'), 'utf8')).toMatch(
      /failed: UserError: data set mnist is not there\n.* at /,
    );
    const run = await carryOut(folder, work());
    expect(readRun(folder)).toMatchObject({ state: 'finished', attempts: 2, exit: { attempt: 2, code: run.exitCode } });
  });

  it('records an interruption, at a checkpoint or at once', async () => {
    for (const urgently of [false, true]) {
      const folder = begun();
      const [gentle, urgent] = [new AbortController(), new AbortController()];
      const execute: RunWork['execute'] = (_task, progress, { signal, urgent: now }) =>
        new Promise((_, reject) => {
          (urgently ? now : signal).addEventListener('abort', () => reject((urgently ? now : signal).reason));
          progress({ stage: 'training', done: 0, total: 2 });
          gentle.abort(new Interruption('SIGINT'));
          urgent.abort(new Interruption('SIGINT'));
        });
      const interrupts = { signal: gentle.signal, urgent: urgent.signal };
      await expect(carryOut(folder, work({ execute, interrupts }))).rejects.toThrow('interrupted by Ctrl-C');
      expect(readRun(folder)).toMatchObject({ state: 'interrupted', exit: { code: 130 } });
    }
  });

  it('refuses measurements that are not plain data, saying which', async () => {
    const execute = async () => ({ curves: new Map() });
    await expect(carryOut(begun(), work({ execute }))).rejects.toThrow('value.curves is a Map');
  });

  it('keeps larger arrays as NumPy files, and judges again what was measured but not judged', async () => {
    const curve = Float32Array.from({ length: 100 }, (_, i) => (i === 3 ? Number.NaN : i));
    const large: Experiment = { ...experiment, claims: [], figures: () => [] };
    const folder = begun();
    const broken: Experiment = {
      ...large,
      figures: () => {
        throw new Error('no figure');
      },
    };
    const execute = async () => ({ curves: [{ 'a/b': curve, short: curve.subarray(0, 5) }] });
    await expect(carryOut(folder, work({ experiment: broken, execute }))).rejects.toThrow('no figure');
    expect(readdirSync(join(folder, 'arrays'))).toEqual(['curves.0.a_b.npy']);
    const bytes = readFileSync(join(folder, 'arrays/curves.0.a_b.npy'));
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
    expect(bytes.length).toBe(128 + 400);
    expect(bytes.toString('latin1', 10, 128)).toMatch(
      /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(100,\), \} *\n$/,
    );
    let seen: unknown;
    const looking: Experiment = {
      ...large,
      figures: (_, measurements) => {
        seen = measurements;
        return [];
      },
    };
    const computeNothing = async () => {
      throw new Error('must not measure again');
    };
    await carryOut(folder, work({ experiment: looking, execute: computeNothing }));
    expect(seen).toEqual({ curves: [{ 'a/b': curve, short: curve.subarray(0, 5) }] });
  });

  it('flags metrics that are not finite, and keeps them', async () => {
    const diverging: Experiment = {
      ...experiment,
      run: async (settings, context) => {
        for (const [done, loss] of [0.5, Number.NaN, Number.POSITIVE_INFINITY].entries())
          context.progress({ stage: 'training', done, total: 2, metrics: { loss, norm: 1 } });
        return experiment.run(settings as never, context);
      },
    };
    const folder = begun();
    await carryOut(folder, work({ experiment: diverging }));
    expect(readMetrics(folder).map(({ step, metrics, flagged }) => [step, metrics.loss, flagged])).toEqual([
      [0, 0.5, undefined],
      [1, Number.NaN, ['loss']],
      [2, Number.POSITIVE_INFINITY, ['loss']],
    ]);
  });
});

describe('folders that cannot be written', () => {
  it('are named', () => {
    writeFileSync(join(out, 'file'), '');
    const begin = () => begun({ out: join(out, 'file') });
    expect(begin).toThrow(/cannot make the run folder .*file.*; choose another place with --out DIR/);
    expect(begin).toThrow(UserError);
  });

  it('end the run when they are removed meanwhile', async () => {
    const folder = begun({ out: join(out, 'removed') });
    const removing: Experiment = {
      ...experiment,
      run: async (_, context) => {
        rmSync(folder, { recursive: true });
        return context.stage('too late', () => 1);
      },
    };
    const run = carryOut(folder, work({ experiment: removing }));
    await expect(run).rejects.toThrow(/cannot write .*checkpoints.*: the folder was removed meanwhile/);
    expect(() => readRun(folder)).toThrow('is not the folder of a run: it does not exist');
  });

  it('are found out before anything is computed', async () => {
    const folder = begun();
    mkdirSync(join(folder, 'environment.json.part')); // in the way of the file
    let computed = false;
    const execute = async () => {
      computed = true;
    };
    await expect(carryOut(folder, work({ execute }))).rejects.toThrow();
    expect(computed).toBe(false);
  });
});
