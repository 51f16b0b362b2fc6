/** @file Which pairs of many minima to connect, and in which order (Section 3.2, Algorithm 2). */
import { UserError } from '../../../array/errors.ts';
import { components, type Edge, type MinimaGraph, minimumSpanningTree } from './minima-graph.ts';

export interface Exploration {
  readonly graph: MinimaGraph;
  readonly tree: MinimaGraph;
  /** Over the minima. */
  readonly minimumLoss: { readonly mean: number; readonly deviation: number };
  /** Over the edges of the tree. */
  readonly treeSaddle: { readonly mean: number; readonly deviation: number };
}

/** Mean and standard deviation (n - 1). */
export function spread(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const square = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(square / (values.length - 1)) : 0 };
}

/** The pair to connect next, undefined where none is left that could lower the tree. */
function nextPair({ losses, edges }: MinimaGraph): readonly [number, number] | undefined {
  const lowest = (nodes: readonly number[]) => [...nodes].sort((i, j) => losses[i] - losses[j]);
  const all = losses.map((_, i) => i);
  const of = components(losses.length, edges);
  const [first] = lowest(all);
  const [apart] = lowest(all.filter((i) => of[i] !== of[first]));
  if (apart !== undefined) return [first, apart];
  const tried = new Set(edges.map(({ a, b }) => `${Math.min(a, b)} ${Math.max(a, b)}`));
  const tree = minimumSpanningTree({ losses, edges }).edges;
  for (const edge of [...tree].sort((x, y) => y.saddle - x.saddle)) {
    const sides = components(
      losses.length,
      tree.filter((other) => other !== edge),
    );
    const side = (end: number) => lowest(all.filter((i) => sides[i] === sides[end]));
    const across = side(edge.a)
      .flatMap((i) => side(edge.b).map((j) => [i, j] as const))
      .filter(([i, j]) => !tried.has(`${Math.min(i, j)} ${Math.max(i, j)}`))
      .sort((x, y) => losses[x[0]] + losses[x[1]] - losses[y[0]] - losses[y[1]]);
    if (across.length > 0) return across[0];
  }
  return undefined;
}

/**
 * Explores the landscape of many minima. Connects the lowest minimum with the lowest of every other component; then looks
 * for a way around the highest edge of the spanning tree between the lowest minima on its two sides that have not been
 * tried, and so on down the tree.
 *
 * @param options.minima loss of each minimum
 * @param options.connect highest loss of a path between two minima, e.g. the `saddleLoss` of `autoNeb`
 * @param options.known edges of earlier explorations; default none
 * @param options.maxPairs connect at most so many pairs in this call; default all
 * @throws UserError for fewer than two minima, or a saddle below its minima
 */
export async function exploreLandscape({
  minima,
  connect,
  known = [],
  maxPairs = Number.POSITIVE_INFINITY,
}: {
  readonly minima: readonly number[];
  readonly connect: (a: number, b: number) => number | Promise<number>;
  readonly known?: readonly Edge[];
  readonly maxPairs?: number;
}): Promise<Exploration> {
  if (minima.length < 2) throw new UserError(`exploreLandscape: needs at least 2 minima, found ${minima.length}`);
  const edges = [...known];
  for (let pairs = 0; pairs < maxPairs; pairs++) {
    const pair = nextPair({ losses: minima, edges });
    if (pair === undefined) break;
    const [a, b] = pair;
    const saddle = await connect(a, b);
    if (!(saddle >= Math.max(minima[a], minima[b]) - 1e-6)) {
      throw new UserError(
        `exploreLandscape: the path from minimum ${a} to ${b} has the highest loss ${saddle}, its ends ${minima[a]} and ${minima[b]}`,
      );
    }
    edges.push({ a, b, saddle });
  }
  const graph = { losses: minima, edges };
  const tree = minimumSpanningTree(graph);
  return {
    graph,
    tree,
    minimumLoss: spread(minima),
    treeSaddle: spread(tree.edges.map(({ saddle }) => saddle)),
  };
}
