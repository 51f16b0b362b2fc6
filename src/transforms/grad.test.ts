import { beforeAll, describe, expect, test } from 'vitest';
import { topological } from '../array/graph.ts';
import {
  evaluateAt,
  expectClose,
  generator,
  hostArray,
  listOf,
  numberAt,
  randomArray,
} from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { wide } from '../primitives/records.fixture.ts';
import { configure, jit } from '../runtime/index.ts';
import {
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  scan,
  stopGradient,
  valueAndGrad,
  vjp,
  vmap,
} from './index.ts';

beforeAll(() => configure({ threads: 1 }));

type NDArray = np.NDArray;
type Scalar = (x: NDArray) => NDArray;
const double = (x: number | number[] | number[][]): NDArray => np.array(x, { dtype: 'float64' });
const one = double(1);
const two = double(2);
const value = (x: NDArray): number => listOf(x)[0];
const cube: Scalar = (x) => np.multiply(x, np.multiply(x, x));

describe('perturbations of nested derivatives are not confused', () => {
  test('d/dx x * d/dy (x + y)', () => {
    expect(value(grad((x: NDArray) => np.multiply(x, grad((y: NDArray) => np.add(x, y))(one)))(one))).toBe(1);
  });
  test('d/dx x * d/dy (x y) is 2 x', () => {
    expect(value(grad((x: NDArray) => np.multiply(x, grad((y: NDArray) => np.multiply(x, y))(one)))(two))).toBe(4);
  });
  test('d/dx x * d/dx (x + x) with the same name and the same point', () => {
    expect(value(grad((x: NDArray) => np.multiply(x, grad((y: NDArray) => np.add(y, x))(x)))(two))).toBe(1);
    expect(value(grad((x: NDArray) => np.multiply(x, grad((y: NDArray) => np.multiply(y, x))(x)))(two))).toBe(4);
  });
  test('forward mode in forward mode, reverse in forward, forward in reverse', () => {
    const inForward = (inner: (x: NDArray) => Scalar) => (x: NDArray) => np.multiply(x, jvp(inner(x), [one], [one])[1]);
    const inReverse = (inner: (x: NDArray) => Scalar) => (x: NDArray) => np.multiply(x, grad(inner(x))(one));
    const sum = (x: NDArray) => (y: NDArray) => np.add(x, y);
    expect(value(jvp(inForward(sum), [one], [one])[1])).toBe(1);
    expect(value(jvp(inReverse(sum), [one], [one])[1])).toBe(1);
    expect(value(grad(inForward(sum))(one))).toBe(1);
  });
  test('a function that returns its closed-over variable', () => {
    expect(value(grad((x: NDArray) => grad((_: NDArray) => x)(one))(one))).toBe(0);
    expect(value(grad((x: NDArray) => np.multiply(x, grad((y: NDArray) => y)(x)))(two))).toBe(1);
  });
  test('derivatives of the order of 5', () => {
    let f: Scalar = np.sin as Scalar;
    for (let i = 0; i < 5; i++) f = grad(f);
    expect(value(f(double(0.3)))).toBeCloseTo(Math.cos(0.3), 14);
  });
  test('a derivative inside a scan inside a derivative', () => {
    // s <- s + d/dy (x y) = s + x, three times: 3 x.
    const f = (x: NDArray) =>
      scan((s: NDArray) => [np.add(s, grad((y: NDArray) => np.multiply(x, y))(s)), null], double(0), null, {
        length: 3,
      })[0];
    expect(value(grad(f)(two))).toBe(3);
  });
  test('a derivative inside vmap inside a derivative', () => {
    const xs = double([1, 2, 3]);
    const f = (x: NDArray) =>
      np.sum(vmap((y: NDArray) => np.multiply(x, grad((z: NDArray) => np.multiply(np.multiply(z, z), y))(x)))(xs));
    // sum over y of x * 2 x y = 12 x^2
    expect(value(grad(f)(two))).toBe(48);
  });
});

describe('variables stand for the arguments, not for equal arrays', () => {
  test('a closed-over array that is the argument itself is a constant', () => {
    const x = double(3);
    expect(value(grad((y: NDArray) => np.multiply(x, y))(x))).toBe(3);
    expect(value(grad((y: NDArray) => np.multiply(y, y))(x))).toBe(6);
    expect(value(grad((_: NDArray) => np.multiply(x, x))(x))).toBe(0);
    expect(value(jvp((y: NDArray) => np.multiply(x, y), [x], [one])[1])).toBe(3);
  });
  test('one array given as two arguments', () => {
    const x = double(3);
    const [a, b] = grad((u: NDArray, v: NDArray) => np.multiply(u, np.multiply(v, v)), [0, 1])(x, x);
    expect([value(a), value(b)]).toEqual([9, 18]);
  });
  test('one array twice in a tree', () => {
    const x = double(3);
    const g = grad((p: { a: NDArray; b: NDArray }) => np.multiply(p.a, np.square(p.b)))({ a: x, b: x });
    expect([value(g.a), value(g.b)]).toEqual([9, 18]);
  });
  test('no variable is left in a result', () => {
    const x = np.add(np.full([600], 1, 'float64'), np.arange(600));
    const [y, pullback] = vjp((a: NDArray) => np.sin(a), x);
    const [t] = linearize((a: NDArray) => np.sin(a), x);
    const all = [
      y,
      ...pullback(y),
      t,
      grad((a: NDArray) => np.sum(np.sin(a)))(x),
      hvp((a: NDArray) => np.sum(np.sin(a)), x, x),
    ];
    const names = topological(all).map((n) => n.primitive.name);
    expect(names).not.toContain('alias');
    expect(all.some((a) => a.node.traced)).toBe(false);
  });
  test('inside jit as well, and data can be asked for afterwards', async () => {
    const f = jit((x: NDArray) => grad((y: NDArray) => np.multiply(x, cube(y)))(x));
    expect(await f(two).item()).toBe(24);
  });
});

describe('grad and valueAndGrad', () => {
  test('follow the tree of the argument', () => {
    const params = { w: double([[1, 2]]), b: [double(1), null] as const };
    const f = (p: typeof params, x: NDArray) => np.sum(np.add(np.matmul(p.w, x), np.multiply(p.b[0], 3)));
    const g = grad(f)(params, double([[5], [7]]));
    expect([[...g.w.shape], listOf(g.w), listOf(g.b[0]), g.b[1]]).toEqual([[1, 2], [5, 7], [3], null]);
  });
  test('by argument number, one or several', () => {
    const f = (a: NDArray, b: NDArray) => np.multiply(a, np.square(b));
    expect(value(grad(f, 1)(two, double(3)))).toBe(12);
    const [db, da] = grad(f, [1, 0])(two, double(3));
    expect([value(db), value(da)]).toEqual([12, 9]);
  });
  test('arguments that are not differentiated may be anything', () => {
    const f = (x: NDArray, options: { times: number }, name: string) => np.multiply(x, options.times * name.length);
    expect(value(grad(f)(two, { times: 3 }, 'ab'))).toBe(6);
  });
  test('carry an auxiliary tree along', () => {
    const f = (x: NDArray) => [np.square(x), { twice: np.multiply(x, 2), none: null }] as const;
    const [[y, aux], g] = valueAndGrad(f)(double(3));
    expect([value(y), value(aux.twice), aux.none, value(g)]).toEqual([9, 6, null, 6]);
    expect(valueAndGrad((x: NDArray) => np.square(x))(two).map(value)).toEqual([4, 4]);
  });
  test('are zero, in shape and dtype, for what is not used', () => {
    const g = grad((p: { used: NDArray; not: NDArray }) => p.used)({ used: one, not: np.zeros([2, 0, 3]) });
    expect([[...g.not.shape], g.not.dtype]).toEqual([[2, 0, 3], 'float32']);
    expect(value(grad((x: NDArray) => np.astype(np.floor(x), 'float64'))(two))).toBe(0);
    expect(value(grad((_: NDArray) => double(4))(two))).toBe(0);
  });
  test('stop at stopGradient, which is no constant for the value', () => {
    expect(value(grad((x: NDArray) => np.multiply(x, stopGradient(x)))(double(3)))).toBe(3);
    expect(value(grad(grad((x: NDArray) => np.multiply(cube(x), stopGradient(x))))(double(3)))).toBe(54);
  });
  test('keep the dtype of the argument across casts', () => {
    const g = grad((x: NDArray) => np.sum(np.sin(np.astype(np.square(x), 'float64'))) as NDArray)(np.array([0.5]));
    expect(g.dtype).toBe('float32');
    expect(value(g)).toBeCloseTo(Math.cos(0.25), 6);
    const back = grad((x: NDArray) => np.sum(np.astype(np.sin(x), 'float32')))(double([0.5]));
    expect(back.dtype).toBe('float64');
    expect(value(back)).toBeCloseTo(Math.cos(0.5), 6);
  });
});

describe('derivatives at points where rules are chosen by convention', () => {
  const at = (f: Scalar, x: number) => value(grad(f)(double(x)));
  test('relu, abs and sign at 0; extrema at ties', () => {
    expect(at(np.relu, 0)).toBe(0);
    expect(at(np.abs, 0)).toBe(0);
    expect(at(np.sign, 0)).toBe(0);
    expect(at((x) => np.maximum(x, 0), 0)).toBe(0.5);
    expect(at((x) => np.maximum(x, x), 2)).toBe(1);
    expect(listOf(grad((x: NDArray) => np.max(x))(double([1, 3, 3])))).toEqual([0, 0.5, 0.5]);
    expect(at((x) => np.clip(x, 0, 1), 2)).toBe(0);
  });
  test('powers at 0', () => {
    expect(at((x) => np.power(x, 0), 0)).toBe(0);
    expect(at((x) => np.power(x, 1), 0)).toBe(1);
    expect(at((x) => np.power(x, 3), 0)).toBe(0);
    expect(listOf(grad((x: NDArray) => np.sum(np.power(x, double([0, 1, 2]))))(double([0, 0, 0])))).toEqual([0, 1, 0]);
    expect(value(grad((b: NDArray) => np.power(double(0), b))(two))).toBe(0);
    expect(at((x) => np.power(x, 2), -3)).toBe(-6);
  });
  test('prod where factors are 0', () => {
    expect(listOf(grad((x: NDArray) => np.prod(x))(double([2, 0, 3])))).toEqual([0, 6, 0]);
    expect(listOf(grad((x: NDArray) => np.prod(x))(double([0, 0, 3])))).toEqual([0, 0, 0]);
  });
  test('where keeps the branch that is not taken out of the derivative only if it is finite there', () => {
    const safe = (x: NDArray) => {
      const positive = np.less(0, x);
      return np.where(positive, np.log(np.where(positive, x, 1)), 0);
    };
    expect(at(safe, -1)).toBe(0);
  });
  test('logsumexp and softmax far out', () => {
    expect(listOf(grad((x: NDArray) => np.logsumexp(x))(double([1000, 1000])))).toEqual([0.5, 0.5]);
    expect(listOf(grad((x: NDArray) => np.logsumexp(x))(double([-Infinity, 0])))).toEqual([0, 1]);
    expect(listOf(grad((x: NDArray) => np.slice(np.logSoftmax(x), 0))(double([1000, 0])))).toEqual([0, 0]);
  });
});

describe('Jacobians, Hessians and products with them', () => {
  const a = randomArray(generator(1), [2, 3], 'float64', wide);
  const f = (x: NDArray) =>
    np.sin(
      np.matmul(
        np.reshape(x, [2, 3]),
        double([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      ),
    );

  test('jacfwd and jacrev agree and have the output’s axes before the input’s', () => {
    const [forward] = evaluateAt(jacfwd(f), [a]);
    const [reverse] = evaluateAt(jacrev(f), [a]);
    expect([...forward.shape]).toEqual([2, 2, 2, 3]);
    expectClose('jacrev', reverse, forward, { relative: 1e-13, absolute: 1e-13 });
  });

  test('of scalars, and of empty arrays', () => {
    expect([...jacfwd((x: NDArray) => np.square(x))(two).shape]).toEqual([]);
    expect([...jacrev((x: NDArray) => np.multiply(x, double([1, 2])))(two).shape]).toEqual([2]);
    expect([...jacfwd((x: NDArray) => np.sin(x))(np.zeros([0])).shape]).toEqual([0, 0]);
  });

  test('the Hessian is symmetric and its product is the directional derivative of the gradient', () => {
    const loss = (x: NDArray) => np.sum(np.square(f(x)));
    const v = randomArray(generator(2), [2, 3], 'float64', wide);
    const [h] = evaluateAt((x) => np.reshape(hessian(loss)(x), [6, 6]), [a]);
    const [turned] = evaluateAt((x) => np.transpose(np.reshape(hessian(loss)(x), [6, 6])), [a]);
    expectClose('transposed Hessian', turned, h, { relative: 1e-12, absolute: 1e-12 });
    const [product] = evaluateAt((x, y) => hvp(loss, x, y), [a, v]);
    const [full] = evaluateAt((x, y) => np.tensordot(hessian(loss)(x), y), [a, v]);
    expectClose('hvp', product, full, { relative: 1e-12, absolute: 1e-12 });
  });

  test('hvp follows trees', () => {
    const loss = (p: { a: NDArray; b: NDArray }) => np.multiply(np.square(p.a), p.b);
    const h = hvp(loss, { a: two, b: double(3) }, { a: one, b: double(0) });
    expect([value(h.a), value(h.b)]).toEqual([6, 4]);
  });

  test('linearize gives the same map for every direction', () => {
    const [y, map] = linearize((x: NDArray) => ({ s: np.sin(x), c: double(1) }), two);
    expect(value(y.s)).toBe(Math.sin(2));
    for (const t of [1, -3]) expect(value(map(double(t)).s)).toBeCloseTo(t * Math.cos(2), 15);
    expect(value(map(one).c)).toBe(0);
  });

  test('vjp takes a tree and returns one entry per argument', () => {
    const [y, pullback] = vjp(
      (p: { w: NDArray }, x: NDArray) => [np.multiply(p.w, x), x] as const,
      { w: two },
      double(3),
    );
    expect(y.map(value)).toEqual([6, 3]);
    const [dp, dx] = pullback([one, double(10)]);
    expect([value(dp.w), value(dx)]).toEqual([3, 12]);
  });

  test('differences check numbers, too', () => {
    const g = numberAt(grad(cube), [hostArray([1.5], [], 'float64')]);
    expect(g).toBeCloseTo(6.75, 12);
  });
});

describe('errors', () => {
  test.each([
    [
      () => grad((x: NDArray) => x)(np.zeros([2])),
      /grad: needs a function that returns a float scalar .* got float32\[2\].*grad\.test\.ts/,
    ],
    [() => grad((x: NDArray) => x)(np.zeros([1])), /got float32\[1\]/],
    [() => grad((() => 3) as never)(one), /got number/],
    [() => grad((x: NDArray) => np.astype(x, 'int32'))(one), /got int32\[\]/],
    [
      () => grad((x: NDArray) => np.sum(x))(np.zeros([2], 'int32')),
      /grad: differentiates with respect to float arrays only, got int32\[2\]/,
    ],
    [() => grad((x: NDArray) => x, 1 as 0)(one), /grad: there is no argument 1 \(1 were given\)/],
    [
      () => grad((x: { a: NDArray }) => x.a)({ a: 3 } as never),
      /the argument to differentiate\[0\]\.a must be an array .* found number 3/,
    ],
    [() => valueAndGrad((x: NDArray) => [x, 3] as never)(one), /the auxiliary result\[0\] must be an array/],
    [
      () => jvp((x: NDArray) => x, [one], [np.zeros([])]),
      /jvp: a tangent of float64\[\] must have the same shape and dtype, got float32\[\]/,
    ],
    [() => jvp((x: NDArray) => x, [one], [[one]] as never), /jvp: the tangents' structure/],
    [() => vjp((x: NDArray) => x, one)[1](np.zeros([2])), /vjp: a tangent of float64\[\]/],
    [() => linearize((x: NDArray) => x, one)[1](np.zeros([2])), /linearize: a tangent of float64\[\]/],
    [() => vjp((x: NDArray) => x, np.arange(2)), /vjp: differentiates with respect to float arrays only/],
    [
      () => jvp((x: NDArray) => (x.size > 0 ? undefined : x) as never, [one], [one]),
      /the result of the function must be an array/,
    ],
  ] as [() => unknown, RegExp][])('%#: %s', (f, message) => {
    expect(f).toThrow(message);
  });
});
