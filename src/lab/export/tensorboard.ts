/**
 * Event files of TensorBoard. A file is a sequence of records (tensorflow/core/lib/io/record_writer.h): length of the data
 * as uint64, its masked checksum, the data, its masked checksum; all little-endian. The data is a message `Event`
 * (tensorflow/core/util/event.proto), the first one telling the version of the format.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { settingText } from '../settings.ts';
import type { ExportedRun } from './exported-run.ts';

interface Scalars {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly values: readonly (readonly [tag: string, value: number])[];
}

/**
 * The settings of a run as hyperparameters; its metrics, tagged `stage/metric`, and the means its claims were judged by, tagged `claims/ID quantity`.
 * TensorBoard's scalars are float32.
 */
export function eventFile(run: ExportedRun): Uint8Array {
  const begun = Date.parse(run.config.started) / 1000;
  const end = begun + (run.summary?.seconds ?? 0);
  const metrics = run.metrics.map(
    ({ stage, step, seconds, metrics }): Scalars => ({
      wallTime: begun + seconds,
      step,
      values: Object.entries(metrics).map(([name, value]) => [`${stage}/${name}`, value]),
    }),
  );
  const means = run.claims.flatMap(({ id, checks }) =>
    checks.filter((check) => check.n > 0).map(({ quantity, mean }) => [`claims/${id} ${quantity}`, mean] as const),
  );
  const events = means.length > 0 ? [...metrics, { wallTime: end, step: 0, values: means }] : metrics;
  const head = [versionEvent(begun), settingsEvent(begun, run.config.settings)];
  return Buffer.concat([...head, ...events.map(scalarEvent)].map(framed));
}

/** The name by which TensorBoard knows such a file. */
export function eventFileName(run: ExportedRun): string {
  const seconds = Math.floor(Date.parse(run.config.started) / 1000);
  return `events.out.tfevents.${seconds}.deeptheory`;
}

function versionEvent(wallTime: number): Uint8Array {
  return eventHead(wallTime).tag(3, WireType.LengthDelimited).string('brain.Event:2').finish();
}

/** What the HParams page reads: a `SessionStartInfo` (tensorboard/plugins/hparams/plugin_data.proto) and no data. */
function settingsEvent(wallTime: number, settings: Readonly<Record<string, unknown>>): Uint8Array {
  const event = eventHead(wallTime);
  event.tag(5, WireType.LengthDelimited).fork(); // Summary
  event.tag(1, WireType.LengthDelimited).fork(); // Summary.Value
  event.tag(1, WireType.LengthDelimited).string('_hparams_/session_start_info');
  event.tag(8, WireType.LengthDelimited).fork(); // TensorProto: float32, shape [0]
  event.tag(1, WireType.Varint).int32(1);
  event.tag(2, WireType.LengthDelimited).fork().tag(2, WireType.LengthDelimited).fork().join().join();
  event.join();
  event.tag(9, WireType.LengthDelimited).fork(); // SummaryMetadata
  event.tag(1, WireType.LengthDelimited).fork(); // PluginData
  event.tag(1, WireType.LengthDelimited).string('hparams');
  event.tag(2, WireType.LengthDelimited).fork(); // HParamsPluginData
  event.tag(3, WireType.LengthDelimited).fork(); // SessionStartInfo
  for (const [name, value] of Object.entries(settings)) {
    event.tag(1, WireType.LengthDelimited).fork();
    event.tag(1, WireType.LengthDelimited).string(name);
    event.tag(2, WireType.LengthDelimited).fork(); // google.protobuf.Value
    if (typeof value === 'number') event.tag(2, WireType.Bit64).double(value);
    else if (typeof value === 'boolean') event.tag(4, WireType.Varint).bool(value);
    else event.tag(3, WireType.LengthDelimited).string(settingText(value));
    event.join().join();
  }
  event.tag(5, WireType.Bit64).double(wallTime);
  return event.join().join().join().join().join().join().finish();
}

function scalarEvent({ wallTime, step, values }: Scalars): Uint8Array {
  const event = eventHead(wallTime);
  event.tag(2, WireType.Varint).int64(Math.round(step));
  event.tag(5, WireType.LengthDelimited).fork(); // Summary
  for (const [tag, value] of values) {
    event.tag(1, WireType.LengthDelimited).fork(); // Summary.Value
    event.tag(1, WireType.LengthDelimited).string(tag);
    event.tag(2, WireType.Bit32).float(Math.fround(value));
    event.join();
  }
  return event.join().finish();
}

function eventHead(wallTime: number): BinaryWriter {
  return new BinaryWriter().tag(1, WireType.Bit64).double(wallTime);
}

function framed(data: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(data.length + 16);
  frame.writeBigUInt64LE(BigInt(data.length));
  frame.writeUInt32LE(maskedChecksum(frame.subarray(0, 8)), 8);
  frame.set(data, 12);
  frame.writeUInt32LE(maskedChecksum(data), 12 + data.length);
  return frame;
}

/** Rotated and shifted, since a checksum of data that holds checksums is weak (record_writer.h). */
function maskedChecksum(data: Uint8Array): number {
  const sum = crc32c(data);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}

/** RFC 3720, appendix B.4: Castagnoli's polynomial, reflected. */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  return remainder;
});

export function crc32c(data: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of data) sum = (sum >>> 8) ^ remainders[(sum ^ byte) & 0xff];
  return ~sum >>> 0;
}
