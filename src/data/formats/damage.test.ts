/** Damaged files of every format: refused by name with a `UserError`, or read as something that fits together. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import type { LabelledGraph } from '../dataset.ts';
import { parseBits } from './bits.ts';
import { parseCifar } from './cifar.ts';
import { parseCsv } from './csv.ts';
import { parseGraphJson } from './graph-json.ts';
import { parseIdx } from './idx.ts';
import { parseLinqs } from './linqs.ts';

const text = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);
const graph = {
  numNodes: 4,
  numClasses: 2,
  numFeatures: 3,
  edges: [
    [0, 1],
    [1, 3],
    [2, 3],
  ],
  labels: [0, 1, -1, 1],
  features: { indptr: [0, 2, 2, 3, 4], indices: [0, 2, 1, 0], values: [1, 0.5, 2, 1] },
  splits: { train: [0], val: [1], test: [2, 3] },
};

function fits({ n, edges, labels, classes, features, split }: LabelledGraph): boolean {
  const nodes = [...edges, ...(split ? [...split.train, ...split.validation, ...split.test] : [])];
  return (
    labels.length === n &&
    labels.every((label) => label >= -1 && label < classes) &&
    nodes.every((node) => node >= 0 && node < n) &&
    (features === null ||
      (features.starts.at(-1) === features.values.length && features.columns.every((k) => k < features.shape[1])))
  );
}

interface Format {
  readonly valid: Uint8Array;
  /** Reads the bytes and says whether what came of it fits together. */
  readonly read: (bytes: Uint8Array) => boolean;
}

const formats: Readonly<Record<string, Format>> = {
  IDX: {
    valid: Uint8Array.from([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]),
    read: (bytes) => {
      const { data, shape } = parseIdx(bytes, 'the file');
      return data.length === shape.reduce((a, b) => a * b, 1);
    },
  },
  CIFAR: {
    valid: Uint8Array.from({ length: 2 * 3074 }, (_, i) => i % 7),
    read: (bytes) => {
      const { pixels, labels, n } = parseCifar(bytes, [20, 100], 'the file');
      return pixels.length === n * 3072 && labels[0].every((x) => x < 20) && labels[1].every((x) => x < 100);
    },
  },
  bits: {
    valid: new Uint8Array(4).fill(0xaa),
    read: (bytes) => parseBits(bytes, 2, 9, 'the file').length === 18,
  },
  CSV: {
    valid: Buffer.from('a,"b ""c"""\n1,2\n3.5e-1,"4"\n'),
    read: (bytes) => {
      const { data, rows, shape, columns } = parseCsv(text(bytes), { header: true }, 'the file');
      return data.length === rows * shape[1] && columns?.length === shape[1];
    },
  },
  'graph JSON': {
    valid: Buffer.from(JSON.stringify(graph)),
    read: (bytes) => fits(parseGraphJson(text(bytes), 'the file')),
  },
  LINQS: {
    valid: Buffer.from('p1\t0\t1\tx\np2\t1\t1\ty\n|p1\tp2\n'),
    read: (bytes) => {
      const [content, cites = ''] = text(bytes).split('|');
      return fits(parseLinqs(content, cites, 'the file'));
    },
  },
};

/** Reads, and demands of a refusal that it is one for users and names the file. */
function readOrRefuse({ read }: Format, bytes: Uint8Array): void {
  let fit: boolean;
  try {
    fit = read(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(/^the file.*(expected|twice)/s);
    return;
  }
  expect(fit).toBe(true);
}

describe.each(Object.entries(formats))('%s', (_, format) => {
  test('is read as it is', () => {
    expect(format.read(format.valid)).toBe(true);
  });

  test('cut short anywhere', () => {
    const step = Math.max(1, Math.floor(format.valid.length / 500));
    for (let end = 0; end < format.valid.length; end += step) readOrRefuse(format, format.valid.subarray(0, end));
  });

  test('with bits flipped, bytes replaced, or bytes added', () => {
    const { length } = format.valid;
    const change = fc.record({ at: fc.nat(Math.min(length, 400) - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.uint8Array({ maxLength: 5 }),
        (changes, more) => {
          const bytes = Uint8Array.from([...format.valid, ...more]);
          for (const { at, byte } of changes) bytes[at] = byte;
          readOrRefuse(format, bytes);
        },
      ),
      { numRuns: 300 },
    );
    for (let bit = 0; bit < Math.min(8 * length, 1600); bit++) {
      const bytes = Uint8Array.from(format.valid);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      readOrRefuse(format, bytes);
    }
  });
});

test('graph JSON says which part is wrong', () => {
  const refuse = (change: object, message: RegExp) =>
    expect(() => parseGraphJson(JSON.stringify({ ...graph, ...change }), 'g.json')).toThrow(message);
  refuse({ edges: [[1, 0]] }, /g\.json: expected each edge once as \[u, v\] with u < v, found \[1,0\] as edge 0/);
  refuse(
    {
      edges: [
        [0, 1],
        [0, 1],
      ],
    },
    /as edge 1/,
  );
  refuse({ edges: [[0, 4]] }, /whole numbers from 0 to 3 in edges\[0\], found 4 at 1/);
  refuse({ labels: [0, 1, 2, 0] }, /from -1 to 1 in labels, found 2 at 2/);
  refuse({ labels: [0] }, /expected 4 labels, found 1/);
  refuse({ numNodes: undefined }, /a whole number as numNodes, found nothing/);
  refuse(
    { features: { ...graph.features, indptr: [0, 1, 1, 2, 3] } },
    /features\.indptr to rise from 0 to 4 in 4 steps/,
  );
  refuse({ features: { ...graph.features, indices: [2, 0, 1, 0] } }, /rising features\.indices in row 0, found 2, 0/);
  refuse({ features: { ...graph.features, values: [1] } }, /expected 4 numbers as features\.values, found 1/);
  refuse({ splits: { train: 'all' } }, /a list as splits\.train, found "all"/);
  expect(() => parseGraphJson('[1', 'g.json')).toThrow(/g\.json: expected JSON/);
  expect(() => parseGraphJson('[1]', 'g.json')).toThrow(/an object as a graph, found \[1\]/);
});
