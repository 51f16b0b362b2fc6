import { describe, expect, test } from 'vitest';
import type { NDArray } from '../array/ndarray.ts';
import { expectClose, generator, hostArray, listOf, randomArray } from '../array/testing.fixture.ts';
import { flatten, type Tree } from '../array/tree.ts';
import * as np from '../numpy/index.ts';
import { wide } from '../primitives/records.fixture.ts';
import { empiricalNtk, grad, jacrev, perExampleGradientNorms, scan, vmap } from './index.ts';
import { layerDerivatives } from './layer-derivatives.ts';

const random = generator(7);
const draw = (...shape: number[]) => {
  const { data } = randomArray(random, shape, 'float64', wide);
  return np.reshape(np.array(Float64Array.from(data)), shape);
};

interface Network {
  readonly params: Tree;
  readonly x: (n: number) => NDArray;
  /** Outputs [3] of one example. */
  readonly apply: (params: never, x: NDArray) => NDArray;
  /** Parameters that act through products, and those that do not. */
  readonly layers: number;
  readonly others: number;
}

const network = <P extends Tree>(
  params: P,
  shape: readonly number[],
  apply: (params: P, x: NDArray) => NDArray,
  layers: number,
): Network => ({
  params,
  x: (n) => draw(n, ...shape),
  apply: apply as Network['apply'],
  layers,
  others: flatten(params).leaves.length - layers,
});

const networks: Readonly<Record<string, Network>> = {
  'dense layers with biases': network(
    { w1: draw(4, 5), b1: draw(5), w2: draw(5, 3), b2: draw(3) },
    [4],
    (p, x) => np.add(np.matmul(np.tanh(np.add(np.matmul(x, p.w1), p.b1)), p.w2), p.b2),
    2,
  ),
  'dense layers with factors, written the other way round': network(
    { w1: draw(5, 4), w2: draw(3, 5) },
    [4],
    (p, x) =>
      np.matmul(np.multiply(0.7, p.w2), np.relu(np.matmul(np.multiply(np.divide(p.w1, 1), 0.5), np.add(x, 0.1)))),
    2,
  ),
  'the same layer at several positions': network(
    { w1: draw(2, 6), w2: draw(6, 3) },
    [4, 2],
    (p, x) => np.sum(np.matmul(np.sin(np.matmul(x, p.w1)), p.w2), 0),
    2,
  ),
  attention: network(
    { q: draw(3, 8), k: draw(3, 8), v: draw(3, 3) },
    [4, 3],
    (p, x) => {
      const scores = np.matmul(np.matmul(x, p.q), np.transpose(np.matmul(x, p.k)));
      return np.mean(np.matmul(np.softmax(np.multiply(0.1, scores)), np.matmul(x, p.v)), 0);
    },
    3,
  ),
  'a stack of layers, one per channel': network(
    { w: draw(2, 4, 3) },
    [2, 4],
    (p, x) => np.sum(np.tanh(np.einsum('ci,cio->co', x, p.w)), 0),
    1,
  ),
  'convolutions, strided and in groups': network(
    { k1: draw(4, 2, 3), b: draw(4, 1), k2: draw(4, 2, 2), w: draw(12, 3) },
    [2, 8],
    (p, x) => {
      const h = np.tanh(np.add(np.conv(np.expandDims(x, 0), p.k1, { padding: 1 }), p.b));
      const y = np.tanh(np.conv(h, np.multiply(0.5, p.k2), { stride: 3, padding: 1, groups: 2 }));
      return np.matmul(np.reshape(y, [12]), p.w);
    },
    3,
  ),
  'a weight that acts twice, and one in a loop': network(
    { w: draw(3, 3), u: draw(3, 3) },
    [3],
    (p, x) => {
      const h = np.tanh(np.matmul(np.tanh(np.matmul(x, p.w)), p.w));
      return scan((s: NDArray) => [np.tanh(np.matmul(s, p.u)), null], h, null, { length: 3 })[0];
    },
    0,
  ),
};

const close = (label: string, actual: NDArray, expected: NDArray) => {
  expect(actual.shape).toEqual(expected.shape);
  const host = (x: NDArray) => hostArray(listOf(x), x.shape, 'float64');
  expectClose(label, host(actual), host(expected), { relative: 1e-10, absolute: 1e-10 });
};

/** The Jacobian of one example with respect to all parameters, [outputs, parameters]. */
function jacobian(net: Network, x: NDArray): NDArray {
  const { leaves } = flatten(net.params);
  const blocks = leaves.map((leaf, i) => {
    const rows = jacrev((w: NDArray) => {
      const replaced = leaves.map((other, k) => (k === i ? w : other));
      const names = Object.keys(net.params as object).sort();
      return net.apply(Object.fromEntries(names.map((name, k) => [name, replaced[k]])) as never, x);
    })(leaf);
    return np.reshape(rows, [rows.shape[0], leaf.size]);
  });
  return np.concatenate(blocks, 1);
}

describe.each(Object.entries(networks))('%s', (_, net) => {
  const x1 = net.x(3);
  const x2 = net.x(2);
  const params = net.params as never;
  const rows = (x: NDArray) => np.stack(np.split(x, x.shape[0]).map((one) => jacobian(net, np.squeeze(one, 0))));

  test('finds the layers', () => {
    const { leaves } = flatten(net.params);
    const names = Object.keys(net.params as object).sort();
    const one = np.squeeze(np.slice(x1, [0, 1]), 0);
    const f = (vs: readonly NDArray[]) => net.apply(Object.fromEntries(names.map((n, i) => [n, vs[i]])) as never, one);
    expect(layerDerivatives(f, leaves, [one]).layers.length).toBe(net.layers);
  });

  test('the kernel is that of the Jacobian', () => {
    const [j1, j2] = [rows(x1), rows(x2)];
    close('kernel', empiricalNtk(net.apply)(params, x1, x2), np.einsum('nkp,mlp->nmkl', j1, j2));
    const mean = np.multiply(1 / 3, np.einsum('nkp,mkp->nm', j1, j1));
    close('mean over outputs', empiricalNtk(net.apply, { outputs: 'mean' })(params, x1), mean);
  });

  test('the kernel of a scalar function has no axes of outputs', () => {
    const scalar = (p: never, x: NDArray) => np.slice(net.apply(p, x), 1);
    const j = np.slice(rows(x1), [], 1);
    close('kernel', empiricalNtk(scalar)(params, x1), np.matmul(j, np.transpose(j)));
  });

  test('norms are those of the gradients', () => {
    const loss = (p: never, x: NDArray, y: NDArray) => np.sum(np.square(np.subtract(net.apply(p, x), y)));
    const y = draw(3, 3);
    const gradients = vmap(grad(loss), [null, 0, 0])(params, x1, y);
    const squares = flatten(gradients).leaves.map((g) => np.sum(np.square(np.reshape(g, [3, -1])), 1));
    const expected = np.sqrt(squares.reduce((a, b) => np.add(a, b)));
    close('norms', perExampleGradientNorms(loss)(params, x1, y), expected);
  });
});

test('the loss of one example must be a scalar', () => {
  const f = (w: NDArray, x: NDArray) => np.multiply(w, x);
  expect(() => perExampleGradientNorms(f)(np.zeros([2]), np.zeros([3, 2]))).toThrow(/must be a scalar, got \[2\]/);
  const matrix = (w: NDArray, x: NDArray) => np.outer(w, x);
  expect(() => empiricalNtk(matrix)(np.zeros([2]), np.zeros([3, 2]))).toThrow(/scalar or a vector/);
});
