// One step of gradient descent through an LSTM (Hochreiter and Schmidhuber 1997) of 100 steps of time: a long chain of
// small operations. PyTorch's versions are in ../torch/lstm-step.py.

import { loadDeeptheory, training } from '../lib/deeptheory.mjs';
import { crossEntropyJaxJs, loadJaxJs, trainingJaxJs } from '../lib/jax-js.mjs';
import { crossEntropyTfjs, loadTfjs, tensor, trainingTfjs } from '../lib/tfjs.mjs';

const rate = 0.1;
const [time, batch, inputs, hidden, classes] = [100, 32, 16, 64, 10];

export default {
  title: `LSTM ${inputs}-${hidden} over ${time} steps of time, batch ${batch}, cross-entropy of the last state, one SGD step`,
  goals: { pytorch: 2, 'nn.LSTM': null, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1, 10],
  // Gates in PyTorch's order: input, forget, cell, output.
  arrays: ({ normal, zeros, integers }) => ({
    wInput: normal([inputs, 4 * hidden], 1 / Math.sqrt(hidden)),
    wHidden: normal([hidden, 4 * hidden], 1 / Math.sqrt(hidden)),
    bInput: zeros([4 * hidden]),
    bHidden: zeros([4 * hidden]),
    w: normal([hidden, classes], 1 / Math.sqrt(hidden)),
    b: zeros([classes]),
    x: normal([time, batch, inputs]),
    y: integers([batch], classes),
  }),
  prepare: { deeptheory, 'jax-js': jaxJs, 'tfjs-wasm': tfjsWasm },
};

async function deeptheory({ x, y, ...initial }, { threads }) {
  const engine = await loadDeeptheory(threads);
  const { numpy: np, nn, scan } = engine;
  const loss = ({ wInput, wHidden, bInput, bHidden, w, b }, x, y) => {
    const bias = np.add(bInput, bHidden);
    const cell = ([h, c], x) => {
      const gates = np.add(np.add(np.matmul(x, wInput), np.matmul(h, wHidden)), bias);
      const [i, f, g, o] = np.split(gates, 4, -1);
      const next = np.add(np.multiply(np.sigmoid(f), c), np.multiply(np.sigmoid(i), np.tanh(g)));
      return [[np.multiply(np.sigmoid(o), np.tanh(next)), next], null];
    };
    const start = np.zeros([batch, hidden]);
    const [[h]] = scan(cell, [start, start], x);
    return nn.crossEntropy(np.add(np.matmul(h, w), b), y);
  };
  return training(engine, engine.valueAndGrad(loss), initial, [x, y], rate);
}

async function jaxJs({ x, y, ...initial }, { threads }) {
  const jax = await loadJaxJs(threads);
  const { numpy: np, nn } = jax;
  const loss = ({ wInput, wHidden, bInput, bHidden, w, b }, x, y) => {
    const bias = bInput.add(bHidden);
    let [h, c] = [np.zeros([batch, hidden]), np.zeros([batch, hidden])];
    for (let t = 0; t < time; t++) {
      const gates = np.matmul(x.ref.slice(t), wInput.ref).add(np.matmul(h, wHidden.ref)).add(bias.ref);
      const [i, f, g, o] = np.split(gates, 4, -1);
      c = nn
        .sigmoid(f)
        .mul(c)
        .add(nn.sigmoid(i).mul(np.tanh(g)));
      h = nn.sigmoid(o).mul(np.tanh(c.ref));
    }
    for (const rest of [c, x, wInput, wHidden, bias]) rest.dispose();
    return crossEntropyJaxJs(jax, np.matmul(h, w).add(b), y);
  };
  return trainingJaxJs(jax, jax.valueAndGrad(loss), initial, [x, y], rate);
}

async function tfjsWasm({ x, y, ...initial }) {
  const tf = await loadTfjs();
  const [sequence, labels] = [x, y].map(tensor(tf));
  const inputsInTime = tf.unstack(sequence);
  const loss = (wInput, wHidden, bInput, bHidden, w, b) => {
    const bias = tf.add(bInput, bHidden);
    let [h, c] = [tf.zeros([batch, hidden]), tf.zeros([batch, hidden])];
    for (const x of inputsInTime) {
      const gates = tf.add(tf.add(tf.matMul(x, wInput), tf.matMul(h, wHidden)), bias);
      const [i, f, g, o] = tf.split(gates, 4, -1);
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    }
    return crossEntropyTfjs(tf, tf.add(tf.matMul(h, w), b), labels);
  };
  return trainingTfjs(tf, loss, initial, rate);
}
