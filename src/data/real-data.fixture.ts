/** The published files, for tests of what the loaders make of them. */
import { resolve } from 'node:path';
import { test } from 'vitest';
import { folderOf, locate } from './locate.ts';
import { sources } from './sets/sources.ts';

/** Folder of the data sets, `DEEPTHEORY_DATA`; else null. */
export const realData: string | null = process.env['DEEPTHEORY_DATA'] ? resolve(process.env['DEEPTHEORY_DATA']) : null;

/** A test on files of a data set, passed over with a message where one of them is not there. */
export function testOnRealData(
  title: string,
  set: string,
  files: readonly string[],
  body: (directory: string) => Promise<void>,
): void {
  const source = sources.find(({ name }) => name === set);
  if (source === undefined) throw new Error(`there is no data set ${set}`);
  const missing = files.find((file) => realData !== null && locate(folderOf(source, realData), file).length === 0);
  test(title, async (context) => {
    if (realData === null) return context.skip('no data: set DEEPTHEORY_DATA to the folder that holds it');
    if (missing !== undefined) return context.skip(`${set}: no ${missing} in ${realData}`);
    await body(realData);
  });
}
