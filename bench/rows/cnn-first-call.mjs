// The first step of gradient descent for the network of cnn-step.mjs in a fresh process: what a user waits for between
// writing a network and seeing it learn. Tracing, differentiation, compilation and the step itself count, not the
// start of the process and the loading of the libraries.

import row from './cnn-step.mjs';

export default {
  ...row,
  title: 'first call of the CNN step in a fresh process: tracing, compilation and the step itself',
  firstCall: true,
  limit: 500,
  goals: { pytorch: null, 'jax-js': null, 'tfjs-wasm': null },
  checkAfter: [1],
};
