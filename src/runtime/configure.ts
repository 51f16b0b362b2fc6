import { UserError } from '../array/errors.ts';
import { nodeRuntime } from './node.ts';
import type { Runtime } from './session.ts';
import { webRuntime } from './web.ts';

/** Number of threads of compiled functions; `auto` times one and all on the first calls of each and keeps the faster. */
export type Threads = number | 'auto';

let threads: Threads = 'auto';
let runtime: Runtime | Promise<Runtime> | undefined;
let kind: 'node' | 'web' | undefined;

/**
 * Settings for everything compiled from now on.
 *
 * @param options.threads a positive integer, or `auto` (default)
 * @param options.runtime `node` (native) or `web` (WebAssembly); by default the native one where it is installed
 */
export function configure(options: { threads?: Threads; runtime?: 'node' | 'web' }): void {
  if (options.threads !== undefined) {
    if (options.threads !== 'auto' && !(Number.isInteger(options.threads) && options.threads >= 1)) {
      throw new UserError(`threads must be a positive integer or auto, got ${String(options.threads)}`);
    }
    threads = options.threads;
  }
  if (options.runtime !== undefined && options.runtime !== kind) {
    kind = options.runtime;
    runtime = undefined;
  }
}

export const configuredThreads = (): Threads => threads;

const isNode = typeof process !== 'undefined' && process.versions?.node !== undefined;

/** The runtime in use; a promise only until WebAssembly has been loaded. */
export function currentRuntime(): Runtime | Promise<Runtime> {
  if (runtime === undefined) {
    const native = isNode && kind !== 'web' ? nodeRuntime() : undefined;
    if (native === undefined && kind === 'node') {
      throw new UserError('the native runtime is not installed: npm install onnxruntime-node');
    }
    if (native === undefined && isNode && kind === undefined) {
      process.stderr.write('deeptheory: onnxruntime-node is not installed; using WebAssembly, which is slower\n');
    }
    runtime =
      native ??
      webRuntime().then((loaded) => {
        runtime = loaded;
        return loaded;
      });
  }
  return runtime;
}

/** Name and version of the runtime that computes, e.g. for a run's record. */
export const runtimeVersion = async (): Promise<string> => (await currentRuntime()).name;
