/** @file The constant rho of the upper bound (equations 13 to 20), for networks of dense layers. */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import { eigh } from '../../../linalg/index.ts';
import { type Activation, type Dense, dense, relu } from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';
import { jvp } from '../../../transforms/index.ts';
import { type Examples, lossesAndCotangents, normPerExample, type PerExampleLoss } from './example-loss.ts';

export interface BoundConstant {
  /** The largest value of all layers and examples. */
  readonly rho: number;
  /** [layer][example], first layer first. */
  readonly perLayer: readonly Float64Array[];
}

/** Layer inputs with a 1 for the bias, sqrt(|x|^2 + 1) [L][n], and the Jacobians of z^(L) with respect to z^(l) [L][n, C, d_l]. */
function layerFactors(params: readonly Dense[], x: NDArray, activation: Activation) {
  const inputs = [x];
  const slopes: NDArray[] = [];
  params.slice(0, -1).forEach((layer, l) => {
    const z = dense(layer, inputs[l]);
    const [h, slope] = jvp(activation, [z], [np.onesLike(z)]);
    inputs.push(h);
    slopes.push(slope);
  });
  const { weight } = params[params.length - 1];
  const [n, outputs] = [x.shape[0], weight.shape[1]];
  const jacobians = [np.broadcastTo(np.eye(outputs), [n, outputs, outputs])];
  for (let l = params.length - 1; l > 0; l--) {
    // z^(l+1) = phi(z^(l)) W: Delta^(l) = Delta^(l+1) W^T diag(phi'(z^(l))).
    const back = np.matmul(jacobians[0], np.transpose(params[l].weight));
    jacobians.unshift(np.multiply(back, np.expandDims(slopes[l - 1], 1)));
  }
  const norms = inputs.map((h) => np.sqrt(np.add(np.sum(np.square(h), 1), 1)));
  return { norms, jacobians };
}

/**
 * rho = max over layers and examples of |x^(l-1)| |Delta^(l)|, where x^(l-1) is a layer's input (with a 1 for its bias) and
 * Delta^(l) the Jacobian from its pre-activations to those of the last layer. Then |G_i| <= sqrt(L) rho Ghat_i for every
 * example (the paper has L; the Frobenius norm gives its root).
 *
 * `empirical` is max |grad_(theta^(l)) l_i| / Ghat_i: smaller, but it makes the inequality nearly a tautology; to look at
 * only.
 *
 * @param params a network of dense layers, e.g. of `nn.mlp`
 * @param activation between the layers, elementwise; default relu
 */
export async function gradientBoundConstant(
  given: {
    readonly params: readonly Dense[];
    readonly x: NDArray;
    readonly activation?: Activation;
  } & (
    | { readonly kind: 'spectral' }
    | { readonly kind: 'empirical'; readonly y: NDArray; readonly loss: PerExampleLoss }
  ),
): Promise<BoundConstant> {
  const { params, x, activation = relu } = given;
  if (params.length === 0 || x.ndim !== 2) {
    throw new UserError(
      `gradientBoundConstant: expected dense layers and x [n, inputs], found ${params.length} layers and ${x}`,
    );
  }
  if (given.kind === 'empirical') {
    const { loss, y } = given;
    const ratios = jit((layers: readonly Dense[], data: Examples) => {
      const { norms, jacobians } = layerFactors(layers, data.x, activation);
      const last = layers[layers.length - 1];
      const hidden = layers.slice(0, -1).reduce((h, layer) => activation(dense(layer, h)), data.x);
      const { cotangents } = lossesAndCotangents(loss, dense(last, hidden), data.y);
      const scores = normPerExample(cotangents);
      return norms.map((norm, l) => {
        const delta = np.squeeze(np.matmul(np.expandDims(cotangents, 1), jacobians[l]), 1);
        return np.divide(np.multiply(norm, normPerExample(delta)), scores);
      });
    })(params, { x, y });
    return largest(await Promise.all(ratios.map(async (r) => Float64Array.from(await r.data()))));
  }
  const factors = jit((layers: readonly Dense[], inputs: NDArray) => {
    const { norms, jacobians } = layerFactors(layers, inputs, activation);
    // The smaller of the two Gram matrices has the same largest eigenvalue.
    const grams = jacobians.map((j) => {
      const other = np.swapaxes(j, 1, 2);
      return j.shape[1] <= j.shape[2] ? np.matmul(j, other) : np.matmul(other, j);
    });
    return { norms, grams };
  })(params, x);
  const perLayer = await Promise.all(
    factors.grams.map(async (gram, l) => {
      const [n, side] = gram.shape;
      const values = Float64Array.from(await gram.data());
      const norms = await factors.norms[l].data();
      return Float64Array.from({ length: n }, (_, i) => {
        const spectrum = eigh(values.subarray(i * side * side, (i + 1) * side * side), side).values;
        return norms[i] * Math.sqrt(Math.max(0, spectrum[side - 1]));
      });
    }),
  );
  return largest(perLayer);
}

/** Ratios of vanished gradients (0 / 0) bound nothing. */
const largest = (perLayer: readonly Float64Array[]): BoundConstant => ({
  perLayer,
  rho: perLayer.reduce((max, layer) => layer.reduce((m, r) => (r > m ? r : m), max), 0),
});
