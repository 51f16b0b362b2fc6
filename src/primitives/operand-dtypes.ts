/** @file Which element types an operation takes. */
import type { DType } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';

export const floats: readonly DType[] = ['float32', 'float64'];
export const numbers: readonly DType[] = ['float32', 'float64', 'int32'];

export function checkDtype(name: string, dtype: DType, allowed: readonly DType[]): void {
  if (!allowed.includes(dtype)) {
    throw new ShapeError(name, `needs ${allowed.join(' or ')} elements, got ${dtype}: convert with astype`);
  }
}
