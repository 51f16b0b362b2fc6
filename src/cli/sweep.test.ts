/** Sweeps by the compiled program: failures, kills, Ctrl-C, and the same on a real Slurm. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readJson } from '../lab/json.ts';
import { readRun, runState } from '../lab/run-record.ts';
import { listSweeps, readSweep } from '../lab/sweep.ts';
import { pointFolder, type SweepSummary } from '../lab/sweep-status.ts';
import { compileProgram, type Program } from './compiled.fixture.ts';

/** Three ways to fail, each at one point of the grid; and a walk that can be stopped and leaves a line per computation. */
const results = `
import { appendFileSync } from 'node:fs';
import { UserError } from '../array/errors.js';
import { experiment } from '../lab/fake-experiment.fixture.js';
const claims = experiment.claims.slice(0, 3);
const quick = async (settings, context) => {
  const { steps, kernel } = settings;
  if (kernel === 'interval' && context.seed === 4) {
    if (steps === 3) throw new UserError('the data of this kernel is not there');
    if (steps === 5) throw new TypeError('diverged at step 3:\\nthe loss is not finite');
    if (steps === 7) process.kill(process.pid, 'SIGKILL');
  }
  return experiment.run({ ...settings, steps: 1 }, context);
};
const slow = async (settings, context) => {
  for (const part of ['first', 'second', 'third', 'fourth']) {
    await context.stage(part, async () => {
      appendFileSync(process.env.COMPUTED, settings.steps + ' ' + context.seed + ' ' + part + '\\n');
      await new Promise((resolve) => setTimeout(resolve, 60));
    });
  }
  return experiment.run({ ...settings, steps: 1 }, context);
};
const plain = { ...experiment, claims, figures: () => [] };
export const results = {
  quick: async () => ({ ...plain, name: 'quick', run: quick }),
  slow: async () => ({ ...plain, name: 'slow', run: slow }),
};`;

let program: Program;
beforeAll(() => {
  program = compileProgram(results);
  process.env['COMPUTED'] = join(program.out, '..', 'computed.txt');
});
afterAll(() => program.remove());

const computed = () =>
  readFileSync(process.env['COMPUTED'] as string, 'utf8')
    .trimEnd()
    .split('\n')
    .sort();
const parts = ['first', 'fourth', 'second', 'third'];
/** Every part of every point, once. */
const everything = (steps: number[], seeds: number[]) =>
  steps.flatMap((step) => seeds.flatMap((seed) => parts.map((part) => `${step} ${seed} ${part}`))).sort();

const newest = () => listSweeps(program.out)[0];
const summaryOf = (folder: string) => readJson(readFileSync(join(folder, 'summary.json'), 'utf8')) as SweepSummary;

describe('a sweep of 200 runs, three of which fail', () => {
  it('ends with 197 results and three clear errors', async () => {
    const { code, out, err } = await program.run('sweep quick --seeds 10 steps=1..10 kernel=circle,interval');
    const folder = newest();
    const { states, failures, groups, claims } = summaryOf(folder);
    expect(states).toMatchObject({ finished: 197, failed: 2, crashed: 1, waiting: 0, running: 0, interrupted: 0 });
    expect(failures.map(({ point, state, error }) => [point.values['steps'], point.seed, state, error])).toEqual([
      [3, 4, 'failed', 'the data of this kernel is not there'],
      [5, 4, 'failed', 'diverged at step 3:'],
      [7, 4, 'crashed', 'the process was killed by SIGKILL'],
    ]);
    expect(groups).toHaveLength(20);
    expect(groups.map(({ n }) => n).filter((n) => n !== 10)).toEqual([9, 9, 9]);
    expect(claims.find(({ id }) => id === 'D1')?.checks[0]).toMatchObject({ n: 197, verdict: 'holds' });
    expect(code).toBe(70);
    expect(out).toContain('200 points: 197 finished, 2 failed, 1 crashed');
    expect(out).toMatch(/^steps=5 kernel=interval seed 4 +failed +diverged at step 3: +[\da-f]{6}$/m);
    expect(err).toMatch(/^\d\d:\d\d:\d\d {2}quick {2}steps=3 kernel=interval seed 4 failed$/m);
  });
});

describe('a sweep that does not end by itself', () => {
  afterEach(() => rmSync(process.env['COMPUTED'] as string));

  it('killed in the middle and gone on with, computes nothing twice', async () => {
    const killed = await program.run('sweep slow --seeds 4 --seed 10 steps=1..3 --quiet --jobs 2', (child, err) => {
      if (err !== '') return;
      const timer = setInterval(() => {
        const path = process.env['COMPUTED'] as string;
        if (!existsSync(path) || computed().length < 14) return;
        clearInterval(timer);
        child.kill('SIGKILL');
      }, 10);
    });
    expect(killed.signal).toBe('SIGKILL');
    const sweep = readSweep(newest());
    const states = () => sweep.config.points.map((point) => runState(pointFolder(sweep, point)));
    await expect.poll(states, { timeout: 5000 }).not.toContain('running'); // without their parent they stop
    expect(states()).toContain('waiting');
    const before = computed().length;
    const resumed = await program.run(`sweep ${sweep.folder} --quiet`);
    expect(resumed.out).toContain('12 points: 12 finished');
    expect(computed().length).toBeGreaterThan(before);
    // The parts under way when they were stopped were not finished; they are the only ones begun again.
    expect([...new Set(computed())]).toEqual(everything([1, 2, 3], [10, 11, 12, 13]));
    expect(computed().length - 48).toBeLessThanOrEqual(2);
    const again = await program.run('sweep last --json');
    expect(JSON.parse(again.out)).toMatchObject({ states: { finished: 12 }, exitCode: resumed.code });
    expect(computed().length - 48).toBeLessThanOrEqual(2);
  });

  it('stops at the checkpoints at Ctrl-C and says how to go on', async () => {
    let asked = false;
    const stopped = await program.run('sweep slow --seeds 3 steps=4,5 --json --jobs 2', (child, err) => {
      if (!asked && err.includes('"running":2')) asked = child.kill('SIGINT');
    });
    expect(stopped.code).toBe(130);
    expect(stopped.err).toMatch(/go on with: deeptheory sweep [\da-f]{6} --out /);
    expect(stopped.err).toMatch(/interrupted by Ctrl-C\n$/);
    expect(summaryOf(newest()).states).toMatchObject({ running: 0, crashed: 0, failed: 0 });
    const status = await program.run('sweep last --status');
    expect(status.out).toMatch(/^6 points: .*interrupted/m);
    await program.run('sweep last --quiet');
    expect(summaryOf(newest()).states.finished).toBe(6);
    expect(computed()).toEqual(everything([4, 5], [0, 1, 2])); // at a checkpoint: no part twice
  });
});

describe('failed points', () => {
  it('are left alone, run again, or replaced by another seed', async () => {
    await program.run('sweep quick --seeds 2 --seed 4 steps=3 kernel=interval --quiet');
    expect(summaryOf(newest()).states).toMatchObject({ finished: 1, failed: 1 });
    await program.run('sweep last --quiet');
    const failed = summaryOf(newest()).failures[0].point;
    expect(readRun(join(newest(), failed.run)).attempts).toBe(1);
    expect((await program.run('sweep last --quiet --rerun-failed')).code).toBe(2);
    expect(readRun(join(newest(), failed.run)).attempts).toBe(2);
    const replaced = await program.run('sweep last --quiet --rerun-failed new-seed');
    expect(replaced.code).toBe(1);
    const { states, failures } = summaryOf(newest());
    expect(states).toMatchObject({ finished: 2, failed: 0 });
    expect(failures).toHaveLength(1);
    expect(readSweep(newest()).config.points.map(({ seed, replacedBy }) => [seed, Boolean(replacedBy)])).toEqual([
      [4, true],
      [5, false],
      [6, false],
    ]);
  });

  it.each([
    ['sweep qick', 'there is no result "qick" (did you mean "quick"?)'],
    ['sweep quick stepz=1,2', 'quick has no setting "stepz" (did you mean "steps"?)'],
    ['sweep ./nowhere', 'there is no sweep ./nowhere'],
    ['sweep last steps=1', 'the settings of a sweep stand when it is begun'],
    ['sweep quick --status', '--status looks at a sweep that is there'],
    ['sweep last --rerun-failed other', 'Allowed choices are same-seed, new-seed'],
  ])('%s', async (line, message) => {
    const { code, err } = await program.run(line);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

/** A Slurm of one node, from here to the end of these tests; undefined, with the reason told, where there cannot be one. */
const slurm = startSlurm();

describe.runIf(slurm)('on Slurm', () => {
  beforeAll(() => {
    process.env['SLURM_CONF'] = slurm?.conf;
  });
  afterEach(() => rmSync(process.env['COMPUTED'] as string, { force: true }));
  afterAll(() => slurm?.stop());

  it('is submitted, left alone, and collected later', async () => {
    const line = 'sweep quick --seeds 2 --seed 3 steps=3,5,7 kernel=interval --executor slurm';
    const submitted = await program.run(`${line} --slurm-args --time=5 --detach --json`);
    expect(submitted.code).toBe(0);
    expect(JSON.parse(submitted.out)).toMatchObject({ folder: newest(), points: 6 });
    // Nothing is submitted twice: what is in the queue is waited for.
    const collected = await program.run('sweep last --quiet');
    expect(collected.code).toBe(70);
    const { states, failures } = summaryOf(newest());
    expect(states).toMatchObject({ finished: 3, failed: 2, crashed: 1, waiting: 0 });
    expect(failures.map(({ error }) => error)).toEqual([
      'the data of this kernel is not there',
      'diverged at step 3:',
      expect.stringMatching(/^Slurm says FAILED \(exit code 0:9\) of job \d+_\d+$/),
    ]);
    expect(readRun(join(newest(), failures[0].point.run)).attempts).toBe(1);
  });

  it('is cancelled by Ctrl-C, at the checkpoints, and gone on with', async () => {
    let asked = false;
    const stopped = await program.run('sweep slow --seeds 4 steps=6,7 --executor slurm --json', (child, err) => {
      if (!asked && /"running":[12]/.test(err)) asked = child.kill('SIGINT');
    });
    expect(stopped.code).toBe(130);
    expect(summaryOf(newest()).states.waiting).toBeGreaterThan(0);
    const resumed = await program.run('sweep last --json');
    expect(JSON.parse(resumed.out).states).toMatchObject({ finished: 8 });
    expect(new Set(computed())).toEqual(new Set(everything([6, 7], [0, 1, 2, 3])));
  });
});

function startSlurm(): { conf: string; stop: () => void } | undefined {
  const skip = (why: string) => void console.warn(`the tests of sweeps on Slurm are skipped: ${why}`);
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return skip('they need Linux and root');
  if (!existsSync('/usr/sbin/slurmctld') || !existsSync('/usr/sbin/munged')) {
    return skip('slurm-wlm and munge are not installed (apt-get install slurm-wlm munge)');
  }
  const script = fileURLToPath(new URL('../../scripts/slurm-single-node.sh', import.meta.url));
  const state = mkdtempSync(join(tmpdir(), 'deeptheory-slurm-'));
  const env = { ...process.env, SLURM_STATE: state };
  const stop = () => {
    execFileSync(script, ['--stop'], { env });
    rmSync(state, { recursive: true, force: true });
  };
  try {
    return { conf: execFileSync(script, { env, encoding: 'utf8' }).trim(), stop };
  } catch (error) {
    stop();
    return skip(`it could not be started here (${error instanceof Error ? error.message : error})`);
  }
}
