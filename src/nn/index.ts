/** @module Neural networks as pure functions of parameter trees. */
export * from './activations.ts';
export * as initializers from './initializers.ts';
export * from './losses.ts';
export * from './mlp.ts';
export * from './optimizers.ts';
export { type TrainingLoop, type TrainingRecord, train } from './train.ts';
