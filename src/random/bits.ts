import { ShapeError } from '../array/errors.ts';
import { bindAll, type NDArray } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { broadcastShapes, broadcastStrides, forEachOffset, sizeOf } from '../array/shape.ts';
import { alignBatch } from '../primitives/rules.ts';
import { threefry2x32 } from './threefry.ts';

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];

/** Threefry-2x32-20 (Salmon et al., SC 2011) elementwise: two key words and two counter words, broadcast, to two words. */
const threefryPrimitive: Primitive<object> = {
  name: 'threefry2x32',
  infer(operands) {
    if (operands.some((x) => x.dtype !== 'int32'))
      throw new ShapeError('threefry2x32', 'keys and counters must be int32');
    const shape = broadcastShapes(
      'threefry2x32',
      operands.map((x) => x.shape),
    );
    return [
      { shape, dtype: 'int32' },
      { shape, dtype: 'int32' },
    ];
  },
  // Some two hundred nodes of ONNX, and several times slower there than on the host.
  folds: 'always',
  evaluate(operands, _, [output]) {
    const size = sizeOf(output.shape);
    const [first, second] = [new Int32Array(size), new Int32Array(size)];
    const [key0, key1, count0, count1] = operands;
    const counts = [new Uint32Array(size), new Uint32Array(size)];
    /** Where another key begins, and that key. */
    const runs: { start: number; key: readonly [number, number] }[] = [];
    let last = [-1, -1];
    const strides = operands.map((x) => broadcastStrides(x.shape, output.shape));
    forEachOffset(output.shape, strides, (index, [a, b, c, d]) => {
      if (a !== last[0] || b !== last[1]) {
        runs.push({ start: index, key: [key0.data[a] >>> 0, key1.data[b] >>> 0] });
        last = [a, b];
      }
      counts[0][index] = count0.data[c];
      counts[1][index] = count1.data[d];
    });
    runs.forEach(({ start, key }, r) => {
      const end = runs[r + 1]?.start ?? size;
      const block = new Uint32Array(2 * (end - start));
      block.set(counts[0].subarray(start, end));
      block.set(counts[1].subarray(start, end), end - start);
      const bits = threefry2x32(key, block);
      first.set(bits.subarray(0, end - start), start);
      second.set(bits.subarray(end - start), start);
    });
    return [first, second];
  },
  jvp: () => [null, null],
  transpose: null,
  batch(operands, batched) {
    const aligned = alignBatch(operands, batched);
    return bindAll(threefryPrimitive, aligned, {});
  },
  lower(context, inputs) {
    const [key0, key1, count0, count1] = inputs.map((name) => context.cast(name, 'uint32'));
    const word = (value: number) => context.constant([value], [], 'uint32');
    const op = (type: string, ...names: string[]) => context.op(type, names);
    // uint32 has no Add kernel: sums go through int64 and are reduced modulo 2^32 by the cast back.
    const plus = (a: string, b: string) =>
      context.cast(op('Add', context.cast(a, 'int64'), context.cast(b, 'int64')), 'uint32');
    const xor = (a: string, b: string) => op('BitwiseXor', a, b);
    const rotate = (x: string, r: number) =>
      op(
        'BitwiseOr',
        context.op('BitShift', [x, word(r)], { direction: 'LEFT' }),
        context.op('BitShift', [x, word(32 - r)], { direction: 'RIGHT' }),
      );
    const keys = [key0, key1, xor(xor(key0, key1), word(0x1bd11bda))];
    let x0 = plus(count0, key0);
    let x1 = plus(count1, key1);
    for (let group = 0; group < 5; group++) {
      for (const r of rotations[group % 2]) {
        x0 = plus(x0, x1);
        x1 = xor(rotate(x1, r), x0);
      }
      x0 = plus(x0, keys[(group + 1) % 3]);
      x1 = plus(plus(x1, keys[(group + 2) % 3]), word(group + 1));
    }
    return [context.cast(x0, 'int32'), context.cast(x1, 'int32')];
  },
};

/** The two output words for key words and counter words (int32 bit patterns) that broadcast together. */
export const threefryBits = (key0: NDArray, key1: NDArray, count0: NDArray, count1: NDArray): readonly NDArray[] =>
  bindAll(threefryPrimitive, [key0, key1, count0, count1], {});

/** The high bits of 32-bit words, shifted down without sign. */
const shiftPrimitive: Primitive<{ readonly bits: number }> = {
  name: 'shiftRight',
  infer: ([x]) => [x],
  evaluate: ([x], { bits }) => [Int32Array.from(x.data, (value) => value >>> bits)],
  jvp: () => [null],
  transpose: null,
  batch: ([x], _, { bits }) => [shiftRight(x, bits)],
  lower: (context, [x], { bits }) => [
    context.cast(
      context.op('BitShift', [context.cast(x, 'uint32'), context.constant([bits], [], 'uint32')], {
        direction: 'RIGHT',
      }),
      'int32',
    ),
  ],
};
export const shiftRight = (x: NDArray, bits: number): NDArray => bindAll(shiftPrimitive, [x], { bits })[0];

const xorPrimitive: Primitive<object> = {
  name: 'bitwiseXor',
  infer: ([a, b]) => [{ shape: broadcastShapes('bitwiseXor', [a.shape, b.shape]), dtype: 'int32' }],
  evaluate([a, b], _, [output]) {
    const result = new Int32Array(sizeOf(output.shape));
    forEachOffset(
      output.shape,
      [broadcastStrides(a.shape, output.shape), broadcastStrides(b.shape, output.shape)],
      (index, [i, j]) => {
        result[index] = a.data[i] ^ b.data[j];
      },
    );
    return [result];
  },
  jvp: () => [null],
  transpose: null,
  batch: (operands, batched) => bindAll(xorPrimitive, alignBatch(operands, batched), {}),
  lower: (context, inputs) => [context.op('BitwiseXor', inputs)],
};
export const bitwiseXor = (a: NDArray, b: NDArray): NDArray => bindAll(xorPrimitive, [a, b], {})[0];
