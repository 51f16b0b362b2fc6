// The empirical neural tangent kernel (Jacot et al. 2018) of one output of the network of mlp-step.mjs at 512 inputs.
// functorch's version is ../torch/ntk-mlp.py.

import { evaluation, loadDeeptheory } from '../lib/deeptheory.mjs';
import { evaluationJaxJs, loadJaxJs } from '../lib/jax-js.mjs';
import { evaluationTfjs, loadTfjs, tensor } from '../lib/tfjs.mjs';
import { mlp, mlpJaxJs, mlpTfjs, parameters } from '../networks/mlp.mjs';

const points = 512;

export default {
  title: 'empirical neural tangent kernel 512x512 of one output of the 784-512-512-10 network',
  goals: { functorch: 20, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1],
  arrays: (make) => ({ ...parameters(make), x: make.normal([points, 784]) }),
  prepare: { deeptheory, 'jax-js': jaxJs, 'tfjs-wasm': tfjsWasm },
};

async function deeptheory({ x, ...params }, { threads }) {
  const engine = await loadDeeptheory(threads);
  const { numpy: np, empiricalNtk } = engine;
  const network = mlp(engine);
  const output = (params, x) => np.slice(network(params, x), 0);
  return evaluation(engine, (params, x) => empiricalNtk(output)(params, x), [params, x]);
}

async function jaxJs({ x, ...params }, { threads }) {
  const jax = await loadJaxJs(threads);
  const { numpy: np, grad, tree, vmap } = jax;
  const network = mlpJaxJs(jax);
  const output = (params, x) => network(params, x.reshape([1, -1])).slice(0, 0);
  const kernel = (params, x) => {
    const layers = tree.leaves(vmap(grad(output), [null, 0])(params, x));
    const rows = layers.map((layer) => layer.reshape([points, -1]));
    return rows.map((row) => np.matmul(row.ref, np.transpose(row))).reduce((a, b) => a.add(b));
  };
  return evaluationJaxJs(jax, kernel, [params, x]);
}

// TensorFlow.js has no vmap: the gradient at each input for itself.
async function tfjsWasm({ x, ...arrays }) {
  const tf = await loadTfjs();
  const network = mlpTfjs(tf);
  const params = Object.values(arrays).map(tensor(tf));
  const inputs = tf.split(tensor(tf)(x), points);
  const gradients = inputs.map((input) => tf.grads((...p) => tf.sum(tf.slice(network(p, input), [0, 0], [1, 1]))));
  const kernel = () => {
    const jacobian = gradients.map((gradient) =>
      tf.tidy(() => gradient(params).map((layer) => tf.reshape(layer, [-1]))),
    );
    const layers = params.map((_, i) => {
      const rows = tf.stack(jacobian.map((row) => row[i]));
      return tf.matMul(rows, rows, false, true);
    });
    return [tf.addN(layers)];
  };
  return evaluationTfjs(tf, kernel);
}
