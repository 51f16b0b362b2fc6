import { UserError } from '../array/errors.ts';
import { nativePackage, nodeRuntime } from './node.ts';
import type { Device, Runtime } from './session.ts';
import { webRuntime } from './web.ts';
import { webgpuRuntime } from './webgpu.ts';

/** Number of threads of compiled functions; `auto` times one and all on the first calls of each and keeps the faster. */
export type Threads = number | 'auto';

let threads: Threads = 'auto';
let device: Device = 'cpu';
let kind: 'node' | 'web' | undefined;
let runtime: Runtime | Promise<Runtime> | undefined;

export const devices: readonly Device[] = ['cpu', 'webgpu', 'cuda'];

/**
 * Settings for everything compiled from now on.
 *
 * @param options.threads a positive integer, or `auto` (default). In a browser more than one needs a page that is
 *   cross-origin isolated, and the number in force when the runtime is loaded holds
 * @param options.device `cpu` (default), `webgpu`, or `cuda` (Node only, where its provider library is installed). A
 *   device that is not there is a UserError of whatever computes first: nothing falls back to the CPU. WebGPU has no
 *   float64. Parts of a graph that it has no kernel for (loops, sorting) run on the CPU between the others
 * @param options.runtime `node` (native) or `web` (WebAssembly); by default the native one where it is installed
 */
export function configure(options: { threads?: Threads; device?: Device; runtime?: 'node' | 'web' }): void {
  const { threads: wanted = threads, device: place = device, runtime: chosen = kind } = options;
  if (wanted !== 'auto' && !(Number.isInteger(wanted) && wanted >= 1)) {
    throw new UserError(`threads must be a positive integer or auto, got ${String(wanted)}`);
  }
  if (!devices.includes(place)) throw new UserError(`device must be ${devices.join(', ')}, got ${String(place)}`);
  if (place !== device || chosen !== kind) runtime = undefined;
  threads = wanted;
  device = place;
  kind = chosen;
}

export const configuredThreads = (): Threads => threads;

const isNode = typeof process !== 'undefined' && process.versions?.node !== undefined;

/** The runtime in use; a promise until one that answers asynchronously has been loaded. */
export function currentRuntime(): Runtime | Promise<Runtime> {
  if (runtime !== undefined) return runtime;
  const loaded = load(device);
  if (!(loaded instanceof Promise)) {
    runtime = loaded;
    return loaded;
  }
  const loading: Promise<Runtime> = loaded.then(
    (ready) => {
      if (runtime === loading) runtime = ready;
      return ready;
    },
    (error) => {
      if (runtime === loading) runtime = undefined; // a later call tries again
      throw error;
    },
  );
  runtime = loading;
  return loading;
}

function load(place: Device): Runtime | Promise<Runtime> {
  const native = kind === 'web' ? undefined : nativePackage();
  if (native === undefined && kind === 'node') {
    throw new UserError('the native runtime is not installed: npm install onnxruntime-node');
  }
  if (native === undefined && place === 'cuda') {
    throw new UserError('device cuda needs the native runtime in Node (npm install onnxruntime-node)');
  }
  if (native !== undefined) {
    return place === 'webgpu'
      ? webgpuRuntime(native.ort, `onnxruntime-node ${native.version}`)
      : nodeRuntime(native, place);
  }
  if (place === 'webgpu') return loadWebgpu();
  if (isNode && kind === undefined) {
    process.stderr.write('deeptheory: onnxruntime-node is not installed; using WebAssembly, which is slower\n');
  }
  return webRuntime(browserThreads());
}

async function loadWebgpu(): Promise<Runtime> {
  const ort = await import('onnxruntime-web/webgpu');
  ort.env.logLevel = 'fatal';
  return webgpuRuntime(ort, `onnxruntime-web ${ort.env.versions.web ?? ''}`);
}

/** Threads share memory, which browsers allow to pages that are cross-origin isolated only. */
function browserThreads(): number {
  if (!globalThis.crossOriginIsolated) return 1;
  return threads === 'auto' ? navigator.hardwareConcurrency : threads;
}

/** What this machine has of a device: the runtime that would compute there, or why none can. Changes no setting. */
export async function findDevice(place: Device): Promise<{ runtime: string } | { problem: string }> {
  try {
    return { runtime: (await load(place)).name };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Name and version of the runtime that computes, e.g. for a run's record. Rejects where the device is not there. */
export const runtimeVersion = async (): Promise<string> => (await currentRuntime()).name;
