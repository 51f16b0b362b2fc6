/** Tables for the terminal: columns as wide as their text, one of them taking what is left, cells wrapped at words. */

export interface Column {
  readonly header: string;
  /** Takes the space that the others leave. One column at most. */
  readonly flexible?: boolean;
  /** Width that the column is held to when space is short. */
  readonly narrow?: number;
  /** Colours a line of a cell, given the cell's whole text. */
  readonly paint?: (line: string, cell: string) => string;
}

/** A text in its column, or one that runs over several. */
export type Cell = string | { readonly text: string; readonly span: number };

const gap = 2;
const flexibleMinimum = 28;

/** The table as lines no longer than `width`. A row's missing cells are empty. */
export function textTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): string[] {
  const header = columns.map((column) => column.header);
  const widths = columnWidths(columns, [header, ...rows], width);
  const unpainted = columns.map(({ header: name }) => ({ header: name }));
  return [...rowLines(unpainted, header, widths), ...rows.flatMap((row) => rowLines(columns, row, widths))];
}

function rowLines(columns: readonly Column[], row: readonly Cell[], widths: readonly number[]): string[] {
  let column = 0;
  const cells = row.map((cell) => {
    const { text, span } = typeof cell === 'string' ? { text: cell, span: 1 } : cell;
    const { paint } = columns[column];
    const room = sum(widths.slice(column, column + span)) + gap * (span - 1);
    column += span;
    return { text, paint, room, lines: wrap(text, room) };
  });
  const height = Math.max(...cells.map(({ lines }) => lines.length));
  return Array.from({ length: height }, (_, y) =>
    cells
      .map(({ text, paint, room, lines }) => {
        const line = padded(lines[y] ?? '', room);
        return paint && lines[y] ? paint(line, text) : line;
      })
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

function columnWidths(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): number[] {
  const natural = columns.map((_, i) => Math.max(...rows.map((row) => longestLine(cellAt(row, i)))));
  const room = width - gap * (columns.length - 1);
  const flexible = columns.findIndex((column) => column.flexible);
  if (flexible < 0) return natural;
  const left = (widths: readonly number[]) => room - sum(widths) + widths[flexible];
  const held = natural.map((w, i) => Math.min(w, Math.max(columns[i].narrow ?? w, unbreakable(rows, i))));
  const widths = left(natural) >= Math.min(natural[flexible], flexibleMinimum) ? natural : held;
  // A text that runs over several columns needs the space even where no cell of its own does.
  const spanning = rows.some((row) => row.some((cell) => typeof cell !== 'string'));
  const wanted = spanning ? left(widths) : Math.min(natural[flexible], left(widths));
  return widths.map((w, i) => (i === flexible ? Math.max(12, wanted) : w));
}

/** Length of the longest piece in a column that should not be cut. */
function unbreakable(rows: readonly (readonly Cell[])[], column: number): number {
  const texts = rows.map((row) => cellAt(row, column)).flatMap((text) => text.split(breakable));
  return Math.max(...texts.flatMap((text) => text.split(listBreak)).map(columnsOf));
}

/** The text of a column's own cell; nothing where another cell runs over it. */
function cellAt(row: readonly Cell[], column: number): string {
  let at = 0;
  for (const cell of row) {
    if (at === column && typeof cell === 'string') return cell;
    at += typeof cell === 'string' ? 1 : cell.span;
  }
  return '';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function longestLine(text: string): number {
  return Math.max(...text.split('\n').map(columnsOf));
}

/** Columns a text takes: marks such as the hat of f̂ stand on the letter before. */
function columnsOf(text: string): number {
  return text.replace(/\p{Mark}/gu, '').length;
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(text)));
}

// Not between a sign and its number, nor within the brackets of an interval.
const breakable = /(?<![≤≥<>]) (?![^[\]]*\])/;
// After the commas of a list without spaces, where it must be.
const listBreak = /(?<=,)(?=\S)/;

/** Lines of at most `width` characters, broken at spaces where that reads well; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let current = '';
    for (const word of line.split(breakable).flatMap((part) => pieces(part, width))) {
      if (current !== '' && columnsOf(current) + 1 + columnsOf(word) > width) {
        lines.push(current);
        current = word;
      } else {
        current = current === '' ? word : `${current} ${word}`;
      }
    }
    return [...lines, current];
  });
}

/** The word whole if it fits; otherwise cut after a comma, or where it must be. */
function pieces(word: string, width: number): string[] {
  const parts: string[] = [];
  for (const item of columnsOf(word) <= width ? [word] : word.split(listBreak)) {
    const last = parts[parts.length - 1];
    if (last !== undefined && last.length + item.length <= width) parts[parts.length - 1] = last + item;
    else for (let at = 0; at === 0 || at < item.length; at += width) parts.push(item.slice(at, at + width));
  }
  return parts;
}

/** The text, cut at a word where it is longer than `length`, with an ellipsis. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/\s+\S*$/, '')}…`;
}
