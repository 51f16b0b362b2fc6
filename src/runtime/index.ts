/** @module Compilation and execution. */
export { configure, devices, findDevice, runtimeVersion, type Threads } from './configure.ts';
export { jit } from './jit.ts';
export type { Device } from './session.ts';
