// One step of gradient descent for ResNet-18 (He et al. 2016) in the form for small images, a quarter of the usual
// width, with batch normalisation (Ioffe and Szegedy 2015) by the statistics of the batch. PyTorch's version is
// ../torch/resnet18-step.py.

import { loadDeeptheory, training } from '../lib/deeptheory.mjs';
import { crossEntropyJaxJs, loadJaxJs, trainingJaxJs } from '../lib/jax-js.mjs';
import { noConvolutionGradient } from '../lib/tfjs.mjs';

/** At 0.1 the first steps amplify the rounding of float32 to two per cent of the loss, and nobody could be compared. */
const rate = 0.02;
const batch = 64;
const classes = 10;
const width = 16;
const epsilon = 1e-5;

/** Output channels of a stage and the stride of its first block; two blocks a stage. */
const stages = [
  { channels: width, stride: 1 },
  { channels: 2 * width, stride: 2 },
  { channels: 4 * width, stride: 2 },
  { channels: 8 * width, stride: 2 },
];

export default {
  title: 'ResNet-18 of width 16 with batch normalisation, batch 64x3x32x32, softmax cross-entropy, one SGD step',
  goals: { pytorch: 1, 'jax-js': 4, 'tfjs-wasm': 4 },
  checkAfter: [1, 5],
  arrays: (make) => ({ ...parameters(make), x: make.normal([batch, 3, 32, 32]), y: make.integers([batch], classes) }),
  prepare: { deeptheory, 'jax-js': jaxJs },
  skipped: { 'tfjs-wasm': noConvolutionGradient },
};

/** Kernel, scale and shift of every layer in the order of the computation, then the dense layer. */
function parameters({ normal, ones, zeros }) {
  const arrays = [];
  const layer = (inputs, outputs, size) => {
    const kernel = normal([outputs, inputs, size, size], Math.sqrt(2 / (inputs * size * size)));
    arrays.push(kernel, ones([outputs]), zeros([outputs]));
  };
  layer(3, width, 3);
  let inputs = width;
  for (const { channels, stride } of stages) {
    for (const [from, step] of [
      [inputs, stride],
      [channels, 1],
    ]) {
      layer(from, channels, 3);
      layer(channels, channels, 3);
      if (step > 1) layer(from, channels, 1);
    }
    inputs = channels;
  }
  arrays.push(normal([inputs, classes], Math.sqrt(1 / inputs)), zeros([classes]));
  // Names in alphabetical order, the order of trees.
  return Object.fromEntries(arrays.map((array, i) => [`p${String(i).padStart(2, '0')}`, array]));
}

/**
 * The network from a layer `(x, stride, padding, kernel, scale, shift) => y`, ReLU, addition and
 * `head(x, w, b) => logits`.
 */
function resnet18({ layer, relu, add, head }, x, params) {
  const next = Object.values(params)[Symbol.iterator]();
  const take = () => next.next().value;
  const normalised = (x, stride, padding) => layer(x, stride, padding, take(), take(), take());
  let h = relu(normalised(x, 1, 1));
  for (const { stride: first } of stages) {
    for (const stride of [first, 1]) {
      const inner = normalised(relu(normalised(h, stride, 1)), 1, 1);
      h = relu(add(inner, stride > 1 ? normalised(h, stride, 0) : h));
    }
  }
  return head(h, take(), take());
}

async function deeptheory({ x, y, ...initial }, { threads }) {
  const engine = await loadDeeptheory(threads);
  const { numpy: np, nn } = engine;
  const perChannel = (v) => np.reshape(v, [-1, 1, 1]);
  const operations = {
    layer(x, stride, padding, kernel, scale, shift) {
      const z = np.conv(x, kernel, { stride, padding });
      const centred = np.subtract(z, np.mean(z, [0, 2, 3], true));
      const variance = np.mean(np.square(centred), [0, 2, 3]);
      const factor = np.divide(scale, np.sqrt(np.add(variance, epsilon)));
      return np.add(np.multiply(centred, perChannel(factor)), perChannel(shift));
    },
    relu: np.relu,
    add: np.add,
    head: (x, w, b) => np.add(np.matmul(np.mean(x, [2, 3]), w), b),
  };
  const loss = (params, x, y) => nn.crossEntropy(resnet18(operations, x, params), y);
  return training(engine, engine.valueAndGrad(loss), initial, [x, y], rate);
}

async function jaxJs({ x, y, ...initial }, { threads }) {
  const jax = await loadJaxJs(threads);
  const { numpy: np, nn, lax } = jax;
  const perChannel = (v) => v.reshape([-1, 1, 1]);
  const operations = {
    layer(x, stride, padding, kernel, scale, shift) {
      const pads = [
        [padding, padding],
        [padding, padding],
      ];
      const z = lax.conv(x.ref, kernel, [stride, stride], pads);
      const centred = z.ref.sub(np.mean(z, [0, 2, 3], { keepdims: true }));
      const variance = np.mean(np.square(centred.ref), [0, 2, 3]);
      const factor = scale.div(np.sqrt(variance.add(epsilon)));
      return centred.mul(perChannel(factor)).add(perChannel(shift));
    },
    relu: nn.relu,
    add: (a, b) => a.add(b),
    head: (x, w, b) => np.matmul(np.mean(x, [2, 3]), w).add(b),
  };
  const loss = (params, x, y) => crossEntropyJaxJs(jax, resnet18(operations, x, params), y);
  return trainingJaxJs(jax, jax.valueAndGrad(loss), initial, [x, y], rate);
}
