/** @file WebGPU, in the browser and (by Dawn inside of onnxruntime-node) in Node. State stays on the device between calls. */
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { DType, TypedArray } from '../array/dtype.ts';
import { UserError } from '../array/errors.ts';
import type { Value } from '../array/ndarray.ts';
import type { Aval } from '../array/primitive.ts';
import { deviceMemory } from './device-memory.ts';
import { errorLine } from './error-line.ts';
import { identityModel } from './identity-model.ts';
import type { Runtime, SessionRequest } from './session.ts';
import { takeTurns } from './turns.ts';

type Ort = typeof import('onnxruntime-common');

/** Bytes of arrays on the device that JavaScript has not collected yet; beyond it the oldest go back to the host. */
const memoryLimit = 2 ** 30;

/** Arrays of fewer elements are fed from the host at each call. */
const uploadFrom = 256;

/**
 * @param ort onnxruntime-node, or the build of onnxruntime-web that knows WebGPU
 * @param name of the package and its version
 * @throws UserError where there is no adapter.
 */
export async function webgpuRuntime(ort: Ort, name: string, limit = memoryLimit): Promise<Runtime> {
  const open = (model: Uint8Array, output: 'cpu' | 'gpu-buffer') =>
    ort.InferenceSession.create(model, {
      executionProviders: ['webgpu'],
      graphOptimizationLevel: 'all',
      preferredOutputLocation: output,
      logSeverityLevel: 4,
    });
  // One graph at a time: the provider of onnxruntime-web has one queue, and refuses a second call that comes meanwhile.
  const turns = takeTurns();
  const transfers = new Map<string, Promise<InferenceSession>>();
  /** y = x from host to device or back; onnxruntime-node has no other way to read a tensor of the device. */
  const transfer = async (tensor: Tensor, output: 'cpu' | 'gpu-buffer'): Promise<Tensor> => {
    const key = `${tensor.type} ${output}`;
    const session = transfers.get(key) ?? open(identityModel(tensor.type as DType), output);
    transfers.set(key, session);
    return (await (await session).run({ x: tensor })).y;
  };
  const view = (tensor: Tensor, dtype: DType, shape: readonly number[]): Tensor =>
    ort.Tensor.fromGpuBuffer(tensor.gpuBuffer, { dataType: dtype as 'float32', dims: shape });
  const memory = deviceMemory<Tensor>(
    async (tensor) => {
      const flat = view(tensor, tensor.type as DType, [tensor.size]);
      return (await transfer(flat, 'cpu')).data as TypedArray;
    },
    turns,
    limit,
  );
  const keep = (tensor: Tensor) => memory.keep(tensor, tensor.size * (tensor.type === 'bool' ? 1 : 4));

  /** What is fed for a value: its tensor on the device. From the host it is brought there once, and stays. */
  const fed = async (value: Value, { dtype, shape }: Aval): Promise<Tensor> => {
    const array = memory.owns(value.device) ? value.device : undefined;
    const there = array?.tensor();
    if (there !== undefined) return view(there, dtype, shape);
    const data = (value.data ?? array?.onHost) as Float32Array;
    if (data.length < uploadFrom) return new ort.Tensor(dtype as 'float32', data, shape);
    const tensor = await transfer(new ort.Tensor(dtype as 'float32', data, [data.length]), 'gpu-buffer');
    value.device = keep(tensor);
    return view(tensor, dtype, shape);
  };

  const forgotten = new FinalizationRegistry<InferenceSession>((native) => void turns(() => native.release()));
  const create = async ({ model, inputNames, inputs, outputNames }: SessionRequest) => {
    const native = await turns(() => open(model, 'gpu-buffer'));
    const session = {
      async run(values: readonly Value[]) {
        const results = await turns(async () => {
          const feeds: Record<string, Tensor> = {};
          for (let i = 0; i < values.length; i++) feeds[inputNames[i]] = await fed(values[i], inputs[i]);
          const found = await native.run(feeds);
          return outputNames.map((output) => ({ device: keep(found[output]) }));
        });
        await memory.fit();
        return results;
      },
      release() {
        forgotten.unregister(session);
        void turns(() => native.release());
      },
    };
    forgotten.register(session, native, session);
    return session;
  };

  try {
    await transfer(new ort.Tensor('float32', new Float32Array(1), [1]), 'gpu-buffer').then((tensor) =>
      tensor.dispose(),
    );
  } catch (error) {
    throw new UserError(
      `device webgpu: ONNX Runtime found no adapter (${errorLine(error)}). In Node it needs a GPU with a Vulkan 1.1 driver (Linux: install the vendor's, or mesa-vulkan-drivers; "vulkaninfo --summary" lists devices), Direct3D 12 or Metal; in a browser, one with WebGPU. Or choose device cpu`,
    );
  }
  return {
    name: `${name} (webgpu)`,
    device: 'webgpu',
    channelBlock: 1,
    maxThreads: 1,
    accepts: (value) => value.data !== undefined || memory.owns(value.device),
    create,
  };
}
