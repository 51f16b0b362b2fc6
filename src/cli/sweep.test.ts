/** Sweeps by the compiled program: failures, kills, Ctrl-C. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
});
afterAll(() => program.remove());

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
