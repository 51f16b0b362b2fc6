import { expect, test } from 'vitest';
import { type Tree, treeLeaves } from '../array/tree.ts';
import * as np from '../numpy/index.ts';
import { hvp } from '../transforms/index.ts';
import { inStages } from './stages.ts';

type NDArray = np.NDArray;
const data = (x: Tree) => Promise.all(treeLeaves(x).map(async (leaf) => [...(await leaf.data())]));
const x = np.array([0.5, -1, 2], { dtype: 'float64' });

/** What is kept, as text, after checking that both parts together give what the function gives. */
async function cutOf<F extends Tree, V extends Tree>(f: (fixed: F, v: V) => Tree, fixed: F, v: V): Promise<string> {
  const { early, late } = inStages(f, fixed, v);
  const known = early(fixed);
  const [found, expected] = await Promise.all([late(fixed, known, v), f(fixed, v)].map(data));
  for (const [i, numbers] of expected.entries())
    for (const [k, number] of numbers.entries()) expect(found[i][k]).toBeCloseTo(number, 10);
  return known.join();
}

test('keeps what the varying part reads, and no step before it', async () => {
  expect(await cutOf((a: NDArray, v: NDArray) => np.multiply(np.exp(np.sin(a)), v), x, x)).toBe('float64[3]');
});

test('keeps nothing of a function that reads its first argument as it is, or not at all', async () => {
  expect(await cutOf((a: NDArray, v: NDArray) => np.multiply(a, v), x, x)).toBe('');
  expect(await cutOf((_: NDArray, v: NDArray) => np.multiply(v, 2), x, x)).toBe('');
});

test('spreads again what is only spread', async () => {
  const f = (a: NDArray, v: NDArray) => np.maximum(np.broadcastTo(np.reshape(np.exp(a), [3, 1]), [3, 4]), v);
  expect(await cutOf(f, x, np.ones([3, 4], 'float64'))).toBe('float64[3]');
});

test('keeps results that depend on the first argument alone', async () => {
  expect(await cutOf((a: NDArray, v: NDArray) => [np.exp(a), np.add(a, v)], x, x)).toBe('float64[3]');
});

test('keeps each output of a node by itself', async () => {
  const f = (a: NDArray, v: NDArray) => {
    const [values, positions] = np.topK(np.exp(a), 2);
    return [np.multiply(values, v), np.add(positions, v)];
  };
  expect(await cutOf(f, x, np.array([1, 2], { dtype: 'float64' }))).toBe('float64[2],float64[2]');
});

test('cuts a Hessian-vector product between the gradient and the direction', async () => {
  const loss = (w: NDArray) => np.sum(np.square(np.tanh(np.multiply(w, w))));
  const kept = await cutOf((w: NDArray, v: NDArray) => hvp(loss, w, v), x, np.array([1, 2, 3], { dtype: 'float64' }));
  expect(kept).toMatch(/^float64\[3\](,float64\[3\])*$/);
});
