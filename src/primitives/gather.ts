/** @file Reading and writing at computed positions along one axis; reading and adding are transposes of each other. */
import { allocate } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { bind, constant, type NDArray } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { type Shape, shapeText, sizeOf } from '../array/shape.ts';
import { add } from './elementwise.ts';
import { withBatch } from './rules.ts';
import { invertPermutation, reshape, transpose, zerosOf } from './shape.ts';

interface AxisParams {
  readonly axis: number;
}

const gatheredShape = (x: Shape, indices: Shape, axis: number): number[] => [
  ...x.slice(0, axis),
  ...indices,
  ...x.slice(axis + 1),
];

function checkIndex(operation: string, index: number, length: number): void {
  if (index < 0 || index >= length) {
    throw new ShapeError(operation, `index ${index} is out of range for an axis of ${length}`);
  }
}

const gatherPrimitive: Primitive<AxisParams> = {
  name: 'take',
  infer([x, indices], { axis }) {
    if (indices.dtype !== 'int32') throw new ShapeError('take', `indices must be int32, got ${indices.dtype}`);
    return [{ shape: gatheredShape(x.shape, indices.shape, axis), dtype: x.dtype }];
  },
  evaluate([x, indices], { axis }, [output]) {
    const result = allocate(x.dtype, sizeOf(output.shape));
    const outer = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + 1));
    let next = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of indices.data) {
        checkIndex('take', index, x.shape[axis]);
        const start = (o * x.shape[axis] + index) * inner;
        result.set(x.data.subarray(start, start + inner), next);
        next += inner;
      }
    }
    return [result];
  },
  jvp: ([, indices], [t], { axis }) => [t && gather(t, indices, axis)],
  transpose: ([ct], [x, indices], _, { axis }) => [scatterAdd(zerosOf(x), indices, ct!, axis), null],
  batch([x, indices], [xBatched, indicesBatched], { axis }, size) {
    if (!indicesBatched) return [gather(x, indices, axis + 1)];
    if (!xBatched) {
      const y = gather(x, indices, axis);
      return [transpose(y, moveToFront(y.ndim, axis))];
    }
    // Both: bring the axis behind the batch, merge the two, and shift each example's indices to its own block.
    const front = transpose(x, [0, ...moveToFront(x.ndim - 1, axis).map((a) => a + 1)]);
    const length = front.shape[1];
    const merged = reshape(front, [size * length, ...front.shape.slice(2)]);
    const y = gather(merged, add(indices, blockOffsets(size, length, indices.ndim)), 0);
    // y: [batch, ...indices, ...rest]; the indices' axes go back to where the axis was.
    const k = indices.ndim - 1;
    const permutation = [0];
    for (let i = 0; i < axis; i++) permutation.push(1 + k + i);
    for (let i = 0; i < k; i++) permutation.push(1 + i);
    for (let i = axis; i < x.ndim - 2; i++) permutation.push(1 + k + i);
    return [transpose(y, permutation)];
  },
  lower: (context, inputs, { axis }) => [context.op('Gather', inputs, { axis })],
};

/** A permutation that moves one axis to the front. */
const moveToFront = (rank: number, axis: number): number[] => [
  axis,
  ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis),
];

/** b * length for every example b, shaped to broadcast against batched indices. */
function blockOffsets(size: number, length: number, rank: number): NDArray {
  return constant(
    Int32Array.from({ length: size }, (_, b) => b * length),
    [size, ...new Array<number>(rank - 1).fill(1)],
  );
}

/** x[…, indices, …] along a non-negative axis; int32 indices in [0, size). Their axes take the place of the axis. */
export const gather = (x: NDArray, indices: NDArray, axis: number): NDArray =>
  bind(gatherPrimitive, [x, indices], { axis });

/** What an update does to the element it meets. */
type Meeting = 'add' | 'replace';

function scatter(name: string, meeting: Meeting): Primitive<AxisParams> {
  const primitive: Primitive<AxisParams> = {
    name,
    infer([x, indices, updates], { axis }) {
      if (indices.dtype !== 'int32') throw new ShapeError(name, `indices must be int32, got ${indices.dtype}`);
      if (x.dtype !== updates.dtype) {
        throw new ShapeError(name, `needs elements of one dtype, got ${x.dtype} and ${updates.dtype}`);
      }
      if (meeting === 'add' && x.dtype === 'bool') {
        throw new ShapeError(name, 'needs numbers, got bool: convert with astype');
      }
      const expected = gatheredShape(x.shape, indices.shape, axis);
      if (shapeText(expected) !== shapeText(updates.shape)) {
        throw new ShapeError(name, `updates must have shape ${shapeText(expected)}, got ${shapeText(updates.shape)}`);
      }
      return [x];
    },
    evaluate([x, indices, updates], { axis }) {
      const result = x.data.slice();
      const outer = sizeOf(x.shape.slice(0, axis));
      const inner = sizeOf(x.shape.slice(axis + 1));
      let next = 0;
      for (let o = 0; o < outer; o++) {
        for (const index of indices.data) {
          checkIndex(name, index, x.shape[axis]);
          const start = (o * x.shape[axis] + index) * inner;
          for (let i = start; i < start + inner; i++) {
            const update = updates.data[next++];
            result[i] = meeting === 'add' ? result[i] + update : update;
          }
        }
      }
      return [result];
    },
    jvp: ([x, indices, updates], [tx, , tu], params) => [
      bind(primitive, [tx ?? zerosOf(x), indices, tu ?? zerosOf(updates)], params),
    ],
    transpose: ([ct], [, indices, updates], linear, { axis }) => [
      linear[0] ? (meeting === 'add' ? ct : scatterReplace(ct!, indices, zerosOf(updates), axis)) : null,
      null,
      linear[2] ? gather(ct!, indices, axis) : null,
    ],
    batch([x, indices, updates], [xBatched, indicesBatched, updatesBatched], { axis }, size) {
      const base = withBatch(x, xBatched, size);
      const values = withBatch(updates, updatesBatched, size);
      if (!indicesBatched) return [bind(primitive, [base, indices, values], { axis: axis + 1 })];
      // As in `take`: one block of rows per example.
      const rank = base.ndim - 1;
      const toFront = [0, ...moveToFront(rank, axis).map((a) => a + 1)];
      const front = transpose(base, toFront);
      const length = front.shape[1];
      const k = indices.ndim - 1;
      const rest = Array.from({ length: rank - 1 }, (_, i) => (i < axis ? 1 + i : 1 + k + i));
      const rows = transpose(values, [0, ...Array.from({ length: k }, (_, i) => 1 + axis + i), ...rest]);
      const merged = reshape(front, [size * length, ...front.shape.slice(2)]);
      const positions = add(indices, blockOffsets(size, length, indices.ndim));
      const y = bind(primitive, [merged, positions, rows], { axis: 0 });
      return [transpose(reshape(y, front.shape), invertPermutation(toFront))];
    },
    lower(context, [x, indices, updates], { axis }, { operands }) {
      // ScatterND writes rows along axis 0; another axis is brought there and back.
      const rank = operands[0].shape.length;
      const k = operands[1].shape.length;
      const column = context.reshape(indices, operands[1].shape, [...operands[1].shape, 1]);
      const reduction = meeting === 'add' ? 'add' : 'none';
      const write = (base: string, rows: string) =>
        context.op('ScatterND', [base, context.cast(column, 'int64'), rows], { reduction });
      if (axis === 0) return [write(x, updates)];
      const forward = moveToFront(rank, axis);
      const rest = Array.from({ length: rank - 1 }, (_, i) => (i < axis ? i : i + k));
      const rows = context.op('Transpose', [updates], {
        perm: [...Array.from({ length: k }, (_, i) => axis + i), ...rest],
      });
      const y = write(context.op('Transpose', [x], { perm: forward }), rows);
      return [context.op('Transpose', [y], { perm: invertPermutation(forward) })];
    },
  };
  return primitive;
}

const scatterAddPrimitive = scatter('scatterAdd', 'add');

/** `x` with `updates` added at `indices` along a non-negative axis; positions named twice receive both. */
export const scatterAdd = (x: NDArray, indices: NDArray, updates: NDArray, axis: number): NDArray =>
  bind(scatterAddPrimitive, [x, indices, updates], { axis });

const scatterReplacePrimitive = scatter('scatterReplace', 'replace');

/** `x` with `updates` in place of the elements at `indices` along a non-negative axis; no position may be named twice. */
export const scatterReplace = (x: NDArray, indices: NDArray, updates: NDArray, axis: number): NDArray =>
  bind(scatterReplacePrimitive, [x, indices, updates], { axis });
