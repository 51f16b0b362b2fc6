import { encodeModel } from '../onnx/model.ts';
import type { Session, SessionRequest } from './session.ts';

const shape = [1, 16, 1, 2];

/**
 * How many channels lie together in the layout that a runtime on the CPU has for direct convolution: 16 or 8, by the
 * processor; 1 where it has none. Found by bringing an array into it: the second position comes after a whole block.
 */
export function channelBlock(create: (request: SessionRequest) => Session): number {
  const value = (name: string) => ({ name, dtype: 'float32' as const, shape });
  const model = encodeModel({
    nodes: [{ type: 'com.microsoft.nchwc:ReorderInput', inputs: ['x'], outputs: ['y'], attributes: {} }],
    initializers: [],
    inputs: [value('x')],
    outputs: [value('y')],
  });
  try {
    const session = create({
      model,
      inputNames: ['x'],
      inputs: [value('x')],
      outputNames: ['y'],
      float64: false,
      threads: 1,
    });
    const data = Float32Array.from({ length: 32 }, (_, i) => i);
    const results = session.run([{ data }]);
    session.release();
    if (results instanceof Promise) return 1;
    return Math.max(1, results[0].data!.indexOf(1));
  } catch {
    return 1; // no kernels of this layout for this processor
  }
}
