import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { HostArray } from '../array/primitive.ts';
import { forEachOffset, type Shape, sizeOf, stridesOf } from '../array/shape.ts';
import { evaluateAt, expectClose, generator, hostArray, listOf, randomArray } from '../array/testing.fixture.ts';
import { axisSize, broadcastable, wide } from '../primitives/records.fixture.ts';
import { configure } from '../runtime/index.ts';
import { computeAt } from '../runtime/testing.fixture.ts';
import * as np from './index.ts';
import { einsumSubscripts } from './records.fixture.ts';

beforeAll(() => configure({ threads: 1 }));

const seed = 13;
const rounding = { relative: 1e-12, absolute: 1e-12 };
const random = (n: number, ...shapes: Shape[]): HostArray[] => {
  const next = generator(n);
  return shapes.map((shape) => randomArray(next, shape, 'float64', wide));
};

/** The definition: a sum over all letters of the product of one element of each operand. */
function naiveEinsum(subscripts: string, xs: readonly HostArray[]): HostArray {
  const [left, right] = subscripts.split('->');
  const words = left.split(',');
  const letters = [...new Set(words.join(''))].sort();
  const output = right ?? letters.filter((l) => words.join('').split(l).length === 2).join('');
  const size = new Map(words.flatMap((w, k) => [...w].map((l, i) => [l, xs[k].shape[i]] as const)));
  const offsets = (word: string, shape: Shape) => {
    const strides = stridesOf(shape);
    return letters.map((l) => [...word].reduce((sum, c, i) => sum + (c === l ? strides[i] : 0), 0));
  };
  const shape = [...output].map((l) => size.get(l)!);
  const result = new Float64Array(sizeOf(shape));
  const all = [offsets(output, shape), ...words.map((w, k) => offsets(w, xs[k].shape))];
  forEachOffset(
    letters.map((l) => size.get(l)!),
    all,
    (_, [to, ...from]) => {
      result[to] += from.reduce((product, offset, k) => product * xs[k].data[offset], 1);
    },
  );
  return { shape, dtype: 'float64', data: result };
}

describe('einsum', () => {
  test('agrees with the definition on random subscripts', () => {
    const property = fc.property(einsumSubscripts, fc.nat(), ({ subscripts, shapes }, n) => {
      const xs = random(n, ...shapes);
      const [actual] = evaluateAt((...ys) => np.einsum(subscripts, ...ys), xs);
      expectClose(`einsum ${subscripts} of ${JSON.stringify(shapes)}`, actual, naiveEinsum(subscripts, xs), rounding);
    });
    fc.assert(property, { seed, numRuns: 300 });
  });

  test.each([
    [
      '...ij,...jk->...ik',
      [
        [4, 2, 3],
        [3, 2],
      ],
      'aij,jk->aik',
    ],
    [
      '...,...->...',
      [
        [2, 3],
        [2, 3],
      ],
      'ab,ab->ab',
    ],
    ['i...->...', [[2, 3, 4]], 'iab->ab'],
    ['...i', [[2, 3]], 'ai->ai'],
    [
      'ij , jk',
      [
        [2, 3],
        [3, 4],
      ],
      'ij,jk->ik',
    ],
    ['ba', [[2, 3]], 'ba->ab'],
    ['ii', [[3, 3]], 'ii->'],
    ['ijj->ji', [[2, 3, 3]], 'ijj->ji'],
    [
      'ab,bc,cd,de->ae',
      [
        [2, 3],
        [3, 2],
        [2, 3],
        [3, 2],
      ],
      'ab,bc,cd,de->ae',
    ],
    [
      'AB,Bc->Ac',
      [
        [2, 3],
        [3, 2],
      ],
      'AB,Bc->Ac',
    ],
  ] as [string, number[][], string][])('%s', (subscripts, shapes, plain) => {
    const xs = random(1, ...shapes);
    const [actual] = evaluateAt((...ys) => np.einsum(subscripts, ...ys), xs);
    expectClose(subscripts, actual, naiveEinsum(plain, xs), rounding);
  });

  test('leading axes of "..." broadcast', () => {
    const xs = random(1, [4, 1, 2, 3], [5, 3, 2]);
    const [actual] = evaluateAt((x, y) => np.einsum('...ij,...jk->...ik', x, y), xs);
    const [expected] = evaluateAt((x, y) => np.matmul(x, y), xs);
    expect([...actual.shape]).toEqual([4, 5, 2, 2]);
    expect(np.einsum('...i,...i->...', np.zeros([0, 2]), np.zeros([1, 2])).shape).toEqual([0]);
    expect(np.einsum('...i,...i->...', np.zeros([1, 2]), np.zeros([0, 2])).shape).toEqual([0]);
    expectClose('einsum with "..."', actual, expected, rounding);
  });

  test.each([
    ['ij,jk->ik', [[2, 3]], /2 operands are written, 1 are given/],
    ['ij->ik', [[2, 3]], /"k" of the result must occur in an operand/],
    ['ij->ii', [[2, 3]], /"i" of the result must occur in an operand, and once/],
    [
      'ij,jk',
      [
        [2, 3],
        [4, 2],
      ],
      /"j" has sizes 3 and 4/,
    ],
    ['i', [[2, 3]], /operand 0 has 2 axes \(shape \[2, 3\]\) but 1 letters/],
    ['i+j', [[2, 3]], /letters must be a-z or A-Z/],
    ['ij->i->j', [[2, 3]], /"->" may occur once/],
    ['ii', [[2, 3]], /"i" has sizes 2 and 3/],
    ['...ij', [[2]], /einsum "...ij"/],
  ] as [string, number[][], RegExp][])('refuses %s of %j', (subscripts, shapes, message) => {
    expect(() => np.einsum(subscripts, ...shapes.map((s) => np.zeros(s)))).toThrow(message);
  });
});

describe('matmul', () => {
  /** Rows and columns of every pair of matrices in stacks that broadcast. */
  function naiveMatmul(a: HostArray, b: HostArray): HostArray {
    const [x, y] = [a.shape.length === 1 ? [1, ...a.shape] : a.shape, b.shape.length === 1 ? [...b.shape, 1] : b.shape];
    const [n, k, m] = [x[x.length - 2], x[x.length - 1], y[y.length - 1]];
    const rank = Math.max(x.length, y.length) - 2;
    const lead = (s: Shape) => [...new Array<number>(rank - s.length + 2).fill(1), ...s.slice(0, -2)];
    const [leadA, leadB] = [lead(x), lead(y)];
    const out = leadA.map((size, i) => (size === 1 ? leadB[i] : size));
    const values: number[] = [];
    const strides = (s: Shape) => stridesOf(s).map((stride, i) => (s[i] === 1 ? 0 : stride));
    forEachOffset(out, [strides(leadA), strides(leadB)], (_, [i, j]) => {
      for (let row = 0; row < n; row++) {
        for (let column = 0; column < m; column++) {
          let sum = 0;
          for (let l = 0; l < k; l++) sum += a.data[(i * n + row) * k + l] * b.data[(j * k + l) * m + column];
          values.push(sum);
        }
      }
    });
    const shape = [...out, ...(a.shape.length === 1 ? [] : [n]), ...(b.shape.length === 1 ? [] : [m])];
    return hostArray(values, shape, a.dtype);
  }

  const shapes = fc.record({
    lead: broadcastable(2, 2),
    n: axisSize,
    k: axisSize,
    m: axisSize,
    vectors: fc.constantFrom('none', 'left', 'right', 'both'),
  });

  test('agrees with the definition for all ranks', () => {
    const property = fc.property(shapes, fc.nat(), ({ lead, n, k, m, vectors }, s) => {
      const a = vectors === 'left' || vectors === 'both' ? [k] : [...lead[0], n, k];
      const b = vectors === 'right' || vectors === 'both' ? [k] : [...lead[1], k, m];
      const xs = random(s, a, b);
      const [actual] = evaluateAt((x, y) => np.matmul(x, y), xs);
      expectClose(`matmul of [${a}] and [${b}]`, actual, naiveMatmul(xs[0], xs[1]), rounding);
    });
    fc.assert(property, { seed, numRuns: 200 });
  });

  test('errors name both shapes and the axes that differ', () => {
    expect(() => np.matmul(np.zeros([2, 3]), np.zeros([4, 5]))).toThrow(
      /matmul: shapes \[2, 3\] and \[4, 5\] do not fit: axis -1 of the first has size 3, axis -2 of the second has size 4/,
    );
    expect(() => np.matmul(np.zeros([]), np.zeros([2]))).toThrow(/matmul: .*scalar/);
    expect(() => np.matmul(np.zeros([2, 2, 3]), np.zeros([3, 3, 1]))).toThrow(
      /leading axes of \[2, 2, 3\] and \[3, 3, 1\] do not broadcast/,
    );
  });

  test('integers are exact and wrap around, booleans count as 0 and 1', async () => {
    const big = [hostArray([65536, 1], [1, 2], 'int32'), hostArray([65537, 5], [2, 1], 'int32')];
    for (const [y] of [evaluateAt(np.matmul, big), await computeAt(np.matmul, big)]) {
      expect([...y.data]).toEqual([65536 + 5]);
    }
    const sums = [hostArray([2 ** 30, 2 ** 30], [2], 'int32'), hostArray([1, 1], [2], 'int32')];
    for (const [y] of [evaluateAt(np.matmul, sums), await computeAt(np.matmul, sums)]) {
      expect([...y.data]).toEqual([-(2 ** 31)]);
    }
    const truths = np.matmul(np.array([[true, true]]), np.array([[true], [true]]));
    expect([truths.dtype, ...listOf(truths)]).toEqual(['int32', 2]);
  });

  test('the wider dtype wins', () => {
    expect(np.matmul(np.ones([1, 1]), np.ones([1, 1], 'float64')).dtype).toBe('float64');
    expect(np.matmul(np.ones([1, 1], 'int32'), np.ones([1, 1])).dtype).toBe('float32');
  });
});

describe('the other products', () => {
  const agree = (label: string, f: (x: np.NDArray, y: np.NDArray) => np.NDArray, plain: string, a: Shape, b: Shape) => {
    const xs = random(3, a, b);
    expectClose(label, evaluateAt(f, xs)[0], naiveEinsum(plain, xs), rounding);
  };

  test('dot: the last axis of the first with the second-last of the second', () => {
    agree('vectors', np.dot, 'i,i->', [3], [3]);
    agree('matrix and vector', np.dot, 'ij,j->i', [2, 3], [3]);
    agree('matrices', np.dot, 'ij,jk->ik', [2, 3], [3, 4]);
    agree('stack and vector', np.dot, 'aij,j->ai', [2, 2, 3], [3]);
    agree('stacks', np.dot, 'aij,bjk->aibk', [2, 2, 3], [4, 3, 2]);
    agree('vector and stack', np.dot, 'j,bjk->bk', [3], [4, 3, 2]);
    agree('scalar', np.dot, ',ij->ij', [], [2, 3]);
  });

  test('tensordot over axes by number and by name', () => {
    agree('2 axes', (x, y) => np.tensordot(x, y), 'aij,ijb->ab', [2, 3, 4], [3, 4, 2]);
    agree('0 axes', (x, y) => np.tensordot(x, y, 0), 'a,b->ab', [2], [3]);
    agree(
      'crossed',
      (x, y) =>
        np.tensordot(x, y, [
          [0, -1],
          [1, 0],
        ]),
      'iaj,ji->a',
      [2, 3, 4],
      [4, 2],
    );
  });

  test('outer and vdot flatten', () => {
    agree('outer', (x, y) => np.reshape(np.outer(x, y), [2, 2, 3]), 'ab,c->abc', [2, 2], [3]);
    agree('vdot', np.vdot, 'ab,ab->', [2, 3], [2, 3]);
  });
});
