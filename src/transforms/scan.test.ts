import { beforeAll, describe, expect, test } from 'vitest';
import { topological } from '../array/graph.ts';
import { evaluateAt, graphOf, hostArray, listOf } from '../array/testing.fixture.ts';
import { flatten, type Tree } from '../array/tree.ts';
import * as np from '../numpy/index.ts';
import { configure } from '../runtime/index.ts';
import { runCompiled } from '../runtime/testing.fixture.ts';
import { grad, scan, stopGradient } from './index.ts';
import { type Loss, twinSuite } from './twins.fixture.ts';

beforeAll(() => configure({ threads: 1 }));

type NDArray = np.NDArray;
type Loop = typeof scan;

/** What scan means: the body written out, one step after the other. */
const unrolled: Loop = (f, init, xs, { length, reverse = false } = {}) => {
  const sliced = flatten(xs).leaves;
  const n = length ?? sliced[0].shape[0];
  let carry = init;
  const ys: Tree[] = [];
  for (let step = 0; step < n; step++) {
    const t = reverse ? n - 1 - step : step;
    const [next, y] = f(carry, mapTree(xs, (x) => np.slice(x, t)) as typeof xs);
    carry = next;
    if (reverse) ys.unshift(y);
    else ys.push(y);
  }
  return [carry, mapTree(ys[0], (_, i) => np.stack(ys.map((y) => flatten(y).leaves[i]))) as never];
};

/** A tree with each leaf replaced. */
function mapTree(tree: Tree, f: (x: NDArray, i: number) => NDArray): Tree {
  let next = 0;
  const walk = (t: Tree): Tree => {
    if (t === null) return null;
    if (t instanceof np.NDArray) return f(t, next++);
    if (Array.isArray(t)) return t.map(walk);
    return Object.fromEntries(
      Object.keys(t)
        .sort()
        .map((k) => [k, walk((t as Record<string, Tree>)[k])]),
    );
  };
  return walk(tree);
}

const total = (...xs: NDArray[]): NDArray => xs.map((x) => np.sum(x)).reduce((a, b) => np.add(a, b));
const squared = (x: NDArray): NDArray => np.sum(np.square(x));

/** Losses of a 2 x 2 matrix, a vector of 2 and a sequence of 3 vectors, each through a loop of another kind. */
const losses: Record<string, (loop: Loop) => Loss> = {
  'a recurrent network': (loop) => (w, h, xs) => {
    const [last, ys] = loop(
      (state, x) => {
        const next = np.tanh(np.add(np.matmul(w, state), x));
        return [next, squared(next)];
      },
      h,
      xs,
    );
    return total(ys, np.multiply(last, last));
  },
  'a loop from the last step to the first': (loop) => (w, h, xs) => {
    const [last, ys] = loop((s, x) => [np.sin(np.add(np.matmul(w, s), x)), s], h, xs, { reverse: true });
    return np.add(squared(last), np.sum(np.multiply(ys, np.cumsum(xs, 0))));
  },
  'a carried tree with a counter of integers': (loop) => (w, h, xs) => {
    const start = { i: np.array(0, { dtype: 'int32' }), s: [h, np.multiply(h, h)] as const };
    const [end, ys] = loop(
      ({ i, s: [a, b] }, x) => {
        const scaled = np.multiply(np.astype(i, 'float64'), np.matmul(w, a));
        return [{ i: np.add(i, 1), s: [np.add(b, x), np.add(scaled, b)] as const }, np.multiply(a, x)];
      },
      start,
      xs,
    );
    return total(np.multiply(end.s[0], end.s[1]), ys, np.astype(end.i, 'float64'));
  },
  'a value that turns variable only in the second step': (loop) => (w, h, xs) => {
    const none = np.zeros([2], 'float64');
    const [[a, b, c]] = loop(
      ([, b, c], x) => [[np.add(b, x), np.sin(c), np.matmul(w, c)] as const, null],
      [none, none, h] as const,
      xs,
    );
    return total(np.multiply(a, b), c);
  },
  'no sequence, only a length': (loop) => (w, h, xs) => {
    const [last] = loop((s) => [np.tanh(np.matmul(w, s)), null], h, null, { length: 4 });
    return np.add(squared(last), np.sum(np.multiply(xs, xs)));
  },
  'no state, only a sequence': (loop) => (w, h, xs) => {
    const [, ys] = loop((s, x) => [s, np.exp(np.matmul(w, np.multiply(x, h)))], null, xs);
    return np.sum(ys);
  },
  'results that are the state, the slice, a constant and each other': (loop) => (w, h, xs) => {
    const [last, ys] = loop(
      (s, x) => {
        const next = np.multiply(s, x);
        return [next, [s, x, next, next, w, np.full([2], 3, 'float64')] as const];
      },
      h,
      xs,
    );
    return total(last, ...ys.map((y) => np.multiply(y, y)));
  },
  'a loop inside a loop': (loop) => (w, h, xs) => {
    const [last, ys] = loop(
      (s, x) => {
        const [inner, trail] = loop(
          (t, y) => [np.add(np.matmul(w, np.sin(t)), np.multiply(y, x)), np.multiply(t, s)],
          s,
          xs,
        );
        return [np.tanh(inner), np.sum(trail)];
      },
      h,
      xs,
    );
    return total(last, ys);
  },
  'gradient descent inside a loop': (loop) => (w, h, xs) => {
    const loss = (p: NDArray, x: NDArray) => squared(np.subtract(np.sin(np.matmul(p, x)), h));
    const [trained, history] = loop((p, x) => [np.subtract(p, np.multiply(0.1, grad(loss)(p, x))), loss(p, x)], w, xs);
    return total(trained, history);
  },
  'a stopped gradient': (loop) => (w, h, xs) => {
    const [last] = loop((s, x) => [np.add(np.multiply(stopGradient(s), x), np.matmul(w, s)), null], h, xs);
    return squared(last);
  },
};

describe('scan agrees with the loop written out', () =>
  twinSuite(
    Object.fromEntries(
      Object.entries(losses).map(([name, loss]) => [
        name,
        // These bodies name float64 themselves.
        { actual: loss(scan), expected: loss(unrolled), float64Only: /counter|second step|constant/.test(name) },
      ]),
    ),
  ));

describe('scan at the edges', () => {
  const xs = np.array([
    [1, 2],
    [3, 4],
  ]);

  test('no steps: the carry is the start and the stack is empty', async () => {
    const f = (h: NDArray, x: NDArray) => {
      const [last, ys] = scan((s, y: NDArray) => [np.add(s, y), np.multiply(s, y)], h, x);
      return [last, ys];
    };
    const given = [hostArray([1, 2], [2], 'float32'), hostArray([], [0, 2], 'float32')];
    const { inputs, outputs } = graphOf(f, given);
    for (const [last, ys] of [evaluateAt(f, given), await runCompiled(inputs, outputs, given)]) {
      expect([...last.data]).toEqual([1, 2]);
      expect([...ys.shape]).toEqual([0, 2]);
    }
  });

  test('empty arrays in the state', async () => {
    const f = (h: NDArray, x: NDArray) => scan((s, y: NDArray) => [np.add(s, np.sum(y)), np.multiply(s, 2)], h, x);
    const given = [hostArray([], [0], 'float32'), hostArray([1, 2, 3, 4], [2, 2], 'float32')];
    const { inputs, outputs } = graphOf(f, given);
    const actual = await runCompiled(inputs, outputs, given);
    expect(actual.map((y) => [...y.shape])).toEqual([[0], [2, 0]]);
  });

  test('a thousand steps, forwards and backwards', async () => {
    const f = (w: NDArray) => {
      const walk = (p: NDArray) => {
        const [last] = scan((s) => [np.add(np.multiply(s, p), 1e-3), null], np.array(0, { dtype: 'float64' }), null, {
          length: 1000,
        });
        return last;
      };
      return [walk(w), grad(walk)(w)];
    };
    const p = 0.999;
    const given = [hostArray([p], [], 'float64')];
    const { inputs, outputs } = graphOf(f, given);
    const [value, slope] = await runCompiled(inputs, outputs, given);
    const n = 1000;
    expect(value.data[0]).toBeCloseTo((1e-3 * (1 - p ** n)) / (1 - p), 12);
    expect(slope.data[0]).toBeCloseTo((1e-3 * (1 - p ** n - n * p ** (n - 1) * (1 - p))) / (1 - p) ** 2, 8);
  });

  test('what the body does not change is computed once, outside', () => {
    const { outputs } = graphOf(
      (w) => scan((s: NDArray, x: NDArray) => [np.add(s, np.multiply(np.exp(w), x)), null], np.zeros([2]), xs)[0],
      [{ shape: [2], dtype: 'float32' }],
    );
    expect(topological(outputs).filter((n) => n.primitive.name === 'exp')).toHaveLength(1);
  });

  test('known arrays give known results', () => {
    const [last, ys] = scan((s: NDArray, x: NDArray) => [np.add(s, x), s], np.zeros([2]), xs);
    expect([listOf(last), listOf(ys)]).toEqual([
      [4, 6],
      [0, 0, 1, 2],
    ]);
  });
});

describe('scan refuses', () => {
  const zero = np.zeros([2]);
  test('a carry that changes its shape, dtype or structure', () => {
    expect(() => scan((s: NDArray) => [np.sum(s), null], zero, null, { length: 2 })).toThrow(
      /scan: the body turns a carry of float32\[2\] into float32\[\]; shape and dtype must stay the same .*scan\.test\.ts/,
    );
    expect(() => scan((s: NDArray) => [np.astype(s, 'float64'), null], zero, null, { length: 2 })).toThrow(
      /float32\[2\] into float64\[2\]/,
    );
    expect(() => scan(((s: NDArray) => [[s], null]) as never, zero, null, { length: 2 })).toThrow(
      /scan: the body returns a carry of structure/,
    );
  });

  test('sequences of different lengths, and none', () => {
    const body = (s: NDArray) => [s, null] as const;
    expect(() => scan(body, zero, [np.zeros([2]), np.zeros([3])])).toThrow(/scan: needs one length; found 2, 3/);
    expect(() => scan(body, zero, np.zeros([2]), { length: 3 })).toThrow(/found 2, 3/);
    expect(() => scan(body, zero, null)).toThrow(/no length is given/);
    expect(() => scan(body, zero, np.zeros([]))).toThrow(/scan/);
  });
});
