import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJson } from '../json.ts';
import { recordedRun } from '../recorded-run.fixture.ts';
import { readClaims } from '../run-record.ts';
import { csv } from './csv.ts';
import { exportRuns } from './export.ts';
import { parquet } from './parquet.ts';
import type { Column, Table } from './tables.ts';

const out = mkdtempSync(join(tmpdir(), 'deeptheory-export-'));
afterAll(() => rmSync(out, { recursive: true }));

let folders: string[] = [];
beforeAll(async () => {
  folders = [await recordedRun(out), await recordedRun(out, ['frequencies=1,2'], { seed: 8 })];
});

const read = (path: string) => readFileSync(path, 'utf8');

/** RFC 4180, letter by letter. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  const row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (text[at] !== '"') field += text[at];
        else if (text[at + 1] === '"') field += text[at++];
        else break;
      }
      at++;
    } else {
      while (text[at] !== ',' && text[at] !== '\n') field += text[at++];
    }
    row.push(field);
    if (text[at++] === '\n') rows.push(row.splice(0));
  }
  return rows;
}

const records = (text: string) => {
  const [names, ...rows] = parseCsv(text);
  return rows.map((row) => Object.fromEntries(row.map((field, i) => [names[i], field])));
};

describe('csv', () => {
  it('has the runs with their settings, every metric, and every check', async () => {
    const files = await exportRuns(folders, 'csv', join(out, 'tables'));
    expect(files.map((file) => basename(file))).toEqual(['runs.csv', 'metrics.csv', 'claims.csv']);
    const [runs, metrics, claims] = files.map((file) => records(read(file)));
    expect(runs).toMatchObject([
      { run: basename(folders[0]), result: 'fake-decay', seed: '7', state: 'finished', 'settings.rate': '0.002' },
      { run: basename(folders[1]), seed: '8', verdict: 'fails', 'settings.frequencies': '1,2' },
    ]);
    expect(metrics).toHaveLength(2 * 10 * 2);
    expect(metrics[2]).toMatchObject({
      run: runs[0]['run'],
      stage: 'training',
      step: '1',
      metric: 'loss',
      value: '0.5',
    });
    expect(metrics[19]).toMatchObject({ step: '9', metric: 'error', value: 'NaN' });
    const [judged] = readClaims(folders[0]);
    const [check] = judged.checks;
    expect(claims[0]).toMatchObject({ claim: 'D1', part: 'claim', quantity: check.quantity, verdict: check.verdict });
    expect([claims[0]['low'], claims[0]['high']].map(Number)).toEqual(check.interval);
    expect(claims[0]['values'].split(' ').map(Number)).toEqual(check.values);
    expect(claims.find(({ part, claim }) => part === 'control' && claim === 'D5')).toMatchObject({
      mean: 'NaN',
      n: '2',
    });
  });

  it('comes back whatever is in it', () => {
    const cell = fc.oneof(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é') }), fc.double());
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell)), (rows) => {
        const columns = [0, 1].map((i) => ({ name: `c${i}`, type: 'text', values: rows.map((row) => row[i]) }));
        const texts = rows.map((row) => row.map((value) => (Object.is(value, -0) ? '-0' : String(value))));
        expect(parseCsv(csv({ name: 't', columns: columns as Column[] }))).toEqual([['c0', 'c1'], ...texts]);
      }),
    );
  });
});

describe('parquet', () => {
  const rowsOf = async (bytes: Uint8Array) => {
    const { buffer } = new Uint8Array(bytes);
    return parquetReadObjects({ file: buffer });
  };

  it('holds the same as the tables of text', async () => {
    const files = await exportRuns(folders, 'parquet', join(out, 'tables'));
    await exportRuns(folders, 'csv', join(out, 'tables'));
    for (const file of files) {
      const rows = await rowsOf(readFileSync(file));
      const texts = rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value ?? '')])),
      );
      expect(texts).toEqual(records(read(file.replace(/parquet$/, 'csv'))));
    }
    expect((await rowsOf(readFileSync(files[1])))[0]).toMatchObject({ step: 0n, value: 1 });
  });

  it('keeps every number and text, and what is missing', async () => {
    const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
    const row = fc.record({
      text: maybe(fc.string({ unit: 'grapheme' })),
      number: maybe(fc.double()),
      integer: maybe(fc.maxSafeInteger()),
      odd: maybe(fc.double({ noNaN: true })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 0, maxLength: 30 }), async (rows) => {
        const table: Table = {
          name: 't',
          columns: [
            { name: 'text', type: 'text', values: rows.map(({ text }) => text) },
            { name: 'number', type: 'number', values: rows.map(({ number }) => number) },
            { name: 'integer', type: 'integer', values: rows.map(({ integer }) => integer) },
            { name: 'odd', type: 'integer', values: rows.map(({ odd }) => odd) },
          ],
        };
        const back = await rowsOf(parquet(table));
        const plain = (value: unknown) =>
          value === null ? undefined : typeof value === 'bigint' ? Number(value) : value;
        expect(
          back.map((record) => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, plain(value)]))),
        ).toEqual(rows);
      }),
      { numRuns: 50 },
    );
  });
});

describe('json', () => {
  it('holds everything but the measurements', async () => {
    const [file] = await exportRuns(folders, 'json', join(out, 'json'));
    expect(readJson(read(file))).toMatchObject([
      {
        ...{ folder: folders[0], state: 'finished', config: { seed: 7 }, environment: { node: process.versions.node } },
        claims: readClaims(folders[0]),
        metrics: { length: 10, 9: { metrics: { error: Number.NaN }, flagged: ['error'] } },
      },
      { folder: folders[1] },
    ]);
  });
});

describe('whatever the format', () => {
  it('exports what a run has that has only begun', async () => {
    const folder = await recordedRun(out);
    for (const name of readdirSync(folder)) if (name !== 'config.json') rmSync(join(folder, name), { recursive: true });
    for (const format of ['csv', 'parquet', 'tensorboard', 'json'] as const) {
      expect(await exportRuns([folder], format, join(out, 'begun'))).not.toEqual([]);
    }
    expect(records(read(join(out, 'begun/runs.csv')))).toMatchObject([{ state: 'waiting', verdict: '', seconds: '' }]);
    expect(read(join(out, 'begun/metrics.csv')).trimEnd()).toBe('run,result,stage,step,seconds,metric,value');
  });

  it('replaces an earlier export, and leaves no half of a file', async () => {
    for (let i = 0; i < 2; i++) await exportRuns(folders, 'csv', join(out, 'twice'));
    expect(readdirSync(join(out, 'twice')).sort()).toEqual(['claims.csv', 'metrics.csv', 'runs.csv']);
  });

  it('says where it cannot write', async () => {
    writeFileSync(join(out, 'file'), '');
    await expect(exportRuns(folders, 'json', join(out, 'file'))).rejects.toThrow(
      /^cannot write .*file.runs\.json: .*; choose another place with --to DIR$/,
    );
  });
});
