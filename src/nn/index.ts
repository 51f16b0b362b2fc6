/** @module Neural networks as pure functions of parameter trees. */
export * from './activations.ts';
export * from './attention.ts';
export { type Dense, type DenseOptions, dense, denseInit, denseLayer, type LayerOptions } from './dense.ts';
export { dropout } from './dropout.ts';
export * from './embedding.ts';
export * as initializers from './initializers.ts';
export * from './losses.ts';
export * from './model.ts';
export * from './models/deep-sets.ts';
export * from './models/gcn.ts';
export * from './models/mlp.ts';
export * from './models/recurrent.ts';
export * from './models/transformer.ts';
export * from './normalization.ts';
export * from './optimizers.ts';
export * from './parametrization.ts';
export { type TrainingLoop, type TrainingRecord, train } from './train.ts';
