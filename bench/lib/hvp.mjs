// Hessian-vector products of a network's cross-entropy at its parameters. PyTorch's version is ../torch/hvp.py.

import { evaluation, loadDeeptheory } from './deeptheory.mjs';
import { crossEntropyJaxJs, evaluationJaxJs, loadJaxJs } from './jax-js.mjs';

/** Random arrays of the parameters' shapes beside them, named v_..., and nothing else changed. */
export function withDirection(parameters, { normal }) {
  const directions = Object.entries(parameters).map(([name, { shape }]) => [`v_${name}`, normal(shape)]);
  return { ...parameters, ...Object.fromEntries(directions) };
}

/** The parameters and the direction, two objects with the same names. */
export function splitDirection(arrays) {
  const names = Object.keys(arrays).filter((name) => !name.startsWith('v_'));
  const pick = (prefix) => Object.fromEntries(names.map((name) => [name, arrays[prefix + name]]));
  return [pick(''), pick('v_')];
}

export const hvpOf =
  (makeNetwork) =>
  async ({ x, y, ...arrays }, { threads }) => {
    const engine = await loadDeeptheory(threads);
    const network = makeNetwork(engine);
    const product = (params, direction, x, y) =>
      engine.hvp((p) => engine.nn.crossEntropy(network(p, x), y), params, direction);
    return evaluation(engine, product, [...splitDirection(arrays), x, y]);
  };

export const hvpOfJaxJs =
  (makeNetwork) =>
  async ({ x, y, ...arrays }, { threads }) => {
    const jax = await loadJaxJs(threads);
    const network = makeNetwork(jax);
    const product = (params, direction, x, y) => {
      const gradient = jax.grad((p) => crossEntropyJaxJs(jax, network(p, x.ref), y.ref));
      return jax.jvp(gradient, [params], [direction])[1];
    };
    return evaluationJaxJs(jax, product, [...splitDirection(arrays), x, y]);
  };
