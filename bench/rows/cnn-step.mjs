// One step of gradient descent for a convolutional network. PyTorch's version is ../torch/cnn-step.py.

import { loadDeeptheory, training } from '../lib/deeptheory.mjs';
import { crossEntropyJaxJs, loadJaxJs, trainingJaxJs } from '../lib/jax-js.mjs';
import { noConvolutionGradient } from '../lib/tfjs.mjs';
import { classes, cnn, cnnJaxJs, parameters } from '../networks/cnn.mjs';

const rate = 0.05;
const batch = 64;

export default {
  title: '4-layer CNN 3-32-32-64-64 (3x3, ReLU, max-pool), batch 64x3x32x32, softmax cross-entropy, one SGD step',
  goals: { pytorch: 1, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1, 10],
  arrays: (make) => ({ ...parameters(make), x: make.normal([batch, 3, 32, 32]), y: make.integers([batch], classes) }),
  prepare: { deeptheory, 'jax-js': jaxJs },
  skipped: { 'tfjs-wasm': noConvolutionGradient },
};

async function deeptheory({ x, y, ...initial }, { threads }) {
  const engine = await loadDeeptheory(threads);
  const network = cnn(engine);
  const loss = (params, x, y) => engine.nn.crossEntropy(network(params, x), y);
  return training(engine, engine.valueAndGrad(loss), initial, [x, y], rate);
}

async function jaxJs({ x, y, ...initial }, { threads }) {
  const jax = await loadJaxJs(threads);
  const network = cnnJaxJs(jax);
  const loss = (params, x, y) => crossEntropyJaxJs(jax, network(params, x), y);
  return trainingJaxJs(jax, jax.valueAndGrad(loss), initial, [x, y], rate);
}
