import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findRun, listRuns } from './find-run.ts';

const root = mkdtempSync(join(tmpdir(), 'deeptheory-find-'));
afterAll(() => rmSync(root, { recursive: true }));

const make = (path: string) => {
  mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, path, 'config.json'), '{}');
  return join(root, path);
};
const old = make('toy/20260101-000000-a1b2c3');
const recent = make('toy/20260301-120000-a1ffff');
const other = make('fake/20260201-000000-0fffff');
make('toy/notes');
mkdirSync(join(root, 'verify/20260401-000000-eeeeee'), { recursive: true }); // holds no run

it('lists the runs, the newest first', () => {
  expect(listRuns(root)).toEqual([recent, other, old]);
  expect(listRuns(root, 'toy')).toEqual([recent, old]);
  expect(listRuns(join(root, 'nothing'))).toEqual([]);
});

it('tells runs of one second apart by when their configuration was written', () => {
  const second = (id: string, time: number) => {
    const path = make(`same/20260101-000000-${id}`);
    utimesSync(join(path, 'config.json'), time, time);
    return path;
  };
  const [b, a, c] = [second('bbbbbb', 2000), second('aaaaaa', 1000), second('cccccc', 3000)];
  expect(listRuns(root, 'same')).toEqual([c, b, a]);
  rmSync(join(root, 'same'), { recursive: true });
});

describe('findRun', () => {
  it.each([
    ['last', recent],
    ['a1b2c3', old],
    ['a1b', old],
    ['0f', other],
    ['20260101-000000-a1b2c3', old],
    ['202602', other],
    [old, old],
    [join(old, 'report.html'), old],
    [`${old}/`, old],
  ])('%s', (given, expected) => {
    expect(findRun(root, given)).toBe(expected);
  });

  it.each([
    ['a1', '"a1" may mean 2 runs: toy/20260301-120000-a1ffff, toy/20260101-000000-a1b2c3'],
    [
      'a1b2c4',
      `there is no run "a1b2c4" in ${root} (did you mean "a1b2c3"?); the newest is toy/20260301-120000-a1ffff`,
    ],
    ['lats', '(did you mean "last"?)'],
    ['./nowhere', './nowhere is not the folder of a run: it does not exist'],
    [root, 'is not the folder of a run: it has no config.json'],
  ])('refuses %s', (given, message) => {
    expect(() => findRun(root, given)).toThrow(message);
  });

  it('says where there are no runs', () => {
    expect(() => findRun(join(root, 'nothing'), 'last')).toThrow(/there are no runs in .*nothing; .*--out DIR/);
  });
});
