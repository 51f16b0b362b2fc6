import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../array/errors.ts';
import { experiment } from '../lab/fake-experiment.fixture.ts';
import { beginRun, carryOut } from '../lab/run.ts';
import { resolveSettings } from '../lab/settings.ts';
import { inThisThread, type ResultIndex } from '../lab/task.ts';
import { dashboard } from './app.ts';
import { type Listening, listen } from './listen.ts';
import { readMetricsFrom } from './metrics-tail.ts';
import { pathOf } from './runs.ts';
import { runsPerPage } from './runs-page.ts';

const place = mkdtempSync(join(tmpdir(), 'deeptheory-dashboard-'));
const root = join(place, 'runs');
const results: ResultIndex = {
  'fake-decay': async () => experiment,
  'fake-never': async () => ({ ...experiment, name: 'fake-never', title: 'Nobody has run this' }),
};

let server: Listening;
/** Folders of two finished runs with different settings. */
let folders: string[];

beforeAll(async () => {
  folders = [await finishedRun('rate=0.002'), await finishedRun('rate=0.001')];
  writeFileSync(join(place, 'secret.txt'), 'secret');
  server = await listen((port) => dashboard({ root, results, port }), 0);
});
afterAll(async () => {
  await server?.close();
  rmSync(place, { recursive: true });
});

function begun(...overrides: string[]): string {
  const settings = resolveSettings(experiment, 'smoke', ['steps=40', ...overrides]);
  return beginRun({ experiment, scale: 'smoke', settings, seeds: 3, seed: 0, threads: 1, device: 'cpu', out: root });
}

async function finishedRun(...overrides: string[]): Promise<string> {
  const folder = begun(...overrides);
  const never = new AbortController().signal;
  await carryOut(folder, {
    experiment,
    execute: inThisThread(results),
    progress: () => {},
    interrupts: { signal: never, urgent: never },
    warn: () => {},
  });
  return folder;
}

const get = (path: string, init?: RequestInit) => fetch(new URL(path, server.url), init);
const textOf = async (path: string) => (await get(path)).text();

/** Sends bytes as they are; `fetch` would make another address or another header of them. Returns the whole answer. */
function raw(line: string, headers: readonly string[] = [`Host: 127.0.0.1:${server.port}`], host = '127.0.0.1') {
  return new Promise<string>((resolve, reject) => {
    let answer = '';
    const socket = connect(server.port, host, () =>
      socket.write(`${[`${line} HTTP/1.1`, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`),
    );
    socket.setEncoding('utf8');
    socket.on('data', (part) => (answer += part));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
const statusOf = async (...request: Parameters<typeof raw>) => Number((await raw(...request)).split(' ')[1]);

describe('who may ask', () => {
  it('answers under its own names', async () => {
    for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
      expect(await statusOf('GET /', [`Host: ${host}:${server.port}`]), host).toBe(200);
    }
  });

  it.skipIf(
    !Object.values(networkInterfaces())
      .flat()
      .some((own) => own?.address === '::1'),
  )('answers at ::1', async () => {
    expect(await statusOf('GET /', [`Host: [::1]:${server.port}`], '::1')).toBe(200);
  });

  it('refuses a name that somebody else made point here', async () => {
    const port = server.port;
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      '127.0.0.1',
      '127.0.0.1:1',
    ]) {
      expect(await statusOf('GET /', [`Host: ${host}`]), host).toBe(403);
    }
    expect(await statusOf('GET /', [])).toBe(400); // HTTP/1.1 demands one
    expect(await raw('GET /', [`Host: evil.example:${port}`])).not.toContain('fake-decay');
  });

  it('refuses a request with two hosts, or with the address of another', async () => {
    const own = `Host: 127.0.0.1:${server.port}`;
    expect(await statusOf('GET /', ['Host: evil.example', own])).toBe(403);
    expect(await statusOf('GET http://evil.example/', [own])).toBe(400);
  });

  it('refuses what another site asks', async () => {
    const own = `Host: 127.0.0.1:${server.port}`;
    const refused = [
      ['Origin: http://evil.example'],
      ['Origin: null'],
      [`Origin: https://127.0.0.1:${server.port}`],
      [`Origin: http://127.0.0.1:${server.port + 1}`],
      ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: script'],
      ['Sec-Fetch-Site: same-site', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty'],
      ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: iframe'],
    ];
    for (const headers of refused) {
      const answer = await raw('GET /', [own, ...headers]);
      expect(answer.split(' ')[1], headers.join()).toBe('403');
      expect(answer).not.toMatch(/fake-decay|access-control/i);
    }
    expect(await statusOf('GET /', [own, `Origin: http://127.0.0.1:${server.port}`])).toBe(200);
    const link = ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'];
    expect(await statusOf('GET /', [own, ...link])).toBe(200);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])('refuses %s', async (method) => {
    const answer = await raw(`${method} /run/${pathOf(folders[0])}`);
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer).toMatch(/^Allow: GET, HEAD\r$/im);
  });

  it('answers HEAD without a body', async () => {
    const answer = await raw('HEAD /');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.split('\r\n\r\n')[1]).toBe('');
  });
});

describe('where it looks', () => {
  const upwards = [
    '/../secret.txt',
    '/run/../../secret.txt',
    '/run/fake-decay/../../secret.txt',
    '/run/fake-decay/..%2f..%2fsecret.txt/report.html',
    '/run/%2e%2e/%2e%2e/secret.txt',
    '/run/..\\..\\secret.txt',
    '/run/fake-decay/....//secret.txt/report.html',
    '/run//etc/passwd',
    '//etc/passwd',
    '/run/fake-decay/%00/report.html',
    '/uplot.js/../../package.json',
  ];
  it.each(upwards)('refuses %s', async (path) => {
    const answer = await raw(`GET ${path}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toContain('secret\n');
  });

  it('knows no file but the report and the allowed ones', async () => {
    const run = `/run/${pathOf(folders[0])}`;
    for (const path of ['config.json', 'log.txt', 'measurements.json', 'heartbeat', 'report.html.part']) {
      expect((await get(`${run}/${path}`)).status, path).toBe(404);
    }
    for (const path of [
      '/package.json',
      '/dashboard/app.js',
      '/uPlot.cjs.js',
      '/node_modules/uplot/package.json',
      '/run/a/b',
    ]) {
      expect((await get(path)).status, path).toBe(404);
    }
    const compared = await get(`/compare?run=..%2F..%2Fsecret&run=${encodeURIComponent(pathOf(folders[0]))}`);
    expect(compared.status).toBe(404);
    expect((await get('/?result=..')).status).toBe(200);
    expect(await textOf('/?result=..')).toContain('no runs here');
  });

  it('follows no link out of the root', async () => {
    const outside = join(place, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'config.json'), '{}');
    symlinkSync(outside, join(root, 'fake-decay/20260101-000000-aaaaaa'));
    expect((await get('/run/fake-decay/20260101-000000-aaaaaa')).status).toBe(404);
    const folder = begun();
    symlinkSync(join(place, 'secret.txt'), join(folder, 'report.html'));
    symlinkSync(join(place, 'secret.txt'), join(folder, 'metrics.jsonl'));
    expect((await get(`/run/${pathOf(folder)}/report.html`)).status).toBe(404);
    expect(await (await get(`/run/${pathOf(folder)}/metrics`)).json()).toMatchObject({ records: [] });
    rmSync(folder, { recursive: true });
    rmSync(join(root, 'fake-decay/20260101-000000-aaaaaa'));
  });

  it('writes nothing', async () => {
    const listing = () => readdirSync(place, { recursive: true, encoding: 'utf8' }).sort();
    const before = listing();
    const run = `/run/${pathOf(folders[0])}`;
    for (const path of ['/', '/claims', run, `${run}/report.html`, `${run}/metrics`])
      expect((await get(path)).ok).toBe(true);
    expect(listing()).toEqual(before);
    expect((await listenOnce(join(place, 'none'))).status).toBe(200);
    expect(existsSync(join(place, 'none'))).toBe(false);
  });
});

/** What a dashboard of another root answers at `/`. */
async function listenOnce(other: string): Promise<{ status: number; text: string; seconds: number }> {
  const second = await listen((port) => dashboard({ root: other, results, port }), 0);
  try {
    const begin = performance.now();
    const response = await fetch(second.url);
    const text = await response.text();
    return { status: response.status, text, seconds: (performance.now() - begin) / 1000 };
  } finally {
    await second.close();
  }
}

describe('what it shows', () => {
  it('lists runs with what they found', async () => {
    const text = await textOf('/');
    for (const folder of folders) expect(text).toContain(basename(folder));
    expect(text).toContain('1 of 5 claims holds; D2 fails');
    expect(text).not.toMatch(/https?:\/\//); // nothing is asked of another machine
  });

  it('puts the latest finished run of each result into the matrix', async () => {
    const text = await textOf('/claims');
    expect(text).toContain(`/run/${pathOf(folders[1])}#fake-decay-D1`);
    expect(text).not.toContain(pathOf(folders[0]));
    expect(text).toMatch(/Nobody has run this.*?not run.*?not run.*?not run/s);
    expect(text.match(/aria-label="D\d [a-z-]+"/g)).toEqual([
      'aria-label="D1 holds"',
      'aria-label="D2 fails"',
      'aria-label="D3 inconclusive"',
      'aria-label="D4 not-applicable"',
      'aria-label="D5 inconclusive"',
    ]);
  });

  it('marks the settings in which two runs differ', async () => {
    const query = folders.map((folder) => `run=${encodeURIComponent(pathOf(folder))}`).join('&');
    const text = await textOf(`/compare?${query}`);
    expect(text).toContain('<tr class="differs"><th scope="row">rate</th><td>0.002</td><td>0.001</td></tr>');
    expect(text).toContain('<tr><th scope="row">steps</th><td>40</td><td>40</td></tr>');
    expect((await get('/compare')).status).toBe(200);
  });

  it('shows a report without letting it do anything', async () => {
    const response = await get(`/run/${pathOf(folders[0])}/report.html`);
    expect(await response.text()).toContain('<!doctype html>');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toMatch(/^sandbox; default-src 'none';/);
    expect(policy).not.toContain('script-src');
  });

  it('names a broken run, and shows the others', async () => {
    const folder = begun();
    writeFileSync(join(folder, 'config.json'), '{"result": "fake');
    const text = await textOf('/');
    expect(text).toContain('cannot be read');
    expect(text).toContain(basename(folders[0]));
    expect((await get(`/run/${pathOf(folder)}`)).status).toBe(422);
    rmSync(folder, { recursive: true });
  });

  it('lists a page of many runs at once', async () => {
    const many = join(place, 'many');
    const config = JSON.stringify({
      result: 'fake-decay',
      scale: 'smoke',
      settings: {},
      seeds: 1,
      seed: 0,
      threads: 1,
    });
    for (let i = 0; i < 2000; i++) {
      const folder = join(many, 'fake-decay', `20260101-${String(i).padStart(6, '0')}-aaaaaa`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'config.json'), config);
    }
    const { text, seconds } = await listenOnce(many);
    expect(text.match(/type="checkbox"/g)).toHaveLength(runsPerPage);
    expect(text).toContain('Page 1 of 40');
    expect(seconds).toBeLessThan(5);
  });
});

describe('the metrics as they come', () => {
  const file = join(place, 'metrics.jsonl');
  const line = (step: number, loss: unknown) =>
    JSON.stringify({ stage: 'training', step, metrics: { loss }, seconds: 0.1 });

  it('goes on where the reader was, and leaves out a line that is being written', async () => {
    writeFileSync(file, `${line(1, 0.5)}\n${line(2, { $number: 'NaN' })}\n${line(3, 0.2).slice(0, 9)}`);
    const first = await readMetricsFrom(file, 0);
    expect(first.records.map(({ step, metrics }) => [step, metrics['loss']])).toEqual([
      [1, 0.5],
      [2, Number.NaN],
    ]);
    writeFileSync(file, `${line(1, 0.5)}\n${line(2, { $number: 'NaN' })}\n${line(3, 0.2)}\n`);
    const second = await readMetricsFrom(file, first.next);
    expect(second).toMatchObject({ records: [{ step: 3 }], more: false, anew: false });
    expect(await readMetricsFrom(file, second.next)).toMatchObject({ records: [], next: second.next });
  });

  it('begins anew where the file was cut', async () => {
    writeFileSync(file, `${line(1, 0.5)}\n`);
    expect(await readMetricsFrom(file, 1000)).toMatchObject({ records: [{ step: 1 }], anew: true });
  });

  it('reads a long file in parts, each record once', async () => {
    const n = 30_000;
    writeFileSync(file, Array.from({ length: n }, (_, i) => `${line(i, 1 / (i + 1))}\n`).join(''));
    const steps: number[] = [];
    let next = 0;
    for (let more = true; more; ) {
      const tail = await readMetricsFrom(file, next);
      steps.push(...tail.records.map(({ step }) => step));
      ({ next, more } = tail);
    }
    expect(steps).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  it('speaks NaN over the wire, and refuses a place that is none', async () => {
    const folder = begun();
    writeFileSync(join(folder, 'metrics.jsonl'), `${line(1, { $number: 'NaN' })}\n`);
    const path = `/run/${pathOf(folder)}/metrics`;
    expect(await textOf(path)).toContain('"loss":{"$number":"NaN"}');
    expect((await get(`${path}?from=-1`)).status).toBe(400);
    expect((await get(`${path}?from=x`)).status).toBe(400);
    rmSync(folder, { recursive: true });
  });
});

describe('the port', () => {
  it('is told when it is in use', async () => {
    const again = listen((port) => dashboard({ root, results, port }), server.port);
    await expect(again).rejects.toThrow(UserError);
    await expect(again).rejects.toThrow(`port ${server.port} of 127.0.0.1 is in use; choose another with --port N`);
  });

  it.skipIf(process.platform !== 'linux')('is of this machine only', async () => {
    // Where 0.0.0.0 were bound, this would be in use.
    const other = createServer();
    await new Promise<void>((resolve, reject) => {
      other.once('error', reject);
      other.listen(server.port, '127.0.0.2', resolve);
    });
    await new Promise((resolve) => other.close(resolve));
  });
});
