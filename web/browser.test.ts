import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launchChromium } from './chromium.fixture.ts';
import type { Found } from './page.ts';

/** WebGPU on Chromium's own software adapter, so that no GPU is needed. */
const softwareAdapter = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const configFile = fileURLToPath(new URL('vite.config.ts', import.meta.url));

describe.skipIf(!hasChromium)('the page in Chromium', () => {
  const outDir = mkdtempSync(join(tmpdir(), 'deeptheory-web-'));
  let server: PreviewServer;
  let browser: Browser;

  beforeAll(async () => {
    await build({ configFile, logLevel: 'error', build: { outDir } });
    server = await preview({ configFile, logLevel: 'error', build: { outDir }, preview: { port: 0 } });
    browser = await launchChromium(softwareAdapter);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(outDir, { recursive: true, force: true });
  });

  test('trains on WebAssembly and WebGPU as Node does', async () => {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (new URL(request.url()).hostname !== '127.0.0.1') problems.push(`asked for ${request.url()}`);
    });
    await page.goto(server.resolvedUrls!.local[0]);
    const found = await (await page.waitForFunction(() => window.found, undefined, { timeout: 60_000 })).jsonValue();
    expect(found).not.toHaveProperty('failure');
    const { runs, missing } = found as Found;
    if (missing.webgpu !== undefined) console.warn(`WebGPU was not tested: ${missing.webgpu}`);
    expect(runs.map(({ device }) => device)).toEqual(missing.webgpu === undefined ? ['cpu', 'webgpu'] : ['cpu']);
    for (const { device, runtime } of runs) expect(runtime).toMatch(device === 'cpu' ? /\(wasm/ : /\(webgpu\)/);
    for (const { device, losses, difference } of runs) {
      expect(losses.at(-1)!, device).toBeLessThan(0.1 * losses[0]);
      expect(difference, device).toBeLessThan(1e-5);
    }
    expect(await page.textContent('#status')).toMatch(/^Every loss agrees with Node’s to 0\.00001\./);
    expect(await page.locator('#curves path[stroke]').count()).toBeGreaterThanOrEqual(runs.length + 1);
    expect(problems).toEqual([]);
  });
});

test('a bundle of the public modules for the browser asks for no module of Node', async () => {
  const rooms = ['array', 'numpy', 'transforms', 'onnx', 'runtime', 'random', 'linalg', 'stats', 'nn'];
  const source = (path: string) => fileURLToPath(new URL(`../src/${path}index.ts`, import.meta.url));
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      lib: { entry: [source(''), ...rooms.map((room) => source(`${room}/`))], formats: ['es'] },
      rollupOptions: { external: /^onnxruntime-web/ },
    },
  });
  const chunks = [output].flat().flatMap((part) => ('output' in part ? part.output : []));
  const found = chunks.flatMap((chunk) => (chunk.type === 'chunk' ? [...chunk.imports, ...chunk.dynamicImports] : []));
  const outside = [...new Set(found)].filter((name) => !chunks.some(({ fileName }) => fileName === name));
  expect(outside.sort()).toEqual(['onnxruntime-web/wasm', 'onnxruntime-web/webgpu']);
  // What Vite puts in the place of a module of Node.
  for (const chunk of chunks) if (chunk.type === 'chunk') expect(chunk.code).not.toContain('__vite-browser-external');
});
