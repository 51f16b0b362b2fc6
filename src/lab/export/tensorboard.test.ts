import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeJson } from '../json.ts';
import { recordedRun } from '../recorded-run.fixture.ts';
import { readClaims, readMetrics, readRun } from '../run-record.ts';
import { exportRuns } from './export.ts';
import { crc32c } from './tensorboard.ts';

const out = mkdtempSync(join(tmpdir(), 'deeptheory-tensorboard-'));
afterAll(() => rmSync(out, { recursive: true }));

/** Castagnoli's polynomial bit by bit. */
function slowChecksum(data: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of data) {
    for (let bit = 0; bit < 8; bit++) {
      const odd = (sum ^ (byte >>> bit)) & 1;
      sum = (sum >>> 1) ^ (odd ? 0x82f63b78 : 0);
    }
  }
  return ~sum >>> 0;
}

/** Fields of a protocol buffer, by the encoding's description: key, then varint, 8 bytes, length and bytes, or 4 bytes. */
function fields(data: Buffer): { field: number; value: bigint | Buffer }[] {
  const found: { field: number; value: bigint | Buffer }[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = data[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number) => {
    at += length;
    if (at > data.length) throw new Error('a field runs over the end of its message');
    return data.subarray(at - length, at);
  };
  while (at < data.length) {
    const key = Number(varint());
    const read = [varint, () => bytes(8), () => bytes(Number(varint())), undefined, undefined, () => bytes(4)][key & 7];
    if (read === undefined) throw new Error(`wire type ${key & 7}`);
    found.push({ field: key >>> 3, value: read() });
  }
  return found;
}

interface Scalar {
  readonly tag: string;
  readonly step: number;
  readonly wallTime: number;
  readonly value: number;
}

/** Naive reader of event files: every checksum is checked. */
function readEvents(file: Buffer): { version: string; settings: Record<string, unknown>; scalars: Scalar[] } {
  const scalars: Scalar[] = [];
  let settings: Record<string, unknown> = {};
  let version = '';
  // Rotated right by 15 within 32 bits, then shifted by a constant.
  const masked = (data: Uint8Array) => {
    const sum = BigInt(slowChecksum(data));
    return Number(((((sum >> 15n) | (sum << 17n)) & 0xffffffffn) + 0xa282ead8n) & 0xffffffffn);
  };
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    expect(file.readUInt32LE(at + 8)).toBe(masked(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(file.readUInt32LE(at + 12 + length)).toBe(masked(data));
    at += length + 16;
    const event = fields(data);
    const of = (number: number) => event.find(({ field }) => field === number)?.value;
    if (of(3)) version += String(of(3));
    for (const { value } of fields((of(5) as Buffer | undefined) ?? Buffer.alloc(0))) {
      const [tag, scalar, metadata] = fields(value as Buffer);
      if (metadata) {
        expect([String(tag.value), metadata.field]).toEqual(['_hparams_/session_start_info', 9]);
        settings = readSettings(metadata.value as Buffer);
        continue;
      }
      expect([tag.field, scalar.field]).toEqual([1, 2]);
      scalars.push({
        tag: String(tag.value),
        step: Number(of(2)),
        wallTime: (of(1) as Buffer).readDoubleLE(),
        value: (scalar.value as Buffer).readFloatLE(),
      });
    }
  }
  return { version, settings, scalars };
}

/** The hyperparameters of a `SummaryMetadata`, down its one way. */
function readSettings(metadata: Buffer): Record<string, unknown> {
  const only = (data: Buffer, number: number) => fields(data).find(({ field }) => field === number)?.value as Buffer;
  const plugin = only(metadata, 1);
  expect(String(only(plugin, 1))).toBe('hparams');
  const session = only(only(plugin, 2), 3);
  const entries = fields(session).filter(({ field }) => field === 1);
  return Object.fromEntries(
    entries.map(({ value: entry }) => {
      const [{ field, value }] = fields(only(entry as Buffer, 2));
      const kinds: Readonly<Record<number, () => unknown>> = {
        2: () => (value as Buffer).readDoubleLE(),
        3: () => String(value),
        4: () => value === 1n,
      };
      return [String(only(entry as Buffer, 1)), kinds[field]()];
    }),
  );
}

describe('checksum', () => {
  // RFC 3720, appendix B.4; the last is the check value of the catalogue of CRCs.
  it.each([
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    [Buffer.from('123456789'), 0xe3069283],
  ])('%#', (data, expected) => {
    expect(crc32c(data)).toBe(expected);
    expect(slowChecksum(data)).toBe(expected);
  });
});

describe('event file', () => {
  let folder = '';
  let file = '';
  beforeAll(async () => {
    folder = await recordedRun(out);
    [file] = await exportRuns([folder], 'tensorboard', join(out, 'logs'));
  });

  it('lies in a folder of the run, under a name that TensorBoard looks for', () => {
    expect(relative(join(out, 'logs'), file)).toMatch(
      new RegExp(`^fake-decay.${basename(folder)}.events\\.out\\.tfevents\\.\\d{10}\\.deeptheory$`),
    );
  });

  it('holds every metric, then the means of the claims', () => {
    const { version, scalars } = readEvents(readFileSync(file));
    expect(version).toBe('brain.Event:2');
    const metrics = readMetrics(folder).flatMap(({ stage, step, metrics }) =>
      Object.entries(metrics).map(([name, value]) => ({ tag: `${stage}/${name}`, step, value: Math.fround(value) })),
    );
    const means = readClaims(folder).flatMap(({ id, checks }) =>
      checks.map(({ quantity, mean }) => ({ tag: `claims/${id} ${quantity}`, step: 0, value: Math.fround(mean) })),
    );
    expect(scalars.map(({ wallTime: _, ...scalar }) => scalar)).toEqual([...metrics, ...means]);
    expect(metrics.some(({ value }) => Number.isNaN(value))).toBe(true);
    const times = scalars.map(({ wallTime }) => wallTime);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.abs(times[0] - Date.now() / 1000)).toBeLessThan(60);
  });

  it('holds the settings, as the HParams page reads them', async () => {
    const fake = { steps: 40, rate: 0.002, frequencies: '1,2,4,8,16', kernel: 'circle' };
    expect(readEvents(readFileSync(file)).settings).toEqual(fake);
    const other = await recordedRun(out);
    const settings = { on: true, off: false, none: Number.NaN, name: 'ünï' };
    writeFileSync(join(other, 'config.json'), writeJson({ ...readRun(other).config, settings }));
    const [exported] = await exportRuns([other], 'tensorboard', join(out, 'logs'));
    expect(readEvents(readFileSync(exported)).settings).toEqual({
      on: true,
      off: false,
      none: Number.NaN,
      name: 'ünï',
    });
  });

  it('holds numbers that float32 has no place for, and steps beyond 32 bits', async () => {
    const other = await recordedRun(out);
    const record = { stage: 'long', step: 2 ** 40, metrics: { large: 1e300, small: 1e-300, ünï: -0.5 }, seconds: 1 };
    writeFileSync(join(other, 'metrics.jsonl'), `${JSON.stringify(record)}\n`);
    rmSync(join(other, 'claims.json'));
    const { scalars } = readEvents(readFileSync((await exportRuns([other], 'tensorboard', join(out, 'logs')))[0]));
    expect(scalars.map(({ tag, step, value }) => [tag, step, value])).toEqual([
      ['long/large', 2 ** 40, Number.POSITIVE_INFINITY],
      ['long/small', 2 ** 40, 0],
      ['long/ünï', 2 ** 40, -0.5],
    ]);
  });
});
