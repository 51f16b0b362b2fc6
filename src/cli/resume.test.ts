/** SIGKILL at any moment, two processes at once, a full disk: what a run has measured is what it would have measured. */
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generator } from '../array/testing.fixture.ts';
import { readMeasurements } from '../lab/array-files.ts';
import { listRuns } from '../lab/find-run.ts';
import { readMetrics, readRun } from '../lab/run-record.ts';
import { compileProgram, type Program } from './compiled.fixture.ts';

/** Random walks with drift: chaotic, so that a step too many, or a state rounded on its way to the disk, shows. */
const results = `
import * as nn from '../nn/index.js';
import * as np from '../numpy/index.js';
import * as random from '../random/index.js';
import { experiment } from '../lab/fake-experiment.fixture.js';
const chaotic = {
  step: ({ x, key }) => {
    const keys = random.split(key);
    const kick = np.multiply(1e-3, random.normal(np.slice(keys, 0), [50]));
    return { x: np.clip(np.add(np.multiply(np.multiply(3.9, x), np.subtract(1, x)), kick), 0, 1), key: np.slice(keys, 1) };
  },
  probe: ({ x }) => ({ x, spread: np.max(x) }),
};
const walk = async (context, name, steps) => {
  const followed = context.follow(name);
  const onRecords = (...report) => {
    followed.onRecords(...report);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  };
  const start = { x: np.full([50], 0.3), key: random.key(context.seed) };
  const { records } = await nn.train(chaotic, start, null, { ...followed, steps, every: 8, onRecords });
  return { x: await records.x.data(), spread: await records.spread.data() };
};
const stages = async (_, context) => ({
  first: await context.stage('first', () => walk(context, 'walk', 640)),
  host: await context.stage('host', () => ({ value: Math.PI / 3, none: NaN })),
  second: await context.stage('second', async () => [await walk(context, 'one', 640), await walk(context, 'other', 640)]),
  last: await walk(context, 'unstaged', 1280),
});
export const results = {
  stages: async () => ({ ...experiment, name: 'stages', run: stages, claims: [], figures: () => [] }),
  'spectral-bias': () => import('./dynamics/spectral-bias/experiment.js').then((module) => module.experiment),
};`;

let program: Program;
beforeAll(() => {
  program = compileProgram(results);
});
afterAll(() => program.remove());

const newest = (result: string) => listRuns(program.out, result)[0];
const figures = (folder: string) => ({
  measurements: readMeasurements(folder),
  metrics: readMetrics(folder).map(({ stage, step, metrics }) => ({ stage, step, metrics })),
});

/** Runs without interruption, then again with SIGKILL at ten random moments, each time going on; returns both folders. */
async function killedTenTimes(line: string, longest: number, seed: number): Promise<{ whole: string; killed: string }> {
  const result = line.split(' ')[1];
  expect((await program.run(`${line} --quiet`)).err).toBe('');
  const whole = newest(result);
  const random = generator(seed);
  // From the start of the process, and from when it measures: it must also be killed with something to lose.
  const killAfter = (milliseconds: number, sign: string) => {
    let seen = false;
    return (child: { kill(signal: 'SIGKILL'): unknown }, err: string) => {
      if (seen || !err.includes(sign)) return;
      seen = true;
      setTimeout(() => child.kill('SIGKILL'), milliseconds);
    };
  };
  let command = line;
  for (let kills = 0; kills < 10; ) {
    const watch = kills % 3 === 0 ? killAfter(random() * 600, '') : killAfter(random() * longest, '"done":1');
    const { signal } = await program.run(`${command} --json`, watch);
    if (signal === 'SIGKILL') kills++;
    // None where it was killed before it had a folder, or was quicker than the kill: the next one is another run.
    const open = listRuns(program.out, result).find((path) => readRun(path).state !== 'finished');
    if (open !== undefined) expect(['waiting', 'crashed']).toContain(readRun(open).state);
    command = open === undefined ? line : `resume ${open}`;
  }
  await program.run(`${command} --quiet`);
  const attempts = (path: string) => readRun(path).attempts;
  return { whole, killed: listRuns(program.out, result).sort((a, b) => attempts(b) - attempts(a))[0] };
}

describe('SIGKILL at ten random moments, then resume', { timeout: 120_000 }, () => {
  it('of loops and stages: the same figures, nothing lost, nothing twice', async () => {
    const { whole, killed } = await killedTenTimes('run stages', 400, 1);
    expect(readRun(killed)).toMatchObject({ state: 'finished' });
    expect(readRun(killed).attempts).toBeGreaterThan(1);
    expect(figures(killed)).toEqual(figures(whole));
    expect(readFileSync(join(killed, 'log.txt'), 'utf8')).toContain('taken from the checkpoint');
  });

  it('of spectral-bias: the same figures', async () => {
    const tiny =
      'samples=16 frequencies=1,2,3 layers=3 width=8 runs=2 steps=1280 every=10 features=8 robustSamples=16 robustLayers=2 ' +
      'robustWidth=8 robustFrequencies=1,2 robustSteps=200 norms=0.5,1 directions=4 images=20 kernelImages=70 noiseLayers=2 ' +
      'noiseWidth=4 noiseSteps=4 noiseEvery=2 foldSamples=40 foldFrequencies=2,4 petals=0,8 foldSteps=500 kernelWidth=16 ' +
      'kernelSteps=100 points1d=2000 points2d=60 networks=1';
    const { whole, killed } = await killedTenTimes(`run spectral-bias --seeds 2 ${tiny}`, 800, 2);
    expect(figures(killed)).toEqual(figures(whole));
    expect(readFileSync(join(killed, 'claims.json'))).toEqual(readFileSync(join(whole, 'claims.json')));
  });
});

describe('one run, several processes', () => {
  it('Ctrl-C keeps what there is; of two that go on at once one is told so', async () => {
    let asked = false;
    const stopped = await program.run('run stages --json', (child, err) => {
      if (!asked && err.includes('"one"')) asked = child.kill('SIGINT');
    });
    expect(stopped.code).toBe(130);
    const folder = newest('stages');
    expect(readRun(folder).state).toBe('interrupted');
    const ended = await Promise.all([1, 2].map(() => program.run(`resume ${readRun(folder).id} --quiet`)));
    const [second, first] = ended.sort((a, b) => a.err.length - b.err.length).reverse();
    expect(first).toMatchObject({ code: 3, err: '' });
    expect(second.code).toBe(2);
    expect(second.err).toMatch(/^error: run \S+ (is being worked on|was taken) by process \d+ on /);
    expect(readRun(folder)).toMatchObject({ state: 'finished', attempts: 2 });
    const again = await program.run(`resume ${folder}`);
    expect([again.code, again.err]).toEqual([3, `run ${readRun(folder).name} is finished already\n`]);
  });

  it.runIf(process.platform === 'linux')('a full disk is told, and gone on from', async () => {
    const before = newest('stages');
    await program.run('run stages --quiet', (child, err) => {
      if (err !== '') return;
      const watch = setInterval(() => {
        if (newest('stages') === before) return;
        clearInterval(watch);
        setTimeout(() => child.kill('SIGKILL'), 300);
      }, 20);
    });
    const folder = newest('stages');
    symlinkSync('/dev/full', join(folder, 'measurements.json.part')); // a device that is always full
    const full = await program.run(`resume ${folder} --quiet`);
    expect(full.code).toBe(2);
    expect(full.err).toContain(`cannot write ${join(folder, 'measurements.json')}: no space left on the disk (ENOSPC)`);
    expect(readRun(folder)).toMatchObject({ state: 'failed', exit: { code: 2 } });
    const made = await program.run(`resume ${folder} --quiet`);
    expect(made.code).toBe(3);
    expect(readMeasurements(folder)).toEqual(readMeasurements(listRuns(program.out, 'stages').at(-1) as string));
  });
});
