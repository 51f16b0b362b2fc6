/** @file Primitives that return their operand: marks for the transformations. */
import { bind, type NDArray, Node } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';

const aliasPrimitive: Primitive<object> = {
  name: 'alias',
  infer: ([x]) => [x],
  evaluate: ([x]) => [x.data],
  jvp: (_, [t]) => [t],
  transpose: ([ct]) => [ct],
  batch: ([x]) => [x],
  lower: (_, [x]) => [x],
  simplify: ([x]) => x,
};

/**
 * A variable of differentiation that stands for `x`. It is a node of its own, never shared, so that derivatives with
 * respect to it do not confuse it with other uses of `x`; rebuilding a graph removes it.
 */
export const alias = (x: NDArray): NDArray => new Node(aliasPrimitive as Primitive, [x], {}, [x], true).outputs[0];

const stopGradientPrimitive: Primitive<object> = {
  ...aliasPrimitive,
  name: 'stopGradient',
  jvp: () => [null],
  transpose: null,
  batch: ([x]) => [stopGradient(x)],
  simplify: undefined,
  inline: ([x]) => [x],
};

/** `x`, a constant for every derivative. */
export const stopGradient = (x: NDArray): NDArray => bind(stopGradientPrimitive, [x], {});
