/** @file Two ways to write one function must agree under every transformation, by the reference evaluators and at run time. */
import { describe, test } from 'vitest';
import { evaluate } from '../array/graph.ts';
import type { NDArray } from '../array/ndarray.ts';
import { evaluateAt, expectClose, generator, graphOf, hostArray, randomArray } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { wide } from '../primitives/records.fixture.ts';
import { runCompiled } from '../runtime/testing.fixture.ts';
import { grad, hvp, jvp, vmap } from './index.ts';

/** A scalar function of a 2 x 2 matrix, a vector of 2 and a sequence of 3 vectors. */
export type Loss = (w: NDArray, h: NDArray, xs: NDArray) => NDArray;

/** Inputs are w, h, xs; a direction of w; stacks of three of each. */
const transformations: Record<string, (f: Loss) => (x: readonly NDArray[]) => readonly NDArray[]> = {
  value:
    (f) =>
    ([w, h, xs]) => [f(w, h, xs)],
  grad:
    (f) =>
    ([w, h, xs]) =>
      grad(f, [0, 1, 2])(w, h, xs),
  jvp:
    (f) =>
    ([w, h, xs, v]) =>
      jvp((p: NDArray) => f(p, h, xs), [w], [v]),
  'forward over reverse':
    (f) =>
    ([w, h, xs, v]) => [hvp((p: NDArray) => f(p, h, xs), w, v)],
  'reverse over reverse':
    (f) =>
    ([w, h, xs, v]) => {
      const slope = (p: NDArray, s: NDArray) => np.sum(np.multiply(v, grad(f)(p, s, xs)));
      return grad(slope, [0, 1])(w, h);
    },
  'vmap over everything':
    (f) =>
    ([, , , , ws, hs, xss]) => [vmap(f, [0, 1, 0])(ws, hs, xss)],
  'vmap over the constant only':
    (f) =>
    ([, h, xs, , ws]) => [vmap(f, [0, null, null])(ws, h, xs)],
  'vmap over the start only':
    (f) =>
    ([w, , xs, , , hs]) => [vmap(f, [null, 1, null])(w, hs, xs)],
  'vmap over the sequence only':
    (f) =>
    ([w, h, , , , , xss]) => [vmap(f, [null, null, 0])(w, h, xss)],
  'vmap of grad':
    (f) =>
    ([, h, , , ws, , xss]) => [vmap(grad(f), [0, null, 0])(ws, h, xss)],
  'grad of vmap':
    (f) =>
    ([, , xs, , ws, hs]) =>
      grad((p: NDArray, s: NDArray) => np.sum(np.square(vmap(f, [0, 1, null])(p, s, xs))), [0, 1])(ws, hs),
};

const random = generator(5);
const shapes = [[2, 2], [2], [3, 2], [2, 2], [3, 2, 2], [2, 3], [3, 3, 2]];
const values = shapes.map((shape) =>
  randomArray(random, shape, 'float64', (r, n, d) => wide(r, n, d).map((x) => x / 2)),
);

const close = { relative: 1e-11, absolute: 1e-12 };
const onRuntime = {
  float64: { relative: 1e-12, absolute: 1e-13 },
  float32: { relative: 2e-5, absolute: 2e-5 },
};

/** A function, what it must be equal to, and what is not asked of it. */
export interface Twins {
  readonly actual: Loss;
  readonly expected: Loss;
  readonly forwardOnly?: boolean;
  readonly reverseOnly?: boolean;
  /** It names float64 itself. */
  readonly float64Only?: boolean;
}

const isForward = (kind: string) => !/grad|reverse/.test(kind);
const isReverse = (kind: string) => !/jvp/.test(kind);

export function twinSuite(all: Readonly<Record<string, Twins>>): void {
  describe.each(Object.entries(all))('%s', (name, { actual, expected, ...limits }) => {
    const kinds = Object.entries(transformations).filter(
      ([kind]) => (!limits.forwardOnly || isForward(kind)) && (!limits.reverseOnly || isReverse(kind)),
    );

    test('by the reference evaluators, under every transformation', () => {
      for (const [kind, transformed] of kinds) {
        const found = evaluateAt((...x) => transformed(actual)(x), values);
        const wanted = evaluateAt((...x) => transformed(expected)(x), values);
        found.forEach((y, i) => {
          expectClose(`${kind} of ${name}, result ${i}`, y, wanted[i], close);
        });
      }
    });

    test.each(limits.float64Only ? (['float64'] as const) : (['float64', 'float32'] as const))(
      'on the runtime in %s',
      async (dtype) => {
        const given = values.map((x) => hostArray(x.data, x.shape, dtype));
        const { inputs, outputs } = graphOf((...x) => kinds.flatMap(([, t]) => t(actual)(x)), given);
        const wanted = evaluate(outputs, new Map(inputs.map((x, i) => [x, given[i]])));
        const found = await runCompiled(inputs, outputs, given);
        found.forEach((y, i) => {
          expectClose(`${name}, result ${i}`, y, wanted[i], onRuntime[dtype]);
        });
      },
    );
  });
}
