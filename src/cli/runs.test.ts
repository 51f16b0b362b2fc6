/** `runs`, `compare` and `export`: the verbs over runs that are there. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { experiment } from '../lab/fake-experiment.fixture.ts';
import { recordedRun } from '../lab/recorded-run.fixture.ts';
import { commandLine } from './command-line.fixture.ts';

const out = mkdtempSync(join(tmpdir(), 'deeptheory-cli-runs-'));
afterAll(() => rmSync(out, { recursive: true }));
const cli = commandLine(out, { 'fake-decay': async () => experiment, 'never-run': async () => experiment });

let ids: string[] = [];
beforeAll(async () => {
  const folders = [
    await recordedRun(out),
    await recordedRun(out, ['rate=0.01'], { seed: 8 }),
    await recordedRun(out, ['rate=0.004'], { seeds: 3 }),
  ];
  ids = folders.map((folder) => basename(folder).slice(-6));
  const exit = { attempt: 1, state: 'failed', code: 2, message: 'data set mnist is not there\n  at line 7' };
  writeFileSync(join(folders[2], 'exit.json'), JSON.stringify(exit));
  rmSync(join(folders[2], 'summary.json'));
  mkdirSync(join(out, 'fake-decay/20250101-000000-ffffff'));
});

const longest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

describe('runs', () => {
  it('lists them, the newest first, and says what is wrong with some', async () => {
    const { code, out: text, err } = await cli('runs --out OUT', { columns: 80 });
    expect([code, err]).toEqual([0, '']);
    const lines = text.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^run +result +scale +seeds +state +verdict +begun +time$/);
    expect(lines.slice(1, 5).map((line) => line.slice(0, 6))).toEqual([...ids.toReversed(), 'ffffff']);
    expect(lines[1]).toMatch(/fake-decay +smoke +3 +failed 100 % +\d+ s ago +\d\.\d s$/);
    expect(lines[2]).toMatch(/fake-decay +smoke +5 +finished +fails +\d+ s ago +\d\.\d s$/);
    expect(lines.slice(5)).toEqual([
      '',
      `${ids[2]} failed: data set mnist is not there`,
      'ffffff broken: it has no config.json',
    ]);
    expect(longest(text)).toBeLessThanOrEqual(80);
  });

  it.each([
    ['fake-decay', [2, 1, 0, 3]],
    ['rate=0.01', [1]],
    ['fake-decay rate=0.002 steps=40', [0]],
    ['--state broken', [3]],
    ['--state finished --sort oldest --limit 1', [0]],
    ['--verdict fails', [1, 0]],
    ['never-run', []],
  ])('%s', async (conditions, expected) => {
    const { code, out: text } = await cli(`runs ${conditions} --json --out OUT`);
    expect(code).toBe(0);
    const found = (JSON.parse(text) as { id: string }[]).map((run) => [...ids, 'ffffff'].indexOf(run.id));
    expect(found).toEqual(expected);
  });

  it('says so where there are none', async () => {
    expect(await cli('runs --out OUT/none')).toEqual({
      ...{ code: 0, out: '', err: `no runs in ${out}/none; name another root with --out DIR\n` },
    });
    expect(await cli('runs --scale paper --out OUT')).toEqual({
      code: 0,
      out: '',
      err: 'none of 4 runs is like that\n',
    });
    expect((await cli('runs --out OUT/none --json')).out).toBe('[]\n');
  });

  it('uses colours on a terminal only', async () => {
    const terminal = { text: '', write: (part: string) => (terminal.text += part), isTTY: true, columns: 100 };
    await cli('runs --out OUT', { out: terminal });
    expect(terminal.text).toContain('\x1b[31mbroken');
    terminal.text = '';
    await cli('runs --out OUT', { out: terminal, environment: { NO_COLOR: '1' } });
    expect(terminal.text).not.toContain('\x1b');
  });
});

describe('compare', () => {
  it('shows what differs, the claims, and the metrics at the end', async () => {
    const { code, out: text } = await cli(`compare ${ids[0]} ${ids[1]} --out OUT`, { columns: 100 });
    expect(code).toBe(0);
    expect(text).toMatch(new RegExp(`^setting +${ids[0]} +${ids[1]}$`, 'm'));
    expect(text).toMatch(/^rate +0\.002 +0\.01$/m);
    expect(text).toMatch(/^seed +7 +8$/m);
    expect(text).not.toMatch(/^steps/m);
    expect(text).toMatch(/^D2 .* fails +fails$/m);
    expect(text).toMatch(new RegExp(`^D1 .*${ids[0]} +1, .* holds$`, 'm'));
    expect(text).toMatch(new RegExp(`^ +${ids[1]} +1, .* holds$`, 'm'));
    expect(text).toContain('All ran in the same environment.');
    expect(text).toMatch(/^training loss +0\.00195 at 9 +0\.00195 at 9$/m);
    expect(longest(text)).toBeLessThanOrEqual(100);
  });

  it('takes as many runs as there are, also one that has not come far', async () => {
    const elsewhere = await recordedRun(join(out, 'elsewhere'));
    const { code, out: text } = await cli(`compare ${ids.join(' ')} ${elsewhere} --out OUT`, { columns: 80 });
    expect(code).toBe(0);
    expect(text).toMatch(new RegExp(`^setting +${ids.join(' +')}$`, 'm'));
    expect(text).toMatch(new RegExp(`^setting +${basename(elsewhere).slice(-6)}$`, 'm')); // in a table of its own
    expect(longest(text)).toBeLessThanOrEqual(80);
    const compared = JSON.parse((await cli(`compare ${ids.join(' ')} --json --out OUT`)).out);
    expect(compared.settings).toContainEqual({ name: 'seeds', values: [5, 5, 3] });
    expect(compared.claims[0].verdicts).toHaveLength(3);
  });
});

describe('export', () => {
  it('names the files it wrote', async () => {
    const to = join(out, 'tables');
    const { code, out: text } = await cli(`export ${ids[0]} last --to ${to} --out OUT`);
    expect([code, text]).toEqual([0, ['runs', 'metrics', 'claims'].map((name) => `${join(to, name)}.csv\n`).join('')]);
    expect(readFileSync(join(to, 'runs.csv'), 'utf8').split('\n')).toHaveLength(4);
  });

  it('takes a result for all of its runs', async () => {
    const { out: text } = await cli(
      `export fake-decay last --format tensorboard --to ${join(out, 'logs')} --json --out OUT`,
    );
    const { format, runs, files } = JSON.parse(text);
    expect([format, runs.length, files.length]).toEqual(['tensorboard', 3, 3]);
  });
});

describe('refuses', () => {
  it.each([
    ['runs fake-dekay', 'there is no result "fake-dekay" (did you mean "fake-decay"?), and no run of one'],
    ['runs fake-decay other', 'runs of one result or of all: got fake-decay other'],
    ['runs ratte=1', 'no run here has the setting "ratte" (did you mean "rate"?)'],
    ['runs --state done', "argument 'done' is invalid. Allowed choices are waiting, running, finished,"],
    ['runs --limit none', 'Expected a whole number from 1.'],
    ['compare last', 'compare needs two different runs; got last'],
    ['compare last zzzzzz', 'there is no run "zzzzzz"'],
    ['export never-run', 'there is no run "never-run"'],
    ['export last --format xlsx', "argument 'xlsx' is invalid. Allowed choices are csv, parquet, tensorboard, json."],
    ['export last --to /dev/null/here', 'choose another place with --to DIR'],
    ['runs --out /dev/null', 'cannot read /dev/null'],
  ])('%s', async (line, message) => {
    const { code, out: text, err } = await cli(line.includes('--out') ? line : `${line} --out OUT`);
    expect(err).toContain(message);
    expect([code, text]).toEqual([2, '']);
  });
});
