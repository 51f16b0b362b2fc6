/** The program as it is installed: compiled, in a process of its own, with worker threads and signals. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRuns } from '../lab/find-run.ts';
import { type RunRecord, readRun } from '../lab/run-record.ts';
import { compileProgram, type Program } from './compiled.fixture.ts';

/** Results that try the program: a good one, and the ways a computation can go wrong. */
const fakeResults = `
import { pbkdf2Sync } from 'node:crypto';
import { UserError } from '../array/errors.js';
import { experiment } from '../lab/fake-experiment.fixture.js';
const like = (name, run) => async () => ({ ...experiment, name, run });
const busy = (progress) => { for (let done = 1; ; done++) progress({ stage: 'training', done, total: 1e9 }); };
export const results = {
  'fake-decay': async () => experiment,
  talkative: like('talkative', async (settings, context) => { console.log('noise'); return experiment.run(settings, context); }),
  forgetful: like('forgetful', async (settings, context) => { setInterval(() => {}, 1000); return experiment.run(settings, context); }),
  'no-data': like('no-data', async () => { throw new UserError('data set mnist is not there'); }),
  defect: like('defect', async () => { throw new RangeError('beyond the end'); }),
  dying: like('dying', async () => process.exit(9)),
  function: like('function', async () => ({ f: () => 1 })),
  endless: like('endless', async (_, { progress }) => busy(progress)),
  staged: like('staged', async (_, { progress, stage }) => { await stage('one', () => 1); await stage('two', () => busy(progress)); }),
  native: like('native', async (_, { progress }) => {
    progress({ stage: 'training', done: 1, total: 10 });
    pbkdf2Sync('blocks', 'for minutes', 1e8, 64, 'sha512');
  }),
};`;

let program: Program;
beforeAll(() => {
  program = compileProgram(fakeResults);
});
afterAll(() => program.remove());

/** Sends signals when the computation has reported and had time to get busy. */
const interrupt = (...signals: NodeJS.Signals[]) => {
  let sent = false;
  return (child: ChildProcess, err: string) => {
    if (sent || !err.includes('training')) return;
    sent = true;
    for (const [i, signal] of signals.entries()) setTimeout(() => child.kill(signal), 200 + 300 * i);
  };
};

const runOf = (result: string): RunRecord => readRun(listRuns(program.out, result)[0]);

describe('the compiled program', { concurrent: false }, () => {
  it('measures in a worker and exits with the verdict', async () => {
    const { code, out: text } = await program.run('run fake-decay steps=40 --quiet --threads 1');
    expect(code).toBe(1);
    expect(text).toContain('1 of 5 claims holds');
    expect(readFileSync(text.trimEnd().split('\n').at(-1) ?? '', 'utf8')).toContain('badge fails');
  });

  it('keeps what an experiment prints out of the result, and in the log', async () => {
    const { out: text, err } = await program.run('run talkative steps=40 --json');
    expect(JSON.parse(text).result).toBe('talkative');
    expect(err).toContain('noise');
    expect(readFileSync(join(runOf('talkative').folder, 'log.txt'), 'utf8')).toMatch(/Z {2}noise$/m);
  });

  it('ends also when an experiment has left a timer', async () => {
    expect((await program.run('run forgetful steps=40 --quiet')).code).toBe(1);
  });

  it('ends when nobody reads any more', async () => {
    const child = spawn('sh', ['-c', `"${process.execPath}" "${program.main}" list --json | true; echo done`]);
    let text = '';
    child.stdout.on('data', (part) => (text += part));
    child.stderr.on('data', (part) => (text += part));
    await new Promise((resolve) => child.on('close', resolve));
    expect(text).toBe('done\n');
  });

  it.each([
    ['no-data', 2, 'error: data set mnist is not there\n'],
    ['defect', 70, 'error: beyond the end\nThis is a defect'],
    ['dying', 70, 'error: the computation of dying ended without a result (exit code 9)'],
    ['function', 70, 'could not be cloned'],
  ])('a computation that goes wrong: %s', async (name, expected, message) => {
    const { code, err } = await program.run(`run ${name} --quiet`);
    expect(err).toContain(message);
    expect(code).toBe(expected);
    expect(runOf(name)).toMatchObject({ state: 'failed', exit: { code: expected } });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s stops what has no checkpoints at its next report, also a loop that never yields',
    async (signal, expected) => {
      const { code, err } = await program.run('run endless --json', interrupt(signal));
      expect(code).toBe(expected);
      expect(err).toContain(`interrupted by ${signal === 'SIGINT' ? 'Ctrl-C' : signal}`);
      expect(runOf('endless')).toMatchObject({ state: 'interrupted', exit: { code: expected } });
    },
  );

  it('waits for the end of a stage at the first Ctrl-C, not at the second', async () => {
    const { code, err } = await program.run('run staged --json', interrupt('SIGINT', 'SIGINT'));
    expect(code).toBe(130);
    expect(err).toContain('"text":"stopping at the next checkpoint; Ctrl-C again stops now"');
    const run = runOf('staged');
    expect(err).toContain(`"text":"go on with: deeptheory resume ${run.id} --out ${program.out}"`);
    expect(run).toMatchObject({ state: 'interrupted', heartbeat: { progress: { stage: 'training' } } });
    expect(existsSync(join(run.folder, 'checkpoints'))).toBe(true);
  });

  it('dies by the signal when native code cannot be stopped', async () => {
    const { code, signal } = await program.run('run native --json', interrupt('SIGTERM', 'SIGTERM'));
    expect([code, signal]).toEqual([null, 'SIGTERM']);
    expect(runOf('native')).toMatchObject({ state: 'interrupted', exit: { code: 143 } });
  });
});
