/** @file The graph convolutional network of Kipf and Welling (ICLR 2017). */
import { ShapeError, UserError } from '../../array/errors.ts';
import type { NDArray } from '../../array/ndarray.ts';
import { shapeText } from '../../array/shape.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { relu } from '../activations.ts';
import { type Dense, denseLayer, scaled } from '../dense.ts';
import { glorotUniform, zeros } from '../initializers.ts';
import type { Model } from '../model.ts';
import { standard } from '../parametrization.ts';
import type { MlpOptions } from './mlp.ts';

/** A weighted graph by its edges: node to[e] receives weight[e] times the features of node from[e]. */
export type Edges = { readonly from: NDArray; readonly to: NDArray; readonly weight: NDArray };

/** An adjacency matrix [nodes, nodes], or a list of edges (int32 [edges], int32 [edges], float [edges]). */
export type Graph = NDArray | Edges;

const inverseRoot = (degree: NDArray): NDArray => np.reciprocal(np.sqrt(degree));

/** D^-1/2 (A + I) D^-1/2 with the degrees D of A + I; `a` is a symmetric matrix [nodes, nodes]. */
export function normalizedAdjacency(a: NDArray): NDArray {
  if (a.ndim !== 2 || a.shape[0] !== a.shape[1]) {
    throw new ShapeError('normalizedAdjacency', `needs a square matrix, got shape ${shapeText(a.shape)}`);
  }
  const looped = np.add(a, np.eye(a.shape[0], a.shape[0], a.dtype === 'float64' ? 'float64' : 'float32'));
  const root = inverseRoot(np.sum(looped, 1));
  return np.multiply(np.multiply(np.expandDims(root, 1), looped), root);
}

/**
 * The same of a list of edges: self-loops are added and each edge gets 1 / sqrt(degree(from) degree(to)). An undirected
 * edge is listed in both directions.
 *
 * @param from,to int32 [edges]
 */
export function normalizedEdges(
  from: NDArray,
  to: NDArray,
  nodes: number,
  dtype: 'float32' | 'float64' = 'float32',
): Edges {
  const loops = np.arange(nodes);
  const [source, target] = [np.concatenate([from, loops]), np.concatenate([to, loops])];
  const degree = np.addAt(np.zeros([nodes], dtype), target, np.ones([target.size], dtype));
  const root = inverseRoot(degree);
  return { from: source, to: target, weight: np.multiply(np.take(root, source, 0), np.take(root, target, 0)) };
}

/** The sum over the edges into each node of their weights times the features [nodes, features] where they come from. */
export function aggregate(graph: Graph, h: NDArray): NDArray {
  if (!('from' in graph)) return np.matmul(graph, h);
  const messages = np.multiply(np.expandDims(graph.weight, 1), np.take(h, graph.from, 0));
  return np.addAt(np.zerosLike(h), graph.to, messages);
}

/**
 * Layers h -> activation(A h W + b), without activation after the last; A is the normalised adjacency. From features
 * [nodes, sizes[0]] to [nodes, sizes[L]]. Weights are Glorot uniform and biases 0 by default, as in the paper.
 *
 * @param sizes at least [features, outputs]
 */
export function gcn(
  sizes: readonly number[],
  { activation = relu, weight = glorotUniform, bias = zeros, parametrization = standard }: MlpOptions = {},
): Model<readonly Dense[], readonly [x: NDArray, graph: Graph]> {
  if (sizes.length < 2 || sizes.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new UserError(`gcn: sizes must be at least two positive integers, got ${shapeText(sizes)}`);
  }
  const last = sizes.length - 2;
  const layers = sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i];
    const role = i === 0 ? 'input' : i === last ? 'output' : 'hidden';
    const ofWeight = parametrization.weight(role, inputs);
    const ofBias = parametrization.bias(role, inputs);
    const { init, rates } = denseLayer(inputs, outputs, { weight, bias, parametrization, role });
    const apply = (p: Dense, h: NDArray, graph: Graph): NDArray => {
      const w = scaled(p.weight, ofWeight);
      // A (h W) and (A h) W are equal: the narrower of the two goes along the edges.
      const narrow = outputs < inputs;
      const mixed = narrow ? aggregate(graph, np.matmul(h, w)) : np.matmul(aggregate(graph, h), w);
      return np.add(mixed, scaled(p.bias, ofBias));
    };
    return { init, rates, apply };
  });
  return {
    init(key) {
      const keys = random.split(key, layers.length);
      return layers.map((l, i) => l.init(np.slice(keys, i)));
    },
    apply(params, x, graph) {
      return layers.reduce((h, l, i) => {
        const y = l.apply(params[i], h, graph);
        return i === last ? y : activation(y);
      }, x);
    },
    rates: layers.map((l) => l.rates),
  };
}
