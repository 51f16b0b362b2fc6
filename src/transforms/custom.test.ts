import { beforeAll, describe, expect, test } from 'vitest';
import { normalize, topological } from '../array/graph.ts';
import { evaluateAt, graphOf, hostArray, listOf, numberAt } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { configure, jit } from '../runtime/index.ts';
import { computeAt } from '../runtime/testing.fixture.ts';
import { cond, customJvp, customVjp, grad, jvp, scan, stopGradient, vmap, whileLoop } from './index.ts';
import { type Loss, twinSuite } from './twins.fixture.ts';

beforeAll(() => configure({ threads: 1 }));

type NDArray = np.NDArray;
const squared = (x: NDArray): NDArray => np.sum(np.square(x));

/** The layer tanh(w x), with its derivative left to the engine and written by hand in both ways. */
type Layer = (w: NDArray, x: NDArray) => NDArray;
const plain: Layer = (w, x) => np.tanh(np.matmul(w, x));
const slope = (y: NDArray) => np.subtract(1, np.square(y));
const withJvp: Layer = customJvp(plain, ([w, x], [tw, tx]) => {
  // The rule calls the function it belongs to.
  const y = withJvp(w, x);
  return [y, np.multiply(slope(y), np.add(np.matmul(tw, x), np.matmul(w, tx)))];
});
const withVjp: Layer = customVjp(
  plain,
  (w, x) => {
    const y = withVjp(w, x);
    return [y, { w, x, y }];
  },
  ({ w, x, y }, ct) => {
    const d = np.multiply(slope(y), ct);
    return [np.einsum('i,j->ij', d, x), np.matmul(np.transpose(w), d)];
  },
);

/** exp of a tree with an argument of integers, through values from outside. */
type Scaled = (scale: NDArray, tree: { a: NDArray; k: NDArray }) => readonly [NDArray, { twice: NDArray; k: NDArray }];
const plainTree: Scaled = (scale, { a, k }) => {
  const y = np.multiply(scale, np.exp(np.multiply(0.1, a)));
  return [y, { twice: np.multiply(2, y), k }];
};
const scaledJvp: Scaled = (scale, tree) => {
  const fixed = stopGradient(scale);
  return customJvp(
    (t: { a: NDArray; k: NDArray }) => plainTree(fixed, t),
    ([t], [d]) => {
      const y = plainTree(fixed, t);
      const dy = np.multiply(np.multiply(0.1, y[0]), d.a);
      return [y, [dy, { twice: np.multiply(2, dy), k: np.zerosLike(t.k) }] as const];
    },
  )(tree);
};
const scaledVjp: Scaled = (scale, tree) => {
  const fixed = stopGradient(scale);
  return customVjp(
    (t: { a: NDArray; k: NDArray }) => plainTree(fixed, t),
    (t) => {
      const y = plainTree(fixed, t);
      return [y, [y[0], t.k] as const];
    },
    ([y, k], [ct, { twice }]) => [
      { a: np.multiply(np.multiply(0.1, y), np.add(ct, np.multiply(2, twice))), k: np.zerosLike(k) },
    ],
  )(tree);
};

const int = (x: number) => np.array(x, { dtype: 'int32' });
const losses: Record<string, (layer: Layer, scaled: Scaled) => Loss> = {
  'applied once': (layer) => (w, h, xs) => np.add(squared(layer(w, h)), np.sum(xs)),
  'applied to its own result': (layer) => (w, h, xs) => np.sum(np.matmul(xs, layer(w, layer(w, h)))),
  'trees, integers and a value from outside': (_, scaled) => (w, h, xs) => {
    const [y, { twice }] = scaled(stopGradient(np.sum(xs)), { a: np.matmul(w, h), k: int(3) });
    return np.sum(np.multiply(y, twice));
  },
  'under vmap': (layer) => (w, h, xs) =>
    np.add(squared(vmap((x: NDArray) => layer(w, np.multiply(x, h)))(xs)), squared(h)),
  'in the body of scan': (layer) => (w, h, xs) => {
    const [last, ys] = scan((s, x) => [np.add(layer(w, s), x), np.sum(s)], h, xs);
    return np.add(squared(last), np.sum(ys));
  },
  'in the body of scan, with a value from outside': (_, scaled) => (w, h, xs) => {
    const outside = stopGradient(np.sum(h));
    const [last] = scan((s, x) => [scaled(outside, { a: np.add(np.matmul(w, s), x), k: int(1) })[0], null], h, xs);
    return squared(np.tanh(last));
  },
  'in a branch': (layer) => (w, h, xs) =>
    cond(
      np.less(np.sum(h), 50),
      () => squared(layer(w, h)),
      () => np.sum(xs),
    ),
};

describe('the derivative written by hand agrees with the engine’s', () =>
  twinSuite(
    Object.fromEntries(
      Object.entries(losses).flatMap(([name, loss]) => [
        [`customJvp ${name}`, { actual: loss(withJvp, scaledJvp), expected: loss(plain, plainTree) }],
        [`customVjp ${name}`, { actual: loss(withVjp, scaledVjp), expected: loss(plain, plainTree) }],
      ]),
    ),
  ));

const at = (x: number) => [hostArray([x], [], 'float64')];

describe('rules are used, not the derivative of the function', () => {
  const doubled = customJvp(
    (x: NDArray) => np.sin(x),
    ([x], [t]) => [np.sin(x), np.multiply(100, t)],
  );
  const reversed = customVjp(
    (x: NDArray) => np.sin(x),
    (x) => [np.sin(x), null],
    (_, ct) => [np.multiply(100, ct)],
  );

  test.each([
    ['customJvp', doubled],
    ['customVjp', reversed],
  ])('%s, in both modes', (_, f) => {
    expect(numberAt(grad(f), at(1))).toBe(100);
    expect(numberAt((x) => jvp(f, [x], [np.array(2, { dtype: 'float64' })])[1], at(1))).toBe(200);
    expect(numberAt((x) => f(x), at(1))).toBe(Math.sin(1));
    expect(listOf(vmap(grad(f))(np.array([1, 2])))).toEqual([100, 100]);
    expect(listOf(grad((x: NDArray) => np.sum(vmap(f)(x)))(np.array([1, 2])))).toEqual([100, 100]);
    expect(numberAt(grad(jit(f)), at(1))).toBe(100);
  });

  test('clipped cotangents: a backward rule that is not linear', async () => {
    const clipped = customVjp(
      function clipGradient(x: NDArray) {
        return x;
      },
      (x) => [x, null],
      (_, ct) => [np.clip(ct, -1, 1)],
    );
    const loss = (x: NDArray) => np.sum(np.multiply(np.array([3, 0.5, -7]), clipped(x)));
    const given = [hostArray([1, 1, 1], [3], 'float32')];
    const [y] = await computeAt((x) => grad(loss)(x), given);
    expect([...y.data]).toEqual([1, 0.5, -1]);
    expect(() => evaluateAt((x) => jvp(loss, [x], [x])[1], given)).toThrow(
      /customVjp: the backward rule of clipGradient is not linear.*forward mode/,
    );
  });

  test('a sign in the backward rule is not taken for linear either', () => {
    const f = customVjp(
      (x: NDArray) => x,
      (x) => [x, null],
      (_, ct) => [np.sign(ct)],
    );
    expect(numberAt(grad(f), at(3))).toBe(1);
    expect(() => numberAt((x) => jvp(f, [x], [x])[1], at(3))).toThrow(/not linear/);
  });

  test('the implicit derivative of a fixed point found by whileLoop (one step of the Neumann series at a time)', async () => {
    // x = cos(a x): dx/da = -x sin(a x) / (1 + a sin(a x)).
    const solve = (a: NDArray) =>
      whileLoop(
        ([x, old]: readonly [NDArray, NDArray]) => np.greater(np.abs(np.subtract(x, old)), 1e-15),
        ([x]) => [np.cos(np.multiply(a, x)), x] as const,
        [np.full([], 0.5, 'float64'), np.full([], 2, 'float64')] as const,
      )[0];
    const fixedPoint = customVjp(
      solve,
      (a) => {
        const x = solve(a);
        return [x, [a, x] as const];
      },
      ([a, x], ct) => {
        const s = np.sin(np.multiply(a, x));
        return [np.divide(np.multiply(ct, np.negative(np.multiply(x, s))), np.add(1, np.multiply(a, s)))];
      },
    );
    const [slopeFound] = await computeAt((a) => grad(fixedPoint)(a), at(0.8));
    const h = 1e-5;
    const expected = (numberAt(solve, at(0.8 + h)) - numberAt(solve, at(0.8 - h))) / (2 * h);
    expect(slopeFound.data[0]).toBeCloseTo(expected, 8);
  });
});

test('compiled code that asks for no derivative holds the function alone', () => {
  for (const layer of [withJvp, withVjp]) {
    const avals = [
      { shape: [2, 2], dtype: 'float32' },
      { shape: [2], dtype: 'float32' },
    ] as const;
    const nodes = (f: Layer) => {
      const { outputs } = graphOf(f, avals);
      return topological(normalize(outputs)).map((n) => n.primitive.name);
    };
    expect(nodes(layer)).toEqual(nodes(plain));
  }
});

describe('mistakes', () => {
  const x = np.array(1, { dtype: 'float64' });
  const square = (y: NDArray) => np.multiply(y, y);
  test('a closed-over value that is differentiated', () => {
    const f = (w: NDArray) =>
      customJvp(
        function scaledSquare(y: NDArray) {
          return np.multiply(w, y);
        },
        ([y], [t]) => [np.multiply(w, y), np.multiply(w, t)],
      )(x);
    expect(() => grad(f)(x)).toThrow(/customJvp: scaledSquare closes over a value that is differentiated/);
    const g = (w: NDArray) =>
      customVjp(
        (y: NDArray) => np.multiply(w, y),
        (y) => [np.multiply(w, y), null],
        (_, ct) => [np.multiply(w, ct)],
      )(x);
    expect(() => grad(g)(x)).toThrow(/customVjp: the function closes over/);
  });
  test.each([
    [
      'a tangent of another shape',
      () => grad(customJvp(square, ([y]) => [y, np.ones([2], 'float64')]))(x),
      /customJvp: a tangent that the rule of square returns must look like float64\[\], got float64\[2\]/,
    ],
    [
      'a tangent of another structure',
      () => grad(customJvp(square, (([y]: NDArray[]) => [y, [y]]) as never))(x),
      /customJvp: the rule of square returns a tangent of structure/,
    ],
    [
      'too few cotangents',
      () => grad(customVjp(square, (y) => [y, null], (() => []) as never))(x),
      /customVjp: the backward rule of square must return a list of 1 cotangents/,
    ],
    [
      'a cotangent of another dtype',
      () =>
        grad(
          customVjp(
            square,
            (y) => [y, null],
            () => [np.ones([])],
          ),
        )(x),
      /customVjp: a cotangent that the backward rule of square returns must look like float64\[\], got float32\[\]/,
    ],
    [
      'a cotangent of another structure',
      () => grad(customVjp(square, (y) => [y, null], (() => [[x]]) as never))(x),
      /customVjp: the backward rule of square returns cotangent 0 of structure/,
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});
