/** @file Tensors of ONNX files as arrays. */
import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType } from 'onnx-buf';
import { allocate, type DType, type TypedArray } from '../array/dtype.ts';
import { bfloat16, float16, readElements, type StoredType, saturate, storedBytes, toInt32 } from '../array/elements.ts';
import { UserError } from '../array/errors.ts';
import { constant, type NDArray } from '../array/ndarray.ts';
import { shapeText, sizeOf } from '../array/shape.ts';

/** Gives the bytes of a file that stands beside the model, named as in the model. */
export type ExternalData = (location: string) => Uint8Array;

const type = TensorProto_DataType;
const stored = new Map<number, StoredType>([
  [type.FLOAT, 'float32'],
  [type.UINT8, 'uint8'],
  [type.INT8, 'int8'],
  [type.UINT16, 'uint16'],
  [type.INT16, 'int16'],
  [type.INT32, 'int32'],
  [type.INT64, 'int64'],
  [type.BOOL, 'bool'],
  [type.FLOAT16, 'float16'],
  [type.DOUBLE, 'float64'],
  [type.UINT32, 'uint32'],
  [type.UINT64, 'uint64'],
  [type.BFLOAT16, 'bfloat16'],
]);

/** The dtype that stands for an ONNX element type. 16-bit floats are computed in float32, integers in int32. */
export function dtypeOfFile(dataType: number, where: string): DType {
  const found = stored.get(dataType);
  if (found === undefined) {
    throw new UserError(
      `${where} has element type ${type[dataType] ?? dataType}; supported are floats of 16 to 64 bits, integers of 8 to 64 bits and bool`,
    );
  }
  if (found === 'bool' || found === 'float64') return found;
  return found.includes('float') ? 'float32' : 'int32';
}

/**
 * A tensor as an array. Integers become int32; those beyond its range, which files use to say "to the end", the nearest
 * int32.
 */
export function arrayOfTensor(tensor: TensorProto, where: string, external: ExternalData | undefined): NDArray {
  const dtype = dtypeOfFile(tensor.dataType, where);
  if (tensor.dims.length > 64 || tensor.dims.some((n) => n < 0n || n > Number.MAX_SAFE_INTEGER)) {
    throw new UserError(`${where} has shape [${tensor.dims.slice(0, 64).join(', ')}], which no tensor can have`);
  }
  const shape = tensor.dims.map(Number);
  if (tensor.segment !== undefined) throw new UserError(`${where} is stored in segments, which is not supported`);
  const data = elementsOf(tensor, stored.get(tensor.dataType)!, dtype, sizeOf(shape), where, external);
  if (data.length !== sizeOf(shape)) {
    throw new UserError(`${where} of shape ${shapeText(shape)} needs ${sizeOf(shape)} elements, found ${data.length}`);
  }
  return constant(data, shape);
}

function elementsOf(
  tensor: TensorProto,
  from: StoredType,
  dtype: DType,
  size: number,
  where: string,
  external: ExternalData | undefined,
): TypedArray {
  const raw =
    tensor.dataLocation === TensorProto_DataLocation.EXTERNAL
      ? externalBytes(tensor, size * storedBytes[from], where, external)
      : tensor.rawData;
  if (raw.length > 0) {
    if (raw.length !== size * storedBytes[from]) {
      throw new UserError(`${where} needs ${size} elements of ${from}, found ${raw.length} bytes`);
    }
    return readElements(raw, from, true, saturate);
  }
  const { floatData, doubleData, int32Data, int64Data, uint64Data } = tensor;
  const lists: readonly (readonly (number | bigint)[])[] = [floatData, doubleData, int32Data, int64Data, uint64Data];
  const list = lists.find((l) => l.length > 0) ?? [];
  const data = allocate(dtype, list.length);
  // 16-bit floats stand in int32_data as their bits.
  const half = list === int32Data && from === 'float16' ? float16 : from === 'bfloat16' ? bfloat16 : undefined;
  for (let i = 0; i < list.length; i++) {
    const x = list[i];
    if (half !== undefined) data[i] = half(Number(x));
    else if (dtype === 'bool') data[i] = Number(Number(x) !== 0);
    else data[i] = dtype === 'int32' ? toInt32(x, saturate) : Number(x);
  }
  return data;
}

function externalBytes(
  tensor: TensorProto,
  length: number,
  where: string,
  external: ExternalData | undefined,
): Uint8Array {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  if (external === undefined) {
    throw new UserError(
      `${where} is stored in the file ${JSON.stringify(location)} beside the model: give importOnnx { external: (location) => bytes of that file }`,
    );
  }
  // A model must not reach outside of its folder.
  if (location === '' || /^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)/i.test(location)) {
    throw new UserError(`${where} names the external file ${JSON.stringify(location)}, which is not beside the model`);
  }
  const bytes = external(location);
  const offset = Number(entries.get('offset') ?? 0);
  const given = Number(entries.get('length') ?? length);
  if (!Number.isSafeInteger(offset) || offset < 0 || given !== length || offset + length > bytes.length) {
    throw new UserError(
      `${where} needs ${length} bytes, which the model places at offset ${entries.get('offset') ?? 0}, length ${entries.get('length') ?? length} of ${JSON.stringify(location)} (${bytes.length} bytes)`,
    );
  }
  return bytes.subarray(offset, offset + length);
}
