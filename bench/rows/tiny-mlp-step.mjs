// One step of gradient descent for a network so small that the overhead of a call decides. PyTorch's version is
// ../torch/tiny-mlp-step.py.

import { loadDeeptheory, training } from '../lib/deeptheory.mjs';
import { loadJaxJs, trainingJaxJs } from '../lib/jax-js.mjs';
import { loadTfjs, tensor, trainingTfjs } from '../lib/tfjs.mjs';

const rate = 0.05;

export default {
  title: '10-32-1 ReLU network, batch 100, mean squared error, one SGD step',
  goals: { pytorch: 1.5, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1, 10, 50],
  compiledLoop: true,
  arrays: ({ normal, zeros }) => ({
    w1: normal([10, 32], Math.sqrt(2 / 10)),
    b1: zeros([32]),
    w2: normal([32, 1], Math.sqrt(1 / 32)),
    b2: zeros([1]),
    x: normal([100, 10]),
    y: normal([100, 1]),
  }),
  prepare: { deeptheory, 'jax-js': jaxJs, 'tfjs-wasm': tfjsWasm },
};

async function deeptheory({ x, y, ...initial }, { threads }) {
  const engine = await loadDeeptheory(threads);
  const { numpy: np, nn } = engine;
  const loss = ({ w1, b1, w2, b2 }, x, y) => {
    const hidden = np.relu(np.add(np.matmul(x, w1), b1));
    return nn.meanSquaredError(np.add(np.matmul(hidden, w2), b2), y);
  };
  return training(engine, engine.valueAndGrad(loss), initial, [x, y], rate);
}

async function jaxJs({ x, y, ...initial }, { threads }) {
  const jax = await loadJaxJs(threads);
  const { numpy: np, nn } = jax;
  const loss = ({ w1, b1, w2, b2 }, x, y) => {
    const hidden = nn.relu(np.matmul(x, w1).add(b1));
    return np.mean(np.square(np.matmul(hidden, w2).add(b2).sub(y)));
  };
  return trainingJaxJs(jax, jax.valueAndGrad(loss), initial, [x, y], rate);
}

async function tfjsWasm({ x, y, ...initial }) {
  const tf = await loadTfjs();
  const [inputs, targets] = [x, y].map(tensor(tf));
  const loss = (w1, b1, w2, b2) => {
    const hidden = tf.relu(tf.add(tf.matMul(inputs, w1), b1));
    return tf.mean(tf.square(tf.sub(tf.add(tf.matMul(hidden, w2), b2), targets)));
  };
  return trainingTfjs(tf, loss, initial, rate);
}
