// A Hessian-vector product of the network of mlp-step.mjs. PyTorch's version is ../torch/hvp-mlp.py.

import { hvpOf, hvpOfJaxJs, splitDirection, withDirection } from '../lib/hvp.mjs';
import { crossEntropyTfjs, evaluationTfjs, loadTfjs, tensor } from '../lib/tfjs.mjs';
import { classes, mlp, mlpJaxJs, mlpTfjs, parameters } from '../networks/mlp.mjs';

const batch = 128;

export default {
  title: 'Hessian-vector product of the 784-512-512-10 network, batch 128, softmax cross-entropy',
  goals: { pytorch: 1.5, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1],
  arrays: (make) => ({
    ...withDirection(parameters(make), make),
    x: make.normal([batch, 784]),
    y: make.integers([batch], classes),
  }),
  prepare: { deeptheory: hvpOf(mlp), 'jax-js': hvpOfJaxJs(mlpJaxJs), 'tfjs-wasm': tfjsWasm },
};

async function tfjsWasm({ x, y, ...arrays }) {
  const tf = await loadTfjs();
  const network = mlpTfjs(tf);
  const [inputs, labels] = [x, y].map(tensor(tf));
  const [params, direction] = splitDirection(arrays).map((object) => Object.values(object).map(tensor(tf)));
  const gradients = tf.grads((...p) => crossEntropyTfjs(tf, network(p, inputs), labels));
  const slope = (...p) => tf.addN(gradients(p).map((g, i) => tf.sum(tf.mul(g, direction[i]))));
  return evaluationTfjs(tf, () => tf.grads(slope)(params));
}
