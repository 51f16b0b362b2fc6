/** @file Claim H1: G is the sum of its parts, along random directions of any network, and entry by entry of a small one. */

import type { NDArray, Tree } from '../../../../numpy/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { jacrev, jvp, vmap } from '../../../../transforms/index.ts';
import { classMeanLogitGradients } from '../class-means.ts';
import { curvatureFactor } from '../curvature.ts';
import { innerProducts } from '../gram.ts';
import { gaussNewton } from './outliers.ts';
import type { Fitted } from './training.ts';

/** Relative errors of the sum of parts, and of the second moment of logit gradients without the weights sqrt(p). */
export interface SplitErrors {
  readonly weighted: number;
  readonly unweighted: number;
}

const dtypeOf = (params: Tree) => (np.treeLeaves(params)[0].dtype === 'float64' ? 'float64' : 'float32');

/** e_k - p in row k: the factor without its weights. */
const unweightedFactor = (logits: NDArray): NDArray => {
  const classes = logits.shape[1];
  const unit = np.eye(classes, classes, logits.dtype === 'float64' ? 'float64' : 'float32');
  return np.subtract(unit, np.expandDims(np.softmax(logits), 1));
};

/** `z^T G z` by products with G against the parts, in which only `<delta_{c,c'}, z>` and each sample's J z enter. */
export async function splitErrors(fitted: Fitted, directions: number, key: NDArray): Promise<SplitErrors> {
  const { model, params, data } = fitted;
  const { G, size } = gaussNewton(fitted);
  const { means, classes, samples, counts } = await classMeanLogitGradients(model, params, data);
  const unravel = np.ravelTree(params)[1];
  const along = jit((p: Tree, z: NDArray, x: NDArray): [NDArray, NDArray] => {
    const [logits, change] = jvp((q: Tree) => model(q, x), [p], [unravel(z)]);
    const of = (factor: NDArray) => np.squeeze(np.matmul(factor, np.expandDims(change, 2)), 2);
    return [of(curvatureFactor(logits)), of(unweightedFactor(logits))];
  });
  const errors: SplitErrors[] = [];
  for (let d = 0; d < directions; d++) {
    const z = random.normal(random.foldIn(key, d), [size], { dtype: dtypeOf(params) });
    const image = Float64Array.from(await (await G(z)).data());
    const value = Float64Array.from(await z.data()).reduce((sum, x, i) => sum + x * image[i], 0);
    const table = await Promise.all(
      means.map(async (rows) => Array.from(await innerProducts(rows, np.expandDims(z, 0)))),
    );
    let [parts, unweighted] = [0, 0];
    for (let c = 0; c < classes; c++) {
      const share = counts[c] / samples;
      const centre = table[c].reduce((sum, x, k) => sum + (k === c ? 0 : x), 0) / (classes - 1);
      parts += share * (table[c][c] ** 2 + (classes - 1) * centre ** 2);
      for (let k = 0; k < classes; k++) if (k !== c) parts += share * (table[c][k] - centre) ** 2;
    }
    for (const { x, labels } of data) {
      const [weighted, plain] = await Promise.all(along(params, z, x).map((values) => values.data()));
      for (let i = 0; i < labels.length; i++) {
        for (let k = 0; k < classes; k++) {
          parts += (weighted[i * classes + k] - table[labels[i]][k]) ** 2 / samples;
          unweighted += plain[i * classes + k] ** 2 / samples;
        }
      }
    }
    errors.push({ weighted: Math.abs(parts / value - 1), unweighted: Math.abs(unweighted / value - 1) });
  }
  return {
    weighted: Math.max(...errors.map((e) => e.weighted)),
    unweighted: Math.min(...errors.map((e) => e.unweighted)),
  };
}

/**
 * Largest difference of entries of G, formed from the Jacobian by its definition, and of the parts' sum, over the largest
 * entry of G. Memory of some matrices P x P.
 */
export async function denseSplitErrors({ model, params, data }: Fitted): Promise<SplitErrors> {
  const { means, classes, samples, counts } = await classMeanLogitGradients(model, params, data);
  const labels = data.flatMap((batch) => Array.from(batch.labels));
  const x = np.concatenate(data.map((batch) => batch.x));
  const [vector, unravel] = np.ravelTree(params);
  const rows = (c: number, weights: (k: number) => number) =>
    np.matmul(np.array([means.map((_, k) => weights(k))], { dtype: 'float64' }), means[c]);
  const share = (c: number) => counts[c] / samples;
  const explained = means.flatMap((_, c) => [
    rows(c, (k) => (k === c ? Math.sqrt(share(c)) : 0)),
    rows(c, (k) => (k === c ? 0 : Math.sqrt(share(c) / (classes - 1)))),
    ...means.flatMap((__, other) =>
      other === c
        ? []
        : [rows(c, (k) => (k === c ? 0 : Math.sqrt(share(c)) * ((k === other ? 1 : 0) - 1 / (classes - 1))))],
    ),
  ]);
  const measured = jit((v: NDArray, inputs: NDArray, own: NDArray, parts: NDArray): [NDArray, NDArray] => {
    const logitsOf = (w: NDArray, one: NDArray) => np.squeeze(model(unravel(w), np.expandDims(one, 0)), 0);
    const jacobian = vmap((one: NDArray) => jacrev((w: NDArray) => logitsOf(w, one))(v))(inputs);
    const logits = model(unravel(v), inputs);
    const p = np.softmax(logits);
    const flat = (a: NDArray) => np.reshape(a, [samples * classes, vector.size]);
    const gram = (a: NDArray, b: NDArray) => np.matmul(np.transpose(a), b);
    const expected = np.matmul(np.expandDims(p, 1), jacobian);
    const G = np.divide(
      gram(flat(jacobian), flat(np.multiply(np.expandDims(p, 2), np.subtract(jacobian, expected)))),
      samples,
    );
    const within = np.subtract(np.matmul(curvatureFactor(logits), jacobian), own);
    const all = np.concatenate([np.divide(flat(within), Math.sqrt(samples)), parts]);
    const plain = flat(np.matmul(unweightedFactor(logits), jacobian));
    const largest = np.max(np.abs(G));
    const error = (sum: NDArray) => np.divide(np.max(np.abs(np.subtract(G, sum))), largest);
    return [error(gram(all, all)), error(np.divide(gram(plain, plain), samples))];
  });
  const own = np.stack(labels.map((label) => means[label]));
  const [weighted, unweighted] = measured(vector, x, own, np.concatenate(explained));
  return { weighted: (await weighted.data())[0], unweighted: (await unweighted.data())[0] };
}
