import fc from 'fast-check';
import { encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import { decodeImage } from './image.ts';

const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));
const rows = (values: readonly number[], width: number) =>
  values.flatMap((value) => new Array<number>(width).fill(value));

// Written by ImageMagick 6.9: a vertical gradient, or from red to blue; what its own reading gives stands beside.
const stored = {
  'grey of 1 bit': {
    file: 'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEAQAAAABuSMjtAAAADElEQVQI12P4wQAGAAbQAPlx/DfYAAAAAElFTkSuQmCC',
    shape: [1, 4, 5],
    values: rows([1, 0, 0, 0], 5),
  },
  'grey of 2 bits': {
    file: 'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEAgAAAAAp6LI9AAAAFElEQVQI12P4f4BhVQNDqAMDAwMAHfoDf+zs/BMAAAAASUVORK5CYII=',
    shape: [1, 4, 5],
    values: rows([1, 2 / 3, 1 / 3, 0], 5),
  },
  'grey of 4 bits': {
    file: 'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEBAAAAACmqEedAAAAF0lEQVQI12P4//8Dw6pVCxhCQwMYgAAAQpYF3cNKthwAAAAASUVORK5CYII=',
    shape: [1, 4, 5],
    values: rows([1, 2 / 3, 1 / 3, 0], 5),
  },
  'a palette': {
    file: 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAMAAACqqpYoAAAABlBMVEX/AAAAAP9sof2OAAAADklEQVQI12NgAAJGRkYAAA4ABFXXgsQAAAAASUVORK5CYII=',
    shape: [3, 2, 3],
    values: rows([1, 0, 0, 0, 0, 1], 3),
  },
  'colour, interlaced': {
    file: 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAFlEcHbAAAAFElEQVQI12P4z8DAAMWMEBYDAwMAOeYD/hoiZSkAAAAASUVORK5CYII=',
    shape: [3, 2, 3],
    values: rows([1, 0, 0, 0, 0, 1], 3),
  },
  'colour of 16 bits': {
    file: 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACEAIAAABChi0OAAAAFUlEQVQI12P8/58BDTAyMDAwoAoDAGP7A/9RjN/6AAAAAElFTkSuQmCC',
    shape: [3, 2, 3],
    values: rows([1, 0, 0, 0, 0, 1], 3),
  },
  'transparency, left out': {
    file: 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAFklEQVQI12P8z8DQwAAFLIwM/2FsBgAuUQKF2kgkTwAAAABJRU5ErkJggg==',
    shape: [3, 2, 3],
    values: rows([1, 0, 0, 0, 0, 1], 3),
  },
};

const jpegColour =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAIAAgDAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAACP/EABgQAAIDAAAAAAAAAAAAAAAAAAABFmOR/8QAFQEBAQAAAAAAAAAAAAAAAAAABwj/xAAXEQADAQAAAAAAAAAAAAAAAAAAF2Oh/9oADAMBAAIRAxEAPwAbT6xaOKPlhRzhrp//2Q==';
const jpegProgressiveGrey =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wgALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAf/aAAgBAQAAAAE//8QAFRABAQAAAAAAAAAAAAAAAAAAABf/2gAIAQEAAQUCqb//xAAWEAADAAAAAAAAAAAAAAAAAAAAM6H/2gAIAQEABj8CbT//xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAE/IW//2gAIAQEAAAAQ/wD/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAE/EG//2Q==';
/** The red and blue of each row as ImageMagick reads them; green is 0 but for rounding. */
const colourRows = [
  [254, 0],
  [217, 38],
  [181, 72],
  [147, 106],
  [105, 147],
  [74, 183],
  [37, 219],
  [0, 253],
];
const greyRows = [255, 220, 182, 147, 108, 73, 35, 0];

describe('PNG', () => {
  test.each(Object.entries(stored))('%s', (_, { file, shape, values }) => {
    const image = decodeImage(bytesOf(file), 'a.png');
    expect(image.shape).toEqual(shape);
    expect(image.values).toEqual(Float32Array.from(values));
  });

  test('reads back what was written, of 8 and 16 bits and any channels', () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(8 as const, 16 as const),
        fc.nat(),
        (width, height, channels, depth, seed) => {
          const most = 2 ** depth - 1;
          const samples = Array.from({ length: width * height * channels }, (_, i) => (seed + i * 7919) % (most + 1));
          const data = depth === 8 ? Uint8Array.from(samples) : Uint16Array.from(samples);
          const { values, shape } = decodeImage(encode({ width, height, channels, depth, data }), 'a.png');
          const kept = channels < 3 ? 1 : 3;
          expect(shape).toEqual([kept, height, width]);
          const expected = Array.from({ length: kept }, (_, c) =>
            samples.filter((_, i) => i % channels === c).map((x) => x / most),
          );
          expect(values).toEqual(Float32Array.from(expected.flat()));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('says what it does not read', () => {
    const interlaced =
      'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEAgAAAAFe74KrAAAAGElEQVQI12M4wACCIQwfGAIYVjUwMDAAADVgBP8/gm+KAAAAAElFTkSuQmCC';
    expect(() => decodeImage(bytesOf(interlaced), 'a.png')).toThrow(
      /a\.png: expected a whole PNG.*interlaced.*save it without/,
    );
    const huge = bytesOf(stored['colour of 16 bits'].file);
    huge.set([0x7f, 0xff, 0xff, 0xff], 16);
    expect(() => decodeImage(huge, 'a.png')).toThrow(/4294967294 pixels/);
  });
});

describe('JPEG', () => {
  test('colour, and progressive grey, to a level or two of 255', () => {
    const colour = decodeImage(bytesOf(jpegColour), 'a.jpg');
    expect(colour.shape).toEqual([3, 8, 8]);
    const grey = decodeImage(bytesOf(jpegProgressiveGrey), 'a.jpg');
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) {
        const at = (image: { values: Float32Array }, c: number) => 255 * image.values[c * 64 + y * 8 + x];
        const off = [at(colour, 0) - colourRows[y][0], at(colour, 1), at(colour, 2) - colourRows[y][1]];
        const offGrey = [0, 1, 2].map((c) => at(grey, c) - greyRows[y]);
        for (const difference of [...off, ...offGrey]) expect(Math.abs(difference)).toBeLessThan(2.5);
      }
    }
  });
});

describe('PGM and PPM', () => {
  test('reads back what was written: text or bytes, one byte or two a sample, comments', () => {
    const size = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.constantFrom(1, 3),
        fc.integer({ min: 1, max: 65_535 }),
        fc.boolean(),
        (width, height, channels, most, plain) => {
          const samples = Array.from({ length: width * height * channels }, (_, i) => (i * 7919) % (most + 1));
          const kind = `P${(channels === 3 ? 3 : 2) + (plain ? 0 : 3)}`;
          const header = `${kind} # made up\n${width}\n# and so on\n ${height} ${most}\n`;
          const body = plain
            ? Buffer.from(samples.join(' '))
            : Buffer.from(most < 256 ? samples : samples.flatMap((x) => [x >> 8, x & 255]));
          const image = decodeImage(Buffer.concat([Buffer.from(header), body]), 'a.pnm');
          const expected = Array.from({ length: channels }, (_, c) =>
            samples.filter((_, i) => i % channels === c).map((x) => x / most),
          );
          expect(image.shape).toEqual([channels, height, width]);
          expect(image.values).toEqual(Float32Array.from(expected.flat()));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('refuses broken headers and missing or too large samples', () => {
    const refuse = (text: string, message: RegExp) =>
      expect(() => decodeImage(Buffer.from(text), 'a.pgm')).toThrow(message);
    refuse('P5 2 x 255\n', /a\.pgm: expected a PGM or PPM header .*found "P5 2 x 255/);
    refuse('P2 2 2 9 1 2 3', /expected 4 samples \(2 x 2 x 1\), found 3/);
    refuse('P2 2 1 9 1 10', /samples from 0 to 9, found 10 at 1/);
    refuse('P2 2 1 9 1 a', /found NaN at 1/);
    refuse('P2 0 1 9 ', /found 0 x 1, up to 9/);
    refuse('P1 1 1 1', /expected a PNG, JPEG, PGM or PPM image, found first bytes 50 31/);
  });
});

test('broken files are refused by name, or are still images', () => {
  const files = [...Object.values(stored).map(({ file }) => file), jpegColour, jpegProgressiveGrey].map(bytesOf);
  const all = [...files, Buffer.from('P3 2 1 255 1 2 3 4 5 6 '), Buffer.from('P5 2 2 255\nabcd')];
  const read = (bytes: Uint8Array) => {
    try {
      const { values, shape } = decodeImage(bytes, 'the file');
      expect(values.length).toBe(shape[0] * shape[1] * shape[2]);
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message).toMatch(/^the file: expected/);
    }
  };
  for (const bytes of all) for (let end = 0; end < bytes.length; end++) read(bytes.subarray(0, end));
  fc.assert(
    fc.property(fc.constantFrom(...all), fc.nat(), fc.nat(255), (bytes, at, byte) => {
      const changed = Uint8Array.from(bytes);
      changed[at % bytes.length] = byte;
      read(changed);
    }),
    { numRuns: 600 },
  );
});
