/** @file onnxruntime-node, called through its native binding: synchronous, 2 microseconds less than its promise. */
import type { TypedArray } from '../array/dtype.ts';
import { UserError } from '../array/errors.ts';
import { channelBlock } from './channel-block.ts';
import { errorLine } from './error-line.ts';
import { identityModel } from './identity-model.ts';
import { float64Settings, isOnHost, type Runtime, type Session, type SessionRequest } from './session.ts';

interface NativeTensor {
  readonly data: TypedArray;
}

interface NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
  run(feeds: Record<string, unknown>, fetches: Record<string, null>, options: object): Record<string, NativeTensor>;
  dispose(): void;
}

type Ort = typeof import('onnxruntime-common');

export interface NativePackage {
  readonly ort: Ort;
  readonly version: string;
  readonly binding: { readonly InferenceSession: new () => NativeSession };
}

/**
 * Loads the native runtime; undefined in a browser, and where the optional package is not installed or has no binary
 * for this platform. Node's modules are asked for at run time, so that bundlers for the browser find none to resolve.
 */
export function nativePackage(): NativePackage | undefined {
  if (typeof process === 'undefined' || process.getBuiltinModule === undefined) return undefined;
  const { createRequire } = process.getBuiltinModule('node:module');
  const require = createRequire(import.meta.url);
  try {
    const ort: Ort = require('onnxruntime-node');
    const { binding, initOrt } = createRequire(require.resolve('onnxruntime-node'))('./binding.js');
    ort.env.logLevel = 'fatal'; // errors are thrown, and need not be printed as well
    initOrt();
    return { ort, version: ort.env.versions.node ?? '', binding };
  } catch {
    return undefined;
  }
}

/**
 * @throws UserError where `cuda` is asked for and cannot be used.
 * @param device `cuda` needs ONNX Runtime's provider library, which its package does not bring; state crosses to the
 * host after each call there
 */
export function nodeRuntime({ ort, version, binding }: NativePackage, device: 'cpu' | 'cuda'): Runtime {
  if (device === 'cuda') requireCuda(new binding.InferenceSession());
  const create = (request: SessionRequest) =>
    nativeSession(new binding.InferenceSession(), ort.Tensor, device, request);
  return {
    name: `onnxruntime-node ${version}${device === 'cpu' ? '' : ` (${device})`}`,
    device,
    channelBlock: device === 'cpu' ? channelBlock(create) : 1,
    maxThreads: device === 'cpu' ? process.getBuiltinModule('node:os').availableParallelism() : 1,
    accepts: isOnHost,
    create,
  };
}

function requireCuda(native: NativeSession): void {
  const model = identityModel('float32');
  try {
    native.loadModel(model.buffer, model.byteOffset, model.byteLength, {
      executionProviders: ['cuda'],
      logSeverityLevel: 4,
    });
  } catch (error) {
    throw new UserError(
      `device cuda: ONNX Runtime could not start it (${errorLine(error)}). It needs an NVIDIA GPU with its driver, CUDA 12, cuDNN 9, and the provider library, which Linux x64 gets by "ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node"; or choose device webgpu or cpu`,
    );
  }
  native.dispose();
}

/**
 * Sessions whose time at every node went to a file: the environment variable DEEPTHEORY_PROFILE is the beginning of the
 * files' names, which ONNX Runtime writes when a session is disposed of. See bench/profile.mjs.
 */
let profiles = 0;

// A session that has run keeps some memory when it is only collected, and loses it when it is disposed of.
const forgotten = new FinalizationRegistry<NativeSession>((native) => native.dispose());

/**
 * The collector sees nothing of a session's memory, and would let sessions that nobody can call any more fill the machine.
 * An untouched buffer, which takes addresses and no memory, makes it look now and then. What it finds is disposed of when
 * the event loop turns.
 */
let created = 0;
const nudgeEvery = 16;
const nudgeBytes = 2 ** 28;

function nativeSession(
  native: NativeSession,
  Tensor: Ort['Tensor'],
  device: 'cpu' | 'cuda',
  request: SessionRequest,
): Session {
  const { model, inputNames, inputs, outputNames, threads } = request;
  const profiled = process.env.DEEPTHEORY_PROFILE;
  native.loadModel(model.buffer, model.byteOffset, model.byteLength, {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    ...(request.float64 && { extra: float64Settings }),
    ...(profiled && { enableProfiling: true, profileFilePrefix: `${profiled}-${++profiles}` }),
  });
  const fetches = Object.fromEntries(outputNames.map((name) => [name, null]));
  const dims = inputs.map((x) => [...x.shape]);
  const session: Session = {
    run(values) {
      const feeds: Record<string, unknown> = {};
      for (let i = 0; i < inputNames.length; i++) {
        feeds[inputNames[i]] = new Tensor(inputs[i].dtype, values[i].data as Float32Array, dims[i]);
      }
      // The data of a result is ONNX Runtime's own memory: nothing is copied.
      const results = native.run(feeds, fetches, {});
      return outputNames.map((name) => ({ data: results[name].data }));
    },
    release() {
      if (forgotten.unregister(session)) native.dispose();
    },
  };
  forgotten.register(session, native, session);
  if (++created % nudgeEvery === 0) new ArrayBuffer(nudgeBytes);
  if (profiled) process.on('exit', () => session.release());
  return session;
}
