/** Images from files: PNG, JPEG, PGM, PPM. */
import { decode as decodePngFile } from 'fast-png';
import jpeg from 'jpeg-js';
import { UserError } from '../../array/errors.ts';
import { decodePnm } from './pnm.ts';

export interface DecodedImage {
  /** channels x height x width, each value in [0, 1]. */
  readonly values: Float32Array;
  /** One channel (grey) or three (red, green, blue). */
  readonly shape: readonly [channels: number, height: number, width: number];
}

/** Images of more pixels are refused before they are unpacked. */
const LARGEST = 1e8;

/**
 * Decodes an image held in memory, recognized by its first bytes. Transparency is left out, 16-bit samples keep their
 * precision, JPEG is always colour, and turned as it is stored.
 *
 * @param name what to call the bytes in an error, usually the path
 * @throws UserError when the bytes are no image of these kinds, or a broken one
 */
export function decodeImage(bytes: Uint8Array, name: string): DecodedImage {
  const starts = (...magic: number[]) => magic.every((byte, i) => bytes[i] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return refusing('PNG', decodePng, bytes, name);
  if (starts(0xff, 0xd8, 0xff)) return refusing('JPEG', decodeJpeg, bytes, name);
  if (starts(0x50) && [0x32, 0x33, 0x35, 0x36].includes(bytes[1])) return decodePnm(bytes, name);
  const magic = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new UserError(
    `${name}: expected a PNG, JPEG, PGM or PPM image, found ${bytes.length === 0 ? 'an empty file' : `first bytes ${magic}`}.`,
  );
}

/** The decoders' errors become the user's, with the name of the file. */
function refusing(
  kind: string,
  decode: (bytes: Uint8Array) => DecodedImage,
  bytes: Uint8Array,
  name: string,
): DecodedImage {
  try {
    return decode(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `${name}: expected a whole ${kind} image, found a broken one of ${bytes.length} bytes (${reason}).`,
    );
  }
}

function decodePng(bytes: Uint8Array): DecodedImage {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pixels = header.getUint32(16) * header.getUint32(20);
  if (pixels === 0 || pixels > LARGEST) throw new Error(`${pixels} pixels`);
  // The decoder takes their passes for whole bytes.
  if (bytes[24] < 8 && bytes[28] !== 0) throw new Error('interlaced with less than a byte a sample: save it without');
  const { width, height, data, depth, channels, palette } = decodePngFile(bytes, { checkCrc: true });
  const samples = depth < 8 ? unpackedSamples(data, width, height, channels, depth) : data;
  if (samples.length !== width * height * channels) throw new Error(`${samples.length} samples`);
  // Colour type 3: samples are places in the palette. Others may carry one as a suggestion.
  if (channels === 1 && palette !== undefined) {
    return planes(width, height, 3, (pixel, c) => colourOf(palette, samples[pixel])[c] / 255);
  }
  const most = 2 ** depth - 1;
  return planes(width, height, channels < 3 ? 1 : 3, (pixel, c) => samples[pixel * channels + c] / most);
}

function colourOf(palette: readonly (readonly number[])[], place: number): readonly number[] {
  if (place < palette.length) return palette[place];
  throw new Error(`colour ${place} of ${palette.length}`);
}

/** Samples of less than a byte, most significant first; each row begins with a byte of its own. */
function unpackedSamples(
  data: ArrayLike<number>,
  width: number,
  height: number,
  channels: number,
  depth: number,
): Uint8Array {
  const perRow = width * channels;
  const stride = Math.ceil((perRow * depth) / 8);
  if (data.length !== stride * height) throw new Error(`${data.length} bytes of samples`);
  return Uint8Array.from({ length: perRow * height }, (_, i) => {
    const bit = (i % perRow) * depth;
    const byte = data[Math.floor(i / perRow) * stride + (bit >> 3)];
    return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  });
}

function decodeJpeg(bytes: Uint8Array): DecodedImage {
  const options = {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: LARGEST / 1e6,
  } as const;
  const { width, height, data } = jpeg.decode(bytes, options);
  if (data.length !== width * height * 3) throw new Error(`${data.length} samples`);
  return planes(width, height, 3, (pixel, c) => data[pixel * 3 + c] / 255);
}

function planes(
  width: number,
  height: number,
  channels: number,
  at: (pixel: number, c: number) => number,
): DecodedImage {
  const size = width * height;
  const values = new Float32Array(channels * size);
  for (let c = 0; c < channels; c++) for (let pixel = 0; pixel < size; pixel++) values[c * size + pixel] = at(pixel, c);
  return { values, shape: [channels, height, width] };
}
