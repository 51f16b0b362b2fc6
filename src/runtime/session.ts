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
  readonly threads: number;
}

export interface Runtime {
  /** e.g. "onnxruntime-node 1.30.0". */
  readonly name: string;
  /** Threads that `threads: 'auto'` may choose up to. */
  readonly maxThreads: number;
  create(request: SessionRequest): Session | Promise<Session>;
}
