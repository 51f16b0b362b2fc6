/** @file jax-js, an independent implementation of the same array language, made ready for tests (Wasm device, float32). */
import * as jax from '@jax-js/jax';

/** What jax-js takes from browsers and newer versions of Node: `navigator`, and methods of arrays on iterators. */
function completeNode20(): void {
  if (!('navigator' in globalThis)) {
    const navigator = { userAgent: 'Node.js', hardwareConcurrency: 1 };
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  }
  const iterators = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  for (const method of ['map', 'filter'] as const) {
    iterators[method] ??= function apply(this: Iterable<unknown>, f: (x: unknown) => unknown) {
      const list = [...this];
      return (method === 'map' ? list.map(f) : list.filter(f))[Symbol.iterator]();
    };
  }
}

/** For `beforeAll`. */
export async function startJax(): Promise<void> {
  completeNode20();
  await jax.init('wasm');
  jax.defaultDevice('wasm');
}
