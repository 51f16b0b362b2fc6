/** @file What the engine asks of a runtime; one implementation for onnxruntime-node, one for onnxruntime-web. */
import type { TypedArray } from '../array/dtype.ts';
import type { Aval } from '../array/primitive.ts';

/** A loaded graph. Inputs and outputs go by position. */
export interface Session {
  /** Answers at once (Node) or later (Wasm, WebGPU). */
  run(inputs: readonly TypedArray[]): readonly TypedArray[] | Promise<readonly TypedArray[]>;
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
  /** Threads that `threads: 'auto'` may choose up to. */
  readonly maxThreads: number;
  create(request: SessionRequest): Session | Promise<Session>;
}
