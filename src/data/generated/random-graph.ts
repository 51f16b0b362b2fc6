/** Random graphs: with groups (stochastic block model) and without (Erdős and Rényi). */
import { UserError } from '../../array/errors.ts';
import type { LabelledGraph, SparseRows } from '../dataset.ts';
import { type Draws, draws } from '../draws.ts';

export interface StochasticBlockModel {
  /** Number of nodes. */
  readonly n: number;
  /** Groups of equal size: node i is in group `i mod classes`. */
  readonly classes: number;
  /** Probability of an edge between two nodes of one group, and of two. */
  readonly within: number;
  readonly between: number;
  /** Default: the nodes have no features. */
  readonly features?: {
    readonly dimension: number;
    /** Standard deviation of each feature about the mean of its group, a random vector of length 1; default 1. */
    readonly deviation?: number;
  };
  /** Share of the nodes to train on; half of the rest are to validate with, half to test with. Default: no split. */
  readonly labelled?: number;
  /** Safe integer. */
  readonly seed: number;
}

/** Streams of one seed. */
const EDGES = 0;
const FEATURES = 1;
const SPLIT = 2;

/**
 * A graph whose nodes are in groups, which are their classes, with each edge drawn on its own (Holland, Laskey and
 * Leinhardt, Social Networks 5, 1983).
 *
 * @throws UserError when a number is out of range
 */
export function stochasticBlockModel(options: StochasticBlockModel): LabelledGraph {
  const { n, classes, within, between, features, labelled, seed } = options;
  checkCount('stochasticBlockModel', 'n', n);
  checkCount('stochasticBlockModel', 'classes', classes);
  for (const [name, value] of Object.entries({ within, between, labelled: labelled ?? 0 })) {
    if (!(value >= 0 && value <= 1)) {
      throw new UserError(`stochasticBlockModel: expected ${name} from 0 to 1, found ${value}.`);
    }
  }
  // Each pair of the likelier kind of edge is drawn, and the other kind thinned: the cost is that of the edges.
  const most = Math.max(within, between);
  const random = draws(seed, EDGES);
  const edges: number[] = [];
  for (const [u, v] of randomPairs(n, most, random)) {
    const probability = u % classes === v % classes ? within : between;
    if (probability === most || random.uniform() * most < probability) edges.push(u, v);
  }
  const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
  return {
    n,
    edges: Int32Array.from(edges),
    labels,
    classes,
    features: features === undefined ? null : groupFeatures(labels, classes, features, draws(seed, FEATURES)),
    split: labelled === undefined ? null : drawSplit(n, labelled, draws(seed, SPLIT)),
  };
}

export interface ErdosRenyi {
  /** Number of nodes. */
  readonly n: number;
  /** Of each edge. */
  readonly probability: number;
  /** Safe integer. */
  readonly seed: number;
}

/**
 * A graph in which each edge is there with the same probability (Gilbert, 1959; Erdős and Rényi, 1959): one group.
 *
 * @throws UserError when a number is out of range
 */
export function erdosRenyi({ n, probability, seed }: ErdosRenyi): LabelledGraph {
  if (!(probability >= 0 && probability <= 1)) {
    throw new UserError(`erdosRenyi: expected a probability from 0 to 1, found ${probability}.`);
  }
  return stochasticBlockModel({ n, classes: 1, within: probability, between: 0, seed });
}

/**
 * The pairs u < v of n nodes, each kept with the given probability, in order of v, then u: the gaps between kept pairs
 * are geometric (Batagelj and Brandes, Physical Review E 71, 2005).
 */
function* randomPairs(n: number, probability: number, { uniform }: Draws): Generator<[number, number]> {
  if (probability === 0) return;
  const scale = Math.log1p(-probability);
  let [u, v] = [-1, 1];
  for (;;) {
    u += 1 + (probability === 1 ? 0 : Math.floor(Math.log1p(-uniform()) / scale));
    while (u >= v && v < n) {
      u -= v;
      v++;
    }
    if (v >= n) return;
    yield [u, v];
  }
}

function groupFeatures(
  labels: Int32Array,
  classes: number,
  { dimension, deviation = 1 }: NonNullable<StochasticBlockModel['features']>,
  { normal }: Draws,
): SparseRows {
  checkCount('stochasticBlockModel', 'features.dimension', dimension);
  if (!(deviation >= 0)) {
    throw new UserError(`stochasticBlockModel: expected a deviation of at least 0, found ${deviation}.`);
  }
  const means = Array.from({ length: classes }, () => {
    const direction = Array.from({ length: dimension }, normal);
    const length = Math.hypot(...direction);
    return direction.map((x) => x / length);
  });
  const n = labels.length;
  return {
    starts: Int32Array.from({ length: n + 1 }, (_, i) => i * dimension),
    columns: Int32Array.from({ length: n * dimension }, (_, at) => at % dimension),
    values: Float32Array.from(
      { length: n * dimension },
      (_, at) => means[labels[Math.floor(at / dimension)]][at % dimension] + deviation * normal(),
    ),
    shape: [n, dimension],
  };
}

function drawSplit(n: number, labelled: number, random: Draws): NonNullable<LabelledGraph['split']> {
  const order = random.permutation(n);
  const first = Math.round(labelled * n);
  const second = first + Math.floor((n - first) / 2);
  return { train: order.slice(0, first), validation: order.slice(first, second), test: order.slice(second) };
}

function checkCount(operation: string, name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1 || value >= 2 ** 31) {
    throw new UserError(`${operation}: expected a whole ${name} of at least 1, found ${value}.`);
  }
}
