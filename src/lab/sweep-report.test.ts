import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UserError } from '../array/errors.ts';
import { experiment } from './fake-experiment.fixture.ts';
import { expandGrid } from './grid.ts';
import { carryOut } from './run.ts';
import { createSweep, readSweep, type Sweep } from './sweep.ts';
import { writeSweepReport } from './sweep-report.ts';
import { pointFolder, type SweepSummary, summarize } from './sweep-status.ts';
import { inThisThread } from './task.ts';

const out = mkdtempSync(join(tmpdir(), 'deeptheory-sweep-'));
afterAll(() => rmSync(out, { recursive: true }));

let sweep: Sweep;
let summary: SweepSummary;
let page: string;

beforeAll(async () => {
  const grid = expandGrid(experiment, 'smoke', ['steps=40..160x2', 'kernel=circle,interval']);
  const [scale, device] = ['smoke', 'cpu'] as const;
  sweep = createSweep({ experiment, scale, grid, seeds: 2, seed: 5, threads: 1, device, out });
  const never = new AbortController().signal;
  for (const point of sweep.config.points.slice(0, -1)) {
    const run: typeof experiment.run = async (settings, context) => {
      if (point.values['steps'] === 80 && point.seed === 6) throw new UserError('no <data> here\nat all');
      return experiment.run({ ...settings, steps: 1 }, context);
    };
    const execute = inThisThread({ 'fake-decay': async () => ({ ...experiment, run }) });
    const interrupts = { signal: never, urgent: never };
    const work = { experiment, execute, interrupts, progress: () => {}, warn: () => {} };
    await carryOut(pointFolder(sweep, point), work).catch(() => {});
  }
  summary = summarize(sweep);
  writeSweepReport(sweep, experiment, summary);
  page = readFileSync(join(sweep.folder, 'report.html'), 'utf8');
});

it('sums up the points by state and by value, and fails with the points that fail', () => {
  expect(sweep.config.points).toHaveLength(12);
  expect(readSweep(sweep.folder)).toEqual(sweep);
  expect(summary.states).toMatchObject({ finished: 9, failed: 2, waiting: 1 });
  expect(summary.groups.map(({ n }) => n)).toEqual([2, 2, 1, 1, 2, 1]);
  expect(summary.failures.map(({ error }) => error)).toEqual(['no <data> here', 'no <data> here']);
  expect([summary.verdict, summary.exitCode]).toEqual(['fails', 2]);
});

it('needs no script and loads nothing', () => {
  expect(page).not.toMatch(/<script|<link|\bsrc="(?!data:)|url\((?!#)/);
});

it('shows the failures, the grid, a figure per claim, and every claim by value', () => {
  expect(page).toContain('12 points: 1 waiting, 9 finished, 2 failed');
  expect(page).toContain('no &#60;data&#62; here</td>');
  for (const { values } of summary.groups) {
    expect(page).toContain(`steps=${values['steps']} kernel=${values['kernel']}</a>`);
  }
  const numbered = [...page.matchAll(/Figure (\d)\. (D\d) over steps and kernel/g)].map(([, n, id]) => `${n} ${id}`);
  expect(numbered).toEqual(['1 D1', '2 D2', '3 D3', '4 D4', '5 D5']);
  expect(page.match(/<details/g)).toHaveLength(6);
  expect(page).toMatch(/steps<\/td><td class="value">40,80,160<\/td>/);
  expect(page).toContain('2401.00000');
});

it('uses every id once', () => {
  const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(6);
  expect(new Set(ids).size).toBe(ids.length);
});
