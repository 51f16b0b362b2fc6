import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ProgressStyle, progressStyle, startMeter } from './progress.ts';
import type { Shell } from './shell.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

function meter(style: ProgressStyle) {
  const written: string[] = [];
  const err = { write: (text: string) => written.push(text), isTTY: style === 'bar', columns: 70 };
  const shell = { err, environment: { NO_COLOR: '1' } } as unknown as Shell;
  return { written, ...startMeter('toy', style, shell) };
}

describe('bar', () => {
  it('is there before the first step ends, and goes on by itself', () => {
    const { written, end } = meter('bar');
    expect(written).toEqual(['\r\x1b[2Ktoy  starting  0:00']);
    vi.advanceTimersByTime(3000);
    expect(written.at(-1)).toBe('\r\x1b[2Ktoy  starting  0:03');
    end();
    expect(written.at(-1)).toBe('\r\x1b[2K');
    const count = written.length;
    vi.advanceTimersByTime(1000);
    expect(written).toHaveLength(count);
  });

  it('shows stage, n of total, elapsed, ETA and headline within the width', () => {
    const { written, update, end } = meter('bar');
    update({ stage: 'training', done: 0, total: 400 });
    vi.advanceTimersByTime(10_000);
    update({ stage: 'training', done: 100, total: 400, headline: 'loss 0.5' });
    vi.advanceTimersByTime(100);
    expect(written.at(-1)).toBe('\r\x1b[2Ktoy  training  ━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌  100/400  0:10  ETA 0:30  loss 0.5');
    update({ stage: 'training', done: 200, total: 400, headline: 'x'.repeat(100) });
    vi.advanceTimersByTime(100);
    expect((written.at(-1) ?? '').length).toBe('\r\x1b[2K'.length + 69);
    end();
  });
});

it.each([
  ['bar', '\r\x1b[2Kstopping\n'],
  ['lines', 'stopping\n'],
  ['json', '{"event":"note","result":"toy","text":"stopping"}\n'],
  ['silent', 'stopping\n'],
] as const)('notes stay, in the style %s', (style, expected) => {
  const { written, note, end } = meter(style);
  note('stopping');
  expect(written).toContain(expected);
  if (style === 'bar') expect(written.at(-1)).toBe('\r\x1b[2Ktoy  starting  0:00');
  end();
});

describe('lines', () => {
  it('come at once, then every five seconds at most', () => {
    const { written, update } = meter('lines');
    expect(written).toHaveLength(1);
    for (let second = 1; second <= 12; second++) {
      vi.advanceTimersByTime(1000);
      update({ stage: 'training', done: second, total: 12, headline: `loss ${second}` });
    }
    expect(written).toHaveLength(3);
    expect(written[1]).toMatch(/^\d\d:\d\d:\d\d {2}toy {2}training {2}5\/12 {2}0:05 {2}ETA 0:07 {2}loss 5\n$/);
    expect(written.join('')).not.toContain('\x1b');
  });
});

describe('json', () => {
  it('writes one object per update', () => {
    const { written, update } = meter('json');
    vi.advanceTimersByTime(1500);
    update({ stage: 'fetching', done: 7, total: 0 });
    expect(written.map((line) => JSON.parse(line))).toEqual([
      { event: 'progress', result: 'toy', stage: 'starting', done: 0, total: 0, elapsed: 0, remaining: null },
      { event: 'progress', result: 'toy', stage: 'fetching', done: 7, total: 0, elapsed: 1.5, remaining: null },
    ]);
  });
});

it('chooses the style by options and terminal', () => {
  const shell = (isTTY: boolean, environment = {}) =>
    ({ err: { write: () => {}, isTTY }, environment }) as unknown as Shell;
  expect(progressStyle(shell(true), {})).toBe('bar');
  expect(progressStyle(shell(true, { TERM: 'dumb' }), {})).toBe('lines');
  expect(progressStyle(shell(false), {})).toBe('lines');
  expect(progressStyle(shell(true), { json: true })).toBe('json');
  expect(progressStyle(shell(true), { json: true, quiet: true })).toBe('silent');
});
