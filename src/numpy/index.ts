/** @module Functions of arrays with the names and semantics of NumPy (in camel case). */
export type { DType, TypedArray } from '../array/dtype.ts';
export { NDArray } from '../array/ndarray.ts';
export { type Tree, treeLeaves, treeMap } from '../array/tree.ts';
export {
  averagePool,
  type ConvOptions,
  conv,
  convTranspose,
  maxPool,
  type Padding,
  type PoolOptions,
} from './convolution.ts';
export {
  type ArrayLike,
  type ArrayOptions,
  arange,
  array,
  eye,
  full,
  fullLike,
  linspace,
  type Nested,
  ones,
  onesLike,
  zeros,
  zerosLike,
} from './create.ts';
export * from './math.ts';
export * from './product.ts';
export { ravelTree } from './ravel-tree.ts';
export * from './reduce.ts';
export * from './shape.ts';
export * from './sort.ts';
