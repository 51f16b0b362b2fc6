/** @file Values that are not to be known before another one is. */
import { bindAll, type NDArray } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { withBatch } from './rules.ts';

const barrierPrimitive: Primitive<object> = {
  name: 'barrier',
  infer: ([x]) => [x],
  evaluate: ([x]) => [x.data],
  jvp: (_, [t]) => [t],
  transpose: ([ct]) => [ct, null],
  batch: ([x, after], [xBatched, afterBatched], _, size) => [
    xBatched || !afterBatched ? barrier(x, after) : barrier(withBatch(x, false, size), after),
  ],
  lower(context, [x, after], _, { operands }) {
    const { shape } = operands[0];
    if (operands.some((operand) => operand.shape.includes(0))) return [x];
    // A Reshape, which copies nothing, to a shape that the runtime cannot know: plus 0 times an element of `after`.
    const element = context.op('Gather', [
      context.reshape(after, operands[1].shape, [operands[1].shape.reduce((p, n) => p * n, 1)]),
      context.constant([0], [], 'int64'),
    ]);
    const zero = context.op('Mul', [context.cast(element, 'int64'), context.constant([0], [], 'int64')]);
    return [context.op('Reshape', [x, context.op('Add', [context.constant(shape, [shape.length], 'int64'), zero])])];
  },
};

/**
 * `x`, which the runtime does not have before `after` has been computed: what is made of it is computed late, and is not
 * recognised as equal to what was made of `x` itself.
 */
export const barrier = (x: NDArray, after: NDArray): NDArray => bindAll(barrierPrimitive, [x, after], {})[0];
