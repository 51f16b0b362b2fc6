// The norm of the gradient of every example's own loss, for the network and the batch of mlp-step.mjs. functorch's
// version is ../torch/per-example-gradient-norms.py.

import { evaluation, loadDeeptheory } from '../lib/deeptheory.mjs';
import { crossEntropyJaxJs, evaluationJaxJs, loadJaxJs } from '../lib/jax-js.mjs';
import { crossEntropyTfjs, evaluationTfjs, loadTfjs, tensor } from '../lib/tfjs.mjs';
import { classes, mlp, mlpJaxJs, mlpTfjs, parameters } from '../networks/mlp.mjs';

const batch = 128;

export default {
  title: 'gradient norms of each of 128 examples, 784-512-512-10 network, softmax cross-entropy',
  goals: { functorch: 20, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1],
  arrays: (make) => ({ ...parameters(make), x: make.normal([batch, 784]), y: make.integers([batch], classes) }),
  prepare: { deeptheory, 'jax-js': jaxJs, 'tfjs-wasm': tfjsWasm },
};

async function deeptheory({ x, y, ...params }, { threads }) {
  const engine = await loadDeeptheory(threads);
  const { nn, perExampleGradientNorms } = engine;
  const network = mlp(engine);
  const loss = (params, x, y) => nn.crossEntropy(network(params, x), y);
  return evaluation(engine, (params, x, y) => perExampleGradientNorms(loss)(params, x, y), [params, x, y]);
}

async function jaxJs({ x, y, ...params }, { threads }) {
  const jax = await loadJaxJs(threads);
  const { numpy: np, grad, tree, vmap } = jax;
  const network = mlpJaxJs(jax);
  const loss = (params, x, y) => crossEntropyJaxJs(jax, network(params, x.reshape([1, -1])), y.reshape([1]));
  const norms = (params, x, y) => {
    const layers = tree.leaves(vmap(grad(loss), [null, 0, 0])(params, x, y));
    const squares = layers.map((layer) => np.sum(np.square(layer.reshape([batch, -1])), 1));
    return np.sqrt(squares.reduce((a, b) => a.add(b)));
  };
  return evaluationJaxJs(jax, norms, [params, x, y]);
}

// TensorFlow.js has no vmap: the gradient of each example for itself.
async function tfjsWasm({ x, y, ...arrays }) {
  const tf = await loadTfjs();
  const network = mlpTfjs(tf);
  const params = Object.values(arrays).map(tensor(tf));
  const [inputs, labels] = [x, y].map((array) => tf.split(tensor(tf)(array), batch));
  const gradients = inputs.map((x, i) => tf.grads((...p) => crossEntropyTfjs(tf, network(p, x), labels[i])));
  const norm = (gradient) => tf.sqrt(tf.addN(gradient(params).map((layer) => tf.sum(tf.square(layer)))));
  return evaluationTfjs(tf, () => [tf.stack(gradients.map((gradient) => tf.tidy(() => norm(gradient))))]);
}
