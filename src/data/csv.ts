/** Tables of numbers in comma-separated values (RFC 4180, with any one-character delimiter). */
import { UserError } from '../array/errors.ts';
import { gunzip, isGzip, readDataFile } from './files.ts';

export interface CsvOptions {
  /** Whether the first line names the columns; default false. */
  readonly header?: boolean;
  /** The character between fields; default a comma. */
  readonly delimiter?: string;
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

/** Longest string that Node makes, rounded down. */
const LONGEST_TEXT = 2 ** 29 - 64;

/**
 * Reads a table of numbers. Lines end in LF or CRLF; fields may stand in double quotes (a quote inside is doubled);
 * spaces around a number do not count; an empty field, `NA` and `NaN` read as NaN; blank lines at the end are ignored.
 *
 * @param name what to call the text in an error, usually the path
 * @throws UserError naming line and column (from 1) of a field that is no number, a row of another length, a broken
 *   quote, or an empty file
 */
export function parseCsv(text: string, options: CsvOptions, name: string): Csv {
  const { header = false, delimiter = ',' } = options;
  if (delimiter.length !== 1 || '"\r\n'.includes(delimiter)) {
    throw new UserError(
      `${name}: expected one character as delimiter, no quote and no end of line, found ${JSON.stringify(delimiter)}.`,
    );
  }
  let columns: string[] | null = null;
  let width = 0;
  let rows = 0;
  let data = new Float64Array(1024);
  for (const { fields, line } of records(text.replace(/^\ufeff/, ''), delimiter, name)) {
    if (width === 0) width = fields.length;
    if (fields.length !== width) {
      throw new UserError(
        `${name}, line ${line}: expected ${width} fields as in the first line, found ${fields.length}; check the delimiter ${JSON.stringify(delimiter)}.`,
      );
    }
    if (header && columns === null) {
      columns = fields.map((field) => field.trim());
      continue;
    }
    if ((rows + 1) * width > data.length) {
      const larger = new Float64Array(2 * (rows + 1) * width);
      larger.set(data);
      data = larger;
    }
    for (let k = 0; k < width; k++) data[rows * width + k] = parseNumber(fields[k], name, line, k, columns);
    rows++;
  }
  if (width === 0) throw new UserError(`${name}: expected a table of numbers, found an empty file.`);
  return { columns, rows, data: data.slice(0, rows * width), shape: [rows, width] };
}

/**
 * Reads a CSV file in UTF-8, gzipped (recognized by its first bytes) or not.
 *
 * @throws UserError as `parseCsv`, and when the file is missing, its gzip broken, or larger than 512 MiB unpacked
 */
export async function loadCsv(path: string, options: CsvOptions = {}): Promise<Csv> {
  const packed = await readDataFile(path);
  const bytes = isGzip(packed) ? gunzip(packed, path, LONGEST_TEXT) : packed;
  if (bytes.length > LONGEST_TEXT) {
    throw new UserError(
      `${path}: expected at most ${LONGEST_TEXT} bytes of CSV, found ${bytes.length}; split the file.`,
    );
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${path}: expected text in UTF-8, found bytes that are none.`);
  }
  return parseCsv(text, options, path);
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
function* records(text: string, delimiter: string, name: string): Generator<{ fields: string[]; line: number }> {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  let at = 0;
  let line = 1;
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
