// Loads jax-js on its Wasm device, at its best in Node: as many threads as asked for, and relaxed SIMD (a flag that
// contestants.mjs gives to the process).

import { resolveObjectURL } from 'node:buffer';
import { Worker as NodeWorker } from 'node:worker_threads';
import { mapValues, norm } from './numbers.mjs';

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

/** Gradient descent with what `lossAndGradient(params, ...data)` returns, jitted. */
export function trainingJaxJs(jax, lossAndGradient, initial, data, rate) {
  const { jit, tree } = jax;
  const step = jit((params, ...given) => {
    const [loss, gradient] = lossAndGradient(tree.ref(params), ...given);
    return [tree.map((p, g) => p.sub(g.mul(rate)), params, gradient), loss];
  });
  const arrays = data.map(array(jax));
  let params;
  return {
    restart() {
      if (params) tree.dispose(params);
      params = mapValues(initial, array(jax));
    },
    async run(steps) {
      let value;
      for (let i = 0; i < steps; i++) {
        let loss;
        [params, loss] = step(params, ...tree.ref(arrays));
        [value] = await loss.data(); // jax-js slows down tenfold when its queue is not emptied at every step
      }
      return value;
    },
  };
}

/** Calls `jit(compute)` on arrays or objects of arrays again and again; the value is the norm of what it returns. */
export function evaluationJaxJs(jax, compute, args) {
  const { jit, tree } = jax;
  const compiled = jit(compute);
  const given = args.map((arg) => (arg.data ? array(jax)(arg) : mapValues(arg, array(jax))));
  return {
    restart() {},
    async run(steps) {
      let results;
      for (let i = 0; i < steps; i++) {
        const leaves = tree.leaves(compiled(...tree.ref(given)));
        results = await Promise.all(leaves.map((leaf) => leaf.data()));
      }
      return norm(results);
    },
  };
}

const array =
  ({ numpy: np }) =>
  ({ data, shape }) =>
    np.array(data, { shape });

/** Mean softmax cross-entropy with integer labels. */
export function crossEntropyJaxJs({ nn }, logits, labels) {
  const [batch, classes] = logits.shape;
  return nn
    .logSoftmax(logits)
    .mul(nn.oneHot(labels, classes))
    .sum()
    .mul(-1 / batch);
}
