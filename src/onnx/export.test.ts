import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluate, normalize } from '../array/graph.ts';
import type { HostArray } from '../array/primitive.ts';
import { expectClose } from '../array/testing.fixture.ts';
import { flatten, type Tree } from '../array/tree.ts';
import * as nn from '../nn/index.ts';
import * as np from '../numpy/index.ts';
import { numpyRecords } from '../numpy/records.fixture.ts';
import { seed, testRuntime, trialOf } from '../primitives/forward.fixture.ts';
import { primitiveRecords } from '../primitives/records.fixture.ts';
import * as random from '../random/index.ts';
import { configure } from '../runtime/index.ts';
import { grad, scan } from '../transforms/index.ts';
import { exportOnnx } from './export.ts';
import { evaluateFile, runFile } from './files.fixture.ts';
import { importOnnx } from './import.ts';
import { lowerGraph } from './lower.ts';
import { encodeModel } from './model.ts';

beforeAll(() => configure(testRuntime));

const tolerance = { relative: 1e-5, absolute: 2e-6 };
const host = async (x: np.NDArray): Promise<HostArray> => ({ shape: x.shape, dtype: x.dtype, data: await x.data() });

/** ONNX Runtime and our import give what the function gives. */
async function roundTrip<P extends Tree>(f: (params: P, x: np.NDArray) => np.NDArray, params: P, x: np.NDArray) {
  const bytes = await exportOnnx(f, params, x);
  const given = await host(x);
  const expected = await host(f(params, x));
  expectClose('ONNX Runtime', (await runFile(bytes, { input: given })).output, expected, tolerance);
  expectClose('imported', evaluateFile(bytes, { input: given }).output, expected, tolerance);
  const model = importOnnx(bytes);
  expect(flatten(model.params).structure).toEqual(flatten(params).structure);
  const found = await Promise.all(flatten(model.params).leaves.map(host));
  const wanted = await Promise.all(flatten(params).leaves.map(host));
  expect(found).toEqual(wanted);
  return bytes;
}

const normal = (shape: number[]) => random.normal(random.key(7), shape);

describe('exported and imported again', () => {
  test('a multilayer perceptron whose parameters are a list', async () => {
    const { init, apply } = nn.mlp([3, 5, 2], { activation: nn.gelu });
    await roundTrip(apply, init(random.key(1)), normal([4, 3]));
  });

  test('a convolutional network', async () => {
    const params = { conv: { weight: normal([4, 2, 3, 3]), bias: normal([4]) }, scale: np.array(0.5) };
    const f = (p: typeof params, x: np.NDArray) => {
      const y = np.relu(np.add(np.conv(x, p.conv.weight, { padding: 'same' }), np.reshape(p.conv.bias, [4, 1, 1])));
      return np.mean(np.multiply(p.scale, np.maxPool(y, 2)), [2, 3]);
    };
    await roundTrip(f, params, normal([2, 2, 6, 6]));
  });

  test('a recurrent network: a loop in the file', async () => {
    const params = { w: normal([3, 3]), u: normal([2, 3]) };
    const f = (p: typeof params, x: np.NDArray) =>
      scan(
        (h: np.NDArray, row: np.NDArray) => {
          const next = np.tanh(np.add(np.matmul(h, p.w), np.matmul(row, p.u)));
          return [next, next] as const;
        },
        np.zeros([3]),
        x,
        { reverse: true },
      )[1];
    await roundTrip(f, params, normal([5, 2]));
  });

  test('constants of any size stand in the file', async () => {
    const table = np.reshape(np.multiply(0.01, np.arange(5000)), [50, 100]);
    const bytes = await roundTrip(
      (p: { w: np.NDArray }, x) => np.add(np.matmul(x, table), p.w),
      { w: normal([100]) },
      normal([2, 50]),
    );
    expect(bytes.length).toBeGreaterThan(20_000);
  });

  test('a gradient, as a tree of outputs', async () => {
    const params = { w: normal([3]) };
    const loss = (p: typeof params, x: np.NDArray) => np.sum(np.sin(np.matmul(x, p.w)));
    const x = normal([4, 3]);
    const bytes = await exportOnnx(
      (p: typeof params, inputs: { x: np.NDArray }) => ({ loss: loss(p, inputs.x), gradient: grad(loss)(p, inputs.x) }),
      params,
      { x },
    );
    const results = await runFile(bytes, { x: await host(x) });
    expect(Object.keys(results).sort()).toEqual(['gradient.w', 'loss']);
    expectClose('gradient', results['gradient.w'], await host(grad(loss)(params, x).w), tolerance);
    expect(importOnnx(bytes).inputs).toEqual([{ name: 'x', shape: [4, 3], dtype: 'float32' }]);
  });

  test('names that the lowering uses itself', async () => {
    const params = { v0: normal([3]), c0: normal([3]), x1: normal([3]), k0: normal([3]) };
    const f = (p: typeof params, x: np.NDArray) =>
      np.add(np.multiply(np.exp(np.multiply(x, p.v0)), 2), np.add(p.c0, np.multiply(p.x1, p.k0)));
    await roundTrip(f, params, normal([2, 3]));
  });

  test('float64, and outputs that are inputs or parameters', async () => {
    const w = np.array([1, 2], { dtype: 'float64' });
    const x = np.array([3, 4], { dtype: 'float64' });
    const bytes = await exportOnnx(
      (p: { w: np.NDArray }, y: np.NDArray) => [p.w, y, np.add(y, 1), np.exp(p.w)],
      { w },
      x,
    );
    const results = await runFile(bytes, { input: await host(x) });
    expect(Array.from(results['0'].data)).toEqual([1, 2]);
    expect(Array.from(results['1'].data)).toEqual([3, 4]);
    expect(results['2'].dtype).toBe('float64');
    expect(importOnnx(bytes).params).toHaveProperty('w');
  });

  test('two things of one name are refused', async () => {
    const x = normal([2]);
    await expect(
      exportOnnx((p: { input: np.NDArray }, y: np.NDArray) => np.add(p.input, y), { input: x }, x),
    ).rejects.toThrow(/"input" names two of the parameters, inputs and outputs/);
    await expect(exportOnnx((p: Tree) => (p as { a: np.NDArray }).a, { a: x, 'b.c': x, b: { c: x } })).rejects.toThrow(
      /two leaves of the tree are named "b.c"/,
    );
  });
});

/**
 * Bits of integers occur in random generators, not in networks: their operators are not read. A barrier is a shape that
 * nobody can know before the file runs.
 */
const unread = ['bitwiseXor', 'shiftRight', 'threefryBits', 'barrier'];

/** All else that lowering writes can be read again. */
describe.each([
  ['primitive', primitiveRecords],
  ['function', numpyRecords],
] as const)('every %s as a file', (_, records) => {
  test.each(records.filter(({ name }) => !unread.includes(name)).map((record) => [record.name, record] as const))(
    '%s',
    (_, record) => {
      for (const dtype of record.dtypes) {
        for (const one of fc.sample(record.cases, { seed, numRuns: 4 })) {
          const { label, inputs, outputs, values } = trialOf(record, one, dtype, 3);
          const { graph, inputNames, constants } = lowerGraph(inputs, normalize(outputs));
          expect(constants).toEqual([]);
          const bytes = encodeModel(graph);
          const given = Object.fromEntries(inputNames.map((name, i) => [name, values[i]]));
          const direct = evaluate(outputs, new Map(inputs.map((x, i) => [x, values[i]])));
          Object.values(evaluateFile(bytes, given)).forEach((y, i) => {
            expectClose(
              `${label} read back`,
              y,
              direct[i],
              dtype === 'float32' ? { relative: 1e-4, absolute: 1e-5 } : { relative: 1e-6, absolute: 1e-7 },
            );
          });
        }
      }
    },
  );
});
