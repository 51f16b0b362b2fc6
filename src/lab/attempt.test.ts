import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isAlive, takeAttempt, thisProcess } from './attempt.ts';
import { runState } from './run-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'deeptheory-attempt-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('an attempt can be taken once', () => {
  expect(takeAttempt(folder, 1, new Date())).toBe(true);
  expect(takeAttempt(folder, 1, new Date())).toBe(false);
  expect(takeAttempt(folder, 2, new Date())).toBe(true);
});

describe('isAlive', () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  it.each([
    ['this process', thisProcess(), true],
    ['a process that has ended', { pid: dead, host: hostname() }, false],
    ['another process that got its pid', { ...thisProcess(), born: 'another boot/1' }, false],
  ])('%s, by the process table', (_, identity, expected) => {
    expect(isAlive(folder, 1, identity)).toBe(expected);
  });

  it('a process of another host, by its last sign of life', () => {
    const elsewhere = { pid: process.pid, host: `not-${hostname()}` };
    writeFileSync(join(folder, 'heartbeat'), '{}');
    expect(isAlive(folder, 1, elsewhere)).toBe(true);
    const before = new Date(Date.now() - 120_000);
    utimesSync(join(folder, 'heartbeat'), before, before);
    expect(isAlive(folder, 1, elsewhere)).toBe(true); // its attempt is as young as this test
    utimesSync(join(folder, 'attempt-1.json'), before, before);
    expect(isAlive(folder, 1, elsewhere)).toBe(false);
    expect(isAlive(folder, 1, undefined)).toBe(false);
  });
});

it('the state follows from the last attempt: its exit record, else its process', () => {
  const run = mkdtempSync(join(folder, 'run-'));
  const exit = (attempt: number) => writeFileSync(join(run, 'exit.json'), JSON.stringify({ attempt, state: 'failed' }));
  const attempt = (number: number, born: string) => {
    const record = { process: { ...thisProcess(), born }, started: '' };
    writeFileSync(join(run, `attempt-${number}.json`), JSON.stringify(record));
  };
  expect(() => runState(run)).toThrow('is not the folder of a run: it has no config.json');
  writeFileSync(join(run, 'config.json'), '{}');
  expect(runState(run)).toBe('waiting');
  attempt(1, 'long ago');
  expect(runState(run)).toBe('crashed');
  exit(1);
  expect(runState(run)).toBe('failed');
  takeAttempt(run, 2, new Date());
  expect(runState(run)).toBe('running');
  attempt(10, 'long ago');
  expect(runState(run)).toBe('crashed');
  exit(10);
  expect(runState(run)).toBe('failed');
});
