import { beforeAll, describe, expect, test } from 'vitest';
import { evaluateAt, expectClose, generator, hostArray, listOf, randomArray } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { wide } from '../primitives/records.fixture.ts';
import { configure, jit } from '../runtime/index.ts';
import { computeAt } from '../runtime/testing.fixture.ts';
import { hostSlice } from './conformance.fixture.ts';
import { grad, hvp, jvp, scan, vmap } from './index.ts';

beforeAll(() => configure({ threads: 1 }));

type NDArray = np.NDArray;
const counts = (...shape: number[]): NDArray => np.reshape(np.arange(shape.reduce((a, b) => a * b, 1)), shape);

describe('axes', () => {
  test('one for all arguments, one per argument, none for some, from the end', () => {
    const x = counts(2, 3);
    expect(listOf(vmap((a: NDArray) => np.sum(a))(x))).toEqual([3, 12]);
    expect(listOf(vmap((a: NDArray) => np.sum(a), 1)(x))).toEqual([3, 5, 7]);
    expect(listOf(vmap((a: NDArray) => np.sum(a), -1)(x))).toEqual([3, 5, 7]);
    const scaled = vmap((a: NDArray, b: NDArray) => np.multiply(a, b), [1, null])(x, counts(2));
    expect([[...scaled.shape], listOf(scaled)]).toEqual([
      [3, 2],
      [0, 3, 0, 4, 0, 5],
    ]);
  });

  test('where the new axis goes', () => {
    const x = counts(2, 3, 4);
    expect([...vmap((a: NDArray) => a, 1, 2)(x).shape]).toEqual([2, 4, 3]);
    expect([...vmap((a: NDArray) => a, 2, -2)(x).shape]).toEqual([2, 4, 3]);
    expect([...vmap((_: NDArray) => counts(5), 0, 1)(x).shape]).toEqual([5, 2]);
  });

  test('one axis for all leaves of a tree; trees come back', () => {
    const p = { w: counts(2, 3), b: [counts(2)] as const };
    const y = vmap((q: typeof p) => ({ sum: np.add(np.sum(q.w), q.b[0]), none: null }))(p);
    expect([listOf(y.sum), y.none]).toEqual([[3, 13], null]);
  });

  test('an argument that is not mapped may be anything', () => {
    const y = vmap((a: NDArray, o: { by: number }) => np.multiply(a, o.by), [0, null])(counts(2), { by: 3 });
    expect(listOf(y)).toEqual([0, 3]);
  });

  test('a size of 0', () => {
    const y = vmap((a: NDArray) => np.matmul(a, counts(3, 2)))(np.zeros([0, 3]));
    expect([...y.shape]).toEqual([0, 2]);
  });

  test('a result that does not depend on the mapped arguments is repeated', () => {
    expect(listOf(vmap((_: NDArray) => np.full([], 7))(counts(3)))).toEqual([7, 7, 7]);
  });
});

describe('vmap meets the other transformations', () => {
  const random = generator(9);
  const w = randomArray(random, [3, 2, 2], 'float64', wide);
  const x = randomArray(random, [2, 3], 'float64', wide);
  const v = randomArray(random, [3, 2, 2], 'float64', wide);
  const loss = (p: NDArray, a: NDArray) => np.sum(np.square(np.tanh(np.matmul(p, a))));

  /** Three calls of f, on matrices along axis 0 and vectors along axis 1, against one batched call. */
  async function agree(label: string, f: (...xs: NDArray[]) => NDArray) {
    const axes = [0, 1, 0];
    const values = [w, x, v];
    const ways = [evaluateAt(vmap(f, axes), values), await computeAt(vmap(f, axes), values)];
    for (let b = 0; b < 3; b++) {
      const [want] = evaluateAt(
        f,
        values.map((y, i) => hostSlice(y, axes[i], b)),
      );
      for (const [y] of ways) {
        expectClose(`${label}, element ${b}`, hostSlice(y, 0, b), want, { relative: 1e-12, absolute: 1e-13 });
      }
    }
  }

  test('per-example gradients', () => agree('grad', (p, a) => grad(loss)(p, a)));
  test('per-example Hessian-vector products', () => agree('hvp', (p, a, t) => hvp((q: NDArray) => loss(q, a), p, t)));
  test('jvp', () => agree('jvp', (p, a, t) => jvp((q: NDArray) => loss(q, a), [p], [t])[1]));
  test('vmap inside', () => agree('vmap', (p, a) => vmap((row: NDArray) => np.multiply(row, a))(p)));
  test('grad of vmap inside', () =>
    agree('grad of vmap', (p, a) =>
      grad((q: NDArray) => np.sum(vmap((row: NDArray) => np.sum(np.sin(np.multiply(row, a))))(q)))(p),
    ));
  test('scan inside', () =>
    agree('scan', (p, a) => scan((s: NDArray) => [np.tanh(np.matmul(p, s)), null], a, null, { length: 3 })[0]));
  test('jit inside', () =>
    agree(
      'jit',
      jit((p, a) => np.matmul(p, a)),
    ));

  test('over both axes of an outer product', () => {
    const table = vmap(
      vmap((a: NDArray, b: NDArray) => np.subtract(a, b), [null, 0]),
      [0, null],
    );
    const y = table(counts(2), counts(3));
    expect([[...y.shape], listOf(y)]).toEqual([
      [2, 3],
      [0, -1, -2, 1, 0, -1],
    ]);
  });

  test('a closed-over variable of an enclosing derivative', () => {
    const f = (p: NDArray) => np.sum(vmap((a: NDArray) => np.multiply(p, np.multiply(a, p)))(counts(3)));
    expect(listOf(grad(f)(np.array(2)))).toEqual([12]);
  });

  test('a closed-over variable of an enclosing vmap', () => {
    const y = vmap((a: NDArray) => vmap((b: NDArray) => np.multiply(a, np.add(a, b)))(counts(2)))(counts(3));
    expect(listOf(y)).toEqual([0, 0, 1, 2, 4, 6]);
  });

  test('integers and truths', () => {
    const picked = vmap((row: NDArray, i: NDArray) => np.take(row, i))(
      counts(2, 3),
      np.array([2, 0], { dtype: 'int32' }),
    );
    expect(listOf(picked)).toEqual([2, 3]);
    expect(
      listOf(
        vmap((row: NDArray) => np.argmax(row))(
          np.array([
            [1, 3],
            [4, 2],
          ]),
        ),
      ),
    ).toEqual([1, 0]);
    expect(
      listOf(
        vmap((row: NDArray) => np.all(row))(
          np.array([
            [true, true],
            [true, false],
          ]),
        ),
      ),
    ).toEqual([1, 0]);
  });
});

describe('errors', () => {
  const f = (...xs: NDArray[]) => xs[0];
  test.each([
    [
      () => vmap(f)(counts(2), counts(3)),
      /vmap: the mapped axes differ in size: 2, but argument 1 has a leaf of shape \[3\] with 3 along axis 0/,
    ],
    [() => vmap((p: NDArray[]) => p[0])([counts(2), counts(3)]), /differ in size: 2, but argument 0/],
    [() => vmap(f, [0])(counts(2), counts(2)), /vmap: 1 axes were given for 2 arguments/],
    [() => vmap(f, [null])(counts(2)), /vmap: no argument is mapped/],
    [() => vmap(f, 1)(counts(2)), /vmap: axis 1 is out of range for an array of 1 dimensions.*vmap\.test\.ts/],
    [() => vmap(f, 0, 2)(counts(2, 2)), undefined],
    [() => vmap(f, 0, 3)(counts(2, 2)), /vmap: axis 3 is out of range/],
    [() => vmap((() => 3) as never)(counts(2)), /vmap|the result of the function must be an array/],
    [() => vmap(f)(3 as never), /argument 0 must be an array .* found number 3/],
  ] as [() => unknown, RegExp | undefined][])('%#', (run, message) => {
    if (message === undefined) expect(run).toThrow();
    else expect(run).toThrow(message);
  });
});

test('batches of one element and scalars inside', () => {
  const y = evaluateAt(
    vmap((a: NDArray) => np.softmax(np.expandDims(a, 0))),
    [hostArray([3], [1], 'float32')],
  );
  expect([[...y[0].shape], ...y[0].data]).toEqual([[1, 1], 1]);
});
