import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import { loadCsv, parseCsv } from './csv.ts';

fc.configureGlobal({ seed: 1 });

describe('parseCsv', () => {
  test('reads numbers, with and without a header', () => {
    expect(parseCsv('1,2\n3,4e-2\n', {}, 'x')).toEqual({
      columns: null,
      rows: 2,
      data: Float64Array.of(1, 2, 3, 0.04),
      shape: [2, 2],
    });
    const { columns, rows, shape } = parseCsv('a,b\r\n1,2\r\n', { header: true }, 'x');
    expect([columns, rows, shape]).toEqual([['a', 'b'], 1, [1, 2]]);
    expect(parseCsv('a,b', { header: true }, 'x').shape).toEqual([0, 2]);
  });

  test('reads quoted fields, quotes and ends of line within them, and a byte-order mark', () => {
    const csv = parseCsv('\ufeff"a ""b""","c,\r\nd"\n"1",2\r\n3,"4"\r\n', { header: true }, 'x');
    expect(csv.columns).toEqual(['a "b"', 'c,\r\nd']);
    expect([...csv.data]).toEqual([1, 2, 3, 4]);
  });

  test('reads missing and infinite values, spaces about numbers, other delimiters', () => {
    expect([...parseCsv(' 1 ,,NA,nan,-Inf,\n', {}, 'x').data]).toEqual([1, NaN, NaN, NaN, -Infinity, NaN]);
    expect([...parseCsv('1\t2', { delimiter: '\t' }, 'x').data]).toEqual([1, 2]);
    expect([...parseCsv('1.5e+00 -2\n.5 3.', { delimiter: ' ' }, 'x').data]).toEqual([1.5, -2, 0.5, 3]);
    expect([...parseCsv('1\n\n2\n\n\n', {}, 'x').data]).toEqual([1, NaN, 2]);
  });

  test('reads back any table it is given, quoted or not', () => {
    const value = fc.oneof(fc.double({ noNaN: true }), fc.constant(NaN)).map((x) => x + 0); // -0 is written as 0
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) =>
        fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      );
    fc.assert(
      fc.property(table, fc.boolean(), fc.constantFrom('\n', '\r\n'), (rows, quoted, newline) => {
        const text = rows.map((row) => row.map((x) => (quoted ? `"${x}"` : `${x}`)).join(',')).join(newline);
        const csv = parseCsv(text, {}, 'x');
        expect(csv.shape).toEqual([rows.length, rows[0].length]);
        expect([...csv.data]).toEqual(rows.flat());
      }),
      { numRuns: 60 },
    );
  });

  test('names line and column of what it refuses', () => {
    expect(() => parseCsv('a,b\n1,2\n3,x\n', { header: true }, 't.csv')).toThrow(
      't.csv, line 3, column 2 (b): expected a number, found "x".',
    );
    expect(() => parseCsv('a,b\n1,2\n', {}, 't.csv')).toThrow(/line 1, column 1.*say header: true/);
    expect(() => parseCsv('1,2\n3\n', {}, 't.csv')).toThrow(/line 2: expected 2 fields as in the first line, found 1/);
    expect(() => parseCsv('"a\n\nb",c\n1,0x10', { header: true }, 't.csv')).toThrow(/line 4, column 2 \(c\).*"0x10"/);
    expect(() => parseCsv('1,"2', {}, 't.csv')).toThrow(/line 1, column 2: expected a closing quote/);
    expect(() => parseCsv('"1"2,3', {}, 't.csv')).toThrow(/column 1: expected the end of the field.*"2"/);
    expect(() => parseCsv('\n\n', {}, 't.csv')).toThrow(/empty file/);
    expect(() => parseCsv('1', { delimiter: ';;' }, 't.csv')).toThrow(/one character as delimiter/);
  });
});

test('loadCsv reads plain and gzipped files and refuses what is no text', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'csv-'));
  const path = join(folder, 'table.csv');
  try {
    for (const bytes of [Buffer.from('a\n7\n'), gzipSync('a\n7\n')]) {
      await writeFile(path, bytes);
      expect(await loadCsv(path, { header: true })).toEqual(parseCsv('a\n7\n', { header: true }, path));
    }
    await writeFile(path, Uint8Array.of(0x31, 0xff));
    await expect(loadCsv(path)).rejects.toThrow(/expected text in UTF-8/);
    await writeFile(path, gzipSync('1\n2\n').subarray(0, 15));
    await expect(loadCsv(path)).rejects.toThrow(UserError);
    await expect(loadCsv(join(folder, 'none.csv'))).rejects.toThrow(/found none/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
