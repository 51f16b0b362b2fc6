import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluateAt, expectClose, hostArray, listOf } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { seed } from '../primitives/forward.fixture.ts';
import { configure, jit } from '../runtime/index.ts';
import { computeAt } from '../runtime/testing.fixture.ts';
import { cond, grad, jvp, scan, vmap, whileLoop } from './index.ts';
import { type Loss, twinSuite } from './twins.fixture.ts';

beforeAll(() => configure({ threads: 1 }));

type NDArray = np.NDArray;
const int = (x: number): NDArray => np.array(x, { dtype: 'int32' });
const squared = (x: NDArray): NDArray => np.sum(np.square(x));

/** `steps` applications of a body, by each of two loops. */
type Repeat = (body: (s: NDArray) => NDArray, init: NDArray, steps: number) => NDArray;
const repeated: Repeat = (body, init, steps) =>
  whileLoop(
    ({ i }) => np.less(i, steps),
    ({ i, s }) => ({ i: np.add(i, 1), s: body(s) }),
    { i: int(0), s: init },
  ).s;
const written: Repeat = (body, init, steps) => {
  let s = init;
  for (let i = 0; i < steps; i++) s = body(s);
  return s;
};

const losses: Record<string, (repeat: Repeat) => Loss> = {
  'a recurrence': (repeat) => (w, h, xs) =>
    squared(repeat((s) => np.tanh(np.add(np.matmul(w, s), np.sum(xs, 0))), h, 4)),
  'no step at all': (repeat) => (w, h, xs) => np.add(squared(repeat((s) => np.matmul(w, s), h, 0)), np.sum(xs)),
  'a loop inside a loop': (repeat) => (w, h, xs) =>
    squared(
      repeat(
        (s) =>
          np.add(
            repeat((t) => np.sin(np.matmul(w, t)), s, 2),
            np.sum(xs, 0),
          ),
        h,
        2,
      ),
    ),
  'inside scan': (repeat) => (w, h, xs) =>
    squared(scan((s, x) => [repeat((t) => np.cos(np.add(np.matmul(w, t), x)), s, 2), null], h, xs)[0]),
  'scan inside': (repeat) => (w, h, xs) =>
    squared(repeat((s) => scan((t, x) => [np.sin(np.add(np.matmul(w, t), x)), null], s, xs)[0], h, 2)),
  'in a branch': (repeat) => (w, h, xs) =>
    cond(
      np.less(np.sum(h), 100),
      () => squared(repeat((s) => np.sin(np.matmul(w, s)), h, 3)),
      () => np.sum(xs),
    ),
};

describe('whileLoop agrees with the loop written out', () =>
  twinSuite(
    Object.fromEntries(
      Object.entries(losses).map(([name, loss]) => [
        name,
        { actual: loss(repeated), expected: loss(written), forwardOnly: true },
      ]),
    ),
  ));

/** Steps of the Collatz map until 1. */
const collatz = (n: NDArray): NDArray =>
  whileLoop(
    ({ n }) => np.greater(n, 1),
    ({ n, steps }) => ({
      n: np.where(np.equal(np.remainder(n, 2), 0), np.floorDivide(n, 2), np.add(np.multiply(3, n), 1)),
      steps: np.add(steps, 1),
    }),
    { n, steps: int(0) },
  ).steps;
const collatzSteps = (n: number): number => (n <= 1 ? 0 : 1 + collatzSteps(n % 2 === 0 ? n / 2 : 3 * n + 1));

describe('whileLoop', () => {
  const starts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });

  test('under vmap, each element takes its own number of steps', async () => {
    await fc.assert(
      fc.asyncProperty(starts, async (ns) => {
        const given = [hostArray(ns, [ns.length], 'int32')];
        for (const [y] of [evaluateAt(vmap(collatz), given), await computeAt(vmap(collatz), given)]) {
          expect([...y.data]).toEqual(ns.map(collatzSteps));
        }
      }),
      { seed, numRuns: 12 },
    );
  });

  test('under vmap of vmap', async () => {
    const given = [hostArray([1, 7, 27, 2, 9, 5], [2, 3], 'int32')];
    const [y] = await computeAt(vmap(vmap(collatz)), given);
    expect([...y.data]).toEqual([1, 7, 27, 2, 9, 5].map(collatzSteps));
  });

  test('elements that are done keep their state although the others go on to infinity', async () => {
    const f = (x: NDArray) =>
      whileLoop(
        (s: NDArray) => np.less(s, 1e30),
        (s) => np.multiply(s, s),
        x,
      );
    const given = [hostArray([2, 1e20, 1e31], [3], 'float32')];
    const [y] = await computeAt(vmap(f), given);
    expect([...y.data]).toEqual([2 ** 128, 1e40, 1e31].map(Math.fround));
  });

  test("Newton's method: the value and its derivative forwards", async () => {
    const root = (a: NDArray) =>
      whileLoop(
        ([x, old]: readonly [NDArray, NDArray]) => np.greater(np.abs(np.subtract(x, old)), 1e-14),
        ([x]) => [np.multiply(0.5, np.add(x, np.divide(a, x))), x] as const,
        [a, np.zeros([], 'float64')] as const,
      )[0];
    const f = (a: NDArray, t: NDArray) => [root(a), jvp(root, [a], [t])[1]];
    const given = [hostArray([3], [], 'float64'), hostArray([1], [], 'float64')];
    for (const [y, dy] of [evaluateAt(f, given), await computeAt(f, given)]) {
      expect(y.data[0]).toBeCloseTo(Math.sqrt(3), 13);
      expect(dy.data[0]).toBeCloseTo(0.5 / Math.sqrt(3), 13);
    }
  });

  test('states of every dtype, empty ones too', async () => {
    const f = (x: NDArray, i: NDArray, b: NDArray) => {
      const r = whileLoop(
        (s) => np.less(s.i, 5),
        (s) => ({
          x: np.multiply(s.x, 2),
          i: np.add(s.i, 2),
          b: np.logicalNot(s.b),
          none: np.add(s.none, 1),
          fixed: s.fixed,
        }),
        { x, i, b, none: np.zeros([0, 2]), fixed: np.array([1, 2]) },
      );
      return [r.x, r.i, r.b, r.none, r.fixed];
    };
    for (const dtype of ['float32', 'float64'] as const) {
      for (const start of [0, 9]) {
        const given = [
          hostArray([1, 2], [2], dtype),
          hostArray([start], [], 'int32'),
          hostArray([1, 0, 1], [3], 'bool'),
        ];
        const found = await computeAt(f, given);
        evaluateAt(f, given).forEach((want, i) => {
          expectClose(`result ${i}`, found[i], want);
        });
        expect([...found[0].data, ...found[1].data, ...found[2].data]).toEqual(
          start === 0 ? [8, 16, 6, 0, 1, 0] : [1, 2, 9, 1, 0, 1],
        );
      }
    }
  });

  test('known values', async () => {
    const never = whileLoop(
      (s: NDArray) => np.less(s, 0),
      (s) => np.add(s, 1),
      np.array(3),
    );
    expect(listOf(never)).toEqual([3]);
    expect(await collatz(int(27)).item()).toBe(collatzSteps(27));
    expect(await jit(collatz)(int(97)).item()).toBe(collatzSteps(97));
  });

  test('in reverse mode an error that says what to do instead', () => {
    const f = (x: NDArray) =>
      whileLoop(
        (s: NDArray) => np.less(s, 100),
        (s) => np.multiply(s, 2),
        x,
      );
    expect(() => evaluateAt(grad(f), [hostArray([1], [], 'float32')])).toThrow(
      /whileLoop: reverse mode would need .* Use scan .*customVjp/,
    );
  });

  test.each([
    [
      'a carry that changes its shape',
      () =>
        whileLoop(
          (s: NDArray) => np.less(np.sum(s), 1),
          (s) => np.sum(s),
          np.ones([2]),
        ),
      /whileLoop: the body turns a carry of float32\[2\] into float32\[\].*while\.test\.ts/,
    ],
    [
      'a carry that changes its structure',
      () =>
        whileLoop(
          () => np.array(true),
          (s) => [s] as never,
          np.ones([2]),
        ),
      /whileLoop: the body returns a carry of structure/,
    ],
    [
      'a predicate of numbers',
      () =>
        whileLoop(
          (s: NDArray) => s,
          (s) => s,
          np.ones([]),
        ),
      /whileLoop: the predicate must give a bool scalar, got float32\[\]/,
    ],
    [
      'no predicate',
      () =>
        whileLoop(
          () => true as never,
          (s) => s,
          np.ones([]),
        ),
      /must give a bool scalar, got true/,
    ],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});
