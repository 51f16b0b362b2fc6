import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type CatalogueEntry, readCatalogue } from './catalogue.ts';
import { selectRuns } from './run-query.ts';

const place = mkdtempSync(join(tmpdir(), 'deeptheory-catalogue-'));
afterAll(() => rmSync(place, { recursive: true }));

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(place, 'root-'));
});

/** Later than the tick of any clock, so that everything is kept at once. */
const later = () => Date.now() + 10_000;
/** Longer than the tick of the file system's clock. */
const tick = 12;

const dead = { pid: 2 ** 22 + 1, host: hostname() };

/** As a run writes it: beside its place, then renamed. */
function put(folder: string, name: string, value: unknown): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.part`), typeof value === 'string' ? value : JSON.stringify(value));
  renameSync(join(folder, `${name}.part`), join(folder, name));
}

const config = (result: string, changes: object = {}) => ({
  ...{ result, scale: 'smoke', settings: { width: 64, rates: [1, 2], act: 'relu' }, seeds: 3, seed: 0 },
  ...{ threads: 1, device: 'cpu', started: '2026-01-01T00:00:00.000Z' },
  ...changes,
});

function finished(path: string, changes: object = {}, summary: object = {}): string {
  const folder = join(root, path);
  const written = config(dirname(path), changes);
  put(folder, 'config.json', written);
  put(folder, 'attempt-1.json', { process: dead, started: written.started });
  put(folder, 'summary.json', { ...written, verdict: 'holds', claims: { A1: 'holds' }, seconds: 4, ...summary });
  put(folder, 'exit.json', { attempt: 1, state: 'finished', code: 0, seconds: 4 });
  return folder;
}

/** docs/runs.md word for word, every file read every time. */
function naiveScan(): object[] {
  const json = (...path: string[]) => {
    try {
      return JSON.parse(readFileSync(join(...path), 'utf8'));
    } catch {
      return undefined;
    }
  };
  const found: { name: string; [key: string]: unknown }[] = [];
  for (const result of readdirSync(root)) {
    if (result.startsWith('.')) continue;
    for (const name of readdirSync(join(root, result))) {
      const folder = join(root, result, name);
      const files = readdirSync(folder);
      const read = json(folder, 'config.json');
      if (read === undefined) {
        if (files.length === 0 || files.some((file) => file !== 'report.html')) found.push({ name, state: 'broken' });
        continue;
      }
      const attempts = [3, 2, 1].find((n) => files.includes(`attempt-${n}.json`)) ?? 0;
      const exit = json(folder, 'exit.json');
      const ended = attempts > 0 ? 'crashed' : 'waiting';
      found.push({
        name,
        state: exit?.attempt === attempts ? exit.state : ended,
        width: read.settings.width,
        verdict: json(folder, 'summary.json')?.verdict,
        seconds: json(folder, 'summary.json')?.seconds ?? json(folder, 'heartbeat')?.seconds,
      });
    }
  }
  return found.sort((a, b) => (a.name < b.name ? 1 : -1));
}

const told = (entry: CatalogueEntry) =>
  entry.state === 'broken'
    ? { name: entry.name, state: entry.state }
    : {
        ...{ name: entry.name, state: entry.state, width: entry.config.settings['width'] },
        ...{ verdict: entry.verdict, seconds: entry.seconds },
      };

/** Something that happens to a folder, or to what is kept. */
const happenings: Readonly<Record<string, (folder: string, n: number) => void>> = {
  begin: (folder, n) => put(folder, 'config.json', config(basename(dirname(folder)), { settings: { width: n } })),
  attempt: (folder, n) => put(folder, `attempt-${n}.json`, { process: dead, started: '' }),
  beat: (folder, n) => put(folder, 'heartbeat', { attempt: 1, time: '', seconds: n + 0.5 }),
  summary: (folder, n) => put(folder, 'summary.json', { verdict: n > 1 ? 'holds' : 'fails', seconds: n }),
  finish: (folder, n) => put(folder, 'exit.json', { attempt: n, state: 'finished', code: 0, seconds: n }),
  fail: (folder, n) => put(folder, 'exit.json', { attempt: n, state: 'failed', code: 70, message: 'no', seconds: n }),
  report: (folder) => put(folder, 'report.html', '<p>'),
  damage: (folder) => put(folder, 'config.json', '{"result": '),
  lose: (folder) => rmSync(join(folder, 'config.json'), { force: true }),
  empty: (folder) => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  },
  remove: (folder) => rmSync(folder, { recursive: true, force: true }),
  forget: () => rmSync(join(root, '.catalogue.json'), { force: true }),
  spoil: () => {
    const path = join(root, '.catalogue.json');
    if (existsSync(path)) writeFileSync(path, readFileSync(path).subarray(0, 40));
  },
};

it('lists what a scan of everything finds, whatever happened since the last time', async () => {
  const happening = fc.record({
    what: fc.constantFrom(...Object.keys(happenings)),
    result: fc.constantFrom('toy', 'other'),
    run: fc.integer({ min: 1, max: 3 }),
    n: fc.integer({ min: 1, max: 3 }),
  });
  const history = fc.array(fc.array(happening, { minLength: 1, maxLength: 8 }), { minLength: 3, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(history, async (rounds) => {
      root = mkdtempSync(join(place, 'random-'));
      for (const round of rounds) {
        for (const { what, result, run, n } of round) {
          const second = run + (result === 'toy' ? 0 : 3);
          happenings[what](join(root, result, `20260101-00000${second}-a1b2c${run}`), n);
        }
        const expected = naiveScan();
        expect(readCatalogue(root, later()).map(told)).toEqual(expected);
        expect(readCatalogue(root, later()).map(told)).toEqual(expected);
        await sleep(tick);
      }
    }),
    { numRuns: 20, seed: 4 },
  );
});

describe('what is kept', () => {
  it('saves reading the files of runs that have ended', () => {
    const folder = finished('toy/20260101-000000-aaaaaa');
    const first = readCatalogue(root, later());
    // In place, which no run does, and which only reading would show.
    writeFileSync(join(folder, 'config.json'), 'unread');
    expect(readCatalogue(root, later())).toEqual(first);
    rmSync(join(root, '.catalogue.json'));
    expect(readCatalogue(root, later())[0].state).toBe('broken');
  });

  it('is nothing that may change within the tick of a clock', () => {
    finished('toy/20260101-000000-aaaaaa');
    expect(readCatalogue(root)).toHaveLength(1);
    expect(existsSync(join(root, '.catalogue.json'))).toBe(false);
  });

  it('is nothing that depends on a process', () => {
    const folder = join(root, 'toy/20260101-000000-aaaaaa');
    put(folder, 'config.json', config('toy'));
    put(folder, 'attempt-1.json', { process: { ...dead, pid: process.pid }, started: '' });
    put(folder, 'heartbeat', { attempt: 1, seconds: 7, progress: { stage: 'training', done: 3, total: 4 } });
    expect(readCatalogue(root, later())).toMatchObject([{ state: 'running', seconds: 7, progress: { done: 3 } }]);
    writeFileSync(join(folder, 'attempt-1.json'), JSON.stringify({ process: dead, started: '' }));
    expect(readCatalogue(root, later())).toMatchObject([{ state: 'crashed', progress: { done: 3 } }]);
  });

  it('comes back as it was: numbers without a word in JSON, too', () => {
    finished('toy/20260101-000000-aaaaaa', { settings: { slope: { $number: '-0' }, most: { $number: 'Infinity' } } });
    const first = readCatalogue(root, later());
    expect(first).toMatchObject([{ config: { settings: { slope: -0, most: Number.POSITIVE_INFINITY } } }]);
    expect(readCatalogue(root, later())).toEqual(first);
  });

  it('is nothing where it cannot be written', () => {
    finished('toy/20260101-000000-aaaaaa');
    mkdirSync(join(root, '.catalogue.json')); // in the way, also of a user who may write anywhere
    for (let i = 0; i < 2; i++) expect(readCatalogue(root, later())).toHaveLength(1);
    expect(readdirSync(root).sort()).toEqual(['.catalogue.json', 'toy']);
  });

  it.each(['', '[]', '{"version":0,"rows":[]}', '{"version":1,"rows":[null,{"folder":"toy/20260101-000000-aaaaaa"}]}'])(
    'is read again where it is damaged: %s',
    (text) => {
      finished('toy/20260101-000000-aaaaaa');
      writeFileSync(join(root, '.catalogue.json'), text);
      expect(readCatalogue(root, later())).toMatchObject([{ state: 'finished', verdict: 'holds' }]);
      expect(readFileSync(join(root, '.catalogue.json'), 'utf8')).toContain('"verdict":"holds"');
    },
  );
});

describe('broken folders are listed with the reason', () => {
  it.each([
    ['null', 'its config.json is not that of a run'],
    ['{"result": "toy"}', 'its config.json is not that of a run'],
    ['{"result": ', 'cannot be read (Unexpected end of JSON input)'],
  ])('%s', (text, reason) => {
    put(join(root, 'toy/20260101-000000-aaaaaa'), 'config.json', text);
    finished('toy/20260102-000000-bbbbbb');
    const [good, broken] = readCatalogue(root, later());
    expect(good.state).toBe('finished');
    expect(broken).toMatchObject({ state: 'broken', id: 'aaaaaa', result: 'toy' });
    expect(broken.state === 'broken' && broken.reason).toContain(reason);
  });

  it('a config.json that is a folder, an exit.json of nothing, a summary of another program', () => {
    mkdirSync(join(root, 'toy/20260101-000000-aaaaaa/config.json'), { recursive: true });
    const folder = finished('toy/20260102-000000-bbbbbb');
    put(folder, 'exit.json', 'null');
    put(folder, 'summary.json', '{"verdict": 7, "seconds": "long", "claims": []}');
    expect(readCatalogue(root, later())).toMatchObject([{ state: 'crashed' }, { state: 'broken' }]);
  });

  it('is silent about no folder at all', () => {
    expect(readCatalogue(join(root, 'nothing'))).toEqual([]);
  });
});

describe('selectRuns', () => {
  const ids = (query: Parameters<typeof selectRuns>[1]) =>
    selectRuns(readCatalogue(root, later()), query).map((entry) => entry.id);
  beforeEach(() => {
    finished('toy/20260101-000000-aaaaaa', { scale: 'small' }, { seconds: 9 });
    finished('toy/20260102-000000-bbbbbb', { settings: { width: 128, rates: [1, 2] } }, { verdict: 'fails' });
    finished('other/20260103-000000-cccccc', {}, { verdict: 'inconclusive', seconds: 1 });
    mkdirSync(join(root, 'toy/20260104-000000-dddddd'));
  });

  it.each([
    [{}, ['dddddd', 'cccccc', 'bbbbbb', 'aaaaaa']],
    [{ sort: 'oldest' }, ['aaaaaa', 'bbbbbb', 'cccccc', 'dddddd']],
    [{ sort: 'result' }, ['cccccc', 'dddddd', 'bbbbbb', 'aaaaaa']],
    [{ sort: 'verdict' }, ['bbbbbb', 'cccccc', 'aaaaaa', 'dddddd']],
    [{ sort: 'time' }, ['aaaaaa', 'bbbbbb', 'cccccc', 'dddddd']],
    [{ limit: 1 }, ['dddddd']],
    [{ result: 'toy' }, ['dddddd', 'bbbbbb', 'aaaaaa']],
    [{ state: 'broken' }, ['dddddd']],
    [{ scale: 'smoke' }, ['cccccc', 'bbbbbb']],
    [{ verdict: 'fails' }, ['bbbbbb']],
    [{ settings: new Map([['width', '64']]) }, ['cccccc', 'aaaaaa']],
    [{ settings: new Map([['rates', '1,2'], ['act', 'relu']]) }, ['cccccc', 'aaaaaa']], // biome-ignore format: one line
    [{ result: 'none', settings: new Map([['any', '1']]) }, []],
  ] as const)('%o', (query, expected) => {
    expect(ids(query)).toEqual(expected);
  });

  it('refuses a setting that no run has', () => {
    expect(() => ids({ settings: new Map([['widht', '64']]) })).toThrow(
      'no run here has the setting "widht" (did you mean "width"?)',
    );
  });
});
