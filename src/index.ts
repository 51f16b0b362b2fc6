/** @module deeptheory: differentiable arrays compiled to ONNX, and the laboratory of deep-learning theory on top of them. */
export { ShapeError, UserError } from './array/errors.ts';
export { NDArray } from './array/ndarray.ts';
export { type Tree, treeLeaves, treeMap } from './array/tree.ts';
export * as nn from './nn/index.ts';
export * as numpy from './numpy/index.ts';
export * as random from './random/index.ts';
export * from './runtime/index.ts';
export * from './transforms/index.ts';
