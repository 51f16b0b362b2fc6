// The largest eigenvalues and the spectral density of the Hessian of the network of cnn-step.mjs, from one Lanczos
// process with full reorthogonalization: the largest Ritz values, and the density by stochastic Lanczos quadrature (Ubaru
// et al. 2017) with one probe, as PyHessian estimates it by default. PyTorch's versions are in
// ../torch/cnn-hessian-spectrum.py.

import { array, loadDeeptheory } from '../lib/deeptheory.mjs';
import { mapValues } from '../lib/numbers.mjs';
import { noConvolutionGradient } from '../lib/tfjs.mjs';
import { classes, cnn, parameters } from '../networks/cnn.mjs';

const images = 2000;
const lanczosSteps = 100;
const batch = 50;
const [wanted, points] = [20, 256];

const signs = ({ shape, data }) => ({ shape, data: Float32Array.from(data, (bit) => 2 * bit - 1) });

export default {
  title: `Hessian of the 4-layer CNN on ${images} images: ${wanted} largest eigenvalues and density, ${lanczosSteps} Lanczos steps`,
  goals: { pytorch: 2, 'pytorch, kept graphs': null, 'jax-js': null, 'tfjs-wasm': null },
  checkAfter: [1],
  threads: [2],
  patience: 3600,
  arrays: (make) => {
    const weights = parameters(make);
    const count = Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
    return {
      ...weights,
      x: make.normal([images, 3, 32, 32]),
      y: make.integers([images], classes),
      start: signs(make.integers([count], 2)),
      settings: { shape: [3], data: Int32Array.of(lanczosSteps, wanted, points) },
    };
  },
  prepare: { deeptheory },
  skipped: { 'jax-js': 'a Hessian-vector product takes it far longer than us', 'tfjs-wasm': noConvolutionGradient },
};

async function deeptheory({ x, y, start, settings, ...weights }, { threads }) {
  const engine = await loadDeeptheory(threads);
  const { nn, numpy: np } = engine;
  const { hessianOperator, lanczos, ritzPairs, spectralDensity } = await import('../../dist/linalg/index.js');
  const [steps, wanted, points] = settings.data;
  const network = cnn(engine);
  const part = ({ data, shape: [count, ...rest] }, i, size = data.length / count) =>
    np.array(data.slice(i * size, Math.min(i + batch, count) * size), { shape: [Math.min(batch, count - i), ...rest] });
  const count = x.shape[0];
  const batches = [];
  for (let i = 0; i < count; i += batch) batches.push({ x: part(x, i), y: part(y, i) });
  const loss = (p, { x, y }) => np.multiply(nn.crossEntropy(network(p, x), y), y.size / count);
  const params = mapValues(weights, array(engine));
  return {
    restart() {},
    async run(times) {
      let results;
      for (let i = 0; i < times; i++) {
        const { alpha, beta, residual } = await lanczos(
          hessianOperator(loss, params, batches),
          array(engine)(start),
          steps,
        );
        const { values, weights, bounds } = ritzPairs({ alpha, beta, residual });
        const range = [values[0] - bounds[0], values.at(-1) + bounds.at(-1)];
        const quadrature = { size: start.data.length, steps, rules: [{ nodes: values, weights }], range };
        results = [...values.slice(-wanted), [...spectralDensity(quadrature, { points }).density]];
      }
      return results;
    },
  };
}
