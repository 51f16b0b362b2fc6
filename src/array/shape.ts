import { ShapeError } from './errors.ts';

export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, i) => n === b[i]);

export const shapeText = (shape: Shape): string => `[${shape.join(', ')}]`;

/** Throws unless every size is a whole number, 0 or more. */
export function checkSizes(operation: string, shape: Shape): void {
  if (shape.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new ShapeError(operation, `sizes of axes must be whole numbers, 0 or more, got ${shapeText(shape)}`);
  }
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

/** NumPy broadcasting: align from the right, sizes must agree or be 1. */
export function broadcastShapes(operation: string, shapes: readonly Shape[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    for (let i = 0; i < shape.length; i++) {
      if (shape[i] === 1) continue;
      if (result[offset + i] !== 1 && result[offset + i] !== shape[i]) {
        throw new ShapeError(
          operation,
          `shapes ${shapes.map(shapeText).join(' and ')} do not broadcast: axis ${offset + i - rank} has sizes ${result[offset + i]} and ${shape[i]}, which must be equal or 1`,
        );
      }
      result[offset + i] = shape[i];
    }
  }
  return result;
}

/** Strides that read an array of `shape` as if it had the broadcast shape `target`: 0 along repeated axes. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const strides = stridesOf(shape);
  const offset = target.length - shape.length;
  return target.map((_, i) => (i < offset || shape[i - offset] === 1 ? 0 : strides[i - offset]));
}

/** A non-negative axis number; negative axes count from the end. */
export function normalizeAxis(operation: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(operation, `axis ${axis} is out of range for an array of ${rank} dimensions`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Sorted non-negative axes; `undefined` means all of them. */
export function normalizeAxes(operation: string, axis: number | readonly number[] | undefined, rank: number): number[] {
  if (axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  const axes = (typeof axis === 'number' ? [axis] : axis).map((a) => normalizeAxis(operation, a, rank));
  if (new Set(axes).size !== axes.length) throw new ShapeError(operation, `axes ${shapeText(axes)} repeat an axis`);
  return axes.sort((a, b) => a - b);
}

/** Calls `visit` with, for each element of `shape` in row-major order, one offset per stride vector. */
export function forEachOffset(
  shape: Shape,
  strides: readonly (readonly number[])[],
  visit: (index: number, offsets: readonly number[]) => void,
): void {
  const size = sizeOf(shape);
  const counter = new Array<number>(shape.length).fill(0);
  const offsets = new Array<number>(strides.length).fill(0);
  for (let index = 0; index < size; index++) {
    visit(index, offsets);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      counter[axis]++;
      for (let k = 0; k < strides.length; k++) offsets[k] += strides[k][axis];
      if (counter[axis] < shape[axis]) break;
      for (let k = 0; k < strides.length; k++) offsets[k] -= strides[k][axis] * shape[axis];
      counter[axis] = 0;
    }
  }
}
