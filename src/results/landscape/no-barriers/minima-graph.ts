/** @file Minima and the saddles between them as a graph (Section 3.2): spanning trees, disconnectivity graphs. */
import { UserError } from '../../../array/errors.ts';

/** A saddle between two minima, by their numbers. */
export interface Edge {
  readonly a: number;
  readonly b: number;
  /** Highest loss on the best path known between them. */
  readonly saddle: number;
}

export interface MinimaGraph {
  /** Loss of each minimum. */
  readonly losses: readonly number[];
  readonly edges: readonly Edge[];
}

/** Number of the component of each of `n` nodes, from 0 in the order of their first nodes. */
export function components(n: number, edges: readonly Edge[]): number[] {
  const parent = Array.from({ length: n }, (_, i) => i);
  const root = (i: number): number => {
    while (parent[i] !== i) i = parent[i];
    return i;
  };
  for (const { a, b } of edges) parent[Math.max(root(a), root(b))] = Math.min(root(a), root(b));
  const names = new Map<number, number>();
  return parent.map((_, i) => {
    const r = root(i);
    if (!names.has(r)) names.set(r, names.size);
    return names.get(r)!;
  });
}

/**
 * The spanning tree of least saddles (Kruskal 1956); a forest where the graph is not connected. Of several edges between
 * two minima the lowest counts. Between any two minima its path has the lowest highest saddle of all paths.
 *
 * @throws UserError for edges to minima that do not exist
 */
export function minimumSpanningTree({ losses, edges }: MinimaGraph): MinimaGraph {
  const stray = edges.find(({ a, b }) => a === b || !(a in losses) || !(b in losses));
  if (stray !== undefined) {
    throw new UserError(
      `minimumSpanningTree: there is no edge from minimum ${stray.a} to ${stray.b} among ${losses.length} minima`,
    );
  }
  const tree: Edge[] = [];
  for (const edge of [...edges].sort((x, y) => x.saddle - y.saddle)) {
    const of = components(losses.length, tree);
    if (of[edge.a] !== of[edge.b]) tree.push(edge);
  }
  return { losses, edges: tree };
}

/** Edges of the tree from i to j, in order; undefined where they are not connected. */
export function treePath(tree: MinimaGraph, i: number, j: number): Edge[] | undefined {
  const walk = (at: number, from: Edge | undefined): Edge[] | undefined => {
    if (at === j) return [];
    for (const edge of tree.edges) {
      if (edge === from || (edge.a !== at && edge.b !== at)) continue;
      const rest = walk(edge.a === at ? edge.b : edge.a, edge);
      if (rest !== undefined) return [edge, ...rest];
    }
    return undefined;
  };
  return walk(i, undefined);
}

/**
 * The highest saddle on the way from i to j in a minimum spanning tree: the lowest level at which both lie in one
 * connected set, as far as the known paths say. An ultrametric. The loss of the minimum itself for i = j; Infinity where
 * the two are not connected.
 */
export function topographicDistance(tree: MinimaGraph, i: number, j: number): number {
  if (i === j) return tree.losses[i];
  const path = treePath(tree, i, j);
  return path === undefined ? Number.POSITIVE_INFINITY : Math.max(...path.map(({ saddle }) => saddle));
}

/** Two clusters of minima that join at a level of the loss. */
export interface Join {
  /** Number of a minimum, or n + the number of an earlier join. */
  readonly left: number;
  readonly right: number;
  readonly saddle: number;
  /** Minima below it. */
  readonly size: number;
}

export interface DisconnectivityGraph {
  /** Minima from left to right, so that no two branches cross. */
  readonly order: readonly number[];
  /** From the lowest to the highest saddle, as SciPy's linkage matrices list them. */
  readonly joins: readonly Join[];
}

/** Which minima are connected below which loss (Becker and Karplus 1997), from their minimum spanning tree. */
export function disconnectivityGraph(tree: MinimaGraph): DisconnectivityGraph {
  const n = tree.losses.length;
  const cluster = Array.from({ length: n }, (_, i) => i);
  const members: number[][] = cluster.map((i) => [i]);
  const joins: Join[] = [];
  for (const { a, b, saddle } of [...tree.edges].sort((x, y) => x.saddle - y.saddle)) {
    const [left, right] = [cluster[a], cluster[b]];
    const all = [...members[left], ...members[right]];
    joins.push({ left, right, saddle, size: all.length });
    for (const i of all) cluster[i] = members.length;
    members.push(all);
  }
  return { order: [...new Set(cluster)].flatMap((name) => members[name]), joins };
}
