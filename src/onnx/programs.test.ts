/** @file Random programs: what operations do together, after the runtime has rewritten and fused them. */
import { beforeAll, describe, test } from 'vitest';
import { evaluate } from '../array/graph.ts';
import { expectClose, generator, graphOf, hostArray, randomArray } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { effort, seed, testRuntime } from '../primitives/forward.fixture.ts';
import { wide } from '../primitives/records.fixture.ts';
import { configure } from '../runtime/index.ts';
import { runCompiled } from '../runtime/testing.fixture.ts';
import { grad, jvp, scan, vmap } from '../transforms/index.ts';

beforeAll(() => configure(testRuntime));

type NDArray = np.NDArray;
/** Takes and returns n x n matrices whose elements stay moderate. */
type Step = (a: NDArray, b: NDArray, c: number) => NDArray;

const n = 3;
const first = (x: NDArray): NDArray => np.slice(x, [0, 1]);
const steps: Readonly<Record<string, Step>> = {
  add: (a, b) => np.add(a, b),
  subtract: (a, b) => np.subtract(a, b),
  multiply: (a, b) => np.tanh(np.multiply(a, b)),
  scale: (a, _, c) => np.multiply(a, c),
  divide: (a, _, c) => np.divide(a, c + 2),
  shift: (a, _, c) => np.add(c, a),
  quotient: (a, b) => np.divide(a, np.add(1, np.square(b))),
  product: (a, b) => np.tanh(np.matmul(a, b)),
  transposed: (a, b) => np.tanh(np.matmul(np.transpose(a), b)),
  scaledProduct: (a, b, c) => np.tanh(np.add(np.multiply(c, np.matmul(a, np.transpose(b))), a)),
  stacked: (a, b) => np.tanh(np.sum(np.matmul(np.stack([a, b]), b), 0)),
  einsum: (a, b) => np.tanh(np.einsum('ij,jk,ik->ki', a, b, a)),
  transpose: (a) => np.transpose(a),
  sigmoid: (a) => np.sigmoid(a),
  silu: (a, _, c) => np.multiply(a, np.sigmoid(np.multiply(c, a))),
  relu: (a, b) => np.relu(np.add(a, first(b))),
  sin: (a) => np.sin(a),
  exp: (a) => np.exp(np.negative(np.square(a))),
  sqrt: (a) => np.sqrt(np.add(1, np.square(a))),
  log: (a) => np.log1p(np.square(a)),
  erf: (a) => np.erf(a),
  softmax: (a, _, c) => np.softmax(a, c > 0 ? 0 : 1),
  logsumexp: (a, b) => np.subtract(b, np.logsumexp(a, 1, true)),
  normalise: (a) =>
    np.divide(np.subtract(a, np.mean(a, -1, true)), np.sqrt(np.add(np.variance(a, -1, { keepDims: true }), 0.1))),
  row: (a, b) => np.add(a, np.sum(b, 0)),
  column: (a, b) => np.multiply(np.tanh(a), np.mean(b, 1, true)),
  cumsum: (a) => np.tanh(np.cumsum(a, 1)),
  where: (a, b) => np.where(np.less(a, b), np.multiply(a, 0.5), b),
  extremum: (a, b) => np.maximum(a, np.min(b, 0)),
  clip: (a, _, c) => np.clip(a, -1 - c, 1 + c),
  flip: (a) => np.flip(a, 0),
  join: (a, b) => np.concatenate([np.slice(a, [1, null]), first(b)]),
  pad: (a) =>
    np.slice(
      np.pad(a, [
        [1, 0],
        [0, 1],
      ]),
      [0, n],
      [1, n + 1],
    ),
  reshape: (a, b) => np.reshape(np.multiply(np.reshape(a, [n * n]), np.tanh(np.ravel(b))), [n, n]),
  take: (a) => np.take(a, [2, 0, 0], 1),
  scatter: (a, b) => np.tanh(np.addAt(a, [1, 1], np.slice(b, [0, 2]))),
  power: (a, _, c) => np.tanh(np.power(a, c > 0 ? 3 : 2)),
  vmap: (a, b) => vmap((row: NDArray) => np.tanh(np.matmul(b, row)), 1, 1)(a),
  grad: (a, b) => grad((x: NDArray) => np.sum(np.multiply(np.sin(x), np.tanh(b))))(a),
  scan: (a, b) => scan((s: NDArray, row: NDArray) => [np.tanh(np.add(np.matmul(a, s), row)), s], np.sum(a, 0), b)[1],
};
const names = Object.keys(steps);
const numbers = [0.1, 0.3, 0.5, 1, 1 / 3, 2, 0.7, -0.4];

/** A program of `length` steps: each takes two earlier values. */
function program(random: () => number, length: number) {
  const below = (limit: number) => Math.floor(random() * limit);
  const lines = Array.from({ length }, (_, i) => ({
    name: names[below(names.length)],
    a: i + 1 - below(Math.min(3, i + 1)),
    b: below(i + 2),
    c: numbers[below(numbers.length)],
  }));
  const run = (x: NDArray, y: NDArray): NDArray => {
    const values = [x, y];
    for (const { name, a, b, c } of lines) values.push(steps[name](values[a], values[b], c));
    return values[values.length - 1];
  };
  return { run, text: lines.map((l, i) => `v${i + 2} = ${l.name}(v${l.a}, v${l.b}, ${l.c})`).join('; ') };
}

describe.each(['float64', 'float32'] as const)('random programs in %s', (dtype) => {
  test.each(Array.from({ length: 40 * effort }, (_, i) => i))('%i', async (i) => {
    const random = generator(seed + i);
    const { run, text } = program(random, 4 + (i % 8));
    const loss = (x: NDArray, y: NDArray) => np.mean(np.sin(run(x, y)));
    const f = (x: NDArray, y: NDArray, v: NDArray) => [
      run(x, y),
      ...grad(loss, [0, 1])(x, y),
      jvp((p: NDArray) => grad(loss)(p, y), [x], [v])[1],
    ];
    const values = [0, 1, 2].map(() => hostArray(randomArray(random, [n, n], dtype, wide).data, [n, n], dtype));
    const { inputs, outputs } = graphOf(f, values);
    const expected = evaluate(outputs, new Map(inputs.map((x, k) => [x, values[k]])));
    const actual = await runCompiled(inputs, outputs, values);
    // A program of a dozen steps multiplies rounding errors; a constant kept in float32 would show as 1e-8.
    const tolerance = dtype === 'float64' ? { relative: 1e-10, absolute: 1e-11 } : { relative: 1e-2, absolute: 2e-3 };
    actual.forEach((y, k) => {
      const label = ['value', 'gradient', 'gradient', 'Hessian-vector product'][k];
      expectClose(`${label} of ${text}`, y, expected[k], tolerance);
    });
  });
});
