// One step of gradient descent for a network of the usual size, where matrix products decide. PyTorch's version is
// ../torch/mlp-step.py.

import { loadJaxJs } from '../lib/jax-js.mjs';
import { loadTfjs } from '../lib/tfjs.mjs';
import { trainingLoop } from '../lib/training.mjs';

const rate = 0.1;
const batch = 128;
const classes = 10;

export default {
  title: '784-512-512-10 ReLU network, batch 128, softmax cross-entropy with integer labels, one SGD step',
  goals: { pytorch: 1.2, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1, 10, 50],
  arrays: ({ normal, zeros, integers }) => ({
    w1: normal([784, 512], Math.sqrt(2 / 784)),
    b1: zeros([512]),
    w2: normal([512, 512], Math.sqrt(2 / 512)),
    b2: zeros([512]),
    w3: normal([512, classes], Math.sqrt(1 / 512)),
    b3: zeros([classes]),
    x: normal([batch, 784]),
    y: integers([batch], classes),
  }),
  prepare: { deeptheory, 'jax-js': jaxJs, 'tfjs-wasm': tfjsWasm },
};

async function deeptheory({ x, y, ...initial }, { threads }) {
  const engine = await import('../../dist/index.js');
  const { numpy: np, nn, treeMap, valueAndGrad } = engine;
  engine.configure({ threads });
  const array = ({ data, shape }) => np.array(data, { shape });
  const [inputs, labels] = [x, y].map(array);

  const dense = (x, w, b) => np.add(np.matmul(x, w), b);
  const loss = ({ w1, b1, w2, b2, w3, b3 }, x, y) => {
    const hidden = np.relu(dense(np.relu(dense(x, w1, b1)), w2, b2));
    return nn.crossEntropy(dense(hidden, w3, b3), y);
  };
  const step = (params, x, y) => {
    const [value, gradient] = valueAndGrad(loss)(params, x, y);
    return [treeMap((p, g) => np.subtract(p, np.multiply(g, rate)), params, gradient), value];
  };
  return trainingLoop(engine, step, () => mapValues(initial, array), [inputs, labels]);
}

async function jaxJs({ x, y, ...initial }, { threads }) {
  const { numpy: np, nn, valueAndGrad, jit, tree } = await loadJaxJs(threads);
  const array = ({ data, shape }) => np.array(data, { shape });
  const [inputs, labels] = [x, y].map(array);

  const dense = (x, w, b) => np.matmul(x, w).add(b);
  const loss = ({ w1, b1, w2, b2, w3, b3 }, x, y) => {
    const hidden = nn.relu(dense(nn.relu(dense(x, w1, b1)), w2, b2));
    const logProbabilities = nn.logSoftmax(dense(hidden, w3, b3));
    return logProbabilities
      .mul(nn.oneHot(y, classes))
      .sum()
      .mul(-1 / batch);
  };
  const step = jit((params, x, y) => {
    const [value, gradient] = valueAndGrad(loss)(tree.ref(params), x, y);
    return [tree.map((p, g) => p.sub(g.mul(rate)), params, gradient), value];
  });

  let params;
  return {
    restart() {
      if (params) tree.dispose(params);
      params = mapValues(initial, array);
    },
    async run(steps) {
      let value;
      for (let i = 0; i < steps; i++) {
        let loss;
        [params, loss] = step(params, inputs.ref, labels.ref);
        [value] = await loss.data(); // jax-js slows down when its queue is not emptied at every step
      }
      return value;
    },
  };
}

async function tfjsWasm({ x, y, ...initial }) {
  const tf = await loadTfjs();
  const array = ({ data, shape }) => tf.tensor(data, shape);
  const inputs = array(x);
  const labels = tf.tensor(y.data, y.shape, 'int32');

  const dense = (a, b, bias, activation) => tf.fused.matMul({ a, b, bias, activation });
  const loss = (w1, b1, w2, b2, w3, b3) => {
    const hidden = dense(dense(inputs, w1, b1, 'relu'), w2, b2, 'relu');
    const logProbabilities = tf.logSoftmax(dense(hidden, w3, b3, 'linear'));
    const chosen = tf.mul(logProbabilities, tf.cast(tf.oneHot(labels, classes), 'float32'));
    return tf.mul(tf.sum(chosen), -1 / batch);
  };
  const valueAndGrads = tf.valueAndGrads(loss);
  const scalarRate = tf.scalar(rate);
  const step = (params) => {
    const { value, grads } = valueAndGrads(params);
    return [params.map((p, i) => tf.sub(p, tf.mul(grads[i], scalarRate))), value];
  };

  let params;
  return {
    restart() {
      tf.dispose(params);
      params = Object.values(initial).map(array);
    },
    run(steps) {
      let value;
      for (let i = 0; i < steps; i++) {
        const before = [params, value];
        [params, value] = tf.tidy(() => step(params));
        tf.dispose(before);
      }
      const [result] = value.dataSync();
      tf.dispose(value);
      return result;
    },
  };
}

const mapValues = (object, f) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, f(value)]));
