import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { constant, input } from '../array/ndarray.ts';
import { evaluateAt, expectClose, graphOf, hostArray, listOf } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { seed } from '../primitives/forward.fixture.ts';
import { configure, jit } from '../runtime/index.ts';
import { computeAt, runCompiled } from '../runtime/testing.fixture.ts';
import { cond, grad, scan, vmap } from './index.ts';
import { type Loss, twinSuite } from './twins.fixture.ts';

beforeAll(() => configure({ threads: 1 }));

type NDArray = np.NDArray;
type Choose = (predicate: NDArray, a: () => NDArray, b: () => NDArray) => NDArray;

/** What cond means for results of one shape: both branches, and one of them. */
const both: Choose = (predicate, a, b) => np.where(predicate, a(), b());
const one: Choose = (predicate, a, b) => cond(predicate, a, b);
const squared = (x: NDArray): NDArray => np.sum(np.square(x));
const first = (x: NDArray): NDArray => np.slice(np.ravel(x), 0);

const losses: Record<string, (choose: Choose) => Loss> = {
  'branches that close over everything': (choose) => (w, h, xs) =>
    choose(
      np.less(first(h), 0.1),
      () => squared(np.sin(np.matmul(w, h))),
      () => np.sum(np.multiply(np.matmul(w, h), xs)),
    ),
  'a branch that depends on less than the other': (choose) => (w, h, xs) =>
    np.add(
      choose(
        np.less(first(xs), 10),
        () => np.sum(np.exp(h)),
        () => squared(w),
      ),
      choose(
        np.less(10, first(xs)),
        () => np.full([], 2, xs.dtype),
        () => np.multiply(squared(w), squared(h)),
      ),
    ),
  'a choice within a choice': (choose) => (w, h, xs) =>
    choose(
      np.less(first(w), 5),
      () =>
        choose(
          np.less(first(h), 0),
          () => np.sum(np.matmul(xs, h)),
          () => squared(np.matmul(xs, np.tanh(w))),
        ),
      () => np.sum(w),
    ),
  'a choice in every step of a loop': (choose) => (w, h, xs) => {
    const [last, ys] = scan(
      (s, x) => {
        const next = choose(
          np.less(first(x), 0),
          () => np.tanh(np.matmul(w, s)),
          () => np.multiply(s, x),
        );
        return [next, np.sum(next)];
      },
      h,
      xs,
    );
    return np.add(squared(last), np.sum(ys));
  },
  'a loop in a branch': (choose) => (w, h, xs) =>
    choose(
      np.less(first(h), 9),
      () => squared(scan((s, x) => [np.sin(np.add(np.matmul(w, s), x)), null], h, xs)[0]),
      () => np.sum(h),
    ),
};

describe('cond agrees with where', () =>
  twinSuite(
    Object.fromEntries(
      Object.entries(losses).map(([name, loss]) => [name, { actual: loss(one), expected: loss(both) }]),
    ),
  ));

describe('cond', () => {
  const isPositive = (x: NDArray) => np.greater(np.sum(x), 0);

  test('takes and returns trees of every dtype, empty ones too', async () => {
    const f = (x: NDArray, i: NDArray) => {
      const r = cond(
        isPositive(x),
        (t: { x: NDArray; i: NDArray }) => ({
          i: np.add(t.i, 1),
          b: np.less(t.x, 1),
          none: np.zeros([0, 2]),
          x: t.x,
          n: null,
        }),
        (t) => ({ i: t.i, b: np.less(1, t.x), none: np.ones([0, 2]), x: np.negative(t.x), n: null }),
        { x, i },
      );
      return [r.i, r.b, r.none, r.x];
    };
    for (const data of [
      [1, 2],
      [-1, -2],
    ]) {
      for (const dtype of ['float32', 'float64'] as const) {
        const given = [hostArray(data, [2], dtype), hostArray([7], [], 'int32')];
        const found = await computeAt(f, given);
        evaluateAt(f, given).forEach((want, i) => {
          expectClose(`result ${i}`, found[i], want);
        });
        expect([...found[0].data, ...found[1].data, ...found[3].data]).toEqual(
          data[0] > 0 ? [8, 0, 0, 1, 2] : [7, 0, 0, 1, 2],
        );
      }
    }
  });

  test('a known predicate picks its branch while the function is traced', () => {
    let traced = 0;
    const count = (x: NDArray) => {
      traced++;
      return x;
    };
    const x = input({ shape: [2], dtype: 'float32' });
    expect(
      cond(
        np.array(true),
        () => x,
        () => count(x),
      ),
    ).toBe(x);
    expect(
      cond(
        np.array(false),
        (y: NDArray) => count(y),
        (y) => y,
        x,
      ),
    ).toBe(x);
    expect(traced).toBe(0);
  });

  test('a predicate that becomes known when the graph is rebuilt picks its branch then', () => {
    const { inputs, outputs } = graphOf(
      (x) =>
        cond(
          isPositive(x),
          () => np.exp(x),
          () => np.sin(x),
        ),
      [{ shape: [2], dtype: 'float32' }],
    );
    expect(inputs).toHaveLength(1);
    expect(outputs[0].node.primitive.name).toBe('cond');
    const value = grad((x: NDArray) =>
      np.sum(
        cond(
          isPositive(x),
          () => np.exp(x),
          () => np.sin(x),
        ),
      ),
    )(np.array([0, 0]));
    expect(listOf(value)).toEqual([1, 1]);
  });

  test('computes only the branch that is chosen', async () => {
    // The branch not taken reads beyond the end, which the runtime refuses.
    const f = jit((x: NDArray, i: NDArray) =>
      cond(
        np.less(i, 2),
        () => np.take(x, i),
        () => np.full([], -1),
      ),
    );
    const x = np.array([5, 6]);
    expect(await f(x, np.array(1, { dtype: 'int32' })).item()).toBe(6);
    expect(await f(x, np.array(99, { dtype: 'int32' })).item()).toBe(-1);
  });

  test('an infinite derivative of the branch not taken does no harm', () => {
    const f = (x: NDArray) =>
      cond(
        np.greater(x, 0),
        () => np.sqrt(x),
        () => np.multiply(x, 2),
      );
    expect(evaluateAt(grad(f), [hostArray([0], [], 'float64')])[0].data[0]).toBe(2);
  });

  test('under vmap each element takes its own branch', async () => {
    const f = (x: NDArray) =>
      cond(
        isPositive(x),
        () => np.sum(x),
        () => np.prod(x),
      );
    const rows = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(rows, async (xs) => {
        const [y] = await computeAt(vmap(f), [hostArray(xs.flat(), [xs.length, 2], 'float32')]);
        expect([...y.data]).toEqual(xs.map(([a, b]) => (a + b > 0 ? a + b : a * b)));
      }),
      { seed, numRuns: 10 },
    );
  });

  test('results that are operands, constants and large constants', async () => {
    const large = constant(new Float32Array(2000).fill(3), [2000]);
    const f = (x: NDArray) => {
      const y = cond(
        isPositive(x),
        () => [x, np.array([1, 2]), large, x],
        () => [np.array([1, 2]), x, np.full([2000], 4), x],
      );
      return [...y];
    };
    for (const sign of [1, -1]) {
      const given = [hostArray([sign, sign], [2], 'float32')];
      const { inputs, outputs } = graphOf(f, given);
      const found = await runCompiled(inputs, outputs, given);
      evaluateAt(f, given).forEach((want, i) => {
        expectClose(`result ${i}`, found[i], want);
      });
    }
  });

  test.each([
    [
      'a predicate of numbers',
      () =>
        cond(
          np.array(1),
          () => np.ones([]),
          () => np.ones([]),
        ),
      /cond: the predicate must be a bool scalar, got float32\[\]; compare/,
    ],
    [
      'a predicate of two elements',
      () =>
        cond(
          np.array([true, true]),
          () => np.ones([]),
          () => np.ones([]),
        ),
      /got bool\[2\]/,
    ],
    [
      'branches of different shapes',
      () =>
        cond(
          input({ shape: [], dtype: 'bool' }),
          () => np.ones([2]),
          () => np.ones([3]),
        ),
      /onTrue returns float32\[2\] where onFalse returns float32\[3\].*cond\.test\.ts/,
    ],
    [
      'branches of different dtypes',
      () =>
        cond(
          input({ shape: [], dtype: 'bool' }),
          () => np.ones([2], 'float64'),
          () => np.ones([2]),
        ),
      /float64\[2\] where onFalse returns float32\[2\]/,
    ],
    [
      'branches of different structure',
      () =>
        cond(
          input({ shape: [], dtype: 'bool' }),
          () => [np.ones([])] as never,
          () => np.ones([]),
        ),
      /cond: onTrue returns the structure/,
    ],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});
