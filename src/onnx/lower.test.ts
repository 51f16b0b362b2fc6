import { beforeAll, describe, expect, test } from 'vitest';
import type { DType } from '../array/dtype.ts';
import { evaluate, normalize } from '../array/graph.ts';
import { constant, input, type NDArray } from '../array/ndarray.ts';
import {
  type ArrayFunction,
  evaluateAt,
  expectClose,
  generator,
  graphOf,
  hostArray,
  randomArray,
} from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { testRuntime } from '../primitives/forward.fixture.ts';
import { wide } from '../primitives/records.fixture.ts';
import { configure } from '../runtime/index.ts';
import { computeAt, runCompiled } from '../runtime/testing.fixture.ts';
import { fuseGemm } from './gemm.ts';
import { lower } from './lower.ts';

beforeAll(() => configure(testRuntime));

const random = (dtype: DType, ...shapes: number[][]) => {
  const next = generator(3);
  return shapes.map((shape) => randomArray(next, shape, dtype, wide));
};
const tolerances = {
  float32: { relative: 1e-5, absolute: 2e-6 },
  float64: { relative: 1e-13, absolute: 1e-14 },
};

async function agree(label: string, f: ArrayFunction, dtype: 'float32' | 'float64', ...shapes: number[][]) {
  const xs = random(dtype, ...shapes);
  const expected = evaluateAt(f, xs);
  (await computeAt(f, xs)).forEach((y, i) => {
    expectClose(`${label} in ${dtype}`, y, expected[i], tolerances[dtype]);
  });
}

/** ONNX Runtime replaces chains like these by one node; it must stay the same function, in float64 to 13 digits. */
const chains: Record<string, (x: NDArray, y: NDArray) => NDArray> = {
  'a product times a number': (x, y) => np.multiply(np.matmul(x, y), 0.1),
  'a product divided by a number': (x, y) => np.divide(np.matmul(x, y), 3),
  'a product of scaled matrices': (x, y) => np.matmul(np.divide(x, 3), np.multiply(y, 0.7)),
  'a product of transposed matrices': (x, y) => np.matmul(np.transpose(y), np.transpose(x)),
  'stacks of scaled products': (x, y) =>
    np.multiply(0.3, np.einsum('aij,akj->aik', np.reshape(x, [2, 2, 3]), np.reshape(y, [2, 2, 3]))),
  'x sigmoid(x)': (x) => np.multiply(x, np.sigmoid(x)),
  'x sigmoid(1.702 x)': (x) => np.multiply(x, np.sigmoid(np.multiply(1.702, x))),
  'gelu by erf': (x) => np.multiply(np.multiply(0.5, x), np.add(1, np.erf(np.divide(x, Math.SQRT2)))),
  'gelu by tanh': (x) => {
    const inner = np.multiply(Math.sqrt(2 / Math.PI), np.add(x, np.multiply(0.044715, np.power(x, 3))));
    return np.multiply(np.multiply(0.5, x), np.add(1, np.tanh(inner)));
  },
  'layer normalisation': (x) => {
    const centred = np.subtract(x, np.mean(x, -1, true));
    const scale = np.sqrt(np.add(np.mean(np.square(centred), -1, true), 1e-5));
    return np.add(np.multiply(np.divide(centred, scale), 1.1), 0.1);
  },
  'root-mean-square normalisation': (x) =>
    np.multiply(np.divide(x, np.sqrt(np.add(np.mean(np.power(x, 2), -1, true), 1e-5))), 1.1),
  'softmax of scores with a bias': (x, y) => np.softmax(np.add(np.matmul(x, y), 0.1)),
  'leaky relu': (x) => np.where(np.less(x, 0), np.multiply(0.1, x), x),
  elu: (x) => np.where(np.less(x, 0), np.multiply(1.3, np.expm1(x)), x),
  'a product, its bias, and relu': (x, y) => np.relu(np.add(np.matmul(x, y), 0.1)),
  'clip of a product': (x, y) => np.clip(np.matmul(x, y), -0.3, 0.7),
};

describe.each(['float32', 'float64'] as const)('chains that the runtime fuses, in %s', (dtype) => {
  test.each(Object.entries(chains))('%s', (name, f) => agree(name, f, dtype, [4, 3], [3, 4]));
});

/** Sums of a product and something else become one Gemm. */
const sums: Record<string, { f: (a: NDArray, b: NDArray, c: NDArray) => NDArray; fused?: boolean }> = {
  'A B + C': { f: (a, b, c) => np.add(np.matmul(a, b), c) },
  'C + A B': { f: (a, b, c) => np.add(c, np.matmul(a, b)) },
  'A B - C': { f: (a, b, c) => np.subtract(np.matmul(a, b), c) },
  'C - A B': { f: (a, b, c) => np.subtract(c, np.matmul(a, b)) },
  'C - 0.5 A B': { f: (a, b, c) => np.subtract(c, np.multiply(0.5, np.matmul(a, b))) },
  '0.5 A B - C': { f: (a, b, c) => np.subtract(np.multiply(0.5, np.matmul(a, b)), c) },
  'C + 2 (0.25 A B)': { f: (a, b, c) => np.add(c, np.multiply(2, np.multiply(0.25, np.matmul(a, b)))) },
  'C - 0.1 A B': { f: (a, b, c) => np.subtract(c, np.multiply(0.1, np.matmul(a, b))) },
  'A B + a row': { f: (a, b, c) => np.add(np.matmul(a, b), np.slice(c, 0)) },
  'A B + a column': { f: (a, b, c) => np.add(np.matmul(a, b), np.slice(c, [], [0, 1])) },
  'A B + a number': { f: (a, b, c) => np.add(np.matmul(a, b), np.slice(c, 0, 0)) },
  "(B' A')' + C": { f: (a, b, c) => np.add(np.transpose(np.matmul(np.transpose(b), np.transpose(a))), c) },
  "C + A' written as einsum": { f: (a, b, c) => np.add(np.einsum('ji,kj->ik', np.transpose(a), np.transpose(b)), c) },
  'A B + A B': { f: (a, b) => np.add(np.matmul(a, b), np.multiply(2, np.matmul(a, b))) },
  'a stack of A, times B, + a row': { f: (a, b, c) => np.add(np.matmul(np.stack([a, a]), b), np.slice(c, 0)) },
  'a stack of A, times B, + a stack': {
    f: (a, b, c) => np.subtract(np.stack([c, np.negative(c)]), np.multiply(0.5, np.matmul(np.stack([a, a]), b))),
  },
  'a stack of A, times B, + a column for all of the stack': {
    f: (a, b, c) => np.add(np.matmul(np.stack([a, a]), b), np.slice(c, [], [0, 1])),
  },
  "B' times a stack of A' + a number": { f: (a, b) => np.add(np.einsum('km,snk->msn', b, np.stack([a, a])), 0.3) },
  'the product is read twice': {
    f: (a, b, c) => {
      const p = np.matmul(a, b);
      return np.multiply(np.add(p, c), p);
    },
  },
  'the sum is wider than the product': { f: (a, b, c) => np.add(np.matmul(a, b), np.stack([c, c])) },
};

describe.each(['float32', 'float64'] as const)('sums of products in %s', (dtype) => {
  test.each(Object.entries(sums))('%s', (name, { f }) => agree(name, f, dtype, [3, 2], [2, 4], [3, 4]));
  test.each(Object.entries(sums))('%s, inner axis of size 0', (name, { f }) =>
    agree(name, f, dtype, [3, 0], [0, 4], [3, 4]),
  );
  test.each(Object.entries(sums))('%s, of size 1', (name, { f }) => agree(name, f, dtype, [1, 1], [1, 1], [1, 1]));
});

describe('fuseGemm', () => {
  const heads = (f: ArrayFunction, dtype: DType = 'float32') => {
    const { outputs } = graphOf(f, random(dtype, [3, 2], [2, 4], [3, 4]));
    const order = [...new Set(collect(outputs[0]))];
    const uses = new Map<NDArray, number>();
    for (const node of order) for (const x of node.operands) uses.set(x, (uses.get(x) ?? 0) + 1);
    uses.set(outputs[0], (uses.get(outputs[0]) ?? 0) + 1);
    return fuseGemm(order, uses).heads.size;
  };
  const collect = (x: NDArray): NDArray['node'][] => [...x.node.operands.flatMap(collect), x.node];

  test('takes what it can', () => {
    expect(heads(sums['A B + C'].f)).toBe(1);
    expect(heads(sums['C - 0.5 A B'].f)).toBe(1);
    expect(heads(sums['C - 0.1 A B'].f)).toBe(1);
    expect(heads(sums['A B + a row'].f)).toBe(1);
    expect(heads(sums['a stack of A, times B, + a row'].f)).toBe(1);
    expect(heads(sums['a stack of A, times B, + a stack'].f)).toBe(1);
  });

  test('leaves what would change the result', () => {
    // Gemm keeps its factor as float32.
    expect(heads(sums['C - 0.1 A B'].f, 'float64')).toBe(0);
    expect(heads(sums['the product is read twice'].f)).toBe(0);
    expect(heads(sums['the sum is wider than the product'].f)).toBe(0);
    // As one matrix the column would be neither one for all rows nor a full one.
    expect(heads(sums['a stack of A, times B, + a column for all of the stack'].f)).toBe(0);
  });
});

describe('constants and results', () => {
  test('a constant of many elements is fed, small ones are stored', () => {
    const many = constant(new Float32Array(5000).fill(2), [5000]);
    const { inputs, outputs } = graphOf((x) => np.add(np.multiply(x, many), 1), [{ shape: [5000], dtype: 'float32' }]);
    const { constants, inputNames, model } = lower(inputs, outputs, 1);
    expect(constants).toEqual([many]);
    expect(inputNames).toHaveLength(2);
    expect(model.length).toBeLessThan(1000);
  });

  test('constants of every size and dtype, some inside a fed one', async () => {
    for (const dtype of ['float32', 'float64', 'int32', 'bool'] as const) {
      for (const n of [0, 1, 3, 300, 2000]) {
        const data = randomArray(generator(n), [n], dtype, wide);
        const other = randomArray(generator(n + 1), [n], dtype, wide);
        const f = (x: NDArray) => np.where(np.equal(x, 0), constant(data.data, [n]), constant(other.data, [n]));
        const xs = [hostArray(new Array(n).fill(1), [n], 'int32')];
        const [y] = await computeAt(f, xs);
        expectClose(`a constant of ${n} ${dtype}`, y, other);
      }
    }
  });

  test('results that are inputs, constants, and each other', async () => {
    const f = (x: NDArray) => {
      const y = np.add(x, 1);
      return [x, x, y, y, np.array([7, 8]), np.reshape(y, [1, 2]), np.reshape(x, [2, 1])];
    };
    const xs = [hostArray([1, 2], [2], 'float32')];
    const actual = await computeAt(f, xs);
    evaluateAt(f, xs).forEach((want, i) => {
      expectClose(`result ${i}`, actual[i], want);
    });
  });

  test('unused inputs, and no inputs at all', async () => {
    const x = hostArray([1], [1], 'float32');
    const [y] = await computeAt((a) => [np.multiply(a, 2)], [x, x]);
    expect(y.data[0]).toBe(2);
    const large = np.add(np.full([600], 1), np.arange(600));
    const [z] = await runCompiled([], [large], []);
    expect(z.data[599]).toBe(600);
  });

  test('a chain of 5,000 nodes, which is deeper than the call stack allows to recurse', async () => {
    const x = input({ shape: [2], dtype: 'float64' });
    let y: NDArray = x;
    for (let i = 0; i < 5000; i++) y = np.subtract(np.sin(y), i % 2);
    const value = hostArray([0.5, 2], [2], 'float64');
    const [actual] = await runCompiled([x], [y], [value]);
    expectClose('long chain', actual, evaluate([y], new Map([[x, value]]))[0], { relative: 1e-12, absolute: 1e-12 });
  });

  test('equal expressions are computed once', () => {
    const { inputs, outputs } = graphOf(
      (x) => np.add(np.exp(np.add(x, 1)), np.sin(np.exp(np.add(x, 1)))),
      [{ shape: [3], dtype: 'float32' }],
    );
    const count = (name: string, bytes: Uint8Array) => Buffer.from(bytes).toString('latin1').split(name).length - 1;
    expect(count('Exp', lower(inputs, normalize(outputs), 1).model)).toBe(1);
  });
});
