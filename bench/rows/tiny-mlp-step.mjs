// One step of gradient descent for a network so small that the overhead of a call decides. PyTorch's version is
// ../torch/tiny-mlp-step.py.

import { loadJaxJs } from '../lib/jax-js.mjs';
import { loadTfjs } from '../lib/tfjs.mjs';
import { trainingLoop } from '../lib/training.mjs';

const rate = 0.05;

export default {
  title: '10-32-1 ReLU network, batch 100, mean squared error, one SGD step',
  goals: { pytorch: 1.5, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1, 10, 50],
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
  const engine = await import('../../dist/index.js');
  const { numpy: np, treeMap, valueAndGrad } = engine;
  engine.configure({ threads });
  const array = ({ data, shape }) => np.array(data, { shape });
  const [inputs, targets] = [x, y].map(array);

  const loss = ({ w1, b1, w2, b2 }, x, y) => {
    const hidden = np.relu(np.add(np.matmul(x, w1), b1));
    const output = np.add(np.matmul(hidden, w2), b2);
    return np.mean(np.square(np.subtract(output, y)));
  };
  const step = (params, x, y) => {
    const [value, gradient] = valueAndGrad(loss)(params, x, y);
    return [treeMap((p, g) => np.subtract(p, np.multiply(g, rate)), params, gradient), value];
  };
  return trainingLoop(engine, step, () => mapValues(initial, array), [inputs, targets]);
}

async function jaxJs({ x, y, ...initial }, { threads }) {
  const { numpy: np, nn, valueAndGrad, jit, tree } = await loadJaxJs(threads);
  const array = ({ data, shape }) => np.array(data, { shape });
  const [inputs, targets] = [x, y].map(array);

  const loss = ({ w1, b1, w2, b2 }, x, y) => {
    const hidden = nn.relu(np.matmul(x, w1).add(b1));
    const output = np.matmul(hidden, w2).add(b2);
    return np.mean(np.square(output.sub(y)));
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
        [params, loss] = step(params, inputs.ref, targets.ref);
        [value] = await loss.data(); // jax-js slows down tenfold when its queue is not emptied at every step
      }
      return value;
    },
  };
}

async function tfjsWasm({ x, y, ...initial }) {
  const tf = await loadTfjs();
  const array = ({ data, shape }) => tf.tensor(data, shape);
  const [inputs, targets] = [x, y].map(array);

  const loss = (w1, b1, w2, b2) => {
    const hidden = tf.relu(tf.add(tf.matMul(inputs, w1), b1));
    const output = tf.add(tf.matMul(hidden, w2), b2);
    return tf.mean(tf.square(tf.sub(output, targets)));
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
