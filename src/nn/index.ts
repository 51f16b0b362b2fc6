/** @module Neural networks as pure functions of parameter trees. */
export * from './activations.ts';
export { type Dense, type DenseOptions, dense, denseInit, denseLayer } from './dense.ts';
export * as initializers from './initializers.ts';
export * from './losses.ts';
export * from './model.ts';
export * from './models/mlp.ts';
export * from './optimizers.ts';
export * from './parametrization.ts';
export { type TrainingLoop, type TrainingRecord, train } from './train.ts';
