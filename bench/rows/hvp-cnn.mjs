// A Hessian-vector product of the network of cnn-step.mjs. PyTorch's version is ../torch/hvp-cnn.py.

import { hvpOf, hvpOfJaxJs, withDirection } from '../lib/hvp.mjs';
import { noConvolutionGradient } from '../lib/tfjs.mjs';
import { classes, cnn, cnnJaxJs, parameters } from '../networks/cnn.mjs';

const batch = 64;

export default {
  title: 'Hessian-vector product of the 4-layer CNN, batch 64x3x32x32, softmax cross-entropy',
  goals: { pytorch: 2, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1],
  arrays: (make) => ({
    ...withDirection(parameters(make), make),
    x: make.normal([batch, 3, 32, 32]),
    y: make.integers([batch], classes),
  }),
  prepare: { deeptheory: hvpOf(cnn), 'jax-js': hvpOfJaxJs(cnnJaxJs) },
  skipped: { 'tfjs-wasm': noConvolutionGradient },
};
