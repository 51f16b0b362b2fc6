// Loads TensorFlow.js on its Wasm backend: with SIMD, and with one thread, which is all that it offers in Node.

import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { norm } from './numbers.mjs';

const require = createRequire(import.meta.url);

export async function loadTfjs() {
  const tf = require('@tensorflow/tfjs');
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  if (!(await tf.setBackend('wasm'))) throw new Error('the Wasm backend of TensorFlow.js does not start');
  return tf;
}

/** Gradient descent on `loss(...params)`, tensors in the order of `initial`. */
export function trainingTfjs(tf, loss, initial, rate) {
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
      params = Object.values(initial).map(tensor(tf));
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

/** Calls `compute()` again and again; the value is the norm of the tensors that it returns. */
export function evaluationTfjs(tf, compute) {
  return {
    restart() {},
    run(steps) {
      let results;
      for (let i = 0; i < steps; i++) {
        tf.dispose(results);
        results = tf.tidy(compute);
      }
      const value = norm(results.map((result) => result.dataSync()));
      tf.dispose(results);
      return value;
    },
  };
}

/** Integers become int32. */
export const tensor =
  (tf) =>
  ({ data, shape }) =>
    tf.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32');

/** Mean softmax cross-entropy with integer labels. */
export function crossEntropyTfjs(tf, logits, labels) {
  const [batch, classes] = logits.shape;
  const chosen = tf.mul(tf.logSoftmax(logits), tf.cast(tf.oneHot(labels, classes), 'float32'));
  return tf.mul(tf.sum(chosen), -1 / batch);
}

/** Why it takes no part where convolutions are differentiated. */
export const noConvolutionGradient = 'its Wasm backend has no kernel for the gradient of a convolution by its kernel';
