import { type DType, isFloat } from '../array/dtype.ts';
import { bind, type NDArray } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { elementwise } from './rules.ts';

const castPrimitive: Primitive<{ readonly dtype: DType }> = {
  name: 'cast',
  infer: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  evaluate: ([x], { dtype }, [output]) => [
    elementwise([x], output, dtype === 'bool' ? (a) => Number(a !== 0) : dtype === 'int32' ? Math.trunc : (a) => a),
  ],
  jvp: ([x], [t], { dtype }) => [isFloat(x.dtype) && isFloat(dtype) ? cast(t!, dtype) : null],
  transpose: ([ct], [x]) => [cast(ct!, x.dtype)],
  batch: ([x], _, { dtype }) => [cast(x, dtype)],
  lower: (context, [x], { dtype }) => [context.cast(x, dtype)],
  simplify: ([x], { dtype }) => (x.dtype === dtype ? x : undefined),
};
export const cast = (x: NDArray, dtype: DType): NDArray => bind(castPrimitive, [x], { dtype });
