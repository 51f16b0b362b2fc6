// A Hessian-vector product of the network of mlp-step.mjs. PyTorch's version is ../torch/hvp-mlp.py.

import { hvpOf, hvpOfJaxJs, withDirection } from '../lib/hvp.mjs';
import { classes, mlp, mlpJaxJs, parameters } from '../networks/mlp.mjs';

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
  prepare: { deeptheory: hvpOf(mlp), 'jax-js': hvpOfJaxJs(mlpJaxJs) },
  skipped: {
    'tfjs-wasm': 'its second derivatives of this loss are wrong: finite differences of its gradient disagree',
  },
};
