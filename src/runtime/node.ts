/** @file onnxruntime-node, called through its native binding: synchronous, 2 microseconds less than its promise. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { TypedArray } from '../array/dtype.ts';
import { float64Settings, type Runtime, type Session, type SessionRequest } from './session.ts';

interface NativeTensor {
  readonly data: TypedArray;
}

interface NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
  run(feeds: Record<string, unknown>, fetches: Record<string, null>, options: object): Record<string, NativeTensor>;
  endProfiling(): void;
}

/** Where ONNX Runtime's profiler writes the time of every node, for those who look for it: see bench/profile.mjs. */
const profileFilePrefix = process.env.DEEPTHEORY_PROFILE;

/** Loads the native runtime; undefined where the optional package is not installed or has no binary for this platform. */
export function nodeRuntime(): Runtime | undefined {
  const require = createRequire(import.meta.url);
  let ort: typeof import('onnxruntime-common');
  let binding: { binding: { InferenceSession: new () => NativeSession }; initOrt: () => void };
  let version: string;
  try {
    const entry = require.resolve('onnxruntime-node');
    ort = require('onnxruntime-node');
    binding = createRequire(entry)('./binding.js');
    version = ort.env.versions.node ?? '';
  } catch {
    return undefined;
  }
  ort.env.logLevel = 'fatal'; // errors are thrown, and need not be printed as well
  binding.initOrt();
  return {
    name: `onnxruntime-node ${version}`,
    maxThreads: availableParallelism(),
    create: (request) => nativeSession(new binding.binding.InferenceSession(), ort.Tensor, request),
  };
}

type TensorClass = typeof import('onnxruntime-common').Tensor;

function nativeSession(native: NativeSession, Tensor: TensorClass, request: SessionRequest): Session {
  const { model, inputNames, inputs, outputNames, threads } = request;
  native.loadModel(model.buffer, model.byteOffset, model.byteLength, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    ...(request.float64 && { extra: float64Settings }),
    ...(profileFilePrefix && { enableProfiling: true, profileFilePrefix }),
  });
  if (profileFilePrefix) process.on('exit', () => native.endProfiling());
  const fetches = Object.fromEntries(outputNames.map((name) => [name, null]));
  const dims = inputs.map((x) => [...x.shape]);
  return {
    run(values) {
      const feeds: Record<string, unknown> = {};
      for (let i = 0; i < inputNames.length; i++) {
        feeds[inputNames[i]] = new Tensor(inputs[i].dtype, values[i] as Float32Array, dims[i]);
      }
      const results = native.run(feeds, fetches, {});
      return outputNames.map((name) => results[name].data);
    },
  };
}
