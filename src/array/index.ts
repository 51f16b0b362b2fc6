/** @module The typed graph: arrays, dtypes, shapes, trees, errors, and what a primitive is. */
export type { DType, TypedArray } from './dtype.ts';
export { ShapeError, UserError } from './errors.ts';
export { bind, bindAll, NDArray } from './ndarray.ts';
export type { Aval, HostArray, LoweredNode, Lowering, Primitive, Tangent } from './primitive.ts';
export type { Shape } from './shape.ts';
export { type Tree, treeLeaves, treeMap } from './tree.ts';
