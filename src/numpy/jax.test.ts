/** @file Values and gradients against jax-js, an independent implementation (float32 on its Wasm device). */
import * as jax from '@jax-js/jax';
import { beforeAll, describe, test } from 'vitest';
import { startJax } from '../array/jax.fixture.ts';
import type { HostArray } from '../array/primitive.ts';
import { distinct, evaluateAt, expectClose, generator, hostArray, randomArray } from '../array/testing.fixture.ts';
import { nonzero, positive, wide } from '../primitives/records.fixture.ts';
import { grad, jvp, stopGradient, vmap } from '../transforms/index.ts';
import * as np from './index.ts';

const jnp = jax.numpy;
type Theirs = jax.Array;
type Ours = np.NDArray;

beforeAll(startJax);

const random = generator(33);
const of = (values: typeof wide, ...shape: number[]): HostArray => randomArray(random, shape, 'float32', values);

interface Pair {
  readonly name: string;
  /** Scalar functions of the same arrays; jax-js takes each array once, further uses are written `.ref`. */
  readonly ours: (...xs: Ours[]) => Ours;
  readonly theirs: (...xs: Theirs[]) => Theirs;
  readonly xs: readonly HostArray[];
}

const labels = [2, 0, 1, 2, 1];
const pairs: readonly Pair[] = [
  {
    name: 'the loss of a network with two hidden layers',
    ours: (w1, b1, w2, b2, x) => {
      const h = np.relu(np.add(np.matmul(np.tanh(np.add(np.matmul(x, w1), b1)), w2), b2));
      return np.mean(np.square(h));
    },
    theirs: (w1, b1, w2, b2, x) => {
      const h = jax.nn.relu(jnp.matmul(jnp.tanh(jnp.matmul(x, w1).add(b1)), w2).add(b2));
      return jnp.mean(jnp.square(h));
    },
    xs: [of(wide, 3, 4), of(wide, 4), of(wide, 4, 2), of(wide, 2), of(wide, 5, 3)],
  },
  {
    name: 'cross-entropy of logits',
    ours: (w, x) => {
      const logs = np.logSoftmax(np.matmul(x, w));
      return np.negative(np.mean(np.sum(np.multiply(logs, np.oneHot(np.array(Int32Array.from(labels)), 3)), -1)));
    },
    theirs: (w, x) => {
      const logs = jax.nn.logSoftmax(jnp.matmul(x, w));
      const hot = jax.nn.oneHot(jnp.array(labels, { dtype: jnp.int32 }), 3);
      return jnp.mean(jnp.sum(logs.mul(hot), -1)).neg();
    },
    xs: [of(wide, 4, 3), of(wide, 5, 4)],
  },
  {
    name: 'logsumexp along an axis',
    ours: (x) => np.sum(np.square(np.logsumexp(x, 0))),
    theirs: (x) => jnp.sum(jnp.square(jax.nn.logsumexp(x, 0))),
    xs: [of(wide, 4, 3)],
  },
  {
    name: 'a chain of twelve tanh',
    ours: (x) => {
      let y = x;
      for (let i = 0; i < 12; i++) y = np.tanh(np.multiply(y, 1.5));
      return np.sum(y);
    },
    theirs: (x) => {
      let y = x;
      for (let i = 0; i < 12; i++) y = jnp.tanh(y.mul(1.5));
      return jnp.sum(y);
    },
    xs: [of(wide, 7)],
  },
  {
    name: 'einsum of three operands',
    ours: (a, b, c) => np.sum(np.square(np.einsum('bij,jk,bk->bi', a, b, c))),
    theirs: (a, b, c) => jnp.sum(jnp.square(jnp.einsum('bij,jk,bk->bi', a, b, c))),
    xs: [of(wide, 2, 3, 4), of(wide, 4, 2), of(wide, 2, 2)],
  },
  {
    name: 'einsum with a diagonal and a batch',
    ours: (a, b) => np.sum(np.sin(np.einsum('bii,bj->ji', a, b))),
    theirs: (a, b) => jnp.sum(jnp.sin(jnp.einsum('bii,bj->ji', a, b))),
    xs: [of(wide, 2, 3, 3), of(wide, 2, 2)],
  },
  {
    name: 'softmax attention',
    ours: (q, k, v) => np.sum(np.square(np.matmul(np.softmax(np.divide(np.matmul(q, np.transpose(k)), 2)), v))),
    theirs: (q, k, v) => jnp.sum(jnp.square(jnp.matmul(jax.nn.softmax(jnp.matmul(q, jnp.transpose(k)).div(2)), v))),
    xs: [of(wide, 3, 4), of(wide, 5, 4), of(wide, 5, 2)],
  },
  {
    name: 'layer normalisation',
    ours: (x, s) => {
      const normed = np.divide(
        np.subtract(x, np.mean(x, -1, true)),
        np.sqrt(np.add(np.variance(x, -1, { keepDims: true }), 1e-5)),
      );
      return np.sum(np.multiply(np.sin(normed), s));
    },
    theirs: (x, s) => {
      const mean = jnp.mean(x.ref, -1, { keepdims: true });
      const variance = jnp.var_(x.ref, -1, { keepdims: true });
      const normed = x.sub(mean).div(jnp.sqrt(variance.add(1e-5)));
      return jnp.sum(jnp.sin(normed).mul(s));
    },
    xs: [of(wide, 3, 5), of(wide, 5)],
  },
  {
    name: 'elementary functions',
    ours: (x) =>
      np.sum(
        [
          np.log,
          np.sqrt,
          np.exp,
          np.sin,
          np.cos,
          np.arctan,
          np.erf,
          np.expm1,
          np.log1p,
          np.reciprocal,
          np.sinh,
          np.cosh,
        ]
          .map((f) => f(x))
          .reduce((a, b) => np.add(np.multiply(a, 0.7), b)),
      ),
    theirs: (x) =>
      jnp.sum(
        [
          jnp.log,
          jnp.sqrt,
          jnp.exp,
          jnp.sin,
          jnp.cos,
          jnp.arctan,
          jax.scipySpecial.erf,
          jnp.expm1,
          jnp.log1p,
          jnp.reciprocal,
          jnp.sinh,
          jnp.cosh,
        ]
          .map((f) => f(x.ref))
          .reduce((a, b) => a.mul(0.7).add(b)),
      ),
    xs: [of(positive, 6)],
  },
  {
    name: 'arcs and powers',
    ours: (x, y) =>
      np.sum(np.multiply(np.arcsin(np.divide(x, 4)), np.add(np.power(y, 2.5), np.arccos(np.divide(x, 4))))),
    theirs: (x, y) => jnp.sum(jnp.arcsin(x.ref.div(4)).mul(jnp.power(y, 2.5).add(jnp.arccos(x.div(4))))),
    xs: [of(wide, 5), of(positive, 5)],
  },
  {
    name: 'reductions: max, min, prod, std',
    ours: (x) => np.sum(np.multiply(np.add(np.max(x, 0), np.min(x, 0)), np.multiply(np.prod(x, 0), np.std(x, 0)))),
    theirs: (x) =>
      jnp.sum(
        jnp
          .max(x.ref, 0)
          .add(jnp.min(x.ref, 0))
          .mul(jnp.prod(x.ref, 0).mul(jnp.std(x, 0))),
      ),
    // Without a 0, where jax-js has no derivative of prod.
    xs: [of((r, n, d) => distinct(r, n, d).map((x) => x + 0.1), 4, 3)],
  },
  {
    name: 'cumulative sums, flips, padding, repetition',
    ours: (x) =>
      np.sum(
        np.sin(
          np.cumsum(
            np.tile(
              np.pad(np.flip(x, 1), [
                [1, 0],
                [0, 2],
              ]),
              [1, 2],
            ),
            1,
          ),
        ),
      ),
    theirs: (x) =>
      jnp.sum(
        jnp.sin(
          jnp.cumsum(
            jnp.tile(
              jnp.pad(jnp.flip(x, 1), [
                [1, 0],
                [0, 2],
              ]),
              [1, 2],
            ),
            1,
          ),
        ),
      ),
    xs: [of(wide, 2, 3)],
  },
  {
    name: 'where, maximum, clip, abs',
    ours: (x, y) =>
      np.sum(np.where(np.less(x, y), np.maximum(np.square(x), y), np.multiply(np.clip(x, -1, 1), np.abs(y)))),
    theirs: (x, y) =>
      jnp.sum(
        jnp.where(x.ref.less(y.ref), jnp.maximum(jnp.square(x.ref), y.ref), jnp.clip(x, -1, 1).mul(jnp.absolute(y))),
      ),
    xs: [of(nonzero, 9), of(nonzero, 9)],
  },
  {
    name: 'lower triangles, traces and broadcasting',
    ours: (x, y) => np.add(np.trace(np.matmul(np.tril(x), np.triu(x))), np.sum(np.multiply(x, np.subtract(y, x)))),
    theirs: (x, y) => jnp.trace(jnp.matmul(jnp.tril(x.ref), jnp.triu(x.ref))).add(jnp.sum(x.ref.mul(y.sub(x)))),
    xs: [of(wide, 3, 3), of(wide, 3)],
  },
  {
    name: 'stopped gradients',
    ours: (x) => np.sum(np.multiply(stopGradient(np.sin(x)), np.square(x))),
    theirs: (x) => jnp.sum(jax.lax.stopGradient(jnp.sin(x.ref)).mul(jnp.square(x))),
    xs: [of(wide, 4)],
  },
];

const load = (x: HostArray): Theirs => jnp.array(x.data as Float32Array<ArrayBuffer>).reshape([...x.shape]);
const unload = async (y: Theirs): Promise<HostArray> => {
  const shape = y.shape;
  return hostArray((await y.data()) as Float32Array, shape, 'float32');
};

// Both round to float32 at every step, in different orders.
const rounding = { relative: 2e-5, absolute: 2e-5 };

describe.each(pairs)('jax-js agrees on $name', ({ ours, theirs, xs }) => {
  const all = xs.map((_, i) => i);
  const load_ = () => xs.map(load);

  test('value', async () => {
    expectClose('value', evaluateAt(ours, xs)[0], await unload(theirs(...load_())), rounding);
  });

  test('gradient with respect to every argument', async () => {
    const want = jax.grad(theirs as never, { argnums: all } as never) as unknown as (...ys: Theirs[]) => Theirs[];
    const expected = await Promise.all(want(...load_()).map(unload));
    evaluateAt((...ys) => grad(ours, all)(...ys) as unknown as Ours[], xs).forEach((g, i) => {
      expectClose(`gradient of argument ${i}`, g, expected[i], rounding);
    });
  });

  test('jvp, and Hessian-vector product for the first argument', async () => {
    const v = randomArray(generator(1), xs[0].shape, 'float32', wide);
    const theirFirst = (rest: Theirs[]) => (x: Theirs) => theirs(x, ...rest.map((r) => r.ref));
    const [, t] = jax.jvp(theirFirst(load_().slice(1)), [load(xs[0])], [load(v)]) as [Theirs, Theirs];
    const ourFirst = (rest: Ours[]) => (x: Ours) => ours(x, ...rest);
    const [mine] = evaluateAt((x, d, ...rest) => jvp(ourFirst(rest), [x], [d])[1], [xs[0], v, ...xs.slice(1)]);
    expectClose('jvp', mine, await unload(t), rounding);

    const slope = jax.grad(theirFirst(load_().slice(1))) as unknown as (x: Theirs) => Theirs;
    const [, h] = jax.jvp(slope, [load(xs[0])], [load(v)]) as [Theirs, Theirs];
    const [second] = evaluateAt((x, d, ...rest) => jvp(grad(ourFirst(rest)), [x], [d])[1], [xs[0], v, ...xs.slice(1)]);
    expectClose('Hessian-vector product', second, await unload(h), { relative: 1e-4, absolute: 1e-4 });
  });
});

test('per-example gradients by vmap', async () => {
  const [w, x] = [of(wide, 4), of(wide, 6, 4)];
  const want = jax.vmap(jax.grad((a: Theirs, b: Theirs) => jnp.tanh(jnp.sum(a.mul(b)))) as never, [null, 0] as never);
  const expected = await unload((want as unknown as (...a: Theirs[]) => Theirs)(load(w), load(x)));
  const [mine] = evaluateAt(
    vmap(
      grad((a: Ours, b: Ours) => np.tanh(np.sum(np.multiply(a, b)))),
      [null, 0],
    ),
    [w, x],
  );
  expectClose('per-example gradients', mine, expected, rounding);
});
