import { expect, test } from 'vitest';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { type Dense, gcn, normalizedAdjacency, normalizedEdges } from '../index.ts';
import { expectReference, expectTree, reference } from '../reference.fixture.ts';

const net = gcn([4, 3, 3, 6]);
const both = (edges: np.NDArray) => {
  const [a, b] = [np.slice(edges, [], 0), np.slice(edges, [], 1)];
  return normalizedEdges(np.concatenate([a, b]), np.concatenate([b, a]), 5, 'float64');
};

test('with an adjacency matrix values and gradients are PyTorch’s', () =>
  expectReference<readonly Dense[]>('gcn', (p, x, { adjacency }) =>
    net.apply(p, x, normalizedAdjacency(adjacency as np.NDArray)),
  ));

test('with a list of edges they are too', () =>
  expectReference<readonly Dense[]>('gcn', (p, x, { edges }) => net.apply(p, x, both(edges as np.NDArray))));

test('renumbering the nodes renumbers the outputs', async () => {
  const { params, x, y, adjacency } = reference<readonly Dense[]>('gcn');
  const order = [3, 0, 4, 1, 2];
  const permuted = (a: np.NDArray) => np.take(np.take(a, order, 0), order, 1);
  const found = net.apply(params, np.take(x, order, 0), normalizedAdjacency(permuted(adjacency as np.NDArray)));
  await expectTree('outputs', found, np.take(y, order, 0));
});

test('normalised rows of a regular graph sum to 1', async () => {
  const ring = normalizedAdjacency(
    np.array([0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => Number((i - j + 4) % 4 === 1 || (j - i + 4) % 4 === 1)))),
  );
  (await np.sum(ring, 1).data()).forEach((sum) => {
    expect(sum).toBeCloseTo(1, 6);
  });
});

test('many networks on one graph', () => {
  expect(() => gcn([3])).toThrow('gcn: sizes');
  expect(gcn([4, 2]).apply(gcn([4, 2]).init(random.key(0)), np.ones([3, 4]), np.eye(3)).shape).toEqual([3, 2]);
});
