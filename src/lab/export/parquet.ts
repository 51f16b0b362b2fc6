/** Apache Parquet: float64 and int64 as they are, texts in UTF-8, null where there is no value. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Column, Table } from './tables.ts';

export function parquet({ columns }: Table): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData: columns.map(source) }));
}

function source(column: Column): { name: string; data: unknown[]; type: 'STRING' | 'DOUBLE' | 'INT64' } {
  const { name, type, values } = column;
  if (type === 'text') return { name, data: [...values], type: 'STRING' };
  // What should be whole, but was written by another program, is kept as it is.
  const whole = type === 'integer' && values.every((value) => value === undefined || Number.isSafeInteger(value));
  if (!whole) return { name, data: [...values], type: 'DOUBLE' };
  return { name, data: values.map((value) => (value === undefined ? value : BigInt(value))), type: 'INT64' };
}
