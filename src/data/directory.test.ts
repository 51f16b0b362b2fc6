import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { dataDirectory } from './directory.ts';

test('dataDirectory: the chosen folder, else the XDG cache, else ~/.cache', () => {
  expect(dataDirectory({ DEEPTHEORY_DATA: '/data', XDG_CACHE_HOME: '/cache' })).toBe('/data');
  expect(dataDirectory({ DEEPTHEORY_DATA: 'relative' })).toBe(resolve('relative'));
  expect(dataDirectory({ DEEPTHEORY_DATA: '', XDG_CACHE_HOME: '/cache' })).toBe(join('/cache', 'deeptheory'));
  expect(dataDirectory({ XDG_CACHE_HOME: 'relative' })).toBe(join(homedir(), '.cache', 'deeptheory'));
  expect(dataDirectory({})).toBe(join(homedir(), '.cache', 'deeptheory'));
});
