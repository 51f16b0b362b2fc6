/** @file onnxruntime-web (WebAssembly): in the browser, and in Node where the native package is not installed. */
import type { TypedArray } from '../array/dtype.ts';
import { float64Settings, type Runtime, type SessionRequest } from './session.ts';

export async function webRuntime(): Promise<Runtime> {
  const ort = await import('onnxruntime-web');
  ort.env.logLevel = 'fatal'; // errors are thrown, and need not be printed as well
  return {
    name: `onnxruntime-web ${ort.env.versions.web ?? ''} (wasm)`,
    maxThreads: 1,
    async create({ model, inputNames, inputs, outputNames, float64 }: SessionRequest) {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: ['wasm'],
        graphOptimizationLevel: 'all',
        logSeverityLevel: 4,
        ...(float64 && { extra: float64Settings }),
      });
      return {
        async run(values: readonly TypedArray[]) {
          const feeds = Object.fromEntries(
            inputNames.map((name, i) => [
              name,
              new ort.Tensor(inputs[i].dtype, values[i] as Float32Array, inputs[i].shape),
            ]),
          );
          const results = await session.run(feeds);
          return outputNames.map((name) => results[name].data as TypedArray);
        },
      };
    },
  };
}
