import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Inside node_modules, so that the bundle finds its dependencies. A worker of Node 20 cannot load TypeScript.
const cache = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));
mkdirSync(cache, { recursive: true });
const outDir = mkdtempSync(join(cache, 'deeptheory-workers-'));

beforeAll(() =>
  build({
    configFile: false,
    logLevel: 'error',
    build: { outDir, ssr: fileURLToPath(new URL('worker.fixture.ts', import.meta.url)) },
  }),
);

afterAll(() => rmSync(outDir, { recursive: true, force: true }));

test.each(['node', 'web'] as const)('several threads compute at the same time on %s', async (runtime) => {
  const calls = 200;
  const starts = [0, 10];
  const found = await Promise.all(
    starts.map(
      (start) =>
        new Promise<readonly number[]>((resolve, reject) => {
          const worker = new Worker(join(outDir, 'worker.fixture.js'), { workerData: { runtime, start, calls } });
          worker.on('message', resolve);
          worker.on('error', reject);
        }),
    ),
  );
  starts.forEach((start, k) => {
    expect(found[k]).toEqual(Array.from({ length: calls }, (_, i) => 16 ** 3 * (start + (i % 5)) ** 2));
  });
});
