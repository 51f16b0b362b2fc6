/** Netpbm's images: PGM (grey) and PPM (colour), as text (P2, P3) or bytes (P5, P6). One image a file. */
import { UserError } from '../../array/errors.ts';
import type { DecodedImage } from './image.ts';

/** White space and comments, which run from # to the end of the line. */
const GAP = /^(?:\s|#[^\n]*\n)+/;

/**
 * Decodes an image held in memory.
 *
 * @param name what to call the bytes in an error, usually the path
 * @throws UserError when the header is broken, or there are fewer samples than it says
 */
export function decodePnm(bytes: Uint8Array, name: string): DecodedImage {
  const kind = String.fromCharCode(...bytes.subarray(0, 2));
  const channels = kind === 'P3' || kind === 'P6' ? 3 : 1;
  const { numbers, end } = readHeader(bytes, name);
  const [width, height, most] = numbers;
  if (width < 1 || height < 1 || most < 1 || most > 65_535) {
    throw new UserError(
      `${name}: expected an image with samples up to 65535, found ${width} x ${height}, up to ${most}.`,
    );
  }
  const count = width * height * channels;
  const samples = kind === 'P5' || kind === 'P6' ? binary(bytes.subarray(end), most) : plain(bytes.subarray(end));
  if (samples.length < count) {
    throw new UserError(
      `${name}: expected ${count} samples (${width} x ${height} x ${channels}), found ${samples.length}.`,
    );
  }
  const strange = samples.subarray(0, count).findIndex((sample) => !(sample <= most));
  if (strange !== -1) {
    throw new UserError(`${name}: expected samples from 0 to ${most}, found ${samples[strange]} at ${strange}.`);
  }
  const values = new Float32Array(count);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < channels; c++) values[c * width * height + pixel] = samples[pixel * channels + c] / most;
  }
  return { values, shape: [channels, height, width] };
}

/** Width, height and largest sample, and where the samples begin: one character of white space behind. */
function readHeader(bytes: Uint8Array, name: string): { numbers: number[]; end: number } {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 4096));
  const numbers: number[] = [];
  let at = 2;
  while (numbers.length < 3) {
    const gap = GAP.exec(text.slice(at))?.[0] ?? '';
    const digits = /^\d{1,9}(?=\s)/.exec(text.slice(at + gap.length))?.[0];
    if (gap === '' || digits === undefined) {
      throw new UserError(
        `${name}: expected a PGM or PPM header (width, height, largest sample), found ${JSON.stringify(text.slice(0, 40))}.`,
      );
    }
    numbers.push(Number(digits));
    at += gap.length + digits.length;
  }
  return { numbers, end: at + 1 };
}

function binary(bytes: Uint8Array, most: number): Float64Array {
  if (most < 256) return Float64Array.from(bytes);
  return Float64Array.from({ length: bytes.length >> 1 }, (_, i) => bytes[2 * i] * 256 + bytes[2 * i + 1]);
}

function plain(bytes: Uint8Array): Float64Array {
  const text = new TextDecoder('latin1')
    .decode(bytes)
    .replace(/#[^\n]*/g, '')
    .trim();
  return Float64Array.from(text === '' ? [] : text.split(/\s+/), (word) =>
    /^\d+$/.test(word) ? Number(word) : Number.NaN,
  );
}
