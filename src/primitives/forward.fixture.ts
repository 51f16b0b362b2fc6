/** @file What must hold of the values of every operation: one suite over any table of records. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type DType, isFloat } from '../array/dtype.ts';
import { evaluate, normalize } from '../array/graph.ts';
import { constant, input, type NDArray } from '../array/ndarray.ts';
import type { HostArray } from '../array/primitive.ts';
import {
  asList,
  difference,
  expectClose,
  generator,
  graphOf,
  hostArray,
  randomArray,
  tolerances,
} from '../array/testing.fixture.ts';
import { configure } from '../runtime/index.ts';
import { runCompiled } from '../runtime/testing.fixture.ts';
import { type Case, caseText, type OpRecord } from './records.fixture.ts';

/** The same cases at every run; `TEST_SEED` tries others, `TEST_EFFORT=10` ten times as many, `TEST_RUNTIME=web` Wasm. */
export const seed = Number(process.env.TEST_SEED ?? 20261120);
export const testRuntime = { threads: 1, runtime: process.env.TEST_RUNTIME as 'node' | 'web' | undefined };
export const effort = Number(process.env.TEST_EFFORT ?? 1);

export const operandsOf = ({ operands }: Case, dtype: DType, n: number): HostArray[] => {
  const random = generator(n);
  return operands.map((x) => randomArray(random, x.shape, x.dtype ?? dtype, x.values));
};

/** A graph, the values of its inputs, and what to say if its values are wrong. */
export interface Trial {
  readonly label: string;
  readonly inputs: readonly NDArray[];
  readonly outputs: readonly NDArray[];
  readonly values: readonly HostArray[];
}

export function trialOf(record: OpRecord, one: Case, dtype: DType, n: number): Trial {
  const values = operandsOf(one, dtype, n);
  return { ...graphOf(one.f, values), values, label: caseText(record, one, dtype) };
}

/** The reference evaluators against ONNX Runtime, all trials in one model. */
export async function runtimeAgrees(trials: readonly Trial[], tolerance: OpRecord['tolerance']): Promise<void> {
  const inputs = trials.flatMap((t) => t.inputs);
  const outputs = trials.flatMap((t) => t.outputs);
  const values = trials.flatMap((t) => t.values);
  const expected = evaluate(outputs, new Map(inputs.map((x, i) => [x, values[i]])));
  const actual = await runCompiled(inputs, outputs, values).catch((error: Error) => {
    throw new Error(`${trials[0].label}: ${error.message}`);
  });
  const labels = trials.flatMap((t) => t.outputs.map(() => t.label));
  actual.forEach((y, i) => {
    expectClose(labels[i], y, expected[i], tolerance?.[y.dtype]);
  });
}

/**
 * Compiles many random trials as one model, which is fast; if something differs, looks for the smallest trial that
 * differs alone.
 */
export async function onManyCases(
  record: OpRecord,
  count: number,
  make: (one: Case, n: number) => Trial,
  tolerance = record.tolerance,
): Promise<void> {
  try {
    const sampled = fc.sample(record.cases, { seed, numRuns: count * effort });
    await runtimeAgrees(sampled.map(make), tolerance);
  } catch (together) {
    const single = fc.asyncProperty(record.cases, fc.nat(), (one, n) => runtimeAgrees([make(one, n)], tolerance));
    const result = await fc.check(single, { seed, numRuns: 3 * count * effort });
    throw result.errorInstance ?? together;
  }
}

/** Numbers of both signs: evenly spaced up to 12, and in every order of magnitude. */
const sweep: readonly number[] = [
  ...Array.from({ length: 601 }, (_, i) => (i - 300) / 25),
  ...Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 10 ** ((i - 100) / 10)),
];

/** The elements that differ, each relative to itself, with the operands that gave them. */
function differing(record: OpRecord, operands: readonly HostArray[], actual: HostArray, expected: HostArray): string[] {
  const { dtype } = expected;
  const tolerance = record.tolerance?.[dtype] ?? { relative: tolerances[dtype].relative, absolute: 0 };
  return Array.from(expected.data).flatMap((want, i) => {
    const at = (x: HostArray): HostArray => ({ ...x, shape: [], data: x.data.subarray(i, i + 1) });
    if (difference(at(actual), at(expected), tolerance) === undefined) return [];
    return [`${record.name}(${operands.map((x) => x.data[i]).join(', ')}) is ${actual.data[i]}, not ${want}`];
  });
}

/** The edges of a dtype for an elementwise operation. */
function edgesOf(record: OpRecord, dtype: DType): readonly number[] {
  if (dtype === 'bool') return [0, 1];
  if (dtype === 'int32') return [0, 1, -1, 2, -2, 7, -7, 46341, 65536, 2 ** 31 - 1, -(2 ** 31)];
  return record.special!;
}

/** All combinations of edges, as one array per operand. */
function combinations(record: OpRecord, one: Case, dtype: DType): HostArray[] {
  const lists = one.operands.map((x) => edgesOf(record, x.dtype ?? dtype));
  const size = lists.reduce((product, l) => product * l.length, 1);
  let run = size;
  return lists.map((list, k) => {
    run /= list.length;
    const values = Array.from({ length: size }, (_, i) => list[Math.floor(i / run) % list.length]);
    return hostArray(values, [size], one.operands[k].dtype ?? dtype);
  });
}

/** A case with some of its operands as known values, which the graph may fold and simplify. */
function partlyKnown(
  one: Case,
  values: readonly HostArray[],
  which: number,
): { inputs: NDArray[]; outputs: readonly NDArray[] } {
  const inputs = values.map((x) => input(x));
  const given = values.map((x, i) => ((which >> i) & 1 ? constant(x.data, x.shape) : inputs[i]));
  return { inputs, outputs: normalize(asList(one.f(...given))) };
}

/** Numbers that simplifications look for, where an operand has one element. */
const neutral = [0, 1, -1, 2, 0.5];

function foldingIsExact(record: OpRecord, one: Case, dtype: DType, n: number, which: number): void {
  const values = operandsOf(one, dtype, n).map((x, i) =>
    x.data.length === 1 && one.operands[i].dtype === undefined && record.special !== undefined
      ? hostArray([neutral[n % neutral.length]], x.shape, x.dtype)
      : x,
  );
  const unknown = graphOf(one.f, values);
  const expected = evaluate(unknown.outputs, new Map(unknown.inputs.map((x, i) => [x, values[i]])));
  const { inputs, outputs } = partlyKnown(one, values, which);
  const actual = evaluate(outputs, new Map(inputs.map((x, i) => [x, values[i]])));
  actual.forEach((y, i) => {
    expectClose(`${caseText(record, one, dtype)} with known operands`, y, expected[i], record.tolerance?.[y.dtype]);
  });
}

export function forwardSuite(records: readonly OpRecord[]): void {
  beforeAll(() => configure(testRuntime));

  describe.each(records.map((record) => [record.name, record] as const))('%s', (_, record) => {
    test.each(record.dtypes)('ONNX Runtime agrees with the reference in %s', (dtype) =>
      onManyCases(record, 24, (one, n) => trialOf(record, one, dtype, n)),
    );

    test.each(record.dtypes)('known operands give the same values in %s', (dtype) => {
      const property = fc.property(record.cases, fc.nat(), fc.nat(15), (one, n, which) =>
        foldingIsExact(record, one, dtype, n, which),
      );
      const result = fc.check(property, { seed, numRuns: 24 * effort });
      if (result.failed) throw result.errorInstance;
    });

    if (record.special === undefined) return;
    test.each(record.dtypes.filter(isFloat))('many numbers of %s', async (dtype) => {
      const [one] = fc.sample(record.cases, { seed, numRuns: 1 });
      const limit = Math.max(...record.special!.filter(Number.isFinite));
      const points = sweep.filter((x) => Math.abs(x) <= limit);
      const reach = points.length;
      // Each operand goes through all points, at another speed.
      const values = one.operands.map((x, k) => {
        const turned = points.map((_, i) => points[(i * (2 * k + 1) + 97 * k) % reach]);
        return hostArray(turned, [reach], x.dtype ?? dtype);
      });
      const { inputs, outputs } = graphOf(one.f, values);
      const [expected] = evaluate(outputs, new Map(inputs.map((x, i) => [x, values[i]])));
      const [actual] = await runCompiled(inputs, outputs, values);
      expect(differing(record, values, actual, expected).slice(0, 10)).toEqual([]);
    });

    test.each(record.dtypes)('edges of %s', async (dtype) => {
      const [one] = fc.sample(record.cases, { seed, numRuns: 1 });
      const values = combinations(record, one, dtype);
      const { inputs, outputs } = graphOf(one.f, values);
      const [expected] = evaluate(outputs, new Map(inputs.map((x, i) => [x, values[i]])));
      const [actual] = await runCompiled(inputs, outputs, values);
      expect(differing(record, values, actual, expected)).toEqual([]);
    });
  });
}
