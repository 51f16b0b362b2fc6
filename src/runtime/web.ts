/** @file onnxruntime-web (WebAssembly): in the browser, and in Node where the native package is not installed. */
import type { InferenceSession } from 'onnxruntime-common';
import type { TypedArray } from '../array/dtype.ts';
import { float64Settings, isOnHost, type Runtime, type SessionRequest } from './session.ts';
import { takeTurns } from './turns.ts';

/** @param threads of all sessions together; more than one needs a page that is cross-origin isolated */
export async function webRuntime(threads: number): Promise<Runtime> {
  const ort = await import('onnxruntime-web/wasm');
  ort.env.logLevel = 'fatal'; // errors are thrown, and need not be printed as well
  ort.env.wasm.numThreads = threads;
  // One call at a time: a call keeps its arguments on the stack of the module while it waits, so that calls which
  // overlap, and above all one that fails meanwhile, destroy those of others.
  const turns = takeTurns();
  // WebAssembly's memory is not JavaScript's: a session that is only forgotten would stay in it.
  const forgotten = new FinalizationRegistry<InferenceSession>((session) => void turns(() => session.release()));
  return {
    name: `onnxruntime-web ${ort.env.versions.web ?? ''} (wasm${threads > 1 ? `, ${threads} threads` : ''})`,
    device: 'cpu',
    channelBlock: 1,
    maxThreads: 1, // of a session that could choose: these share one pool
    accepts: isOnHost,
    async create({ model, inputNames, inputs, outputNames, float64 }: SessionRequest) {
      const native = await turns(() =>
        ort.InferenceSession.create(model, {
          executionProviders: ['wasm'],
          graphOptimizationLevel: 'all',
          logSeverityLevel: 4,
          ...(float64 && { extra: float64Settings }),
        }),
      );
      const session = {
        async run(values: readonly { data?: TypedArray }[]) {
          const feeds = Object.fromEntries(
            inputNames.map((name, i) => [
              name,
              new ort.Tensor(inputs[i].dtype, values[i].data as Float32Array, inputs[i].shape),
            ]),
          );
          const results = await turns(() => native.run(feeds));
          return outputNames.map((name) => ({ data: results[name].data as TypedArray }));
        },
        release() {
          forgotten.unregister(session);
          void turns(() => native.release());
        },
      };
      forgotten.register(session, native, session);
      return session;
    },
  };
}
