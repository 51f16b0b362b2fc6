// One step of gradient descent for 256 small networks at once, as an ensemble of seeds is trained. PyTorch's versions
// are in ../torch/vmap-ensemble.py.

import { loadDeeptheory, training } from '../lib/deeptheory.mjs';
import { loadJaxJs, trainingJaxJs } from '../lib/jax-js.mjs';
import { loadTfjs, tensor, trainingTfjs } from '../lib/tfjs.mjs';

const rate = 0.05;
const networks = 256;

export default {
  title: `${networks} networks 10-32-1 with ReLU trained at once, batch 100, mean squared error, one SGD step of all`,
  goals: { pytorch: 10, functorch: 2, baddbmm: null, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1, 10, 50],
  compiledLoop: true,
  arrays: ({ normal, zeros }) => ({
    w1: normal([networks, 10, 32], Math.sqrt(2 / 10)),
    b1: zeros([networks, 32]),
    w2: normal([networks, 32, 1], Math.sqrt(1 / 32)),
    b2: zeros([networks, 1]),
    x: normal([100, 10]),
    y: normal([100, 1]),
  }),
  prepare: { deeptheory, 'jax-js': jaxJs, 'tfjs-wasm': tfjsWasm },
};

async function deeptheory({ x, y, ...initial }, { threads }) {
  const engine = await loadDeeptheory(threads);
  const { numpy: np, nn, valueAndGrad, vmap } = engine;
  const loss = ({ w1, b1, w2, b2 }, x, y) => {
    const hidden = np.relu(np.add(np.matmul(x, w1), b1));
    return nn.meanSquaredError(np.add(np.matmul(hidden, w2), b2), y);
  };
  const each = vmap(valueAndGrad(loss), [0, null, null]);
  const all = (params, x, y) => {
    const [losses, gradients] = each(params, x, y);
    return [np.mean(losses), gradients];
  };
  return training(engine, all, initial, [x, y], rate);
}

async function jaxJs({ x, y, ...initial }, { threads }) {
  const jax = await loadJaxJs(threads);
  const { numpy: np, nn, valueAndGrad, vmap } = jax;
  const loss = ({ w1, b1, w2, b2 }, x, y) => {
    const hidden = nn.relu(np.matmul(x, w1).add(b1));
    return np.mean(np.square(np.matmul(hidden, w2).add(b2).sub(y)));
  };
  const each = vmap(valueAndGrad(loss), [0, null, null]);
  const all = (params, x, y) => {
    const [losses, gradients] = each(params, x, y);
    return [np.mean(losses), gradients];
  };
  return trainingJaxJs(jax, all, initial, [x, y], rate);
}

// TensorFlow.js has no vmap: products of stacks of matrices by hand.
async function tfjsWasm({ x, y, ...initial }) {
  const tf = await loadTfjs();
  const [inputs, targets] = [x, y].map((array) => tf.tile(tf.expandDims(tensor(tf)(array)), [networks, 1, 1]));
  const loss = (w1, b1, w2, b2) => {
    const hidden = tf.relu(tf.add(tf.matMul(inputs, w1), tf.expandDims(b1, 1)));
    return tf.mean(tf.square(tf.sub(tf.add(tf.matMul(hidden, w2), tf.expandDims(b2, 1)), targets)));
  };
  // The gradient of the mean over networks is each network's own divided by their number.
  return trainingTfjs(tf, loss, initial, rate * networks);
}
