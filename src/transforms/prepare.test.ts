import { beforeAll, describe, expect, test } from 'vitest';
import { topological } from '../array/graph.ts';
import type { NDArray, Node } from '../array/ndarray.ts';
import {
  type ArrayFunction,
  evaluateAt,
  expectClose,
  generator,
  graphOf,
  randomArray,
} from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { wide } from '../primitives/records.fixture.ts';
import { configure } from '../runtime/index.ts';
import { computeAt } from '../runtime/testing.fixture.ts';
import { checkpoint, grad, hvp, jvp, scan, vmap } from './index.ts';
import { prepare } from './prepare.ts';
import type { ScanParams } from './scan.ts';

beforeAll(() => configure({ threads: 1 }));

const shapes = [
  [3, 4],
  [4, 4],
  [5, 3],
];
const avals = shapes.map((shape) => ({ shape, dtype: 'float64' as const }));
const values = shapes.map((shape) => randomArray(generator(4), shape, 'float64', wide));

/** A recurrent network: w [3, 4], u [4, 4], xs [5, 3]. */
const states = (w: NDArray, u: NDArray, xs: NDArray) =>
  scan(
    (h, x) => {
      const next = np.tanh(np.add(np.matmul(x, w), np.matmul(h, u)));
      return [next, np.sum(np.square(next))];
    },
    np.zeros([4], 'float64'),
    xs,
  );
const loss = (w: NDArray, u: NDArray, xs: NDArray) => {
  const [last, ys] = states(w, u, xs);
  return np.add(np.sum(last), np.sum(ys));
};

const scansOf = (f: ArrayFunction): Node[] =>
  topological(prepare(graphOf(f, avals).outputs)).filter((node) => node.primitive.name === 'scan');
const paramsOf = (node: Node) => node.params as ScanParams;
const bodyOf = (node: Node) => topological(prepare(paramsOf(node).outputs)).map((inner) => inner.primitive.name);

describe('loops side by side run as one', () => {
  test.each([
    ['a gradient: one loop forward, one back', (w, u, xs) => grad(loss, [0, 1, 2])(w, u, xs), 2],
    ['value and gradient', (w, u, xs) => [loss(w, u, xs), grad(loss)(w, u, xs)], 2],
    ['a directional derivative: one loop', (w, u, xs) => jvp((p: NDArray) => loss(p, u, xs), [w], [w]), 1],
    ['a Hessian-vector product', (w, u, xs) => hvp((p: NDArray) => loss(p, u, xs), w, w), 2],
    [
      'a gradient under vmap',
      (w, u, xs) => vmap((k: NDArray) => grad(loss)(np.multiply(w, k), u, xs))(np.ones([2])),
      2,
    ],
    ['the same loop written twice', (w, u, xs) => [...states(w, u, xs), ...states(w, u, xs)], 1],
    ['one that needs the end of the other', (w, u, xs) => loss(w, np.multiply(u, states(w, u, xs)[0]), xs), 2],
  ] as [string, ArrayFunction, number][])('%s', async (label, f, count) => {
    expect(scansOf(f)).toHaveLength(count);
    const expected = evaluateAt(f, values);
    (await computeAt(f, values)).forEach((y, i) => {
      expectClose(`${label}, result ${i}`, y, expected[i], { relative: 1e-12, absolute: 1e-13 });
    });
  });

  test('loops of other lengths or directions stay apart', () => {
    const sum = (xs: NDArray, reverse: boolean) =>
      scan((s, x: NDArray) => [np.add(s, x), s], np.zeros([3], 'float64'), xs, { reverse })[1];
    expect(scansOf((_, __, xs) => [sum(xs, false), sum(xs, true)])).toHaveLength(2);
    expect(scansOf((_, __, xs) => [sum(xs, false), sum(np.slice(xs, [0, 4]), false)])).toHaveLength(2);
  });
});

describe('a loop does only what is needed', () => {
  const start = np.ones([3], 'float64');
  test.each([
    [
      'results that nobody reads, and the state that only they need',
      (_, __, xs) =>
        scan(
          ([a, b], x) => [[np.add(a, x), np.sin(np.multiply(b, x))] as const, np.exp(b)],
          [start, start] as const,
          xs,
        )[0][0],
      { carry: 1, outputs: 1, body: ['add'] },
    ],
    [
      'a carried value that never changes',
      (_, __, xs) => {
        const [[a, b]] = scan(
          ([a, b], x) => [[np.add(a, np.multiply(b, x)), b] as const, null],
          [start, np.sum(xs, 0)] as const,
          xs,
        );
        return [a, b];
      },
      { carry: 1, outputs: 1, body: ['add', 'multiply'] },
    ],
    [
      'what is computed from constants alone',
      (w, _, xs) => scan((s, x) => [np.add(s, np.multiply(x, np.exp(np.sum(w, 1)))), null], start, xs)[0],
      { carry: 1, outputs: 1, body: ['add', 'multiply'] },
    ],
    [
      'slices passed on',
      (_, __, xs) => [...scan((s, x) => [np.add(s, x), x], start, xs)],
      { carry: 1, outputs: 1, body: ['add'] },
    ],
  ] as [string, ArrayFunction, { carry: number; outputs: number; body: string[] }][])(
    '%s',
    async (label, f, wanted) => {
      const [loop] = scansOf(f);
      expect({
        carry: paramsOf(loop).carry,
        outputs: loop.outputs.length,
        body: bodyOf(loop)
          .filter((name) => name !== 'input')
          .sort(),
      }).toEqual(wanted);
      const expected = evaluateAt(f, values);
      (await computeAt(f, values)).forEach((y, i) => {
        expectClose(`${label}, result ${i}`, y, expected[i]);
      });
    },
  );

  test('a loop that does nothing vanishes', () => {
    expect(scansOf((_, __, xs) => [...scan((s, x: NDArray) => [s, x], start, xs)])).toHaveLength(0);
  });

  test('the way back stacks only the carry of a body that is computed again', () => {
    const body = checkpoint((w: NDArray, u: NDArray, h: NDArray, x: NDArray) =>
      np.tanh(np.add(np.matmul(np.sin(x), w), np.matmul(np.sin(h), u))),
    );
    const [forward] = scansOf((w, u, xs) =>
      grad((p: NDArray) => np.sum(scan((h, x) => [body(p, u, h, x), null], np.zeros([4], 'float64'), xs)[0]))(w),
    );
    expect(forward.outputs.map((x) => [...x.shape])).toEqual([[4], [5, 4]]);
  });

  test('the way back stacks no more than it must: tanh, not its derivative', () => {
    const [forward] = scansOf((w, u, xs) => grad((p: NDArray) => np.sum(states(p, u, xs)[0]))(w));
    expect(forward.outputs.map((x) => [...x.shape])).toEqual([[4], [5, 4]]);
  });

  test('gradients of weights are taken after the loop, in one product', () => {
    const [, back] = scansOf((w, u, xs) => grad(loss, [0, 1])(w, u, xs));
    expect(back.outputs.filter((x) => x.shape.join() === '3,4' || x.shape.join() === '4,4')).toEqual([]);
    expect(bodyOf(back).filter((name) => name === 'contract')).toHaveLength(1);
  });
});
