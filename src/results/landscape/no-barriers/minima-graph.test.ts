import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exploreLandscape } from './explore-landscape.ts';
import { disconnectivityGraph, minimumSpanningTree, topographicDistance } from './minima-graph.ts';

const three = {
  losses: [0, 0.1, 0.2],
  edges: [
    { a: 0, b: 1, saddle: 1 },
    { a: 1, b: 2, saddle: 2 },
    { a: 0, b: 2, saddle: 5 },
  ],
};

/** All pairs of n minima with saddles from a list. */
const complete = (n: number, saddles: readonly number[]) => {
  const pairs = Array.from({ length: n }, (_, a) => Array.from({ length: a }, (_, b) => [a, b] as const)).flat();
  return { losses: new Array<number>(n).fill(0), edges: pairs.map(([a, b], i) => ({ a, b, saddle: saddles[i] })) };
};

/** Lowest highest saddle over all paths, by relaxing all triples. */
function minimax({ losses, edges }: ReturnType<typeof complete>): number[][] {
  const d = losses.map((_, i) => losses.map((_, j) => (i === j ? 0 : Number.POSITIVE_INFINITY)));
  for (const { a, b, saddle } of edges) d[a][b] = d[b][a] = Math.min(d[a][b], saddle);
  for (const k of losses.keys())
    for (const i of losses.keys())
      for (const j of losses.keys()) d[i][j] = Math.min(d[i][j], Math.max(d[i][k], d[k][j]));
  return d;
}

describe('minimumSpanningTree and topographicDistance', () => {
  test('of three minima with saddles 1, 2 and 5', () => {
    const tree = minimumSpanningTree(three);
    expect(tree.edges.map(({ a, b }) => [a, b])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(topographicDistance(tree, 0, 2)).toBe(2);
    expect(topographicDistance(tree, 1, 1)).toBe(0.1);
    const apart = minimumSpanningTree({ losses: [0, 0], edges: [] });
    expect(topographicDistance(apart, 0, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  test('are the lowest highest saddles over all paths, an ultrametric', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 15, maxLength: 15 }), (saddles) => {
        const graph = complete(6, saddles);
        const tree = minimumSpanningTree(graph);
        expect(tree.edges).toHaveLength(5);
        const d = (i: number, j: number) => topographicDistance(tree, i, j);
        const direct = minimax(graph);
        for (let i = 0; i < 6; i++)
          for (let j = 0; j < i; j++) {
            expect(d(i, j)).toBe(direct[i][j]);
            for (let k = 0; k < 6; k++)
              if (k !== i && k !== j) expect(d(i, j)).toBeLessThanOrEqual(Math.max(d(i, k), d(k, j)));
          }
      }),
    );
  });

  test('refuse edges to minima that do not exist', () => {
    expect(() => minimumSpanningTree({ losses: [0, 1], edges: [{ a: 0, b: 2, saddle: 1 }] })).toThrow(
      'from minimum 0 to 2',
    );
  });
});

test('disconnectivityGraph joins from the lowest saddle to the highest, without crossings', () => {
  const tree = minimumSpanningTree({
    losses: [0, 0, 0, 0],
    edges: [
      { a: 0, b: 2, saddle: 1 },
      { a: 1, b: 3, saddle: 2 },
      { a: 2, b: 3, saddle: 3 },
    ],
  });
  const { order, joins } = disconnectivityGraph(tree);
  expect(order).toEqual([0, 2, 1, 3]);
  expect(joins).toEqual([
    { left: 0, right: 2, saddle: 1, size: 2 },
    { left: 1, right: 3, saddle: 2, size: 2 },
    { left: 4, right: 5, saddle: 3, size: 4 },
  ]);
});

describe('exploreLandscape', () => {
  const saddles = [5, 4, 6, 3, 9, 2, 8, 7, 1, 10];
  const graph = complete(5, saddles);
  const saddle = (i: number, j: number) =>
    graph.edges.find(({ a, b }) => (a === i && b === j) || (a === j && b === i))!.saddle;
  const minima = [0.3, 0.1, 0.2, 0.5, 0.4];

  test('connects the lowest with the others first, then looks for ways around the highest saddle', async () => {
    const tried: [number, number][] = [];
    const {
      graph: found,
      tree,
      treeSaddle,
      minimumLoss,
    } = await exploreLandscape({
      minima,
      connect: (a, b) => {
        tried.push([a, b]);
        return saddle(a, b);
      },
    });
    expect(tried.slice(0, 4)).toEqual([
      [1, 2],
      [1, 0],
      [1, 4],
      [1, 3],
    ]);
    // The highest edge, 9, cuts off minimum 3: its lowest partner that has not been tried is 2.
    expect(tried[4]).toEqual([2, 3]);
    expect(found.edges.length).toBeLessThanOrEqual(10);
    expect(new Set(tried.map(([a, b]) => `${Math.min(a, b)}${Math.max(a, b)}`)).size).toBe(tried.length);
    const best = minimumSpanningTree(graph).edges.map((edge) => edge.saddle);
    expect(tree.edges.map((edge) => edge.saddle)).toEqual(best);
    expect(treeSaddle.mean).toBeCloseTo(best.reduce((a, b) => a + b, 0) / 4);
    expect(minimumLoss.mean).toBeCloseTo(0.3);
  });

  test('stops at maxPairs, and goes on from known edges', async () => {
    const first = await exploreLandscape({ minima, connect: saddle, maxPairs: 3 });
    expect(first.graph.edges).toHaveLength(3);
    const next = await exploreLandscape({ minima, connect: saddle, known: first.graph.edges, maxPairs: 1 });
    expect(next.graph.edges.slice(0, 3)).toEqual(first.graph.edges);
    expect(next.tree.edges).toHaveLength(4);
  });

  test('refuses one minimum, and paths that lie below their ends', async () => {
    await expect(exploreLandscape({ minima: [1], connect: () => 1 })).rejects.toThrow('at least 2');
    await expect(exploreLandscape({ minima: [1, 2], connect: () => 1.5 })).rejects.toThrow('highest loss 1.5');
  });
});
