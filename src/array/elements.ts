/** @file Elements as files store them (NumPy, safetensors, ONNX), read into the dtypes of arrays. */
import type { TypedArray } from './dtype.ts';

/** Element types of files; wider than DType. */
export type StoredType =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64';

export const storedBytes: Readonly<Record<StoredType, number>> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
};

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
export function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** bfloat16: the upper half of a float32. */
export function bfloat16(bits: number): number {
  word[0] = bits << 16;
  return single[0];
}

const int32Limits = { low: -(2 ** 31), high: 2 ** 31 - 1 };

/** Integers that int32 does not hold are given to `outside`, which answers what to store instead, or throws. */
export type Outside = (value: bigint | number) => number;

/** The nearest int32. */
export const saturate: Outside = (value) => (value < 0 ? int32Limits.low : int32Limits.high);

export const toInt32 = (value: bigint | number, outside: Outside): number =>
  value >= int32Limits.low && value <= int32Limits.high ? Number(value) : outside(value);

/**
 * Elements from bytes. 16-bit floats are widened to float32, which holds them exactly; integers of every width become
 * int32.
 *
 * @param bytes as many as the elements take
 */
export function readElements(bytes: Uint8Array, type: StoredType, littleEndian: boolean, outside: Outside): TypedArray {
  const count = bytes.length / storedBytes[type];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fill = <A extends TypedArray>(array: A, at: (i: number) => number): A => {
    for (let i = 0; i < count; i++) array[i] = at(i);
    return array;
  };
  switch (type) {
    case 'bool':
      return fill(new Uint8Array(count), (i) => Number(bytes[i] !== 0));
    case 'int8':
      return fill(new Int32Array(count), (i) => view.getInt8(i));
    case 'uint8':
      return fill(new Int32Array(count), (i) => bytes[i]);
    case 'int16':
      return fill(new Int32Array(count), (i) => view.getInt16(2 * i, littleEndian));
    case 'uint16':
      return fill(new Int32Array(count), (i) => view.getUint16(2 * i, littleEndian));
    case 'int32':
      return fill(new Int32Array(count), (i) => view.getInt32(4 * i, littleEndian));
    case 'uint32':
      return fill(new Int32Array(count), (i) => toInt32(view.getUint32(4 * i, littleEndian), outside));
    case 'int64':
      return fill(new Int32Array(count), (i) => toInt32(view.getBigInt64(8 * i, littleEndian), outside));
    case 'uint64':
      return fill(new Int32Array(count), (i) => toInt32(view.getBigUint64(8 * i, littleEndian), outside));
    case 'float16':
      return fill(new Float32Array(count), (i) => float16(view.getUint16(2 * i, littleEndian)));
    case 'bfloat16':
      return fill(new Float32Array(count), (i) => bfloat16(view.getUint16(2 * i, littleEndian)));
    case 'float32':
      return fill(new Float32Array(count), (i) => view.getFloat32(4 * i, littleEndian));
    case 'float64':
      return fill(new Float64Array(count), (i) => view.getFloat64(8 * i, littleEndian));
  }
}
