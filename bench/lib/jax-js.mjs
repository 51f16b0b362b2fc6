// Loads jax-js on its Wasm device, at its best in Node: as many threads as asked for, and relaxed SIMD (a flag that
// contestants.mjs gives to the process).

import { resolveObjectURL } from 'node:buffer';
import { Worker as NodeWorker } from 'node:worker_threads';

export async function loadJaxJs(threads) {
  // jax-js takes its number of threads from `navigator` and computes on the main thread where there is no `Worker`.
  const navigator = { userAgent: 'Node.js', hardwareConcurrency: threads };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  if (threads > 1) globalThis.Worker = WebWorker;
  const jax = await import('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  return jax;
}

const workerPreamble = `
  const { parentPort } = require('node:worker_threads');
  globalThis.self = globalThis;
  globalThis.postMessage = (message) => parentPort.postMessage(message);
  parentPort.on('message', (data) => self.onmessage({ data }));
`;

/** The part of the browser's Worker that jax-js uses, on top of Node's. */
class WebWorker {
  #worker;
  #started;

  constructor(url) {
    this.#started = this.#start(url);
  }

  async #start(url) {
    const source = await resolveObjectURL(url).text();
    this.#worker = new NodeWorker(workerPreamble + source, { eval: true });
    this.#worker.unref();
    this.#worker.on('message', (data) => this.onmessage({ data }));
    this.#worker.on('error', (error) => this.onerror(error));
  }

  postMessage(message) {
    if (this.#worker) this.#worker.postMessage(message);
    else this.#started.then(() => this.#worker.postMessage(message));
  }
}
