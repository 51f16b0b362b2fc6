/** Comma-separated values as RFC 4180 has them, with plain line ends; NaN and the infinities by name. */
import type { Table } from './tables.ts';

export function csv({ columns }: Table): string {
  const rows = Array.from({ length: columns[0]?.values.length ?? 0 }, (_, i) => columns.map(({ values }) => values[i]));
  return [columns.map(({ name }) => name), ...rows].map((row) => `${row.map(field).join(',')}\n`).join('');
}

/** A missing value is nothing, an empty text is `""`. */
function field(value: string | number | undefined): string {
  if (value === undefined) return '';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
