/** Tables of numbers in comma-separated values (RFC 4180, with any one-character delimiter). */
import { UserError } from '../../array/errors.ts';
import { loadText } from './text.ts';

export interface CsvOptions {
  /** Whether the first line names the columns; default false. */
  readonly header?: boolean;
  /** The character between fields; default a comma. */
  readonly delimiter?: string;
  /** Lines before the table, which are passed over; default 0. */
  readonly skipLines?: number;
}

export interface Csv {
  /** Names from the header, or null without one. */
  readonly columns: string[] | null;
  /** Number of rows, the header not counted. */
  readonly rows: number;
  /** rows x columns, row-major. */
  readonly data: Float64Array;
  /** [rows, columns]. */
  readonly shape: [number, number];
}

/** Decimal numbers only: JavaScript's own reading would also take "0x10". */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** What programs write for a missing value, or for one that is no finite number. */
const WORDS = new Map([
  ['', Number.NaN],
  ['na', Number.NaN],
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['+infinity', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
]);

/**
 * Reads a table of numbers. Lines end in LF or CRLF; fields may stand in double quotes (a quote inside is doubled);
 * spaces around a number do not count; an empty field, `NA` and `NaN` read as NaN; blank lines at the end are ignored.
 *
 * @param name what to call the text in an error, usually the path
 * @throws UserError naming line and column (from 1) of a field that is no number, a row of another length, a broken
 *   quote, or an empty file
 */
export function parseCsv(text: string, options: CsvOptions, name: string): Csv {
  const { columns, rows, lines } = parseFields(text, options, name);
  const width = columns?.length ?? rows[0].length;
  const data = new Float64Array(rows.length * width);
  rows.forEach((fields, i) => {
    fields.forEach((field, k) => {
      data[i * width + k] = parseNumber(field, name, lines[i], k, columns);
    });
  });
  return { columns, rows: rows.length, data, shape: [rows.length, width] };
}

/**
 * Reads a table of any fields, as `parseCsv` reads one of numbers.
 *
 * @returns names from the header, or null without one; the fields of each row; the line each row starts on
 */
export function parseFields(
  text: string,
  { header = false, delimiter = ',', skipLines = 0 }: CsvOptions,
  name: string,
): { columns: string[] | null; rows: string[][]; lines: number[] } {
  if (delimiter.length !== 1 || '"\r\n'.includes(delimiter)) {
    throw new UserError(
      `${name}: expected one character as delimiter, no quote and no end of line, found ${JSON.stringify(delimiter)}.`,
    );
  }
  const all: { fields: string[]; line: number }[] = [];
  for (const record of records(text.replace(/^\ufeff/, ''), delimiter, name, skipLines)) {
    const width = all[0]?.fields.length ?? record.fields.length;
    if (record.fields.length !== width) {
      throw new UserError(
        `${name}, line ${record.line}: expected ${width} fields as in the first line, found ${record.fields.length}; check the delimiter ${JSON.stringify(delimiter)}.`,
      );
    }
    all.push(record);
  }
  if (all.length === 0) throw new UserError(`${name}: expected a table, found an empty file.`);
  const columns = header ? all[0].fields.map((field) => field.trim()) : null;
  const body = header ? all.slice(1) : all;
  return { columns, rows: body.map(({ fields }) => fields), lines: body.map(({ line }) => line) };
}

/**
 * Reads a CSV file in UTF-8, gzipped (recognized by its first bytes) or not.
 *
 * @throws UserError as `parseCsv`, and when the file is missing, its gzip broken, or larger than 512 MiB unpacked
 */
export async function loadCsv(path: string, options: CsvOptions = {}): Promise<Csv> {
  return parseCsv(await loadText(path), options, path);
}

function parseNumber(field: string, name: string, line: number, column: number, columns: string[] | null): number {
  const text = field.trim();
  if (NUMBER.test(text)) return Number(text);
  const word = WORDS.get(text.toLowerCase());
  if (word !== undefined) return word;
  const where = columns === null ? `column ${column + 1}` : `column ${column + 1} (${columns[column]})`;
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  const hint = line === 1 ? '; if the first line names the columns, say header: true' : '';
  throw new UserError(`${name}, line ${line}, ${where}: expected a number, found ${JSON.stringify(shown)}${hint}.`);
}

/** The records of a CSV text with the lines they start on; blank lines at the end are left out. */
function* records(
  text: string,
  delimiter: string,
  name: string,
  skipLines: number,
): Generator<{ fields: string[]; line: number }> {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  let at = 0;
  let line = 1;
  for (; line <= skipLines && at < end; line++) {
    const next = text.indexOf('\n', at);
    at = next === -1 ? end : next + 1;
  }
  while (at < end) {
    const startLine = line;
    const fields: string[] = [];
    for (let more = true; more; ) {
      if (text[at] === '"') {
        const close = closingQuote(text, at);
        if (close === -1) {
          throw new UserError(
            `${name}, line ${line}, column ${fields.length + 1}: expected a closing quote, found none.`,
          );
        }
        const field = text.slice(at + 1, close).replaceAll('""', '"');
        line += field.split('\n').length - 1;
        fields.push(field);
        at = close + 1;
        if (text[at] === '\r' && text[at + 1] === '\n') at++;
        if (at < end && text[at] !== delimiter && text[at] !== '\n') {
          throw new UserError(
            `${name}, line ${line}, column ${fields.length}: expected the end of the field after its closing quote, found ${JSON.stringify(text[at])}.`,
          );
        }
      } else {
        const start = at;
        while (at < end && text[at] !== delimiter && text[at] !== '\n') at++;
        const stop = at > start && (at === end || text[at] === '\n') && text[at - 1] === '\r' ? at - 1 : at;
        fields.push(text.slice(start, stop));
      }
      more = at < end && text[at] === delimiter;
      at++;
    }
    yield { fields, line: startLine };
    line++;
  }
}

/** Position of the quote that closes the one at `open`, or -1. */
function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}
