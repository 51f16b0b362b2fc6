import type { DType } from '../array/dtype.ts';
import { encodeModel } from '../onnx/model.ts';

/** The graph y = x for vectors of any length: moves data between host and device, and tells whether a device works. */
export function identityModel(dtype: DType): Uint8Array {
  const value = (name: string) => ({ name, dtype, shape: [-1] });
  return encodeModel({
    nodes: [{ type: 'Identity', inputs: ['x'], outputs: ['y'], attributes: {} }],
    initializers: [],
    inputs: [value('x')],
    outputs: [value('y')],
  });
}
