import { ShapeError } from '../array/errors.ts';
import { bind, type NDArray } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { broadcastShapes } from '../array/shape.ts';
import { alignBatch, elementwise, unbroadcast } from './rules.ts';
import { broadcastTo, filled } from './shape.ts';

const selectPrimitive: Primitive<object> = {
  name: 'where',
  infer([condition, a, b]) {
    if (condition.dtype !== 'bool') throw new ShapeError('where', `the condition must be bool, got ${condition.dtype}`);
    if (a.dtype !== b.dtype) throw new ShapeError('where', `dtypes differ: ${a.dtype} and ${b.dtype}`);
    return [{ shape: broadcastShapes('where', [condition.shape, a.shape, b.shape]), dtype: a.dtype }];
  },
  evaluate: (operands, _, [output]) => [elementwise(operands, output, (c, a, b) => (c ? a : b))],
  jvp([condition, a], [, ta, tb], _, [y]) {
    const zero = filled(0, [], a.dtype);
    return [broadcastTo(select(condition, ta ?? zero, tb ?? zero), y.shape)];
  },
  transpose([ct], [condition, a, b], linear) {
    const zero = filled(0, [], a.dtype);
    return [
      null,
      linear[1] ? unbroadcast(broadcastTo(select(condition, ct!, zero), ct!.shape), a.shape) : null,
      linear[2] ? unbroadcast(broadcastTo(select(condition, zero, ct!), ct!.shape), b.shape) : null,
    ];
  },
  batch(operands, batched) {
    const [condition, a, b] = alignBatch(operands, batched);
    return [select(condition, a, b)];
  },
  lower(context, inputs, _, { outputs }) {
    if (outputs[0].dtype !== 'bool') return [context.op('Where', inputs)];
    // Where has no kernel for bool.
    const [condition, a, b] = inputs;
    const otherwise = context.op('And', [context.op('Not', [condition]), b]);
    return [context.op('Or', [context.op('And', [condition, a]), otherwise])];
  },
};

/** Elements of `a` where the condition holds, of `b` elsewhere; the three broadcast. */
export const select = (condition: NDArray, a: NDArray, b: NDArray): NDArray =>
  bind(selectPrimitive, [condition, a, b], {});
