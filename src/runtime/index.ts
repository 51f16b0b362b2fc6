/** @module Compilation and execution. */
export { configure, runtimeVersion, type Threads } from './configure.ts';
export { jit } from './jit.ts';
export type { Device } from './session.ts';
