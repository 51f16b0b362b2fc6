/** @file Elements of arrays as bytes of a file and back. */
import { readElements, type StoredType } from '../../array/elements.ts';
import { UserError } from '../../array/errors.ts';
import { constant, type NDArray } from '../../array/ndarray.ts';
import type { Shape } from '../../array/shape.ts';

/** An array from its bytes. Integers become int32 and must fit; `where` says in errors what the array is. */
export function arrayOfBytes(
  bytes: Uint8Array,
  type: StoredType,
  shape: Shape,
  littleEndian: boolean,
  where: string,
): NDArray {
  const outside = (value: bigint | number): never => {
    throw new UserError(`${where}: expected integers that fit into 32 bits, found ${value}.`);
  };
  return constant(readElements(bytes, type, littleEndian, outside), shape);
}

/** The elements as they lie in memory, which is little-endian on all platforms there are runtimes for. */
export async function bytesOfArray(x: NDArray): Promise<Uint8Array> {
  const data = await x.data();
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
