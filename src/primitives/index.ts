/** @module The primitives: what every function of the array language is made of. No promotion, no default axes. */
export { contract } from './contract.ts';
export { convolution } from './convolution.ts';
export * from './elementwise.ts';
export { gather, scatterAdd, scatterReplace } from './gather.ts';
export { gatherAlong, scatterAddAlong } from './gather-along.ts';
export { stopGradient } from './identity.ts';
export { maxPool } from './pooling.ts';
export { argExtremum, cumulativeSum, reduceMax, reduceMean, reduceMin, reduceSum } from './reduce.ts';
export { select } from './select.ts';
export { broadcastTo, concatenate, pad, reshape, reverse, slice, transpose } from './shape.ts';
export { topK } from './sort.ts';
export { split } from './split.ts';
