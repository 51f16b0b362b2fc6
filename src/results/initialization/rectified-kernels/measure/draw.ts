/** @file Weights drawn again and again in the same shapes. */
import type { NDArray } from '../../../../array/ndarray.ts';
import { jit } from '../../../../runtime/index.ts';

/** Rows of weights of some law, [neurons, inputs]. */
export type Draw = (key: NDArray, shape: readonly [number, number]) => NDArray;

/** Compiled once for each shape; what is not compiled is a graph of its own at every call, and memory fills with them. */
export function compiled(draw: Draw): Draw {
  const drawn = jit((key: NDArray, rows: number, columns: number) => draw(key, [rows, columns]), { static: [1, 2] });
  return (key, [rows, columns]) => drawn(key, rows, columns);
}
