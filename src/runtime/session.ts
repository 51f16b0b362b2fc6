/** @file What the engine asks of a runtime; one implementation for each of ONNX Runtime's packages and devices. */
import type { Value } from '../array/ndarray.ts';
import type { Aval } from '../array/primitive.ts';

/** Where compiled functions compute. */
export type Device = 'cpu' | 'webgpu' | 'cuda';

/** A loaded graph. Inputs and outputs go by position. */
export interface Session {
  /** Answers at once (on the CPU in Node) or later (WebAssembly, WebGPU). The runtime must accept every input. */
  run(inputs: readonly Value[]): readonly Value[] | Promise<readonly Value[]>;
  /** Frees the memory and threads of the session now; without it they are freed when the session is collected. */
  release(): void;
}

export interface SessionRequest {
  readonly model: Uint8Array;
  readonly inputNames: readonly string[];
  readonly inputs: readonly Aval[];
  readonly outputNames: readonly string[];
  /** Some node computes in float64. */
  readonly float64: boolean;
  readonly threads: number;
}

/**
 * Session settings against two fusions of ONNX Runtime 1.30 that are wrong in float64: MatMulScaleFusion keeps a factor
 * as float32, QuickGeluFusion (x sigmoid(x)) makes a node that has no float64 kernel.
 */
export const float64Settings = {
  optimization: { disable_specified_optimizers: 'MatMulScaleFusion;QuickGeluFusion' },
};

export interface Runtime {
  /** e.g. "onnxruntime-node 1.30.0". */
  readonly name: string;
  readonly device: Device;
  /** Channels in a block of its layout for direct convolution (com.microsoft.nchwc); 1: it has none. */
  readonly channelBlock: number;
  /** Threads that `threads: 'auto'` may choose up to. */
  readonly maxThreads: number;
  /** Whether a session can be fed this value as it is; otherwise its data must be brought to the host first. */
  accepts(value: Value): boolean;
  create(request: SessionRequest): Session | Promise<Session>;
}

export const isOnHost = (value: Value): boolean => value.data !== undefined;
