// One step of gradient descent for a network of the usual size, where matrix products decide. PyTorch's version is
// ../torch/mlp-step.py.

import { loadDeeptheory, training } from '../lib/deeptheory.mjs';
import { crossEntropyJaxJs, loadJaxJs, trainingJaxJs } from '../lib/jax-js.mjs';
import { crossEntropyTfjs, loadTfjs, tensor, trainingTfjs } from '../lib/tfjs.mjs';
import { classes, mlp, mlpJaxJs, mlpTfjs, parameters } from '../networks/mlp.mjs';

const rate = 0.1;
const batch = 128;

export default {
  title: '784-512-512-10 ReLU network, batch 128, softmax cross-entropy with integer labels, one SGD step',
  goals: { pytorch: 1.2, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1, 10, 50],
  compiledLoop: true,
  arrays: (make) => ({ ...parameters(make), x: make.normal([batch, 784]), y: make.integers([batch], classes) }),
  prepare: { deeptheory, 'jax-js': jaxJs, 'tfjs-wasm': tfjsWasm },
};

async function deeptheory({ x, y, ...initial }, { threads }) {
  const engine = await loadDeeptheory(threads);
  const network = mlp(engine);
  const loss = (params, x, y) => engine.nn.crossEntropy(network(params, x), y);
  return training(engine, engine.valueAndGrad(loss), initial, [x, y], rate);
}

async function jaxJs({ x, y, ...initial }, { threads }) {
  const jax = await loadJaxJs(threads);
  const network = mlpJaxJs(jax);
  const loss = (params, x, y) => crossEntropyJaxJs(jax, network(params, x), y);
  return trainingJaxJs(jax, jax.valueAndGrad(loss), initial, [x, y], rate);
}

async function tfjsWasm({ x, y, ...initial }) {
  const tf = await loadTfjs();
  const network = mlpTfjs(tf);
  const [inputs, labels] = [x, y].map(tensor(tf));
  const loss = (...params) => crossEntropyTfjs(tf, network(params, inputs), labels);
  return trainingTfjs(tf, loss, initial, rate);
}
