/** @file Arrays from data. */
import { allocate, type DType, isFloat, promote, type TypedArray } from '../array/dtype.ts';
import { ShapeError, UserError } from '../array/errors.ts';
import { constant, NDArray, scalar } from '../array/ndarray.ts';
import { type Shape, shapeText, sizeOf } from '../array/shape.ts';
import { cast } from '../primitives/elementwise.ts';
import { filled, reshape } from '../primitives/shape.ts';

/** Nested lists of numbers or booleans. */
export type Nested = number | boolean | readonly Nested[];
/** What the functions of this room take: arrays, or numbers that take the dtype of the arrays beside them. */
export type ArrayLike = NDArray | number | boolean;

export interface ArrayOptions {
  readonly shape?: Shape;
  readonly dtype?: DType;
}

function nestedShape(data: Nested): number[] {
  const shape: number[] = [];
  for (let x = data; Array.isArray(x); x = x[0]) shape.push(x.length);
  return shape;
}

function fillNested(data: Nested, shape: Shape, depth: number, out: (number | boolean)[]): void {
  if (depth === shape.length) {
    if (Array.isArray(data))
      throw new ShapeError('array', `the list is ragged: a list where shape ${shapeText(shape)} has an element`);
    out.push(data as number | boolean);
    return;
  }
  if (!Array.isArray(data) || data.length !== shape[depth]) {
    const found = Array.isArray(data) ? `a list of ${data.length}` : String(data);
    throw new ShapeError(
      'array',
      `the list is ragged: expected a list of ${shape[depth]} at depth ${depth}, found ${found}`,
    );
  }
  for (const x of data) fillNested(x, shape, depth + 1, out);
}

/**
 * An array from nested lists, a number, or a typed array (whose elements are copied).
 *
 * @param options.shape for a typed array; default one axis
 * @param options.dtype default: float32 for numbers, bool for booleans, the typed array's own kind (8- and 16-bit
 *   integers become int32)
 */
export function array(data: Nested | ArrayBufferView | NDArray, { shape, dtype }: ArrayOptions = {}): NDArray {
  if (data instanceof NDArray) {
    const converted = dtype === undefined ? data : cast(data, dtype);
    return shape === undefined ? converted : reshape(converted, shape);
  }
  if (ArrayBuffer.isView(data)) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array || data instanceof DataView) {
      throw new UserError(
        'array: 64-bit integers and DataView are not supported; convert to Int32Array or Float64Array',
      );
    }
    const source = data as TypedArray;
    const kind: DType =
      source instanceof Float32Array ? 'float32' : source instanceof Float64Array ? 'float64' : 'int32';
    const to = dtype ?? kind;
    const result = allocate(to, source.length);
    if (to === 'bool') for (let i = 0; i < source.length; i++) result[i] = Number(source[i] !== 0);
    else result.set(source);
    return shaped(result, shape ?? [source.length]);
  }
  const own = nestedShape(data);
  const flat: (number | boolean)[] = [];
  fillNested(data, own, 0, flat);
  const to = dtype ?? (flat.length > 0 && flat.every((x) => typeof x === 'boolean') ? 'bool' : 'float32');
  const result = allocate(to, flat.length);
  flat.forEach((x, i) => {
    result[i] = to === 'bool' ? Number(Boolean(x)) : Number(x);
  });
  return shaped(result, shape ?? own);
}

function shaped(data: TypedArray, shape: Shape): NDArray {
  if (shape.some((n) => !Number.isInteger(n) || n < 0) || sizeOf(shape) !== data.length) {
    throw new ShapeError('array', `${data.length} elements do not fill shape ${shapeText(shape)}`);
  }
  return constant(data, [...shape]);
}

/** @internal Numbers beside arrays take the arrays' dtype; a fraction beside integers makes both float32. */
export function promoted(...values: readonly ArrayLike[]): NDArray[] {
  let dtype: DType | undefined;
  for (const x of values) if (x instanceof NDArray) dtype = dtype === undefined ? x.dtype : promote(dtype, x.dtype);
  if (dtype === undefined) dtype = values.every((x) => typeof x === 'boolean') ? 'bool' : 'float32';
  for (const x of values) {
    if (typeof x === 'number' && !isFloat(dtype)) dtype = promote(dtype, Number.isInteger(x) ? 'int32' : 'float32');
  }
  const to = dtype;
  return values.map((x) => (x instanceof NDArray ? cast(x, to) : scalar(Number(x), to)));
}

/** @internal An array or number as float elements (integers and booleans become float32). */
export function floating(x: ArrayLike): NDArray {
  const [y] = promoted(x);
  return isFloat(y.dtype) ? y : cast(y, 'float32');
}

export const full = (shape: Shape, value: number, dtype: DType = 'float32'): NDArray =>
  filled(value, [...shape], dtype);
export const zeros = (shape: Shape, dtype: DType = 'float32'): NDArray => full(shape, 0, dtype);
export const ones = (shape: Shape, dtype: DType = 'float32'): NDArray => full(shape, 1, dtype);
export const zerosLike = (x: NDArray): NDArray => filled(0, x.shape, x.dtype);
export const onesLike = (x: NDArray): NDArray => filled(1, x.shape, x.dtype);
export const fullLike = (x: NDArray, value: number): NDArray => filled(value, x.shape, x.dtype);

/** `start, start + step, … < stop`; with one argument from 0. int32 for integers, else float32. */
export function arange(start: number, stop?: number, step = 1, dtype?: DType): NDArray {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0) throw new UserError('arange: the step must not be 0');
  const n = Math.max(0, Math.ceil((to - from) / step));
  const kind = dtype ?? ([from, step].every(Number.isInteger) ? 'int32' : 'float32');
  const data = allocate(kind, n);
  for (let i = 0; i < n; i++) data[i] = from + i * step;
  return constant(data, [n]);
}

/** `n` equally spaced numbers from start to stop, the end included unless `endpoint` is false. */
export function linspace(start: number, stop: number, n = 50, endpoint = true, dtype: DType = 'float32'): NDArray {
  const data = allocate(dtype, n);
  const intervals = endpoint ? n - 1 : n;
  for (let i = 0; i < n; i++) data[i] = intervals === 0 ? start : start + ((stop - start) * i) / intervals;
  return constant(data, [n]);
}

/** The n x m identity. */
export function eye(n: number, m: number = n, dtype: DType = 'float32'): NDArray {
  const data = allocate(dtype, n * m);
  for (let i = 0; i < Math.min(n, m); i++) data[i * m + i] = 1;
  return constant(data, [n, m]);
}
