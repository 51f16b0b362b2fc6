/** @module The typed graph: arrays, dtypes, shapes, trees, errors. */
export type { DType, TypedArray } from './dtype.ts';
export { ShapeError, UserError } from './errors.ts';
export { NDArray } from './ndarray.ts';
export type { Shape } from './shape.ts';
export { type Tree, treeLeaves, treeMap } from './tree.ts';
